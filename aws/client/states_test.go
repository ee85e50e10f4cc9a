package client_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

const (
	machineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:dumps"
	runARN     = "arn:aws:states:us-east-1:123456789012:execution:dumps:one"
)

var texts = cmp.Comparer(func(a, b safe.Text) bool { return a == b })

func equal(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, texts, cmp.Comparer(time.Time.Equal)); d != "" {
		t.Error(d)
	}
}

func TestMachinesComeInPages(t *testing.T) {
	ports, aws := connected(t, map[string]string{"ListStateMachines": `{"nextToken":"more","stateMachines":[
		{"stateMachineArn":"` + machineARN + `","name":"dumps","type":"STANDARD","creationDate":1795000000.5}]}`})
	page, err := ports.Machines.ListMachines(t.Context(), "here")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, page, ops.MachinePage{Next: "more", Machines: []workflow.Machine{
		{ARN: machineARN, Name: safe.Line("dumps"), Type: workflow.Standard, Created: time.UnixMilli(1795000000500)},
	}})
	equal(t, aws.asked("ListStateMachines"), map[string]any{"maxResults": 1000.0, "nextToken": "here"})
}

func TestAMachineKnowsWhereItLogs(t *testing.T) {
	const answer = `{"stateMachineArn":"` + machineARN + `","name":"dumps","type":"STANDARD","status":"DELETING","definition":"{}",
		"roleArn":"role","creationDate":1,"revisionId":"r2","loggingConfiguration":{"level":"LEVEL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"group"}}]}}`
	for level, group := range map[string]string{"ALL": "group", "OFF": ""} {
		ports, _ := connected(t, map[string]string{"DescribeStateMachine": replace(answer, "LEVEL", level)})
		m, err := ports.Machines.DescribeMachine(t.Context(), machineARN)
		if err != nil {
			t.Fatal(err)
		}
		if m.LogGroupARN != group || !m.Deleting || m.Revision != "r2" || m.Definition != "{}" {
			t.Errorf("level %s: %+v", level, m)
		}
	}
}

func TestListingRunsAsksForOneStatus(t *testing.T) {
	ports, aws := connected(t, map[string]string{"ListExecutions": `{"executions":[{"executionArn":"` + runARN + `",
		"stateMachineArn":"` + machineARN + `","name":"one","status":"FAILED","startDate":100,"stopDate":160,"redriveCount":2,"redriveDate":120}]}`})
	page, err := ports.Runs.ListRuns(t.Context(), ops.RunQuery{MachineARN: machineARN, Status: workflow.Failed, Limit: 7})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, page, ops.RunPage{Runs: []workflow.Run{{
		ARN: runARN, MachineARN: machineARN, Name: safe.Line("one"), Status: workflow.Failed,
		Started: time.Unix(100, 0), Stopped: time.Unix(160, 0), RedriveCount: 2, RedriveDate: time.Unix(120, 0),
	}}})
	equal(t, aws.asked("ListExecutions"), map[string]any{"stateMachineArn": machineARN, "statusFilter": "FAILED", "maxResults": 7.0})
}

func TestTextOfARunIsMadeSafe(t *testing.T) {
	ports, _ := connected(t, map[string]string{"DescribeExecution": `{"executionArn":"` + runARN + `","stateMachineArn":"` + machineARN + `",
		"name":"one","status":"FAILED","startDate":1,"error":"Bad\u001b[31mError","cause":"first\nsecond\u001b]0;title\u0007","redriveStatus":"NOT_REDRIVABLE",
		"redriveStatusReason":"Execution redrivable period exceeded"}`})
	run, err := ports.Runs.DescribeRun(t.Context(), runARN)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, run.Error, safe.Line("Bad\x1b[31mError"))
	equal(t, run.Cause, safe.Block("first\nsecond\x1b]0;title\a"))
	equal(t, run.RedriveStatus, workflow.NotRedrivable)
	equal(t, run.RedriveReason, safe.Line("Execution redrivable period exceeded"))
}

