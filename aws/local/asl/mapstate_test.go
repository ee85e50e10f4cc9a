package asl_test

import (
	"slices"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

func mapState(t *testing.T, fields string) *asl.State {
	t.Helper()
	return parsed(t, machine(`{"Type":"Map",`+fields+`"ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"Next":"End"}`))
}

func TestItems(t *testing.T) {
	for _, tt := range []struct{ fields, input, want string }{
		{``, `[1,"x"]`, `[1,"x"]`},
		{`"InputPath":"$.in","ItemsPath":"$.l",`, `{"in":{"l":[1.0]}}`, `[1.0]`},
		{`"ItemsPath":"$.l[?(@.keep)]",`, `{"l":[{"keep":true},{}]}`, `[{"keep":true}]`},
		{`"ItemsPath":"$.l",`, `{"l":[]}`, `[]`},
		{`"QueryLanguage":"JSONata",`, `[1]`, `[1]`},
		{`"QueryLanguage":"JSONata","Items":"{% $states.input.l %}",`, `{"l":[5]}`, `[5]`},
		{`"QueryLanguage":"JSONata","Items":["{% $n %}",2],`, `{}`, `[5,2]`},
	} {
		items, err := mapState(t, tt.fields).Items(scope(), value(t, tt.input))
		if err != nil || jsonv.Text(items) != tt.want {
			t.Errorf("%s for %s: %s, %v; want %s", tt.fields, tt.input, jsonv.Text(items), err, tt.want)
		}
	}
}

func TestItemsMustBeAnArray(t *testing.T) {
	for _, tt := range []struct {
		fields, input string
		want          fault
	}{
		{``, `{}`, fault{name: "States.Runtime", cause: `Reference path "$" must point to array.`}},
		{`"ItemsPath":"$.no",`, `{}`, fault{name: "States.Runtime", cause: `Invalid path '$.no' : No results for path: $['no']`}},
		{`"QueryLanguage":"JSONata",`, `{"foo":"bar"}`, fault{
			name: "States.QueryEvaluationError", evaluation: true,
			cause: `Map state input must be an array but was: {"foo":"bar"}`,
		}},
		{`"QueryLanguage":"JSONata","Items":"{% 'string' %}",`, `{}`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Items",
			cause: `The JSONata expression ''string'' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'string' for value: "string"`,
		}},
		{`"QueryLanguage":"JSONata","Items":"{% null %}",`, `{}`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Items",
			cause: `The JSONata expression 'null' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'null' for value: null`,
		}},
		{`"QueryLanguage":"JSONata","Items":"{% $fn := function($x){$x} %}",`, `{}`, fault{
			name: "States.QueryEvaluationError", evaluation: true, location: "Items",
			cause: `The JSONata expression '$fn := function($x){$x}' specified for the field 'Items' returned an unsupported result type.`,
		}},
	} {
		_, err := mapState(t, tt.fields).Items(scope(), value(t, tt.input))
		checkFault(t, tt.fields, err, tt.want)
	}
}

func TestItemInput(t *testing.T) {
	const input = `{"in":{"k":1}}`
	for _, tt := range []struct{ fields, want string }{
		{``, `"item"`},
		{`"InputPath":"$.in","ItemSelector":{"k.$":"$.k","v.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index","e.$":"$$.Execution.Id"},`, `{"k":1,"v":"item","i":3,"e":"run-1"}`},
		{`"Parameters":{"v.$":"$$.Map.Item.Value"},`, `{"v":"item"}`},
		{`"QueryLanguage":"JSONata","ItemSelector":{"v":"{% $states.context.Map.Item.Value & $states.context.Map.Item.Index & $states.input.in.k %}"},`, `{"v":"item31"}`},
	} {
		sc := scope()
		got, err := mapState(t, tt.fields).ItemInput(sc, value(t, input), 3, "item")
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.fields, jsonv.Text(got), err, tt.want)
		}
		if _, ok := sc.Context.Get("Map"); ok {
			t.Errorf("%s: the caller's context object was changed", tt.fields)
		}
	}
}

func TestConcurrency(t *testing.T) {
	for _, tt := range []struct {
		fields string
		want   int
	}{
		{``, 0}, {`"MaxConcurrency":3,`, 3}, {`"MaxConcurrencyPath":"$.c",`, 4}, {`"QueryLanguage":"JSONata","MaxConcurrency":"{% $n %}",`, 5},
	} {
		if got, err := mapState(t, tt.fields).Concurrency(scope(), value(t, `{"c":4}`)); got != tt.want || err != nil {
			t.Errorf("%s: %d, %v; want %d", tt.fields, got, err, tt.want)
		}
	}
	for input, cause := range map[string]string{
		`{"c":{}}`:   `The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.c`,
		`{"c":"No"}`: `The MaxConcurrencyPath field refers to value "No" which is not a valid integer: $.c`,
		`{"c":-1}`:   `MaxConcurrency cannot be negative.`,
	} {
		_, err := mapState(t, `"MaxConcurrencyPath":"$.c",`).Concurrency(scope(), value(t, input))
		checkFault(t, input, err, fault{name: "States.Runtime", cause: cause})
	}
}

func TestParseKeepsTheShapeOfTheMachine(t *testing.T) {
	m, err := asl.Parse(`{"Comment":"c","QueryLanguage":"JSONata","TimeoutSeconds":9,"StartAt":"Z","States":{
		"Z":{"Type":"Parallel","Branches":[{"StartAt":"B1","States":{"B1":{"Type":"Pass","End":true}}},{"StartAt":"B2","States":{"B2":{"Type":"Succeed"}}}],"Next":"A"},
		"A":{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"End":true}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if m.Comment != "c" || m.TimeoutSeconds != 9 || m.StartAt != "Z" || !slices.Equal(m.Order, []string{"Z", "A"}) {
		t.Errorf("machine %+v", m)
	}
	z, a := m.States["Z"], m.States["A"]
	if len(z.Branches) != 2 || z.Branches[1].StartAt != "B2" || z.Next != "A" || z.End || !z.Branches[0].States["B1"].JSONata {
		t.Errorf("parallel %+v", z)
	}
	if a.Processor == nil || a.Processor.StartAt != "I" || !a.Distributed || !a.End {
		t.Errorf("map %+v", a)
	}
}
