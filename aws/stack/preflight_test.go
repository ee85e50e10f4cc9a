package stack_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/stack"
)

const inA = "SubnetIds=subnet-0000000000000000a"

// endpoints are private interface endpoints of the services, and the gateway of S3 in a table.
func endpoints(table string, services ...string) []stack.Endpoint {
	out := []stack.Endpoint{{Service: "s3", Gateway: true, RouteTables: []string{table}}}
	for _, s := range services {
		out = append(out, stack.Endpoint{Service: s, PrivateDNS: true})
	}
	return out
}

// manyNames are short environment variables, which are far longer as ECS takes them.
func manyNames(n int) string {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = fmt.Sprintf(`"V%d":""`, i)
	}
	return strings.Join(pairs, ",")
}

func TestThePreflightTellsWhatWouldMakeRunsFail(t *testing.T) {
	igw := []stack.Route{{Destination: "0.0.0.0/0", Target: "igw-1"}}
	isolated := func(a *account) { a.tables[0].Routes = a.tables[0].Routes[:1] }
	public := func(a *account) { a.tables[0].Routes = igw }
	for name, c := range map[string]struct {
		set        func(*account)
		parameters []string
		severity   stack.Severity // empty: nothing is found but notes
		wants      []string
	}{
		"a NAT gateway leads out":            {parameters: []string{inA}},
		"a transit gateway leads out":        {set: func(a *account) { a.tables[0].Routes[1].Target = "tgw-1" }},
		"an internet gateway and public IPs": {set: public, parameters: []string{"AssignPublicIp=ENABLED"}},
		"all endpoints instead of a route": {set: func(a *account) {
			isolated(a)
			a.endpoints = endpoints("rtb-1", "ecr.api", "ecr.dkr", "logs", "ssm", "states")
		}},
		"a table of its own goes before main": {set: func(a *account) {
			isolated(a)
			a.tables = append(a.tables, stack.RouteTable{ID: "rtb-2", VPC: "vpc-00000000000000001", Subnets: []string{"subnet-0000000000000000a"}, Routes: igw})
		}, parameters: []string{inA, "AssignPublicIp=ENABLED"}},
		"an internet gateway without public IP": {set: public, parameters: []string{inA}, severity: stack.Blocker, wants: []string{"subnet-0000000000000000a", "internet gateway (igw-1)", "AssignPublicIp=ENABLED"}},
		"a public IP in a private subnet":       {parameters: []string{inA, "AssignPublicIp=ENABLED"}, severity: stack.Warning, wants: []string{"private", "nat-1", "AssignPublicIp=DISABLED"}},
		"no route and no endpoint":              {set: isolated, parameters: []string{inA}, severity: stack.Blocker, wants: []string{"no route out of subnet-0000000000000000a,", "ecr.api, ecr.dkr, logs, ssm, states, s3 (gateway)"}},
		"some endpoints are missing":            {set: func(a *account) { isolated(a); a.endpoints = endpoints("rtb-1", "ecr.api", "ecr.dkr", "logs", "ssm") }, severity: stack.Blocker, wants: []string{"lacks the endpoints states"}},
		"the gateway is in another table": {set: func(a *account) {
			isolated(a)
			a.endpoints = endpoints("rtb-9", "ecr.api", "ecr.dkr", "logs", "ssm", "states")
		}, severity: stack.Blocker, wants: []string{"lacks the endpoints s3 (gateway)"}},
		"an endpoint without private names": {set: func(a *account) {
			isolated(a)
			a.endpoints = endpoints("rtb-1", "ecr.api", "ecr.dkr", "logs", "ssm", "states")
			a.endpoints[5].PrivateDNS = false
		}, severity: stack.Blocker, wants: []string{"lacks the endpoints states"}},
		"a black hole leads nowhere":         {set: func(a *account) { a.tables[0].Routes[1].Blackhole = true }, severity: stack.Blocker, wants: []string{"no route out of subnet-0000000000000000a, subnet-0000000000000000b,"}},
		"a subnet of another VPC":            {parameters: []string{"SubnetIds=subnet-0000000000000000c"}, severity: stack.Blocker, wants: []string{"belongs to vpc-00000000000000002, not to vpc-00000000000000001", "subnet-0000000000000000a, subnet-0000000000000000b"}},
		"a subnet that does not exist":       {parameters: []string{"SubnetIds=subnet-00000000000000099"}, severity: stack.Blocker, wants: []string{"there is no subnet subnet-00000000000000099"}},
		"no VPC is given":                    {parameters: []string{"VpcId=-", "SubnetIds=-"}, severity: stack.Blocker, wants: []string{"vpc-00000000000000001 (main, 10.0.0.0/16, default)", "subnet-0000000000000000a (us-east-1a)", "--parameter VpcId=vpc-00000000000000001 --parameter SubnetIds=subnet-0000000000000000a,subnet-0000000000000000b"}},
		"no VPC fits":                        {set: isolated, parameters: []string{"VpcId=-", "SubnetIds=-"}, severity: stack.Blocker, wants: []string{"no network is given, and none there is fits", "make a subnet with a route"}},
		"only public subnets fit":            {set: public, parameters: []string{"VpcId=-", "SubnetIds=-"}, severity: stack.Blocker, wants: []string{"these fit with public addresses: vpc-00000000000000001", "--vpc vpc-00000000000000001", "--parameter AssignPublicIp=ENABLED"}},
		"no subnet is given":                 {parameters: []string{"SubnetIds=-"}, severity: stack.Blocker, wants: []string{"SubnetIds: no subnet of vpc-00000000000000001 is given; these fit", "subnet-0000000000000000b (us-east-1b)"}},
		"the VPC does not exist":             {parameters: []string{"VpcId=vpc-00000000000000009", "SubnetIds=-"}, severity: stack.Blocker, wants: []string{"VpcId: there is no VPC vpc-00000000000000009"}},
		"only subnets are given":             {parameters: []string{"VpcId=-", "SubnetIds=subnet-0000000000000000c"}, severity: stack.Blocker, wants: []string{"the VPC of subnet-0000000000000000c is not given", "--parameter VpcId=vpc-00000000000000002"}},
		"the network may not be read":        {set: func(a *account) { a.denied["DescribeSubnets"] = true }, severity: stack.Warning, wants: []string{"not checked", "AWS denied DescribeSubnets"}},
		"a secret is missing":                {set: func(a *account) { delete(a.secrets, "/dumps/db/password") }, severity: stack.Warning, wants: []string{"/dumps/db/password", "stepdeck stack secret set /dumps/db/password"}},
		"a secret is not encrypted":          {set: func(a *account) { a.secrets["/dumps/db/user"] = "String" }, severity: stack.Blocker, wants: []string{"/dumps/db/user", "not encrypted", "delete-parameter"}},
		"secrets of another name":            {set: func(a *account) { a.secrets["/shop/user"] = stack.SecureString }, parameters: []string{"DatabaseUserParameter=/shop/user"}},
		"the image is there":                 {parameters: []string{"ImageUri=" + imageURI}},
		"the image is not there":             {set: func(a *account) { clear(a.images) }, parameters: []string{"ImageUri=" + imageURI}, severity: stack.Blocker, wants: []string{"there is no image", "stepdeck image push"}},
		"the image is for another processor": {parameters: []string{"ImageUri=" + imageURI, "CpuArchitecture=ARM64"}, severity: stack.Blocker, wants: []string{"amd64", "ARM64 needs arm64"}},
		"an image for several processors":    {set: func(a *account) { a.images[imageURI] = stack.Image{Platforms: []string{"linux/amd64", "linux/arm64"}} }, parameters: []string{"ImageUri=" + imageURI, "CpuArchitecture=ARM64"}},
		"a hang that no alarm tells":         {parameters: []string{"FreshnessHours=26", "TimeoutSeconds=93600"}, severity: stack.Warning, wants: []string{"FreshnessHours", "93,600 seconds", "TimeoutSeconds below 93600", `"overlap":"wait"`}},
		"a hang that ends before the alarm":  {parameters: []string{"FreshnessHours=26", "TimeoutSeconds=93599"}},
		"runs that wait for one that hangs":  {parameters: []string{"FreshnessHours=26", "TimeoutSeconds=93600", `ScheduleInput={"overlap":"wait"}`}},
		"a time zone that nobody knows":      {parameters: []string{"ScheduleExpression=rate(1 day)", "ScheduleTimezone=Mars/Olympus"}, severity: stack.Warning, wants: []string{"ScheduleTimezone", "Mars/Olympus", "Europe/Berlin"}},
		"a time zone without a schedule":     {parameters: []string{"ScheduleTimezone=Mars/Olympus"}},
		"a schedule with a wrong input":      {parameters: []string{"ScheduleExpression=rate(1 day)", `ScheduleInput={"memory":"x"}`}, severity: stack.Blocker, wants: []string{"ScheduleInput", "memory"}},
		"a schedule with a huge input":       {parameters: []string{"ScheduleExpression=rate(1 day)", `ScheduleInput={"env":{` + manyNames(400) + `}}`}, severity: stack.Blocker, wants: []string{"8,192"}},
		"the size does not exist":            {parameters: []string{"TaskCpu=1024", "TaskMemory=512"}, severity: stack.Blocker, wants: []string{"512 MiB does not go with cpu 1024", "TaskMemory=2048"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			if c.set != nil {
				c.set(a)
			}
			r := request(c.parameters...)
			for name, value := range r.Parameters {
				if value == "-" {
					delete(r.Parameters, name)
				}
			}
			p, err := a.service().Plan(t.Context(), r)
			var found []string
			for _, f := range p.Findings {
				if f.Severity == stack.Note {
					continue
				}
				found = append(found, f.Subject.String()+": "+f.Sentence.String()+" "+f.Next.String())
				if c.severity != "" && f.Severity != c.severity {
					t.Errorf("%s, want %s: %s", f.Severity, c.severity, found[len(found)-1])
				}
			}
			if (c.severity == "") != (len(found) == 0) {
				t.Fatalf("found %q", found)
			}
			if (c.severity == stack.Blocker) != (err != nil) {
				t.Errorf("error %v", err)
			}
			for _, want := range c.wants {
				if !strings.Contains(strings.Join(found, "\n"), want) {
					t.Errorf("%q does not say %q", found, want)
				}
			}
		})
	}
}