func TestEveryKindOfEventIsFlattened(t *testing.T) {
	const frame = `{"events":[{"id":7,"previousEventId":6,"timestamp":10,"type":"TYPE","DETAILS":BODY}]}`
	type event = workflow.Event
	line, block := safe.Line, safe.Block
	for _, c := range []struct {
		kind, details, body string
		want                event
	}{
		{"ExecutionStarted", "executionStartedEventDetails", `{"input":"{}","roleArn":"r"}`, event{Input: "{}"}},
		{"ExecutionSucceeded", "executionSucceededEventDetails", `{"output":"1"}`, event{Output: "1"}},
		{"ExecutionFailed", "executionFailedEventDetails", `{"error":"E","cause":"c"}`, event{Error: line("E"), Cause: block("c")}},
		{"ExecutionAborted", "executionAbortedEventDetails", `{}`, event{}},
		{"ExecutionTimedOut", "executionTimedOutEventDetails", `{"error":"E"}`, event{Error: line("E")}},
		{"ExecutionRedriven", "executionRedrivenEventDetails", `{"redriveCount":3}`, event{RedriveCount: 3}},
		{"TaskStateEntered", "stateEnteredEventDetails", `{"name":"Dump","input":"{}"}`, event{State: line("Dump"), Input: "{}"}},
		{"TaskStateExited", "stateExitedEventDetails", `{"name":"Dump","output":"{}"}`, event{State: line("Dump"), Output: "{}"}},
		{
			"TaskScheduled", "taskScheduledEventDetails",
			`{"resourceType":"ecs","resource":"runTask.waitForTaskToken","region":"r","parameters":"{}","timeoutInSeconds":60,"heartbeatInSeconds":10}`,
			event{ResourceType: "ecs", Resource: "runTask.waitForTaskToken", Region: "r", Parameters: "{}", Timeout: time.Minute, Heartbeat: 10 * time.Second},
		},
		{"TaskSubmitted", "taskSubmittedEventDetails", `{"resourceType":"ecs","resource":"r","output":"{}"}`, event{ResourceType: "ecs", Resource: "r", Output: "{}"}},
		{"TaskSubmitFailed", "taskSubmitFailedEventDetails", `{"resourceType":"ecs","resource":"r","error":"E","cause":"c"}`, event{ResourceType: "ecs", Resource: "r", Error: line("E"), Cause: block("c")}},
		{"TaskStarted", "taskStartedEventDetails", `{"resourceType":"ecs","resource":"r"}`, event{ResourceType: "ecs", Resource: "r"}},
		{"TaskStartFailed", "taskStartFailedEventDetails", `{"resourceType":"ecs","resource":"r","error":"E"}`, event{ResourceType: "ecs", Resource: "r", Error: line("E")}},
		{"TaskSucceeded", "taskSucceededEventDetails", `{"resourceType":"ecs","resource":"r","output":"2"}`, event{ResourceType: "ecs", Resource: "r", Output: "2"}},
		{"TaskFailed", "taskFailedEventDetails", `{"resourceType":"ecs","resource":"r","error":"E","cause":"c"}`, event{ResourceType: "ecs", Resource: "r", Error: line("E"), Cause: block("c")}},
		{"TaskTimedOut", "taskTimedOutEventDetails", `{"resourceType":"ecs","resource":"r","error":"E"}`, event{ResourceType: "ecs", Resource: "r", Error: line("E")}},
		{"EvaluationFailed", "evaluationFailedEventDetails", `{"state":"S","location":"Arguments/x","error":"E","cause":"c"}`, event{State: line("S"), Location: line("Arguments/x"), Error: line("E"), Cause: block("c")}},
		{"MapStateStarted", "mapStateStartedEventDetails", `{"length":4}`, event{Length: 4}},
		{"MapIterationFailed", "mapIterationFailedEventDetails", `{"name":"Each","index":2}`, event{State: line("Each"), Index: 2}},
		{"MapRunStarted", "mapRunStartedEventDetails", `{"mapRunArn":"m"}`, event{MapRunARN: "m"}},
		{"MapRunRedriven", "mapRunRedrivenEventDetails", `{"mapRunArn":"m","redriveCount":1}`, event{MapRunARN: "m", RedriveCount: 1}},
		{"LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", `{"resource":"f","input":"1","timeoutInSeconds":3}`, event{Resource: "f", Input: "1", Timeout: 3 * time.Second}},
		{"LambdaFunctionFailed", "lambdaFunctionFailedEventDetails", `{"error":"E","cause":"c"}`, event{Error: line("E"), Cause: block("c")}},
		{"ActivityScheduled", "activityScheduledEventDetails", `{"resource":"a","heartbeatInSeconds":5}`, event{Resource: "a", Heartbeat: 5 * time.Second}},
		{"ActivityTimedOut", "activityTimedOutEventDetails", `{"error":"E"}`, event{Error: line("E")}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			ports, aws := connected(t, map[string]string{"GetExecutionHistory": replace(frame, "TYPE", c.kind, "DETAILS", c.details, "BODY", c.body)})
			page, err := ports.Histories.History(t.Context(), ops.HistoryQuery{RunARN: runARN, Reverse: true})
			if err != nil {
				t.Fatal(err)
			}
			c.want.ID, c.want.Previous, c.want.Time, c.want.Type = 7, 6, time.Unix(10, 0), workflow.EventType(c.kind)
			equal(t, page.Events, []workflow.Event{c.want})
			equal(t, aws.asked("GetExecutionHistory"), map[string]any{
				"executionArn": runARN, "reverseOrder": true, "includeExecutionData": true, "maxResults": 1000.0,
			})
		})
	}
}

