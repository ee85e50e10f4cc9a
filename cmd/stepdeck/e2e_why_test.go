package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/triage"
)

// really is one way for a run to fail on local AWS, and the kind that why tells.
type really struct {
	name   string
	faults string           // rules in force while it runs
	args   []string         // the command of the task
	change func(task, args) // of the Task state and its Arguments
	whole  string           // the definition, in place of one with a task
	family *family          // of the task, in place of the shipped one
	stop   func(t *testing.T, s *station, run string)
	stuck  bool // the run waits for ever
	kind   triage.Kind
}

// family is what a task definition of a case has.
type family struct{ secret, logGroup string }

// task and args are JSON objects.
type (
	task = map[string]any
	args = map[string]any
)

func fault(kind string) string { return fmt.Sprintf(`[{"kind":%q}]`, kind) }

// says is a job that writes a line and ends with a code.
func says(line string, code int) []string {
	return []string{"sh", "-c", fmt.Sprintf("echo starting; echo '%s' >&2; exit %d", line, code)}
}

var waysToFail = []really{
	{name: "a script that fails", args: []string{"drill", "fail", "3"}, kind: triage.ScriptFailed},
	{name: "a script that kills itself", args: []string{"drill", "die"}, kind: triage.Killed},
	{name: "a container that is killed", args: []string{"drill", "hang"}, faults: fault("kill"), kind: triage.Killed},
	{name: "a container out of memory", args: []string{"drill", "hang"}, faults: fault("oom"), kind: triage.OutOfMemory},
	{name: "Spot taken back", args: []string{"drill", "hang"}, faults: fault("spot"), change: onSpot, kind: triage.SpotInterrupted},
	{name: "an image that cannot be pulled", args: []string{"drill", "succeed"}, faults: fault("pull-failure"), kind: triage.ImagePull},
	{name: "no capacity", args: []string{"drill", "succeed"}, faults: fault("no-capacity"), kind: triage.NoCapacity},
	{name: "a dead token", args: []string{"drill", "hang"}, faults: `[{"kind":"oom"},{"kind":"no-reaper"}]`, stuck: true, kind: triage.OutOfMemory},
	{name: "a program that is not there", args: []string{"no-such-program"}, kind: triage.BadCommand},
	{name: "RunTask throttled", args: []string{"drill", "succeed"}, faults: `[{"kind":"throttle","service":"ecs","operation":"RunTask"}]`, kind: triage.Throttled},
	{name: "RunTask denied", args: []string{"drill", "succeed"}, faults: `[{"kind":"denied","service":"ecs","operation":"RunTask"}]`, kind: triage.RunTaskDenied},
	{name: "an answer denied", args: []string{"drill", "succeed"}, faults: `[{"kind":"denied","service":"states","operation":"SendTaskSuccess"}]`, kind: triage.CallbackDenied},
	{name: "a command too long", args: []string{"drill", strings.Repeat("x", 9000)}, kind: triage.OverridesTooLong},
	{name: "a cluster that is not there", args: []string{"drill", "succeed"}, change: func(_ task, a args) { a["Cluster"] = "nowhere" }, kind: triage.ClusterMissing},
	{name: "a task definition that is not there", args: []string{"drill", "succeed"}, change: func(_ task, a args) { a["TaskDefinition"] = "nothing:7" }, kind: triage.TaskDefinitionMissing},
	{name: "no network configuration", args: []string{"drill", "succeed"}, change: func(_ task, a args) { delete(a, "NetworkConfiguration") }, kind: triage.NetworkConfig},
	{name: "a task that takes too long", args: []string{"drill", "hang"}, change: func(t task, _ args) { t["TimeoutSeconds"] = 2 }, kind: triage.TaskTimeout},
	{name: "a heart that stops", args: []string{"drill", "hang"}, change: deafTo(2), kind: triage.HeartbeatLost},
	{name: "a run that is stopped", args: []string{"drill", "hang"}, stop: stopRun, kind: triage.Stopped},
	{name: "a task that is stopped", args: []string{"drill", "hang"}, stop: stopTask, kind: triage.TaskStopped},
	{name: "a full disk", args: says("pg_dump: error: could not write to file: No space left on device", 1), kind: triage.DiskFull},
	{name: "a refused login", args: says(`psql: error: FATAL:  password authentication failed for user "dump"`, 2), kind: triage.DatabaseAuth},
	{name: "an unknown host", args: says(`pg_dump: error: could not translate host name "db" to address: Name or service not known`, 1), kind: triage.HostUnknown},
	{name: "another architecture", args: says("exec /usr/local/bin/job: exec format error", 126), kind: triage.WrongArchitecture},
	{name: "a success that hides a failure", args: says("pg_dump: error: query failed: ERROR:  could not open relation", 0), kind: triage.SuspiciousSuccess},
	{name: "a container of no name", args: []string{"drill", "succeed"}, change: func(_ task, a args) { overrides(a)["Name"] = "nobody" }, kind: triage.ContainerUnknown},
	{name: "a size that Fargate lacks", args: []string{"drill", "succeed"}, change: func(_ task, a args) { a["Overrides"].(args)["Memory"] = "600" }, kind: triage.SizeInvalid},
	{name: "a secret that is not there", args: []string{"drill", "succeed"}, family: &family{secret: "/no/such/secret"}, kind: triage.SecretFetch},
	{name: "a log group that is not there", args: []string{"drill", "succeed"}, family: &family{logGroup: "/no/such/group"}, kind: triage.LogSetup},
	{name: "a run that fails by the run that it waits for", faults: fault("oom"), whole: waitsFor("a container out of memory"), kind: triage.OutOfMemory},
	{name: "a run that takes too long", whole: `{"TimeoutSeconds":1,"StartAt":"Begin","States":{"Begin":{"Type":"Wait","Seconds":60,"End":true}}}`, kind: triage.RunTimeout},
	{
		name: "no choice", kind: triage.NoChoiceMatched,
		whole: `{"StartAt":"Begin","States":{"Begin":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"End"}]},"End":{"Type":"Succeed"}}}`,
	},
	{
		name: "an expression", kind: triage.ExpressionError,
		whole: `{"QueryLanguage":"JSONata","StartAt":"Begin","States":{"Begin":{"Type":"Pass","Output":"{% 1 + 'a' %}","End":true}}}`,
	},
	{name: "a path", whole: `{"StartAt":"Begin","States":{"Begin":{"Type":"Pass","InputPath":"$.nowhere","End":true}}}`, kind: triage.DefinitionError},
	{name: "a Fail state", whole: `{"StartAt":"Say \"no\"","States":{"Say \"no\"":{"Type":"Fail","Error":"Rejected","Cause":"the customer has left"}}}`, kind: triage.FailState},
}

