package infra_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	jsonata "github.com/xiatechs/jsonata-go"
)

var reapValues = map[string]string{"Partition": "aws"}

var runValues = map[string]string{
	"Partition":        "aws",
	"ClusterArn":       "arn:aws:ecs:eu-west-1:123456789012:cluster/jobs",
	"TaskDefinition":   "arn:aws:ecs:eu-west-1:123456789012:task-definition/jobs:7",
	"ContainerName":    "job",
	"SubnetIds":        "subnet-a,subnet-b",
	"SecurityGroupId":  "sg-1",
	"AssignPublicIp":   "DISABLED",
	"TimeoutSeconds":   "7200",
	"HeartbeatSeconds": "300",
}

type object = map[string]any

// walk visits a definition's states as the service would, so far as Pass and Choice go: it stops at every other
// state and shows it with its expressions evaluated.
type walk struct {
	t      *testing.T
	states object
	vars   object
	input  any
	// at is the name of the state reached.
	at string
}

func start(t *testing.T, machine string, values map[string]string, input any) *walk {
	t.Helper()
	var definition object
	if err := json.Unmarshal([]byte(definitionOf(t, machine, values)), &definition); err != nil {
		t.Fatal(err)
	}
	w := &walk{t: t, states: definition["States"].(object), vars: object{}, input: input}
	w.enter(definition["StartAt"].(string))
	return w
}

func (w *walk) state() object { return w.states[w.at].(object) }

func (w *walk) enter(name string) {
	w.t.Helper()
	w.at = name
	state, ok := w.states[name].(object)
	if !ok {
		w.t.Fatalf("no state %q", name)
	}
	switch state["Type"] {
	case "Pass":
		w.assign(state["Assign"], object{"input": w.input, "context": runContext(0)})
		w.enter(state["Next"].(string))
	case "Choice":
		for _, choice := range state["Choices"].([]any) {
			if w.value(choice.(object)["Condition"], object{"input": w.input}) == true {
				w.enter(choice.(object)["Next"].(string))
				return
			}
		}
		w.enter(state["Default"].(string))
	}
}

// finish ends the task that the walk stands at with a result and goes on.
func (w *walk) finish(result any) {
	w.t.Helper()
	w.assign(w.state()["Assign"], object{"input": w.input, "result": result, "context": runContext(0)})
	w.enter(w.state()["Next"].(string))
}

// fail ends the task with an error name and goes where its first matching catcher leads.
func (w *walk) fail(name string) {
	w.t.Helper()
	catchers, _ := w.state()["Catch"].([]any)
	for _, c := range catchers {
		catcher := c.(object)
		for _, want := range catcher["ErrorEquals"].([]any) {
			if want == name || want == "States.ALL" {
				w.assign(catcher["Assign"], object{"errorOutput": object{"Error": name, "Cause": "because"}})
				w.enter(catcher["Next"].(string))
				return
			}
		}
	}
	w.t.Fatalf("state %s does not catch %s", w.at, name)
}

// assign evaluates every expression before it sets any variable, as AWS does.
func (w *walk) assign(fields any, states object) {
	w.t.Helper()
	assigned, _ := fields.(object)
	next := object{}
	for name, field := range assigned {
		next[name] = w.value(field, states)
	}
	for name, value := range next {
		w.vars[name] = value
	}
}

// value evaluates what a field holds: lists and objects inside, text between {% and %} as JSONata.
func (w *walk) value(field any, states object) any {
	w.t.Helper()
	switch f := field.(type) {
	case object:
		out := object{}
		for k, v := range f {
			out[k] = w.value(v, states)
		}
		return out
	case []any:
		out := []any{}
		for _, v := range f {
			out = append(out, w.value(v, states))
		}
		return out
	case string:
		if !strings.HasPrefix(f, "{%") {
			return f
		}
		return w.evaluate(strings.TrimSuffix(strings.TrimPrefix(f, "{%"), "%}"), states)
	default:
		return field
	}
}

func (w *walk) evaluate(text string, states object) any {
	w.t.Helper()
	expression, err := jsonata.Compile(text)
	if err != nil {
		w.t.Fatalf("state %s: %v in %s", w.at, err, text)
	}
	vars := object{"states": states}
	for name, value := range w.vars {
		vars[name] = value
	}
	if err := expression.RegisterVars(vars); err != nil {
		w.t.Fatal(err)
	}
	if err := expression.RegisterExts(map[string]jsonata.Extension{"parse": {Func: parse}}); err != nil {
		w.t.Fatal(err)
	}
	value, err := expression.Eval(nil)
	if err != nil {
		w.t.Fatalf("state %s: %v in %s", w.at, err, text)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		w.t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		w.t.Fatal(err)
	}
	return plain
}

// parse is the function that Step Functions adds to JSONata for JSON in a string.
func parse(text string) (any, error) {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, errors.New("$parse: not JSON")
	}
	return value, nil
}

const (
	machineArn = "arn:aws:states:eu-west-1:123456789012:stateMachine:jobs-run"
	runArn     = "arn:aws:states:eu-west-1:123456789012:execution:jobs-run:m"
)

func runContext(retries int) object {
	return object{
		"Execution":    object{"Id": runArn, "Name": "m", "StartTime": "2026-03-01T10:00:00.500Z", "RedriveCount": 0},
		"StateMachine": object{"Id": machineArn, "Name": "jobs-run"},
		"State":        object{"Name": "Run", "RetryCount": retries},
		"Task":         object{"Token": "AQCAAAAAKgAAAAMAAAAA=secret"},
	}
}

// fromJSON is input as a caller would send it.
func fromJSON(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
