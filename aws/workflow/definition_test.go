package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

const dumpDefinition = `{
  "Comment": "dumps", "StartAt": "Check", "TimeoutSeconds": 86400,
  "States": {
    "Give up": {"Type": "Fail", "Error": "GaveUp", "CausePath": "$.cause"},
    "Dump": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken", "TimeoutSeconds": 7200, "HeartbeatSecondsPath": "$.beat",
      "Parameters": {"Table.$": "$.late", "Name.$": "$$.Execution.Input.name"},
      "Retry": [{"ErrorEquals": ["Spot", "States.HeartbeatTimeout"], "MaxAttempts": 2, "IntervalSeconds": 5}, {"ErrorEquals": ["X"]}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Give up"}], "End": true},
    "Check": {"Type": "Choice", "Choices": [
      {"Variable": "$.kind", "StringEquals": "dump", "Next": "Prepare"},
      {"And": [{"Variable": "$.a.b", "NumericGreaterThan": 3}, {"Not": {"Variable": "$.c", "IsPresent": true}}], "Next": "Both"}], "Default": "Give up"},
    "Prepare": {"Type": "Pass", "Parameters": {"x.$": "$.table"}, "Next": "Dump"},
    "Both": {"Type": "Parallel", "Branches": [{"StartAt": "L", "States": {"L": {"Type": "Wait", "Seconds": 1, "End": true}}}, {"StartAt": "R", "States": {"R": {"Type": "Succeed"}}}], "End": true},
    "Lost": {"Type": "Pass", "End": true}
  }
}`

func TestDefinitionIsReadForDrawing(t *testing.T) {
	d, err := workflow.ParseDefinition(dumpDefinition)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range d.States {
		names = append(names, s.Name.String())
	}
	if got := strings.Join(names, " > "); got != "Check > Prepare > Dump > Give up > Both > Lost" {
		t.Errorf("order of visit: %s", got)
	}
	check, _ := d.State(safe.Line("Check"))
	var edges []string
	for _, e := range check.Next {
		edges = append(edges, string(e.Kind)+" "+e.To.String()+": "+e.Label.String())
	}
	want := []string{`choice Prepare: $.kind StringEquals "dump"`, `choice Both: $.a.b NumericGreaterThan 3 and not $.c IsPresent true`, "default Give up: otherwise"}
	if !slices.Equal(edges, want) {
		t.Errorf("edges\n%s\nwant\n%s", strings.Join(edges, "\n"), strings.Join(want, "\n"))
	}
	dump, _ := d.State(safe.Line("Dump"))
	if dump.Timeout.String() != "7200" || dump.Heartbeat.String() != "$.beat" || !dump.Terminal() {
		t.Errorf("timeout %q, heartbeat %q, terminal %v", dump.Timeout, dump.Heartbeat, dump.Terminal())
	}
	if r := dump.Retries; len(r) != 2 || r[0].MaxAttempts != 2 || r[0].Interval != 5*time.Second || r[1].MaxAttempts != 3 || r[1].Backoff != 2 {
		t.Errorf("retries %+v", r)
	}
	if catcher := dump.Next[0]; catcher.Kind != workflow.ByCatch || catcher.Label.String() != "States.ALL" {
		t.Errorf("catcher %+v", catcher)
	}
	if inner, ok := d.State(safe.Line("R")); !ok || inner.Type != "Succeed" {
		t.Error("the state in the second branch was not found")
	}
}

func TestInputPathsAreThoseOfTheRunsInput(t *testing.T) {
	d, err := workflow.ParseDefinition(dumpDefinition)
	if err != nil {
		t.Fatal(err)
	}
	// $.late belongs to the output of Prepare, not to the run's input.
	if want := []string{"kind", "a.b", "c", "table", "cause", "name"}; !equalSet(d.InputPaths, want) {
		t.Errorf("got %v, want %v", d.InputPaths, want)
	}
	jsonata := `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":"{% $states.input.args[0] & $states.input.db.name %}"},"Next":"B"},
		"B":{"Type":"Task","Arguments":{"e":"{% $states.input.env %}"},"Next":"C"},"C":{"Type":"Task","Arguments":{"e":"{% $states.input.result %}"}}}}`
	if d, err = workflow.ParseDefinition(jsonata); err != nil {
		t.Fatal(err)
	}
	if want := []string{"args", "db.name", "env"}; !equalSet(d.InputPaths, want) {
		t.Errorf("JSONata: got %v, want %v", d.InputPaths, want)
	}
}

func equalSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func FuzzDefinitionIsTolerant(f *testing.F) {
	f.Add(dumpDefinition)
	f.Add(`{"StartAt":"A","States":{"A":"x","B":{"Next":"B","Choices":[1,{"And":[{}]}],"Branches":[null,{"States":[]}],"Retry":{},"Catch":[{"ErrorEquals":[1]}]}}}`)
	f.Add(strings.Repeat(`{"a":`, 1000))
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, doc string) {
		d, err := workflow.ParseDefinition(doc)
		if err != nil {
			return
		}
		a := workflow.Attempt{Parameters: doc}
		for _, s := range d.States {
			if _, ok := d.State(s.Name); !ok {
				t.Errorf("state %q is not found by its name", s.Name)
			}
			a.Token(s.Name, &d)
		}
	})
}