func onSpot(_ task, a args) {
	delete(a, "LaunchType")
	a["CapacityProviderStrategy"] = []any{map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}}
}

// deafTo hides the token from the entrypoint, so that it sends no heartbeat.
func deafTo(seconds int) func(task, args) {
	return func(t task, a args) {
		t["HeartbeatSeconds"] = seconds
		overrides(a)["Environment"].([]any)[0].(args)["Name"] = "UNSEEN"
	}
}

// overrides are those of the container.
func overrides(a args) args { return a["Overrides"].(args)["ContainerOverrides"].([]any)[0].(args) }

// machineOf is the name of the machine of a case.
func machineOf(name string) string {
	return "fails-as-" + strings.ReplaceAll(strings.ToLower(name), " ", "-")
}

// waitsFor is a machine whose run starts one of another case and waits for its end.
func waitsFor(name string) string {
	return `{"StartAt":"Begin","States":{"Begin":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","End":true,` +
		`"Parameters":{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:` + machineOf(name) + `"}}}}`
}

func stopRun(t *testing.T, s *station, run string) {
	t.Helper()
	if _, err := s.states.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &run, Error: aws.String("Wrong"), Cause: aws.String("wrong table")}); err != nil {
		t.Fatal(err)
	}
}

func stopTask(t *testing.T, s *station, run string) {
	t.Helper()
	for _, token := range s.tokens(t) {
		if token.ARN == run {
			request := map[string]any{"cluster": shippedtest.Cluster, "task": token.TaskARN, "reason": "not needed any more"}
			if err := s.server.Invoke(t.Context(), "ecs", "StopTask", request, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// definition is the machine that fails so.
func (r really) definition(t *testing.T) string {
	t.Helper()
	if r.whole != "" {
		return r.whole
	}
	of := shippedtest.Family
	if r.family != nil {
		of = machineOf(r.name)
	}
	arguments := args{
		"Cluster": shippedtest.Cluster, "TaskDefinition": of, "LaunchType": "FARGATE",
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{"Subnets": []string{"subnet-00000000000000001"}}},
		"Overrides": map[string]any{"ContainerOverrides": []any{map[string]any{
			"Name": shippedtest.Container, "Command": r.args,
			"Environment": []any{map[string]any{"Name": "TASK_TOKEN", "Value": "{% $states.context.Task.Token %}"}},
		}}},
	}
	begin := task{"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken", "Arguments": arguments, "End": true}
	if r.change != nil {
		r.change(begin, arguments)
	}
	text, err := json.Marshal(map[string]any{"QueryLanguage": "JSONata", "StartAt": "Begin", "States": map[string]any{"Begin": begin}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWhyTellsWhatReallyHappened makes runs fail in every way that local AWS can make them.
func TestWhyTellsWhatReallyHappened(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	for _, r := range waysToFail {
		t.Run(r.name, func(t *testing.T) {
			rules := r.faults
			if rules == "" {
				rules = "[]"
			}
			s.faults(t, rules)
			name := machineOf(r.name)
			s.register(t, name, r.family)
			run := s.begun(t, name, r.definition(t))
			if r.stop != nil {
				s.works(t, run)
				r.stop(t, s, run)
			}
			s.over(t, run, r.stuck)
			s.faults(t, "[]")
			o := s.run(t, "why", name+"/once", "--output", "json")
			exits0(t, o)
			d := decoded[triage.Diagnosis](t, o.out)
			if d.Kind != r.kind || d.Stuck != r.stuck || len(d.Evidence) == 0 {
				t.Errorf("%s (%s): %s\n%s", d.Kind, d.Confidence, d.Sentence, o.out)
			}
		})
	}
}

// register makes the task definition of a case that has its own.
func (s *station) register(t *testing.T, name string, f *family) {
	t.Helper()
	if f == nil {
		return
	}
	var shipped struct {
		TaskDefinition struct{ ContainerDefinitions []struct{ Image string } }
	}
	if err := s.server.Invoke(t.Context(), "ecs", "DescribeTaskDefinition", args{"taskDefinition": shippedtest.Family}, &shipped); err != nil {
		t.Fatal(err)
	}
	container := args{"name": shippedtest.Container, "image": shipped.TaskDefinition.ContainerDefinitions[0].Image}
	if f.secret != "" {
		container["secrets"] = []args{{"name": "SECRET", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter" + f.secret}}
	}
	if f.logGroup != "" {
		container["logConfiguration"] = args{"logDriver": "awslogs", "options": args{
			"awslogs-group": f.logGroup, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "run",
		}}
	}
	err := s.server.Invoke(t.Context(), "ecs", "RegisterTaskDefinition", args{
		"family": name, "cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": []string{"FARGATE"},
		"executionRoleArn": "arn:aws:iam::123456789012:role/any", "containerDefinitions": []args{container},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// begun creates a machine and starts a run of it, named once.
func (s *station) begun(t *testing.T, machine, definition string) string {
	t.Helper()
	created, err := s.states.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &machine, RoleArn: aws.String("arn:aws:iam::123456789012:role/any"), Definition: &definition,
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := s.states.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: created.StateMachineArn, Name: aws.String("once")})
	if err != nil {
		t.Fatal(err)
	}
	return *started.ExecutionArn
}

// works waits until the run's task is RUNNING.
func (s *station) works(t *testing.T, run string) {
	t.Helper()
	shippedtest.Eventually(t, "the task runs", func() error {
		for _, token := range s.tokens(t) {
			if token.ARN == run && token.TaskStatus == "RUNNING" {
				return nil
			}
		}
		return fmt.Errorf("it does not")
	})
}

// over waits until the run has ended, or is stuck for ever. The task of a run
// that succeeded still ends then: its last lines are not in the log before.
func (s *station) over(t *testing.T, run string, stuck bool) {
	t.Helper()
	shippedtest.Eventually(t, "the run is over", func() error {
		status := s.describe(t, run).Status
		if status == types.ExecutionStatusSucceeded {
			return s.stopped(t, run)
		}
		if status != types.ExecutionStatusRunning {
			return nil
		}
		if stuck {
			for _, token := range s.tokens(t) {
				if token.ARN == run && token.TaskStatus == "STOPPED" {
					return nil
				}
			}
		}
		return fmt.Errorf("it is %s", status)
	})
}

// stopped tells which task of a run has not stopped.
func (s *station) stopped(t *testing.T, run string) error {
	t.Helper()
	for _, task := range s.show(t, run).Tasks {
		if task.Status != "STOPPED" {
			return fmt.Errorf("a task of it is %s", task.Status)
		}
	}
	return nil
}
