package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func TestAPlainTreeTellsTheFailureAlsoWhenTheResourceIsPastIt(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	failed := &stack.Event{ID: "e1", Logical: "Task", Type: "AWS::X::Y", Status: stack.CreateFailed, Reason: safe.Line(
		`Resource handler returned message: "it broke (Service: Ecs, Status Code: 400)" (RequestToken: 1, HandlerErrorCode: InvalidRequest)`,
	)}
	back := []stack.ResourceProgress{
		{Logical: "Task", Type: "AWS::X::Y", Status: stack.DeleteComplete, Started: start, Ended: start.Add(time.Second)},
		{Logical: "Other", Type: "AWS::X::Y", Status: stack.CreateFailed, Reason: line("Resource creation cancelled"), Started: start, Ended: start.Add(time.Second)},
	}
	var told bytes.Buffer
	tree := (&app{err: &told}).newTree()
	tree.show(stack.Progress{Stack: "dumps", Status: "ROLLBACK_IN_PROGRESS", Started: start, Failed: failed, Resources: back[:1]})
	tree.show(stack.Progress{Stack: "dumps", Status: stack.RollbackComplete, Started: start, Ended: start.Add(2 * time.Second), Failed: failed, Resources: back})
	tree.end()
	is(t, told.String(), `
✖ Task AWS::X::Y: it broke
DELETE_COMPLETE Task AWS::X::Y 1.0s
CREATE_FAILED Other AWS::X::Y 1.0s: Resource creation cancelled
ROLLBACK_COMPLETE dumps 2.0s
`)
}

func TestHintsReachTheSameAccount(t *testing.T) {
	for said, want := range map[string]string{
		"make it with: stepdeck stack secret set /a; stepdeck is fine":    "make it with: stepdeck --profile prod --region eu-west-1 stack secret set /a; stepdeck is fine",
		"the template that comes with stepdeck":                           "the template that comes with stepdeck",
		"stepdeck iam deployer prints it, stepdeck image push --stack a ": "stepdeck --profile prod --region eu-west-1 iam deployer prints it, stepdeck --profile prod --region eu-west-1 image push --stack a ",
		"`stepdeck runs` lists them; stepdeck why RUN":                    "`stepdeck --profile prod --region eu-west-1 runs` lists them; stepdeck --profile prod --region eu-west-1 why RUN",
		"usage: stepdeck logs RUN; more with stepdeck token fail --help":  "usage: stepdeck logs RUN; more with stepdeck token fail --help",
		"start it in another terminal: stepdeck local":                    "start it in another terminal: stepdeck local",
	} {
		a := &app{flags: flags{profile: "prod", region: "eu-west-1"}}
		if got := a.here(line(said)).String(); got != want {
			t.Errorf("%q became %q", said, got)
		}
		if got := (&app{}).here(line(said)).String(); got != said {
			t.Errorf("without flags %q became %q", said, got)
		}
	}
	spaced := &app{flags: flags{profile: "my team"}}
	is(t, spaced.here(line("stepdeck doctor")).String(), "stepdeck --profile 'my team' doctor")
}
