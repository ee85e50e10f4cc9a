package stack

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/infra"
)

// The parameters of the template that the checks read.
const (
	vpcParameter       = "VpcId"
	subnetsParameter   = "SubnetIds"
	publicParameter    = "AssignPublicIp"
	imageParameter     = "ImageUri"
	cpuParameter       = "TaskCpu"
	memoryParameter    = "TaskMemory"
	processorParameter = "CpuArchitecture"
	timeoutParameter   = "TimeoutSeconds"
	heartbeatParameter = "HeartbeatSeconds"
	inputParameter     = "ScheduleInput"
	freshnessParameter = "FreshnessHours"
	scheduleParameter  = "ScheduleExpression"
	timezoneParameter  = "ScheduleTimezone"
	userParameter      = "DatabaseUserParameter"
	passwordParameter  = "DatabasePasswordParameter"
)

// preflight looks, before a deployment, at what would make its runs fail.
type preflight struct {
	service *Service
	stack   string
	values  map[string]string
	bad     map[string]bool // parameters whose values the template refuses: nothing more is said of them
}

// run does all checks at the same time, because some ask AWS.
func (p preflight) run(ctx context.Context) []Finding {
	checks := []struct {
		of   []string // the parameters that it reads
		look func(context.Context) []Finding
	}{
		{[]string{vpcParameter, subnetsParameter, publicParameter}, p.network},
		{[]string{userParameter, passwordParameter}, p.secrets},
		{[]string{imageParameter, processorParameter}, p.image},
		{[]string{cpuParameter, memoryParameter}, p.size},
		{[]string{timeoutParameter, heartbeatParameter}, p.times},
		{[]string{scheduleParameter, timezoneParameter}, p.timezone},
		{[]string{scheduleParameter, inputParameter}, p.input},
		{[]string{freshnessParameter, timeoutParameter, inputParameter}, p.freshness},
	}
	found := make([][]Finding, len(checks))
	var wg sync.WaitGroup
	for i, check := range checks {
		if !slices.ContainsFunc(check.of, func(name string) bool { return p.bad[name] }) {
			wg.Go(func() { found[i] = check.look(ctx) })
		}
	}
	wg.Wait()
	return slices.Concat(found...)
}

// size checks the pair of CPU and memory against what Fargate offers.
func (p preflight) size(context.Context) []Finding {
	cpu, errCPU := strconv.Atoi(p.values[cpuParameter])
	memory, errMemory := strconv.Atoi(p.values[memoryParameter])
	if errCPU != nil || errMemory != nil {
		return nil // the template's own rules tell
	}
	if bad := workflow.CheckSize(cpu, memory); bad != nil {
		return []Finding{blocker(memoryParameter, safe.Line(bad.Reason), safe.Linef("give a pair that Fargate has, such as --parameter %s=%d", memoryParameter, fitting(cpu, memory)))}
	}
	return nil
}

// fitting is the least memory of the CPU size that is no less than asked for, or its most.
func fitting(cpu, memory int) int {
	sizes := workflow.MemoryFor(cpu)
	for _, m := range sizes {
		if m >= memory {
			return m
		}
	}
	if len(sizes) == 0 {
		return memory
	}
	return sizes[len(sizes)-1]
}

func (p preflight) times(context.Context) []Finding {
	timeout, errTimeout := strconv.Atoi(p.values[timeoutParameter])
	heartbeat, errHeartbeat := strconv.Atoi(p.values[heartbeatParameter])
	if errTimeout != nil || errHeartbeat != nil || heartbeat < timeout {
		return nil
	}
	return []Finding{blocker(heartbeatParameter,
		safe.Linef("%d is not less than %s, %d: AWS refuses such a machine", heartbeat, timeoutParameter, timeout),
		safe.Linef("give a lower --parameter %s=SECONDS", heartbeatParameter))}
}

// timezone checks the name of the schedule's time zone, which AWS refuses only
// when it gets there. What this computer knows may be older than what AWS knows.
func (p preflight) timezone(context.Context) []Finding {
	zone := p.values[timezoneParameter]
	if p.values[scheduleParameter] == "" || zone == "" {
		return nil
	}
	if _, err := time.LoadLocation(zone); err == nil {
		return nil
	}
	return []Finding{warning(timezoneParameter, safe.Linef("no time zone named %s is known here: AWS refuses the schedule unless it knows one", zone),
		safe.Linef("name it as the IANA database does: --parameter %s=Europe/Berlin", timezoneParameter))}
}

