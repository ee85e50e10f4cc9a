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
	states string           // the machine's states in place of the task; it begins with Begin
	stop   func(t *testing.T, s *station, run string)
	stuck  bool // the run waits for ever
	kind   triage.Kind
}

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
	{name: "no choice", states: `"Begin":{"QueryLanguage":"JSONata","Type":"Choice","Choices":[{"Condition":"{% false %}","Next":"End"}]},"End":{"Type":"Succeed"}`, kind: triage.NoChoiceMatched},
	{name: "an expression", states: `"Begin":{"QueryLanguage":"JSONata","Type":"Pass","Output":"{% 1 + 'a' %}","End":true}`, kind: triage.ExpressionError},
	{name: "a path", states: `"Begin":{"Type":"Pass","InputPath":"$.nowhere","End":true}`, kind: triage.DefinitionError},
	{name: "a Fail state", states: `"Begin":{"Type":"Fail","Error":"Rejected","Cause":"the customer has left"}`, kind: triage.FailState},
}

func onSpot(_ task, a args) {
	delete(a, "LaunchType")
	a["CapacityProviderStrategy"] = []any{map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}}
}

// deafTo hides the token from the entrypoint, so that it sends no heartbeat.
func deafTo(seconds int) func(task, args) {
	return func(t task, a args) {
		t["HeartbeatSeconds"] = seconds
		container := a["Overrides"].(map[string]any)["ContainerOverrides"].([]any)[0].(map[string]any)
		container["Environment"].([]any)[0].(map[string]any)["Name"] = "UNSEEN"
	}
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
	if r.states != "" {
		return `{"StartAt":"Begin","States":{` + r.states + `}}`
	}
	arguments := args{
		"Cluster": shippedtest.Cluster, "TaskDefinition": shippedtest.Family, "LaunchType": "FARGATE",
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
	for i, r := range waysToFail {
		t.Run(r.name, func(t *testing.T) {
			rules := r.faults
			if rules == "" {
				rules = "[]"
			}
			s.faults(t, rules)
			name := fmt.Sprintf("case-%d", i)
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
	eventually(t, "the task runs", func() error {
		for _, token := range s.tokens(t) {
			if token.ARN == run && token.TaskStatus == "RUNNING" {
				return nil
			}
		}
		return fmt.Errorf("it does not")
	})
}

// over waits until the run has ended, or is stuck for ever.
func (s *station) over(t *testing.T, run string, stuck bool) {
	t.Helper()
	eventually(t, "the run is over", func() error {
		status := s.describe(t, run).Status
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
