package stacks_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

const pair = `
Resources:
  A: {Type: Fake::Thing, Properties: {Value: one}}
  B: {Type: Fake::Thing, Properties: {Value: !GetAtt A.Arn}}
Outputs:
  Last: {Value: !Ref B}
`

func TestAChangeSetCreatesAStack(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	made, err := r.client.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(pair),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}},
	})
	noError(t, err)
	if got := r.settled("s"); got.StackStatus != types.StackStatusReviewInProgress || *got.StackId != *made.StackId {
		t.Errorf("the stack is %s %s", *got.StackId, got.StackStatus)
	}
	wait := cloudformation.NewChangeSetCreateCompleteWaiter(r.client)
	noError(t, wait.Wait(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id}, time.Minute))
	_, err = r.client.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: aws.String("first"), StackName: aws.String("s")})
	noError(t, err)
	stack := r.settled("s")
	if stack.StackStatus != types.StackStatusCreateComplete || *stack.Outputs[0].OutputValue != "s-B-2" || *stack.Tags[0].Value != "x" {
		t.Errorf("got %s, %v", stack.StackStatus, stack.Outputs)
	}
	want := []string{
		"s REVIEW_IN_PROGRESS User Initiated", "s CREATE_IN_PROGRESS User Initiated",
		"A CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS Resource creation Initiated", "A CREATE_COMPLETE",
		"B CREATE_IN_PROGRESS", "B CREATE_IN_PROGRESS Resource creation Initiated", "B CREATE_COMPLETE",
		"s CREATE_COMPLETE",
	}
	if diff := cmp.Diff(want, r.events("s")); diff != "" {
		t.Error(diff)
	}
}
