package asl_test

import (
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// chooses says whether a rule holds for an input.
func chooses(t *testing.T, rule, input string) (bool, error) {
	t.Helper()
	s := parsed(t, `{"StartAt":"S","States":{"S":{"Type":"Choice","Choices":[{`+rule+`,"Next":"Yes"}],"Default":"No"},"Yes":{"Type":"Succeed"},"No":{"Type":"Succeed"}}}`)
	next, _, err := s.Choose(scope(), value(t, input))
	return next == "Yes", err
}

func TestOperators(t *testing.T) {
	for _, tt := range []struct {
		rule, input string
		want        bool
	}{
		{`"Variable":"$.v","BooleanEquals":true`, `{"v":true}`, true},
		{`"Variable":"$.v","BooleanEquals":false`, `{"v":null}`, false},
		{`"Variable":"$.v","BooleanEqualsPath":"$.w"`, `{"v":false,"w":false}`, true},
		{`"Variable":"$.v","BooleanEqualsPath":"$.w"`, `{"v":1,"w":1}`, false},

		{`"Variable":"$.v","NumericEquals":1`, `{"v":1.0}`, true},
		{`"Variable":"$.v","NumericEquals":1`, `{"v":"1"}`, false},
		{`"Variable":"$.v","NumericEquals":9007199254740993`, `{"v":9007199254740992}`, false},
		{`"Variable":"$.v","NumericLessThan":2`, `{"v":1.5}`, true},
		{`"Variable":"$.v","NumericLessThan":2`, `{"v":2}`, false},
		{`"Variable":"$.v","NumericLessThanEquals":2`, `{"v":2}`, true},
		{`"Variable":"$.v","NumericGreaterThan":-1`, `{"v":0}`, true},
		{`"Variable":"$.v","NumericGreaterThanEqualsPath":"$n"`, `{"v":5}`, true},
		{`"Variable":"$.v","NumericGreaterThanPath":"$n"`, `{"v":5}`, false},

		{`"Variable":"$.v","StringEquals":"a"`, `{"v":"a"}`, true},
		{`"Variable":"$.v","StringEquals":"a"`, `{"v":"a "}`, false},
		{`"Variable":"$.v","StringLessThan":"b"`, `{"v":"a"}`, true},
		{`"Variable":"$.v","StringGreaterThan":"A"`, `{"v":"A "}`, true},
		{`"Variable":"$.v","StringLessThanEquals":""`, `{"v":""}`, true},
		{`"Variable":"$.v","StringGreaterThanEqualsPath":"$$.Execution.Id"`, `{"v":"run-1"}`, true},

		{`"Variable":"$.v","StringMatches":"log-*.txt"`, `{"v":"log-a.b.txt"}`, true},
		{`"Variable":"$.v","StringMatches":"log-*.txt"`, `{"v":"log-.tx"}`, false},
		{`"Variable":"$.v","StringMatches":"*a*b*"`, `{"v":"xaxbx"}`, true},
		{`"Variable":"$.v","StringMatches":"*a*b*"`, `{"v":"xbxax"}`, false},
		{`"Variable":"$.v","StringMatches":"a*a"`, `{"v":"a"}`, false},
		{`"Variable":"$.v","StringMatches":"a\\*b"`, `{"v":"a*b"}`, true},
		{`"Variable":"$.v","StringMatches":"a\\*b"`, `{"v":"axb"}`, false},
		{`"Variable":"$.v","StringMatches":"*"`, `{"v":""}`, true},
		{`"Variable":"$.v","StringMatches":"*"`, `{"v":1}`, false},

		{`"Variable":"$.v","TimestampEquals":"2020-01-01T00:00:00Z"`, `{"v":"2020-01-01T01:00:00+01:00"}`, true},
		{`"Variable":"$.v","TimestampLessThan":"2020-01-01T00:00:00.001Z"`, `{"v":"2020-01-01T00:00:00Z"}`, true},
		{`"Variable":"$.v","TimestampGreaterThan":"2020-01-01T00:00:00Z"`, `{"v":"yesterday"}`, false},
		{`"Variable":"$.v","TimestampGreaterThanEqualsPath":"$.w"`, `{"v":"2020-01-01T00:00:00Z","w":"2020-01-01T00:00:00Z"}`, true},

		{`"Variable":"$.v","IsNull":true`, `{"v":null}`, true},
		{`"Variable":"$.v","IsNull":false`, `{"v":null}`, false},
		{`"Variable":"$.v","IsNumeric":true`, `{"v":1}`, true},
		{`"Variable":"$.v","IsNumeric":false`, `{"v":"1"}`, true},
		{`"Variable":"$.v","IsString":true`, `{"v":""}`, true},
		{`"Variable":"$.v","IsBoolean":true`, `{"v":0}`, false},
		{`"Variable":"$.v","IsTimestamp":true`, `{"v":"2020-01-01T00:00:00Z"}`, true},
		{`"Variable":"$.v","IsTimestamp":true`, `{"v":"2020-01-01 00:00:00Z"}`, false},
		{`"Variable":"$.v","IsPresent":true`, `{"v":null}`, true},
		{`"Variable":"$.v","IsPresent":true`, `{}`, false},
		{`"Variable":"$.v.w","IsPresent":false`, `{}`, true},
		{`"Variable":"$m","IsPresent":false`, `{}`, true},

		{`"Not":{"Variable":"$.v","NumericEquals":1}`, `{"v":2}`, true},
		{`"And":[{"Variable":"$.v","IsPresent":true},{"Variable":"$.v","NumericEquals":1}]`, `{"v":1}`, true},
		{`"And":[{"Variable":"$.v","IsPresent":true},{"Variable":"$.v","NumericEquals":1}]`, `{}`, false},
		{`"Or":[{"Variable":"$.v","NumericEquals":1},{"Not":{"Variable":"$.v","NumericEquals":2}}]`, `{"v":3}`, true},
		{`"Or":[{"Variable":"$.v","NumericEquals":1},{"Variable":"$.v","NumericEquals":2}]`, `{"v":3}`, false},
	} {
		if got, err := chooses(t, tt.rule, tt.input); got != tt.want || err != nil {
			t.Errorf("%s for %s: %v, %v; want %v", tt.rule, tt.input, got, err, tt.want)
		}
	}
}

func TestChoiceFaults(t *testing.T) {
	for _, tt := range []struct{ rule, cause string }{
		{`"Variable":"$.no","NumericEquals":1`, `Invalid path '$.no': The choice state's condition path references an invalid value.`},
		{`"Variable":"$.v","NumericEqualsPath":"$.no"`, `Invalid path '$.no': The choice state's condition path references an invalid value.`},
		{`"Not":{"Variable":"$m","IsNull":true}`, `Invalid path '$m': The choice state's condition path references an invalid value.`},
	} {
		_, err := chooses(t, tt.rule, `{"v":1}`)
		checkFault(t, tt.rule, err, fault{name: "States.Runtime", cause: tt.cause})
	}
	s := parsed(t, machine(`{"Type":"Choice","Choices":[{"Variable":"$.v","IsNull":true,"Next":"End"}]}`))
	_, _, err := s.Choose(scope(), value(t, `{"v":1}`))
	checkFault(t, "no rule and no Default", err, fault{
		name: "States.Runtime", cause: "Failed to transition out of the state. The state does not point to a next state.",
	})
}

func TestChoiceOutcome(t *testing.T) {
	const states = `"Yes":{"Type":"Succeed"},"No":{"Type":"Succeed"}}}`
	paths := `{"StartAt":"S","States":{"S":{"Type":"Choice","InputPath":"$.in","OutputPath":"$.o",
		"Choices":[{"Variable":"$.v","IsNull":true,"Next":"Yes","Assign":{"rule.$":"$.o"}}],"Default":"No","Assign":{"default.$":"$.o"}},` + states
	query := `{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Choice",
		"Choices":[{"Condition":"{% $states.input.in.v = null %}","Next":"Yes","Assign":{"rule":"{% $n %}"},"Output":"{% $states.input.in.o %}"}],
		"Default":"No","Assign":{"default":1},"Output":"fallen"},` + states
	for _, tt := range []struct{ definition, v, next, output, assigned string }{
		{paths, `null`, "Yes", `7`, `{"rule":7}`},
		{paths, `1`, "No", `7`, `{"default":7}`},
		{query, `null`, "Yes", `7`, `{"rule":5}`},
		{query, `1`, "No", `"fallen"`, `{"default":1}`},
	} {
		next, out, err := parsed(t, tt.definition).Choose(scope(), value(t, `{"in":{"v":`+tt.v+`,"o":7}}`))
		if err != nil || next != tt.next || jsonv.Text(out.Output) != tt.output || jsonv.Text(out.Assigned) != tt.assigned {
			t.Errorf("v %s: to %s with %s and %s, %v; want %+v", tt.v, next, jsonv.Text(out.Output), jsonv.Text(out.Assigned), err, tt)
		}
	}
}

func TestConditionsMustBeBoolean(t *testing.T) {
	s := parsed(t, jsonataMachine(`{"Type":"Choice","Choices":[{"Condition":"{% $states.input %}","Next":"End"}]}`))
	_, _, err := s.Choose(scope(), value(t, `"x"`))
	checkFault(t, "a string", err, fault{
		name: "States.QueryEvaluationError", evaluation: true, location: "Choices[0]/Condition",
		cause: `The JSONata expression '$states.input' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string' for value: "x"`,
	})
	constant := parsed(t, jsonataMachine(`{"Type":"Choice","Choices":[{"Condition":false,"Next":"S"},{"Condition":true,"Next":"End"}]}`))
	if next, _, err := constant.Choose(asl.Scope{}, nil); next != "End" || err != nil {
		t.Errorf("constant conditions lead to %q, %v", next, err)
	}
}