// input checks what the schedule would start runs with.
func (p preflight) input(context.Context) []Finding {
	if p.values[scheduleParameter] == "" || p.values[inputParameter] == "" {
		return nil
	}
	next := safe.Linef("give another --parameter %s=JSON", inputParameter)
	doc, err := workflow.ParseDocument(p.values[inputParameter])
	if err != nil {
		return []Finding{blocker(inputParameter, safe.Line(err.Error()), next)}
	}
	var found []Finding
	for _, bad := range workflow.CheckManagedInput(doc) {
		found = append(found, blocker(inputParameter, safe.Line(bad.Error()), next))
	}
	preview := workflow.OverridesOf(doc.Compact()).Preview(infra.Container)
	if !preview.Fits() {
		found = append(found, blocker(inputParameter,
			safe.Linef("the overrides of a run would have about %s characters; ECS takes %s",
				safe.Count(preview.Estimated), safe.Count(workflow.MaxOverrides)),
			safe.Line("put what is long into an object of S3, and name that")))
	}
	return found
}

// freshness looks whether a run that hangs could keep the alarm of the missing
// success silent: runs that are skipped meanwhile succeed.
func (p preflight) freshness(context.Context) []Finding {
	hours, errHours := strconv.Atoi(p.values[freshnessParameter])
	timeout, errTimeout := strconv.Atoi(p.values[timeoutParameter])
	var input struct{ Overlap string }
	if errHours != nil || errTimeout != nil || hours == 0 || timeout < hours*3600 ||
		json.Unmarshal([]byte(p.values[inputParameter]), &input) != nil || input.Overlap != "skip" {
		return nil
	}
	return []Finding{warning(freshnessParameter,
		safe.Linef("a run may hang for %s seconds (%s), and those that are skipped meanwhile count as successes: the alarm stays silent so long",
			safe.Count(timeout), timeoutParameter),
		safe.Linef(`give a --parameter %s below %d, or "overlap":"wait" in %s`, timeoutParameter, hours*3600, inputParameter))}
}

// secretNames are the parameters that the task gets its secrets from.
func secretNames(stack string, values map[string]string) (user, password string) {
	user, password = values[userParameter], values[passwordParameter]
	if user == "" {
		user = infra.UserSecret(stack)
	}
	if password == "" {
		password = infra.PasswordSecret(stack)
	}
	return user, password
}

// secrets looks whether the secrets are there. A stack can be deployed without
// them; its tasks would not start.
func (p preflight) secrets(ctx context.Context) []Finding {
	user, password := secretNames(p.stack, p.values)
	var found []Finding
	for _, name := range []string{user, password} {
		secret, err := p.service.ports.Secrets.Secret(ctx, name)
		switch {
		case ops.KindOf(err) == ops.NotFound:
			found = append(found, warning(name, safe.Line("there is no such parameter: tasks cannot start without it"),
				safe.Linef("make it with: stepdeck stack secret set %s", name)))
		case err != nil:
			found = append(found, unchecked(name, err))
		case secret.Type != SecureString:
			found = append(found, blocker(name, safe.Linef("it is a %s: its value is not encrypted", secret.Type),
				safe.Linef("delete it (aws ssm delete-parameter --name %s), then: stepdeck stack secret set %s", name, name)))
		}
	}
	return found
}

// processors are the registry's names of what CpuArchitecture calls otherwise.
var processors = map[string]string{"X86_64": "amd64", "ARM64": "arm64"}

// image looks whether the image is there, and runs on the processor.
func (p preflight) image(ctx context.Context) []Finding {
	uri := p.values[imageParameter]
	if uri == "" {
		return []Finding{{
			Note, safe.Line(imageParameter), safe.Line("there is no image yet: no run can start before one is pushed"),
			safe.Linef("stepdeck stack deploy --stack %s builds and pushes it", p.stack),
		}}
	}
	image, err := p.service.ports.Images.DescribeImage(ctx, uri)
	switch {
	case ops.KindOf(err) == ops.NotFound:
		return []Finding{blocker(imageParameter, safe.Linef("there is no image %s", uri), safe.Linef("push it with: stepdeck image push --stack %s", p.stack))}
	case err != nil:
		return []Finding{unchecked(imageParameter, err)}
	}
	wanted, built := processors[p.values[processorParameter]], builtFor(image)
	if len(built) == 0 || wanted == "" || slices.Contains(built, wanted) {
		return nil
	}
	return []Finding{blocker(imageParameter,
		safe.Linef("the image is built for %s, and %s=%s needs %s", strings.Join(built, ", "), processorParameter, p.values[processorParameter], wanted),
		safe.Linef("push an image for %s, or change --parameter %s", wanted, processorParameter))}
}

// builtFor are the processors that an image is for, in the registry's words.
func builtFor(image Image) []string {
	if image.Architecture != "" {
		return []string{image.Architecture}
	}
	built := make([]string, len(image.Platforms))
	for i, p := range image.Platforms {
		_, built[i], _ = strings.Cut(p, "/")
	}
	return built
}
