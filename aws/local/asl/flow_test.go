package asl_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// parsed returns the state "S" of a machine made of it.
func parsed(t testing.TB, definition string) *asl.State {
	t.Helper()
	m, err := asl.Parse(definition)
	if err != nil {
		t.Fatalf("%s: %v", definition, err)
	}
	return m.States["S"]
}

func value(t testing.TB, text string) any {
	t.Helper()
	v, err := jsonv.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// scope has the context {"Execution":{"Id":"run-1"}} and the variable $n = 5.
func scope() asl.Scope {
	vars := asl.NewVars(nil)
	vars.Set(jsonv.NewObject("n", json.Number("5"), "o", jsonv.NewObject("k", "v")))
	return asl.Scope{Context: jsonv.NewObject("Execution", jsonv.NewObject("Id", "run-1")), Vars: vars}
}

// exercise evaluates every field of every state; only a panic can fail it.
func exercise(m *asl.Machine, input string) {
	raw, err := jsonv.Parse(input)
	if err != nil {
		return
	}
	sc := scope()
	for _, s := range m.States {
		s.Input(sc, raw)
		s.Arguments(sc, raw)
		s.Result(sc, raw, raw)
		s.PassResult(sc, raw)
		s.Choose(sc, raw)
		s.WaitUntil(sc, raw, time.Unix(0, 0))
		s.Failure(sc, raw)
		s.Timeout(sc, raw)
		s.Heartbeat(sc, raw)
		s.Credentials(sc, raw)
		s.Items(sc, raw)
		s.ItemInput(sc, raw, 0, raw)
		s.Concurrency(sc, raw)
		for i := range s.Catch {
			s.Catch[i].Result(sc, s, raw, jsonv.NewObject("Error", "E", "Cause", nil))
		}
		for _, r := range s.Retry {
			r.Delay(3, func() float64 { return 0.5 })
		}
		for _, b := range append(s.Branches, s.Processor) {
			if b != nil {
				exercise(b, input)
			}
		}
	}
}

// fault is what a failed evaluation must look like.
type fault struct {
	name, cause, location string
	evaluation            bool
}

func checkFault(t *testing.T, what string, err error, want fault) {
	t.Helper()
	var got *asl.Fault
	if !errors.As(err, &got) {
		t.Errorf("%s: %v, want a fault", what, err)
		return
	}
	if got.Name != want.name || got.Cause != want.cause || !got.HasCause || !got.Prefix {
		t.Errorf("%s:\n  got  %+v\n  want %+v", what, got, want)
	}
	if (got.Evaluation != nil) != want.evaluation || want.evaluation && *got.Evaluation != (asl.Evaluation{Location: want.location, State: "S"}) {
		t.Errorf("%s: evaluation %+v, want %+v", what, got.Evaluation, want)
	}
	if text := want.name + ": " + want.cause; got.Error() != text {
		t.Errorf("%s: the error says %q, want %q", what, got, text)
	}
	if got.Catchable != (want.name != "States.Runtime") {
		t.Errorf("%s: catchable is %v", what, got.Catchable)
	}
}

func TestPassResult(t *testing.T) {
	const input = `{"a":{"b":1.0},"list":[1,2]}`
	for _, tt := range []struct{ fields, input, want, assigned string }{
		{``, input, input, ``},
		{`"InputPath":"$.a",`, input, `{"b":1.0}`, ``},
		{`"InputPath":null,`, input, `{}`, ``},
		{`"OutputPath":null,`, input, `{}`, ``},
		{`"InputPath":"$$.Execution.Id",`, input, `"run-1"`, ``},
		{`"OutputPath":"$$.Execution",`, input, `{"Id":"run-1"}`, ``},
		{`"InputPath":"$n",`, input, `5`, ``},
		{`"Result":{"x.$":"literal"},`, input, `{"x.$":"literal"}`, ``},
		{`"Result":[1],"ResultPath":"$.r",`, `{}`, `{"r":[1]}`, ``},
		{`"Result":1,"ResultPath":null,`, input, input, ``},
		{`"InputPath":"$.a","Result":1,"ResultPath":"$.r",`, input, `{"a":{"b":1.0},"list":[1,2],"r":1}`, ``},
		{`"Result":1,"ResultPath":"$.a.x.y","OutputPath":"$.a",`, input, `{"b":1.0,"x":{"y":1}}`, ``},
		{
			`"Parameters":{"z":1,"a.$":"$.a.b","l":[{"x.$":"$.list[1]"}],"v.$":"$o.k","f.$":"States.Format('{}-{}', $n, $$.Execution.Id)","Comment":"c"},`, input,
			`{"z":1,"a":1.0,"l":[{"x":2}],"v":"v","f":"5-run-1","Comment":"c"}`, ``,
		},
		{`"InputPath":"$.a","Parameters":{"all.$":"$"},`, input, `{"all":{"b":1.0}}`, ``},
		{`"Parameters":{"l.$":"$.list[?(@ > 1)]","none.$":"$.x[*]"},`, input, `{"l":[2],"none":[]}`, ``},
		{`"Result":{"answer":42},"Assign":{"theAnswer.$":"$.answer","lit":"$.x","both.$":"$$.Execution.Id"},`, input, `{"answer":42}`, `{"theAnswer":42,"lit":"$.x","both":"run-1"}`},
		{
			`"QueryLanguage":"JSONata","Output":{"x":"{% $states.input.a.b + $n %}","s":"text","l":["{% $states.context.Execution.Id %}"]},"Assign":{"m":"{% $o.k & '!' %}"},`, input,
			`{"x":6,"s":"text","l":["run-1"]}`, `{"m":"v!"}`,
		},
		{`"QueryLanguage":"JSONata",`, input, input, ``},
	} {
		s := parsed(t, machine(`{"Type":"Pass",`+tt.fields+`"Next":"End"}`))
		raw := value(t, tt.input)
		out, err := s.PassResult(scope(), raw)
		if err != nil || jsonv.Text(out.Output) != tt.want {
			t.Errorf("%s\n  got  %s, %v\n  want %s", tt.fields, jsonv.Text(out.Output), err, tt.want)
		}
		if (out.Assigned != nil) != (tt.assigned != "") || out.Assigned != nil && jsonv.Text(out.Assigned) != tt.assigned {
			t.Errorf("%s: assigned %s, want %s", tt.fields, jsonv.Text(out.Assigned), tt.assigned)
		}
		if jsonv.Text(raw) != tt.input {
			t.Errorf("%s changed its input to %s", tt.fields, jsonv.Text(raw))
		}
	}
}

func TestPassFaults(t *testing.T) {
	for _, tt := range []struct {
		fields string
		want   fault
	}{
		{`"InputPath":"$.no",`, fault{name: "States.Runtime", cause: `Invalid path '$.no' : No results for path: $['no']`}},
		{`"OutputPath":"$.no.such.path",`, fault{name: "States.Runtime", cause: `Invalid path '$.no.such.path' : Missing property in path $['no']`}},
		{`"Parameters":{"x":{"value.$":"$.no"}},`, fault{name: "States.Runtime", cause: `The JSONPath '$.no' specified for the field 'value.$' could not be found in the input '{"a":1}'`}},
		{`"Parameters":{"value.$":"$$.no"},`, fault{name: "States.Runtime", cause: `The JSONPath '$$.no' specified for the field 'value.$' could not be found in the input '{"a":1}'`}},
		{`"Parameters":{"value.$":"States.Array(States.Format('{}', $.no))"},`, fault{
			name:  "States.Runtime",
			cause: `The function 'States.Array(States.Format('{}', $.no))' had the following error: The JsonPath argument for the field '$.no' could not be found in the input '{"a":1}'`,
		}},
		{`"ResultPath":"$.a.b",`, fault{name: "States.ResultPathMatchFailure", cause: `Unable to apply ReferencePath $.a.b to input {"a":1}`}},
		{`"QueryLanguage":"JSONata","Output":"{% $no %}",`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Output",
			cause: `The JSONata expression '$no' specified for the field 'Output' returned nothing (undefined).`,
		}},
		{`"QueryLanguage":"JSONata","Output":{"result":"{% $no %}"},`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Output/result",
			cause: `The JSONata expression '$no' specified for the field 'Output/result' returned nothing (undefined).`,
		}},
		{`"QueryLanguage":"JSONata","Assign":{"result":"{%$no%}"},`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Assign/result",
			cause: `The JSONata expression '$no' specified for the field 'Assign/result' returned nothing (undefined).`,
		}},
		{`"QueryLanguage":"JSONata","Output":{"l":[1,"{% 1/0 %}"]},`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Output/l[1]",
			cause: `The JSONata expression '1/0' specified for the field 'Output/l[1]' threw an error during evaluation. result of the "/" operator is out of range, position:0, arguments: `,
		}},
		{`"QueryLanguage":"JSONata","Output":"{% $sum %}",`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Output",
			cause: `The JSONata expression '$sum' specified for the field 'Output' returned an unsupported result type.`,
		}},
	} {
		_, err := parsed(t, machine(`{"Type":"Pass",`+tt.fields+`"Next":"End"}`)).PassResult(scope(), value(t, `{"a":1}`))
		checkFault(t, tt.fields, err, tt.want)
	}
}

