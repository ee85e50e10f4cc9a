package states_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// post sends a body as it is and returns the error it is answered with.
func (l *local) post(operation, body string) (code, message string) {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, l.server.URL, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDLOCAL/20260301/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		l.t.Fatalf("%s: %v", text, err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusBadRequest {
		l.t.Errorf("%s %s: status %d: %s", operation, body, resp.StatusCode, text)
	}
	return strings.TrimPrefix(answer.Type, "com.amazonaws.swf.service.v2.model#"), answer.Message
}

func TestRefusals(t *testing.T) {
	l := serve(t)
	machine := l.create("work", passMachine)
	run := l.start(machine, `{}`)
	l.createExpress("quick", passMachine)
	arn := func(kind, rest string) string { return "arn:aws:states:us-east-1:123456789012:" + kind + ":" + rest }
	unknown, noRun, quick := arn("stateMachine", "none"), arn("execution", "work:none"), arn("stateMachine", "quick")
	long := strings.Repeat("x", 81)
	create := func(name, rest string) string {
		return `{"name":` + quoted(name) + `,"definition":` + quoted(passMachine) + `,"roleArn":"` + role + `"` + rest + `}`
	}
	const one = "1 validation error detected: "

	for _, c := range []struct{ operation, body, code, message string }{
		{"CreateStateMachine", `{}`, "ValidationException", "3 validation errors detected: "},
		{"CreateStateMachine", create("", ""), "ValidationException", one + "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"CreateStateMachine", create(long, ""), "ValidationException", one + "Value '" + long + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"},
		{"CreateStateMachine", create("a b", ""), "InvalidName", "Invalid Name: 'a b'"},
		{"CreateStateMachine", create("new", `,"type":"FAST"`), "ValidationException", one + "Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]"},
		{"CreateStateMachine", create("new", `,"loggingConfiguration":{"level":"ALL"}`), "InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination."},
		{"CreateStateMachine", create("new", `,"tags":[{"key":"","value":"v"}]`), "ValidationException", one + "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"CreateStateMachine", create("new", `,"publish":true`), "ValidationException", "Local AWS keeps no versions"},
		{"CreateStateMachine", `{"name":"new","roleArn":"` + role + `","definition":"{\"StartAt\":\"A\"}"}`, "InvalidDefinition", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"},
		{"CreateStateMachine", `{"name":"new","roleArn":"x","definition":` + quoted(passMachine) + `}`, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"},
		{"CreateStateMachine", `{"name":7}`, "SerializationException", ""},
		{"DescribeStateMachine", `{}`, "ValidationException", one + "Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"},
		{"DescribeStateMachine", `{"stateMachineArn":"nope"}`, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nope'"},
		{"DescribeStateMachine", `{"stateMachineArn":"` + run + `"}`, "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'"},
		{"DescribeStateMachine", `{"stateMachineArn":"` + unknown + `"}`, "StateMachineDoesNotExist", "State Machine Does Not Exist: '" + unknown + "'"},
		{"UpdateStateMachine", `{"stateMachineArn":"` + machine + `","definition":"{}"}`, "InvalidDefinition", ""},
		{"ListStateMachines", `{"maxResults":1001}`, "ValidationException", one + "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"},
		{"ListStateMachines", `{"nextToken":"junk"}`, "InvalidToken", "Invalid Token: 'Invalid token'"},
		{"StartExecution", `{"stateMachineArn":"` + unknown + `"}`, "StateMachineDoesNotExist", "State Machine Does Not Exist: '" + unknown + "'"},
		{"StartExecution", `{"stateMachineArn":"` + machine + `","name":"a/b"}`, "InvalidName", "Invalid Name: 'a/b'"},
		{"StartExecution", `{"stateMachineArn":"` + machine + `","name":"` + long + `"}`, "ValidationException", ""},
		{"StartExecution", `{"stateMachineArn":"` + machine + `","input":""}`, "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'"},
		{"StartExecution", `{"stateMachineArn":"` + machine + `","input":"not some json"}`, "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'"},
		{"StartExecution", `{"stateMachineArn":"` + machine + `","input":"{'not': 'json'}"}`, "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Unexpected character (''' (code 39)): was expecting double-quote to start field name'"},
		{"StartExecution", `{"stateMachineArn":"` + machine + `","input":"\"` + strings.Repeat("x", 262_143) + `\""}`, "ValidationException", one + "Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144"},
		{"StartSyncExecution", `{"stateMachineArn":"` + machine + `"}`, "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"},
		{"ListExecutions", `{"stateMachineArn":"` + quick + `"}`, "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"},
		{"ListExecutions", `{}`, "ValidationException", "Exactly one of stateMachineArn and mapRunArn must be specified"},
		{"ListExecutions", `{"stateMachineArn":"` + machine + `","statusFilter":"succeeded"}`, "ValidationException", one + "Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"},
		{"ListExecutions", `{"stateMachineArn":"` + machine + `","statusFilter":"PENDING_REDRIVE"}`, "ValidationException", "The statusFilter"},
		{"ListExecutions", `{"stateMachineArn":"` + machine + `","redriveFilter":"REDRIVEN"}`, "ValidationException", "The redriveFilter"},
		{"ListExecutions", `{"stateMachineArn":"` + machine + `","nextToken":"` + strings.Repeat("x", 3097) + `"}`, "ValidationException", ""},
		{"DescribeExecution", `{"executionArn":"x"}`, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"},
		{"DescribeExecution", `{"executionArn":"` + noRun + `"}`, "ExecutionDoesNotExist", "Execution Does Not Exist: '" + noRun + "'"},
		{"DescribeExecution", `{"executionArn":"` + arn("express", "quick:a:b") + `"}`, "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'"},
		{"GetExecutionHistory", `{"executionArn":"` + noRun + `"}`, "ExecutionDoesNotExist", "Execution Does Not Exist: '" + noRun + "'"},
		{"GetExecutionHistory", `{"executionArn":"` + run + `","maxResults":-1}`, "ValidationException", one + "Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"StopExecution", `{"executionArn":"` + run + `","error":"` + strings.Repeat("e", 257) + `"}`, "ValidationException", "1 validation error detected: Value at 'error' failed to satisfy constraint: Member must have length less than or equal to 256"},
		{"RedriveExecution", `{"executionArn":"` + run + `"}`, "ExecutionNotRedrivable", "Execution Not Redrivable: 'Execution is SUCCEEDED and cannot be redriven'"},
		{"RedriveExecution", `{"executionArn":"` + run + `","clientToken":"a b"}`, "ValidationException", one + "Value 'a b' at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [!-~]+"},
		{"SendTaskSuccess", `{"taskToken":"t"}`, "ValidationException", one + "Value null at 'output' failed to satisfy constraint: Member must not be null"},
		{"SendTaskSuccess", `{"taskToken":"t","output":"{"}`, "InvalidOutput", "Invalid Output: '"},
		{"SendTaskSuccess", `{"taskToken":"t","output":"{}"}`, "InvalidToken", "Invalid Token: 'Invalid token'"},
		{"SendTaskFailure", `{"taskToken":"t"}`, "InvalidToken", "Invalid Token: 'Invalid token'"},
		{"SendTaskFailure", `{"taskToken":"t","cause":"` + strings.Repeat("c", 32_769) + `"}`, "ValidationException", ""},
		{"SendTaskHeartbeat", `{"taskToken":"` + strings.Repeat("t", 2049) + `"}`, "ValidationException", ""},
		{"SendTaskHeartbeat", `{}`, "ValidationException", one + "Value null at 'taskToken' failed to satisfy constraint: Member must not be null"},
		{"TagResource", `{"resourceArn":"` + unknown + `","tags":[]}`, "ResourceNotFound", "Resource not found: '" + unknown + "'"},
		{"ListTagsForResource", `{"resourceArn":"x"}`, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"},
		{"ValidateStateMachineDefinition", `{"definition":"{}","maxResults":101}`, "ValidationException", ""},
		{"PublishStateMachineVersion", `{}`, "UnknownOperationException", ""},
	} {
		t.Run(c.operation+" "+c.code, func(t *testing.T) {
			code, message := l.post(c.operation, c.body)
			if code != c.code || !strings.HasPrefix(message, c.message) {
				t.Errorf("%.200s\n got %s: %.300s\nwant %s: %s", c.body, code, message, c.code, c.message)
			}
		})
	}
	t.Run("nothing is kept of them", func(t *testing.T) {
		out, err := l.ListStateMachines(l.ctx(), &sfn.ListStateMachinesInput{})
		if err != nil || len(out.StateMachines) != 2 {
			t.Errorf("%d machines, %v", len(out.StateMachines), err)
		}
		runs, err := l.ListExecutions(l.ctx(), &sfn.ListExecutionsInput{StateMachineArn: &machine})
		if err != nil || len(runs.Executions) != 1 {
			t.Errorf("%d runs, %v", len(runs.Executions), err)
		}
	})
}

func TestForbiddenCharactersOfNames(t *testing.T) {
	l := serve(t)
	for _, c := range "<>{}[]?*\"#%\\^|~`$&,;:/ \x00\x1f\x7f\u009f\t\n\ufffe\U0010ffff" {
		name := "run" + string(c)
		_, err := l.CreateStateMachine(l.ctx(), &sfn.CreateStateMachineInput{Name: &name, Definition: aws.String(passMachine), RoleArn: aws.String(role)})
		if code, message := said(t, err); code != "InvalidName" || message != "Invalid Name: '"+name+"'" {
			t.Errorf("%q: got %s: %q", name, code, message)
		}
	}
	for _, name := range []string{"a", "with.dots-and_1", "größe", strings.Repeat("é", 80)} {
		l.create(name, passMachine)
	}
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}
