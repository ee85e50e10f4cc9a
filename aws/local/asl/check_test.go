package asl_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/asl"
)

// machine wraps one state, "S", that everything else of the definition leads
// from or to.
func machine(state string) string {
	return `{"StartAt":"S","States":{"S":` + state + `,"End":{"Type":"Succeed"}}}`
}

func jsonataMachine(state string) string {
	return `{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":` + state + `,"End":{"Type":"Succeed"}}}`
}

func findings(diagnostics []asl.Diagnostic) []string {
	var list []string
	for _, d := range diagnostics {
		list = append(list, fmt.Sprintf("%s: %s at %s", d.Code, d.Message, d.Location))
	}
	return list
}

func TestCheckAcceptsWhatAWSAccepts(t *testing.T) {
	for _, definition := range []string{
		`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}},"Version":"1.0","Comment":"c","TimeoutSeconds":5}`,
		machine(`{"Type":"Wait","Seconds":0,"Next":"End"}`),
		machine(`{"Type":"Wait","Timestamp":"2016-03-14T01:59:00.123Z","Next":"End"}`),
		machine(`{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken","TimeoutSecondsPath":"$.t","HeartbeatSeconds":5,"Retry":[{"ErrorEquals":["A"],"IntervalSeconds":0},{"ErrorEquals":["States.ALL"],"MaxAttempts":0,"JitterStrategy":"FULL"}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":null,"Next":"End"}],"Next":"End"}`),
		machine(`{"Type":"Choice","Choices":[{"Comment":"c","And":[{"Variable":"$.a","IsPresent":true,"Comment":"c"},{"Not":{"Variable":"$$.b","StringEqualsPath":"$v.x"}}],"Next":"End","Assign":{"v.$":"$.a"}}]}`),
		machine(`{"Type":"Pass","Parameters":{"a.$":"States.Format('{}', $$.x)","b":{"c.$":"$v[0]"}},"ResultPath":"$.a.b[0]","OutputPath":null,"Next":"End"}`),
		machine(`{"Type":"Map","Iterator":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}},"ProcessorConfig":{"Mode":"INLINE"}},"ItemSelector":{"v.$":"$$.Map.Item.Value"},"Next":"End"}`),
		machine(`{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Fail","ErrorPath":"$.e","Cause":"c"}}}],"Next":"End"}`),
		machine(`{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.input %}","Assign":{"x":"{% 1 %}"},"Next":"End"}`),
		jsonataMachine(`{"Type":"Map","Items":["{% 1 %}",2],"MaxConcurrency":"{% 2 %}","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Wait","Seconds":"{% 1 %}","End":true}}},"Next":"End"}`),
		jsonataMachine(`{"Type":"Choice","Choices":[{"Condition":true,"Next":"End"}],"Default":"End","Output":1}`),
		jsonataMachine(`{"Type":"Wait","Timestamp":"{% $now() %}","Next":"End"}`),
	} {
		if got := findings(asl.Check(definition, false)); got != nil {
			t.Errorf("%s\n  refused: %v", definition, got)
		}
	}
}

