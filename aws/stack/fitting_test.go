package stack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func TestTheSubnetsOfAVPCThatLeadToAWSAreTaken(t *testing.T) {
	const vpc, first, second = "vpc-00000000000000001", "subnet-0000000000000000a", "subnet-0000000000000000b"
	out := func(target string) []stack.Route { return []stack.Route{{Destination: "0.0.0.0/0", Target: target}} }
	for name, c := range map[string]struct {
		vpc    string
		change func(*account)
		want   map[string]string
	}{
		"by a NAT gateway":      {vpc, func(*account) {}, map[string]string{"VpcId": vpc, "SubnetIds": first + "," + second, "AssignPublicIp": "DISABLED"}},
		"the default VPC":       {stack.DefaultVPC, func(*account) {}, map[string]string{"VpcId": vpc, "SubnetIds": first + "," + second, "AssignPublicIp": "DISABLED"}},
		"with public addresses": {vpc, func(a *account) { a.tables[0].Routes = out("igw-1") }, map[string]string{"VpcId": vpc, "SubnetIds": first + "," + second, "AssignPublicIp": "ENABLED"}},
		"the private ones of both": {vpc, func(a *account) {
			a.tables = append(a.tables, stack.RouteTable{ID: "rtb-2", VPC: vpc, Subnets: []string{second}, Routes: out("igw-1")})
		}, map[string]string{"VpcId": vpc, "SubnetIds": first, "AssignPublicIp": "DISABLED"}},
		"but not what leads nowhere": {vpc, func(a *account) {
			a.tables = append(a.tables, stack.RouteTable{ID: "rtb-2", VPC: vpc, Subnets: []string{first}})
		}, map[string]string{"VpcId": vpc, "SubnetIds": second, "AssignPublicIp": "DISABLED"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			c.change(a)
			got, err := a.service().NetworkIn(t.Context(), c.vpc)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAVPCThatDoesNotDoIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		vpc    string
		change func(*account)
		kind   ops.Kind
		want   string
	}{
		"unknown":           {"vpc-9", func(*account) {}, ops.NotFound, "there is no VPC vpc-9 in this account and region (there are: vpc-00000000000000001, vpc-00000000000000002;"},
		"no default":        {stack.DefaultVPC, func(a *account) { a.vpcs[0].Default = false }, ops.NotFound, "have no default VPC (there are: vpc-00000000000000001"},
		"none at all":       {stack.DefaultVPC, func(a *account) { a.vpcs = nil }, ops.NotFound, "there is no VPC at all: check --region"},
		"without a way out": {"vpc-00000000000000001", func(a *account) { a.tables = nil }, ops.Failed, "no subnet of vpc-00000000000000001 leads to AWS"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			c.change(a)
			_, err := a.service().NetworkIn(t.Context(), c.vpc)
			if ops.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
