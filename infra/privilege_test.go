package infra_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/check"
	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
	"github.com/stepdeck/stepdeck/infra"
)

// deployed is the shipped template as it is deployed with the values given.
func deployed(t *testing.T, world expand.World) (*template.Template, *expand.Expander) {
	t.Helper()
	source, err := infra.Template()
	if err != nil {
		t.Fatal(err)
	}
	stack, found := check.Read(infra.TemplateName, source, infra.File)
	if stack == nil {
		t.Fatal(found)
	}
	return stack, expand.New(stack, world)
}

const (
	sampleKey = "arn:aws:kms:us-east-1:123456789012:key/1234"
	sampleRun = "cron(0 3 * * ? *)"
)

// full is a deployment with every optional part.
var full = expand.World{Parameters: map[string]string{
	"SecretsKeyArn": sampleKey, "ScheduleExpression": sampleRun, "FreshnessHours": "26",
	"AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:ops",
}}

// call is one request that AWS is asked to allow.
type call struct {
	action, resource string
	context          policy.Context
}

// definitionCalls are what the definition of a machine calls.
func definitionCalls(t *testing.T, machine string) []call {
	t.Helper()
	stack, expander := deployed(t, full)
	all := machines.Of(stack, expander)
	holders := slices.DeleteFunc(slices.Clone(all), func(m machines.Machine) bool { return m.Name != "Workflow" })
	var calls []call
	for _, m := range all {
		if m.Name != machine {
			continue
		}
		for _, c := range m.Calls(holders) {
			calls = append(calls, call{c.Action, c.Resource, c.Context})
		}
	}
	return calls
}

// onceLogging are the calls that AWS makes with a machine's role to deliver its log and its traces.
// AWS: log delivery of Step Functions, X-Ray.
func onceLogging() []call {
	var calls []call
	for _, action := range []string{
		"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
		"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups", "xray:PutTraceSegments",
		"xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
	} {
		calls = append(calls, call{action: action, resource: "*"})
	}
	return calls
}

// startCalls are what ECS calls to start a task: the image, the secrets and the log that its definition names.
func startCalls(t *testing.T) []call {
	t.Helper()
	stack, expander := deployed(t, full)
	definition, _ := stack.Resource("TaskDefinition")
	container := template.Items(template.Field(definition.Properties, "ContainerDefinitions"))[0]
	repository := expander.ARN("Repository")
	stream := strings.TrimSuffix(expander.ARN("TaskLogs"), "*") + "log-stream:run/job/1"
	calls := []call{
		{action: "ecr:GetAuthorizationToken", resource: "*"},
		{action: "ecr:BatchCheckLayerAvailability", resource: repository},
		{action: "ecr:GetDownloadUrlForLayer", resource: repository},
		{action: "ecr:BatchGetImage", resource: repository},
		{action: "logs:CreateLogStream", resource: stream},
		{action: "logs:PutLogEvents", resource: stream},
		{"kms:Decrypt", sampleKey, policy.Context{"kms:ViaService": {"ssm.us-east-1.amazonaws.com"}}},
	}
	for _, secret := range template.Items(template.Field(container, "Secrets")) {
		calls = append(calls, call{action: "ssm:GetParameters", resource: expander.Text(template.Field(secret, "ValueFrom"))})
	}
	return calls
}

// needs are what each role is for. Nothing here is read from the role's policy.
func needs(t *testing.T) map[string][]call {
	t.Helper()
	_, expander := deployed(t, full)
	return map[string][]call{
		"WorkflowRole":   append(definitionCalls(t, "Workflow"), onceLogging()...),
		"ReaperRole":     append(definitionCalls(t, "Reaper"), onceLogging()...),
		"ExecutionRole":  startCalls(t),
		"TaskRole":       programCalls(t, expander.ARN("Artifacts"), expander.ARN("Workflow")),
		"ReaperRuleRole": {{action: "states:StartExecution", resource: expander.ARN("Reaper")}},
		"ScheduleRole": {
			{action: "states:StartExecution", resource: expander.ARN("Workflow")},
			{action: "sqs:SendMessage", resource: expander.ARN("ReaperDeadLetters")},
		},
	}
}

func TestEachRoleMayDoWhatItIsFor(t *testing.T) {
	_, expander := deployed(t, full)
	for role, calls := range needs(t) {
		allowed, err := expander.Policy(role)
		if err != nil {
			t.Fatal(err)
		}
		if len(calls) == 0 {
			t.Errorf("%s: nothing is known that it is for", role)
		}
		for _, c := range calls {
			if got := allowed.Allows(c.action, c.resource, c.context); got != policy.Allowed {
				t.Errorf("%s: %s on %s with %v is %v", role, c.action, c.resource, c.context, got)
			}
		}
	}
}

// roles are the policies of the roles that are deployed, by the roles' names.
func roles(t *testing.T) map[string]policy.Policy {
	t.Helper()
	stack, expander := deployed(t, full)
	all := map[string]policy.Policy{}
	for _, r := range stack.Resources() {
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		allowed, err := expander.Policy(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		all[r.Name] = allowed
	}
	return all
}

func TestNoRoleMayDoMore(t *testing.T) {
	needed := needs(t)
	for role, allowed := range roles(t) {
		want, got := map[string]bool{}, map[string]bool{}
		for _, c := range needed[role] {
			want[c.action] = true
		}
		for _, statement := range allowed.Statements {
			for _, action := range statement.Actions {
				got[action] = true
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s: called (-) and allowed (+):\n%s", role, diff)
		}
		for _, statement := range allowed.Statements {
			if slices.Contains(statement.Resources, "*") && !slices.ContainsFunc(needed[role], func(c call) bool {
				return c.resource == "*" && slices.Contains(statement.Actions, c.action)
			}) {
				t.Errorf("%s may do %v on everything", role, statement.Actions)
			}
		}
	}
}

func TestTheWorkflowsCallsAreFoundInItsDefinition(t *testing.T) {
	for machine, want := range map[string][]string{
		"Workflow": {"ecs:RunTask", "ecs:StopTask", "ecs:TagResource", "iam:PassRole", "states:GetExecutionHistory", "states:ListExecutions"},
		"Reaper":   {"states:SendTaskFailure"},
	} {
		found := map[string]bool{}
		for _, c := range definitionCalls(t, machine) {
			found[c.action] = true
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(found))); diff != "" {
			t.Errorf("%s: %s", machine, diff)
		}
	}
}

func TestWithoutAKeyNobodyDecrypts(t *testing.T) {
	_, expander := deployed(t, expand.World{})
	allowed, err := expander.Policy("ExecutionRole")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range allowed.Statements {
		if slices.Contains(statement.Actions, "kms:Decrypt") {
			t.Errorf("kms:Decrypt is allowed on %v", statement.Resources)
		}
	}
}
