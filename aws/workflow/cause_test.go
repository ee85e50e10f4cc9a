package workflow_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestACauseIsReadByItsForm(t *testing.T) {
	for name, c := range map[string]struct{ cause, brief string }{
		"plain text":         {"disk full", "disk full"},
		"nothing":            {"", ""},
		"the entrypoint's":   {`{"reason":"the job ended with exit code 2","exitCode":2,"tail":"one\nAccess denied for user\n\n"}`, "the job ended with exit code 2: Access denied for user"},
		"without output":     {`{"reason":"the job ended with exit code 2","tail":""}`, "the job ended with exit code 2"},
		"the reaper's":       {`{"stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited","containers":[{"name":"job","exitCode":137}]}`, "Essential container in task exited; container job ended with exit code 137"},
		"runTask.sync's":     {`{"StopCode":"TaskFailedToStart","StoppedReason":"CannotPullContainerError: no","Containers":[{"Name":"job","Reason":"gone"}]}`, "CannotPullContainerError: no; container job: gone"},
		"a child run's":      {`{"ExecutionArn":"arn:aws:states:eu-west-1:1:execution:m:child","Error":"Boom","Cause":"{\"reason\":\"why\"}"}`, "run child: Boom: why"},
		"cut off":            {`{"reason":"the job end`, `{"reason":"the job end`},
		"another JSON":       {`{"anything":1}`, `{"anything":1}`},
		"escapes in a field": {`{"reason":"\u001b[31mred"}`, "red"},
	} {
		if got := workflow.ReadCause(safe.Block(c.cause)).Brief().String(); got != c.brief {
			t.Errorf("%s: got %q, want %q", name, got, c.brief)
		}
	}
}

func TestACauseNestedWithoutEndIsReadAsFarAsItMatters(t *testing.T) {
	cause := `{"executionArn":"arn:aws:states:eu-west-1:1:execution:m:child","cause":""}`
	for range 12 {
		cause = `{"executionArn":"arn:aws:states:eu-west-1:1:execution:m:child","cause":"` + strings.ReplaceAll(strings.ReplaceAll(cause, `\`, `\\`), `"`, `\"`) + `"}`
	}
	if got := workflow.ReadCause(safe.Block(cause)).Brief(); got.Empty() {
		t.Error("nothing was read")
	}
}

func TestTheFailureOfARedrivenRunIsTheLastOne(t *testing.T) {
	boom := safe.Line("Boom")
	events := []workflow.Event{
		{ID: 1, Type: workflow.ExecutionStarted},
		{ID: 2, Type: workflow.EventType("TaskStateEntered"), State: safe.Line("Dump")},
		{ID: 3, Previous: 2, Type: workflow.TaskFailed, Error: boom},
		{ID: 4, Previous: 3, Type: workflow.ExecutionFailed, Error: boom},
		{ID: 5, Previous: 4, Type: workflow.ExecutionRedriven},
		{ID: 6, Previous: 5, Type: workflow.TaskFailed, Error: boom},
		{ID: 7, Previous: 6, Type: workflow.ExecutionFailed, Error: boom},
	}
	f, ok := workflow.FailureOf(events)
	if !ok || f.EventID != 6 || f.State != safe.Line("Dump") {
		t.Errorf("got event %d in %q, %v; want event 6 in Dump", f.EventID, f.State, ok)
	}
}
