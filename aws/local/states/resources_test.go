package states_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestResourcesThatAWSDoesNotKnowAreRefused(t *testing.T) {
	l := serve(t)
	task := func(resource string) string {
		return machineOf("P", `"P":{"Type":"Parallel","Branches":[`+machineOf("T", `"T":{"Type":"Task","Resource":"`+resource+`","End":true}`)+`],"End":true}`)
	}
	for _, resource := range []string{"arn:aws:states:::nope:run", "arn:aws:states:::ecs:runTask.sync:2", "arn:aws:states:::ecs:stopTask", "arn:aws:states:::states:startExecution.sync:3"} {
		_, err := l.CreateStateMachine(l.ctx(), &sfn.CreateStateMachineInput{Name: aws.String("x"), RoleArn: aws.String(role), Definition: aws.String(task(resource))})
		want := "SCHEMA_VALIDATION_FAILED: The resource provided " + resource + " is not recognized."
		if code, message := said(t, err); code != "InvalidDefinition" || !strings.Contains(message, want) || !strings.HasSuffix(message, "at /States/P/Branches[0]/States/T/Resource'") {
			t.Errorf("got %s: %s", code, message)
		}
	}
}

func TestResourcesThatLocalAWSCannotCallFailAtRunTime(t *testing.T) {
	l := serve(t)
	for _, resource := range []string{
		"arn:aws:states:::sqs:sendMessage", "arn:aws:states:::aws-sdk:dynamodb:getItem",
		"arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:states:us-east-1:123456789012:activity:a",
	} {
		run := l.begin(machineOf("T", `"T":{"Type":"Task","Resource":"`+resource+`","End":true}`), `{}`)
		if d := l.describe(run); d.Status != types.ExecutionStatusFailed || *d.Error != "States.Runtime" || !strings.Contains(*d.Cause, resource) {
			t.Errorf("%s: %+v", resource, d)
		}
	}
}