const task = `{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken",`

func TestTaskDataFlow(t *testing.T) {
	const input, result = `{"in":{"x":1},"keep":true}`, `{"r":{"y":2}}`
	for _, tt := range []struct{ fields, arguments, output, assigned string }{
		{``, input, result, ``},
		{`"InputPath":"$.in","Parameters":{"p.$":"$.x"},"ResultPath":"$.out",`, `{"p":1}`, `{"in":{"x":1},"keep":true,"out":{"r":{"y":2}}}`, ``},
		{`"ResultSelector":{"s.$":"$.r.y"},"ResultPath":"$.in.s","OutputPath":"$.in",`, input, `{"x":1,"s":{"s":2}}`, ``},
		{`"ResultSelector":{"s.$":"$.r.y"},"Assign":{"v.$":"$.r.y"},`, input, `{"s":2}`, `{"v":2}`},
		{`"ResultPath":null,`, input, input, ``},
		{
			`"QueryLanguage":"JSONata","Arguments":{"p":"{% $states.input.in.x %}","q":"plain"},"Output":"{% $states.result.r %}","Assign":{"v":"{% $states.result.r.y + $states.input.in.x %}"},`,
			`{"p":1,"q":"plain"}`, `{"y":2}`, `{"v":3}`,
		},
		{`"QueryLanguage":"JSONata",`, input, result, ``},
	} {
		s := parsed(t, machine(task+tt.fields+`"Next":"End"}`))
		arguments, err := s.Arguments(scope(), value(t, input))
		if err != nil || jsonv.Text(arguments) != tt.arguments {
			t.Errorf("%s: arguments %s, %v; want %s", tt.fields, jsonv.Text(arguments), err, tt.arguments)
		}
		out, err := s.Result(scope(), value(t, input), value(t, result))
		if err != nil || jsonv.Text(out.Output) != tt.output {
			t.Errorf("%s: output %s, %v; want %s", tt.fields, jsonv.Text(out.Output), err, tt.output)
		}
		if out.Assigned != nil && jsonv.Text(out.Assigned) != tt.assigned || out.Assigned == nil && tt.assigned != "" {
			t.Errorf("%s: assigned %s, want %s", tt.fields, jsonv.Text(out.Assigned), tt.assigned)
		}
	}
}

