package states_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func (l *local) createExpress(name, definition string) string {
	l.t.Helper()
	out, err := l.CreateStateMachine(l.ctx(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String(role), Type: types.StateMachineTypeExpress,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return *out.StateMachineArn
}

func TestExpressRunAnswersWhenItHasEnded(t *testing.T) {
	l := serve(t)
	machine := l.createExpress("quick", passMachine)
	out, err := l.StartSyncExecution(l.ctx(), &sfn.StartSyncExecutionInput{StateMachineArn: &machine, Name: aws.String("one"), Input: aws.String(`{"a":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	if out.Status != types.SyncExecutionStatusSucceeded || *out.Output != `{"Arg1":"argument1"}` || *out.Input != `{"a":1}` ||
		!strings.HasPrefix(*out.ExecutionArn, "arn:aws:states:us-east-1:123456789012:express:quick:one:") || out.BillingDetails.BilledMemoryUsedInMB != 64 {
		t.Errorf("%+v", out)
	}
}

func TestExpressRunTellsOfItsFailure(t *testing.T) {
	l := serve(t)
	machine := l.createExpress("quick", `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Bad","Cause":"why"}}}`)
	out, err := l.StartSyncExecution(l.ctx(), &sfn.StartSyncExecutionInput{StateMachineArn: &machine})
	if err != nil || out.Status != types.SyncExecutionStatusFailed || *out.Error != "Bad" || *out.Cause != "why" || out.Output != nil {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestExpressMachinesTakeNoCallbacks(t *testing.T) {
	l := serve(t)
	for suffix, want := range map[string]string{
		".waitForTaskToken": "Express state machine does not support '.waitForTaskToken' service integration  at /States/T/Resource'",
		".sync":             "Express state machine does not support '.sync' service integration at /States/T/Resource'",
	} {
		definition := `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask` + suffix + `","End":true}}}`
		_, err := l.CreateStateMachine(l.ctx(), &sfn.CreateStateMachineInput{
			Name: aws.String("quick"), Definition: &definition, RoleArn: aws.String(role), Type: types.StateMachineTypeExpress,
		})
		if code, message := said(t, err); code != "InvalidDefinition" || !strings.HasSuffix(message, want) {
			t.Errorf("%s: got %s: %s", suffix, code, message)
		}
	}
}