func TestChangesSendWhatWasAsked(t *testing.T) {
	ports, aws := connected(t, map[string]string{
		"StartExecution": `{"executionArn":"` + runARN + `","startDate":5}`, "StopExecution": `{"stopDate":6}`,
		"RedriveExecution": `{"redriveDate":7}`, "SendTaskFailure": `{}`, "SendTaskSuccess": `{}`, "SendTaskHeartbeat": `{}`,
	})
	ctx, token := t.Context(), workflow.NewToken("secret")
	check := func(operation string, err error, want map[string]any) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, aws.asked(operation), want)
	}
	arn, _, err := ports.Starter.StartRun(ctx, ops.StartRequest{MachineARN: machineARN, Name: "one", Input: "{}"})
	check("StartExecution", err, map[string]any{"stateMachineArn": machineARN, "name": "one", "input": "{}"})
	equal(t, arn, runARN)
	_, err = ports.Stopper.StopRun(ctx, runARN, "", "why")
	check("StopExecution", err, map[string]any{"executionArn": runARN, "cause": "why"})
	_, err = ports.Redriver.RedriveRun(ctx, runARN, "key")
	check("RedriveExecution", err, map[string]any{"executionArn": runARN, "clientToken": "key"})
	check("SendTaskFailure", ports.Tokens.FailToken(ctx, token, "E", "c"), map[string]any{"taskToken": "secret", "error": "E", "cause": "c"})
	check("SendTaskSuccess", ports.Tokens.SucceedToken(ctx, token, "{}"), map[string]any{"taskToken": "secret", "output": "{}"})
	check("SendTaskHeartbeat", ports.Tokens.HeartbeatToken(ctx, token), map[string]any{"taskToken": "secret"})
}

func TestAnAnsweredTokenIsAConflict(t *testing.T) {
	ports, _ := connected(t, map[string]string{"SendTaskFailure": `{"__type":"TaskTimedOut","message":"Task Timed Out: 'Provided task does not exist anymore'"}`})
	err := ports.Tokens.FailToken(t.Context(), workflow.NewToken("secret"), "E", "c")
	equal(t, ops.KindOf(err), ops.Conflict)
}