func TestCheckNamesStateAndField(t *testing.T) {
	const schema = "SCHEMA_VALIDATION_FAILED: "
	jsonpathOnly := func(field string) string {
		return schema + "The QueryLanguage is set to 'JSONata', but field '" + field + "' is only supported for the 'JSONPath' QueryLanguage at /States/S"
	}
	for _, tt := range []struct{ definition, want string }{
		{`{}`, schema + "These fields are required: [States, StartAt] at /"},
		{`{"StartAt":"A"}`, schema + "These fields are required: [States] at /"},
		{`{"States":{"A":{"Type":"Succeed"}}}`, schema + "These fields are required: [StartAt] at /"},
		{`{"StartAt":"A","States":{}}`, schema + "Value cannot be empty at /States"},
		{`{"StartAt":"A","States":[]}`, schema + "Expected value of type Object at /States"},
		{`{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}`, "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt"},
		{`{"StartAt":"A","States":{"A":{"Type":"Succeed"}},"Version":"2.0"}`, schema + "Value should be one of the following: [1.0] at /Version"},
		{`{"StartAt":"A","States":{"A":{"Type":"Succeed"}},"Extra":1}`, schema + "Field 'Extra' is not supported at /"},
		{`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}`, "MISSING_END_STATE: Workflow has no terminal state at /"},
		{`{"StartAt":"A","States":{"A":{"Type":"Succeed"},"B":{"Type":"Succeed"}}}`, `MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B`},
		{machine(`{"Type":"Nope","Next":"End"}`), schema + "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type"},
		{machine(`{"Next":"End"}`), schema + "These fields are required: [Type] at /States/S"},
		{machine(`{"Type":"Pass"}`), schema + "This object should have only one of the following fields: [Next, End] at /States/S"},
		{machine(`{"Type":"Pass","End":true,"Next":"End"}`), schema + "There should only be one of the following fields: [Next, End] at /States/S"},
		{machine(`{"Type":"Pass","Next":"Nowhere"}`), "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/S/Next"},
		{machine(`{"Type":"Pass","Resource":"x","Next":"End"}`), schema + "Field 'Resource' is not supported at /States/S"},
		{machine(`{"Type":"Pass","InputPath":"a","Next":"End"}`), schema + "Value must be a valid JSONPath. at /States/S/InputPath"},
		{machine(`{"Type":"Pass","ResultPath":"$.a[*]","Next":"End"}`), schema + "Value is not a Reference Path at /States/S/ResultPath"},
		{machine(`{"Type":"Pass","ResultPath":"a","Next":"End"}`), schema + "Value is not a Reference Path: Reference path didn't start with '$' at /States/S/ResultPath"},
		{machine(`{"Type":"Pass","Parameters":{"x":{"parsed.$":"States.Nope()"}},"Next":"End"}`), schema + "The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters"},
		{machine(`{"Type":"Pass","Arguments":{},"Next":"End"}`), schema + "The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage at /States/S"},
		{machine(`{"Type":"Pass","Assign":{"states":1},"Next":"End"}`), "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign"},
		{machine(`{"Type":"Pass","Assign":{"1a.$":"$"},"Next":"End"}`), "INVALID_VARIABLE_NAME: Invalid variable name '1a': the variable name contains invalid characters. at /States/S/Assign"},
		{machine(`{"Type":"Task","Next":"End"}`), schema + "These fields are required: [Resource] at /States/S"},
		{machine(`{"Type":"Task","Resource":"lambda","Next":"End"}`), schema + "Value is not a valid resource ARN at /States/S/Resource"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","TimeoutSeconds":0,"Next":"End"}`), schema + "Minimum value is 1 at /States/S/TimeoutSeconds"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","TimeoutSeconds":100000000,"Next":"End"}`), schema + "Maximum value is 99999999 at /States/S/TimeoutSeconds"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","HeartbeatSeconds":"5","Next":"End"}`), schema + "Expected value of type Integer at /States/S/HeartbeatSeconds"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","TimeoutSeconds":1,"TimeoutSecondsPath":"$.t","Next":"End"}`), schema + "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/S"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Credentials":{},"Next":"End"}`), schema + "The field 'RoleArn' is required but was missing at /States/S/Credentials"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Retry":[{"ErrorEquals":["States.ALL","A"]}],"Next":"End"}`), schema + "States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["A"]}],"Next":"End"}`), schema + "States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Retry":[{"ErrorEquals":[]}],"Next":"End"}`), schema + "Value cannot be empty at /States/S/Retry[0]/ErrorEquals"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Retry":[{"ErrorEquals":["A"],"BackoffRate":0.5}],"Next":"End"}`), schema + "Minimum value is 1 at /States/S/Retry[0]/BackoffRate"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Catch":[{"ErrorEquals":["A"]}],"Next":"End"}`), schema + "These fields are required: [Next] at /States/S/Catch[0]"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Catch":[{"ErrorEquals":["A"],"Next":"X"}],"Next":"End"}`), "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/Catch[0]/Next"},
		{machine(`{"Type":"Wait","Next":"End"}`), schema + "This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S"},
		{machine(`{"Type":"Wait","Seconds":1,"SecondsPath":"$.s","Next":"End"}`), schema + "There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S"},
		{machine(`{"Type":"Wait","Timestamp":"2016-03-14 01:59:00Z","Next":"End"}`), schema + "String does not match RFC3339 timestamp at /States/S/Timestamp"},
		{machine(`{"Type":"Wait","Timestamp":"{% $now() %}","Next":"End"}`), schema + "String does not match RFC3339 timestamp at /States/S/Timestamp"},
		{machine(`{"Type":"Choice","Choices":[],"Default":"End"}`), schema + "Value cannot be empty at /States/S/Choices"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true}],"Default":"End"}`), schema + "These fields are required: [Next] at /States/S/Choices[0]"},
		{machine(`{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","IsNull":true,"Next":"End"}],"Next":"End"}]}`), schema + "Field 'Next' is not supported at /States/S/Choices[0]/And[0]"},
		{machine(`{"Type":"Choice","Choices":[{"Next":"End"}]}`), schema + "The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/S/Choices[0]"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"IsString":true,"Next":"End"}]}`), schema + "There should only be one of the following fields: [IsNull, IsString] at /States/S/Choices[0]"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":"yes","Next":"End"}]}`), schema + "Expected value of type Boolean at /States/S/Choices[0]/IsNull"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":"1","Next":"End"}]}`), schema + "Expected value of type Number at /States/S/Choices[0]/NumericEquals"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","TimestampEquals":"today","Next":"End"}]}`), schema + "String does not match RFC3339 timestamp at /States/S/Choices[0]/TimestampEquals"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","StringMatchesPath":"$.b","Next":"End"}]}`), schema + "Field 'StringMatchesPath' is not supported at /States/S/Choices[0]"},
		{machine(`{"Type":"Choice","Choices":[{"Not":[],"Next":"End"}]}`), schema + "Expected value of type Object at /States/S/Choices[0]/Not"},
		{machine(`{"Type":"Choice","Choices":{},"Default":"End"}`), schema + "Expected value of type Array at /States/S/Choices"},
		{machine(`{"Type":"Choice","Choices":[1],"Default":"End"}`), schema + "Expected value of type Object at /States/S/Choices"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"a","IsNull":true,"Next":"End"}]}`), schema + "Value is not a Reference Path: Reference path didn't start with '$' at /States/S/Choices[0]/Variable"},
		{machine(`{"Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":1,"Next":"End"}]}`), schema + "Expected value of type String at /States/S/Choices[0]/StringEquals"},
		{machine(`{"Type":"Choice","Choices":[{"Condition":true,"Next":"End"}]}`), schema + "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage at /States/S/Choices[0]"},
		{machine(`{"Type":"Parallel","Branches":[],"Next":"End"}`), schema + "Value cannot be empty at /States/S/Branches"},
		{machine(`{"Type":"Parallel","Branches":[{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}],"Next":"End"}`), "DUPLICATE_STATE_NAME: Duplicate State name: S at /States/S/Branches[0]/States/S"},
		{machine(`{"Type":"Parallel","Branches":[{"States":{"B":{"Type":"Succeed"}}}],"Next":"End"}`), schema + "These fields are required: [StartAt] at /States/S/Branches[0]"},
		{machine(`{"Type":"Map","Next":"End"}`), schema + "This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/S"},
		{machine(`{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"Next":"End"}`), schema + "These fields are required: [ExecutionType] at /States/S/ItemProcessor/ProcessorConfig"},
		{machine(`{"Type":"Fail","Error":"E","ErrorPath":"$.e"}`), schema + "There should only be one of the following fields: [Error, ErrorPath] at /States/S"},
		{machine(`{"Type":"Map","ItemProcessor":[],"Next":"End"}`), schema + "Expected value of type Object at /States/S/ItemProcessor"},
		{machine(`{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"Next":"End"}`), schema + "Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig"},
		{machine(`{"Type":"Fail","CausePath":"States.Nope()"}`), schema + "Value must be a valid JSONPath or a valid intrinsic function call at /States/S/CausePath"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Retry":[{"ErrorEquals":"A"}],"Next":"End"}`), schema + "Expected value of type Array at /States/S/Retry[0]/ErrorEquals"},
		{machine(`{"Type":"Task","Resource":"arn:aws:states:::x:y","Retry":[{"ErrorEquals":[1]}],"Next":"End"}`), schema + "Expected value of type String at /States/S/Retry[0]/ErrorEquals"},
		{machine(`{"Type":"Pass","Assign":[],"Next":"End"}`), schema + "Expected value of type Object at /States/S/Assign"},
		{machine(`{"Type":"Pass","InputPath":1,"Next":"End"}`), schema + "Expected value of type String at /States/S/InputPath"},
		{`{"StartAt":"A","States":{"A":1}}`, schema + "Expected value of type Object at /States/A"},
		{`{"StartAt":"` + strings.Repeat("n", 81) + `","States":{"` + strings.Repeat("n", 81) + `":{"Type":"Succeed"}}}`, "INVALID_STATE_NAME: State name '" + strings.Repeat("n", 81) + "' exceeds the 80-character limit allowed by the service at /States/" + strings.Repeat("n", 81)},
		{jsonataMachine(`{"Type":"Map","Items":"$.a","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"Next":"End"}`), schema + "Expected value of type Array or a JSONata expression at /States/S/Items"},
		{jsonataMachine(`{"Type":"Choice","Choices":[{"Condition":"yes","Next":"End"}]}`), schema + "Expected value of type Boolean or a JSONata expression at /States/S/Choices[0]/Condition"},
		{jsonataMachine(`{"Type":"Pass","QueryLanguage":"JSONPath","Next":"End"}`), schema + "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S"},
		{jsonataMachine(`{"Type":"Pass","Parameters":{},"Next":"End"}`), jsonpathOnly("Parameters")},
		{jsonataMachine(`{"Type":"Pass","Output":{"a":["{% $x"]},"Next":"End"}`), schema + "JSONata string must start with {% and end with %} at /States/S/Output/a"},
		{jsonataMachine(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"End"}]}`), schema + "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage at /States/S/Choices[0]"},
		{strings.Replace(machine(`{"Type":"Pass","Next":"End"}`), "{", `{"QueryLanguage":"SQL",`, 1), schema + "Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage"},
	} {
		if got := findings(asl.Check(tt.definition, false)); !slices.Contains(got, tt.want) {
			t.Errorf("%s\n  got  %v\n  want %s", tt.definition, got, tt.want)
		}
	}
}

func TestCheckOfExpressMachines(t *testing.T) {
	for _, tt := range []struct{ resource, want string }{
		{"arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Express state machine does not support '.waitForTaskToken' service integration "},
		{"arn:aws:states:::ecs:runTask.sync", "Express state machine does not support '.sync' service integration"},
		{"arn:aws:states:::states:startExecution.sync:2", "Express state machine does not support '.sync' service integration"},
		{"arn:aws:states:us-east-1:123456789012:activity:a", "Express state machine does not support Activity ARN"},
	} {
		definition := machine(`{"Type":"Task","Resource":"` + tt.resource + `","Next":"End"}`)
		want := []asl.Diagnostic{{Severity: "ERROR", Code: "SCHEMA_VALIDATION_FAILED", Message: tt.want, Location: "/States/S/Resource"}}
		if got := asl.Check(definition, true); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", tt.resource, got, want)
		}
		if got := asl.Check(definition, false); got != nil {
			t.Errorf("%s refused for a standard machine: %v", tt.resource, got)
		}
	}
}

func TestWhatIsNoDefinition(t *testing.T) {
	const token = "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
	const place = `[Source: (String)"not a definition"; line: 1, column: 4]`
	for _, tt := range []struct {
		definition string
		want       asl.Diagnostic
	}{
		{``, asl.Diagnostic{Severity: "ERROR", Code: "SCHEMA_VALIDATION_FAILED", Message: "Definition must be a valid JSON object"}},
		{`[]`, asl.Diagnostic{Severity: "ERROR", Code: "SCHEMA_VALIDATION_FAILED", Message: "Definition must be a valid JSON object"}},
		{`not a definition`, asl.Diagnostic{Severity: "ERROR", Code: "INVALID_JSON_DESCRIPTION", Message: token + "\n at " + place, Location: place}},
	} {
		if got := asl.Check(tt.definition, false); !slices.Equal(got, []asl.Diagnostic{tt.want}) {
			t.Errorf("Check(%q) = %+v", tt.definition, got)
		}
	}
}

func TestParseGivesTheTextOfInvalidDefinition(t *testing.T) {
	_, err := asl.Parse(`{"StartAt":"A"}`)
	var invalid *asl.InvalidDefinition
	if !errors.As(err, &invalid) || len(invalid.Diagnostics) != 1 {
		t.Fatalf("Parse: %v", err)
	}
	if want := "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"; err.Error() != want {
		t.Errorf("says %q, want %q", err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, definition := range []string{
		machine(`{"Type":"Pass","Parameters":{"a.$":"States.Format('{}', $.x)"},"ResultPath":"$.r","Next":"End"}`),
		machine(`{"Type":"Choice","Choices":[{"Not":{"Variable":"$.a","NumericEquals":1},"Next":"End"}],"Default":"End"}`),
		machine(`{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Wait","Seconds":1,"End":true}}},"Next":"End"}`),
		jsonataMachine(`{"Type":"Pass","Output":"{% $states.input.x %}","Assign":{"v":1},"Next":"End"}`),
		machine(`{"Type":"Fail","CausePath":"States.JsonToString($)"}`),
		`{"StartAt":null,"States":{"":null},"TimeoutSeconds":-1e400}`,
	} {
		f.Add(definition, `{"x":[1,"2",null],"a":1}`)
	}
	f.Fuzz(func(t *testing.T, definition, input string) {
		if len(definition) > 2000 {
			return
		}
		m, err := asl.Parse(definition)
		if err != nil {
			return
		}
		exercise(m, input)
	})
}