func TestCatcherResult(t *testing.T) {
	errorOutput := jsonv.NewObject("Error", "E", "Cause", "why")
	for _, tt := range []struct{ language, fields, output, assigned string }{
		{``, ``, `{"Error":"E","Cause":"why"}`, ``},
		{``, `"ResultPath":"$.err","Assign":{"e.$":"$.Error"},`, `{"a":1,"err":{"Error":"E","Cause":"why"}}`, `{"e":"E"}`},
		{``, `"ResultPath":null,`, `{"a":1}`, ``},
		{`"QueryLanguage":"JSONata",`, ``, `{"Error":"E","Cause":"why"}`, ``},
		{
			`"QueryLanguage":"JSONata",`, `"Output":{"e":"{% $states.errorOutput.Error %}","in":"{% $states.input.a %}"},"Assign":{"c":"{% $states.errorOutput.Cause %}"},`,
			`{"e":"E","in":1}`, `{"c":"why"}`,
		},
	} {
		s := parsed(t, machine(task+tt.language+`"Catch":[{"ErrorEquals":["States.ALL"],`+tt.fields+`"Next":"End"}],"Next":"End"}`))
		out, err := s.Catch[0].Result(scope(), s, value(t, `{"a":1}`), errorOutput)
		if err != nil || jsonv.Text(out.Output) != tt.output || s.Catch[0].Next != "End" {
			t.Errorf("%s%s: output %s, %v; want %s", tt.language, tt.fields, jsonv.Text(out.Output), err, tt.output)
		}
		if out.Assigned != nil && jsonv.Text(out.Assigned) != tt.assigned || out.Assigned == nil && tt.assigned != "" {
			t.Errorf("%s%s: assigned %s, want %s", tt.language, tt.fields, jsonv.Text(out.Assigned), tt.assigned)
		}
	}
}

func TestVariablesOfABranchHideThoseAround(t *testing.T) {
	outer := asl.NewVars(nil)
	outer.Set(jsonv.NewObject("x", "outer", "y", "outer"))
	inner := asl.NewVars(outer)
	inner.Set(jsonv.NewObject("x", "inner"))
	inner.Set(nil)
	s := parsed(t, machine(`{"Type":"Pass","Parameters":{"x.$":"$x","y.$":"$y"},"Next":"End"}`))
	q := parsed(t, machine(`{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $x & $y %}","Next":"End"}`))
	for _, tt := range []struct {
		vars  *asl.Vars
		paths string
		query string
	}{{inner, `{"x":"inner","y":"outer"}`, `"innerouter"`}, {outer, `{"x":"outer","y":"outer"}`, `"outerouter"`}} {
		sc := asl.Scope{Context: jsonv.NewObject(), Vars: tt.vars}
		if out, err := s.PassResult(sc, nil); err != nil || jsonv.Text(out.Output) != tt.paths {
			t.Errorf("JSONPath sees %s, %v; want %s", jsonv.Text(out.Output), err, tt.paths)
		}
		if out, err := q.PassResult(sc, nil); err != nil || jsonv.Text(out.Output) != tt.query {
			t.Errorf("JSONata sees %s, %v; want %s", jsonv.Text(out.Output), err, tt.query)
		}
	}
	if jsonv.Text(inner.Own()) != `{"x":"inner"}` {
		t.Errorf("the branch owns %s", jsonv.Text(inner.Own()))
	}
}
