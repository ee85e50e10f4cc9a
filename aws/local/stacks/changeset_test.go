package stacks_test

import (
	"slices"
	"strings"
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

func TestAChangeSetTellsWhatChanges(t *testing.T) {
	const before = `
Parameters: {Size: {Type: String, Default: small}}
Resources:
  Named: {Type: Fake::Thing, Properties: {Key: one, Value: !Ref Size}}
  User: {Type: Fake::Thing, Properties: {Value: {Of: !Ref Named, Tags: [a, b]}}}
  Keyed: {Type: Fake::Thing, UpdateReplacePolicy: Retain, Properties: {Key: !GetAtt Named.Arn}}
  Old: {Type: Fake::Thing}
  Kept: {Type: Fake::Thing, DeletionPolicy: Retain}
  Same: {Type: Fake::Thing}
`
	const after = `
Parameters: {Size: {Type: String, Default: small}}
Resources:
  Named: {Type: Fake::Thing, Properties: {Key: two, Value: !Ref Size}}
  User: {Type: Fake::Thing, Properties: {Value: {Of: !Ref Named, Tags: [a]}}}
  Keyed: {Type: Fake::Thing, UpdateReplacePolicy: Retain, Properties: {Key: !GetAtt Named.Arn}}
  New: {Type: Fake::Thing, Properties: {Value: !Ref Keyed}}
  Same: {Type: Fake::Thing, DeletionPolicy: Retain}
`
	r := newRig(t)
	ctx := t.Context()
	r.create(before)
	made, err := r.client.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("c"), TemplateBody: aws.String(after),
		Parameters: []types.Parameter{{ParameterKey: aws.String("Size"), ParameterValue: aws.String("big")}},
	})
	noError(t, err)
	out, err := r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id, IncludePropertyValues: aws.Bool(true)})
	noError(t, err)
	var got []string
	for _, c := range out.Changes {
		change := c.ResourceChange
		line := *change.LogicalResourceId + " " + string(change.Action)
		for _, part := range []string{string(change.Replacement), string(change.PolicyAction)} {
			if part != "" {
				line += " " + part
			}
		}
		got = append(got, line)
		for _, d := range change.Details {
			target := d.Target
			line := "  " + *target.Path + " " + string(target.AttributeChangeType) + ": " + aws.ToString(target.BeforeValue) + " > " + aws.ToString(target.AfterValue) +
				", " + string(target.RequiresRecreation) + " " + string(d.Evaluation) + " " + string(d.ChangeSource)
			if entity := aws.ToString(d.CausingEntity); entity != "" {
				line += " " + entity
			}
			got = append(got, line)
		}
	}
	want := []string{
		"Kept Remove Retain",
		"Keyed Modify Conditional ReplaceAndRetain",
		"  /Properties/Key Modify: arn:s-Named-2 > {{changeSet:KNOWN_AFTER_APPLY}}, Always Dynamic ResourceAttribute Named.Arn",
		"Named Modify True ReplaceAndDelete",
		"  /Properties/Key Modify: one > two, Always Static DirectModification",
		"  /Properties/Value Modify: small > big, Never Static ParameterReference Size",
		"New Add",
		"Old Remove Delete",
		"Same Modify False",
		"  /DeletionPolicy Add:  > Retain, Never Static DirectModification",
		"User Modify False",
		"  /Properties/Value/Of Modify: s-Named-2 > {{changeSet:KNOWN_AFTER_APPLY}}, Never Dynamic ResourceReference Named",
		"  /Properties/Value/Tags/1 Remove: b > , Never Static DirectModification",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	plain, err := r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	noError(t, err)
	for _, c := range plain.Changes {
		if c.ResourceChange.AfterContext != nil || c.ResourceChange.BeforeContext != nil {
			t.Errorf("values that were not asked for: %+v", c.ResourceChange)
		}
	}
}

func TestAChangeSetWithoutChangesFails(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.create(pair)
	tests := map[string]struct {
		in      cloudformation.CreateChangeSetInput
		changes bool
	}{
		"nothing":   {cloudformation.CreateChangeSetInput{TemplateBody: aws.String(pair)}, false},
		"a tag":     {cloudformation.CreateChangeSetInput{TemplateBody: aws.String(pair), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}, true},
		"an output": {cloudformation.CreateChangeSetInput{TemplateBody: aws.String(pair + "  Other: {Value: x}\n")}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.in.StackName, test.in.ChangeSetName = aws.String("s"), aws.String("c-"+strings.ReplaceAll(name, " ", "-"))
			made, err := r.client.CreateChangeSet(ctx, &test.in)
			noError(t, err)
			out, err := r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
			noError(t, err)
			if changes := out.Status == types.ChangeSetStatusCreateComplete; changes != test.changes {
				t.Errorf("%s: %s", out.Status, aws.ToString(out.StatusReason))
			}
			if test.changes {
				return
			}
			if *out.StatusReason != "The submitted information didn't contain changes. Submit different information to create a change set." {
				t.Error(*out.StatusReason)
			}
			_, err = r.client.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id})
			refused(t, err, "InvalidChangeSetStatus", "cannot be executed in its current status of [FAILED]")
		})
	}
}

func TestATransformThatFailsFailsTheChangeSet(t *testing.T) {
	r := newRig(t)
	made, err := r.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("c"), ChangeSetType: types.ChangeSetTypeCreate,
		TemplateBody: aws.String(`{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": {"Type": "Fake::Wrong"}}}`),
	})
	noError(t, err)
	out, err := r.client.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	noError(t, err)
	const want = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. Number of errors found: 1. Resource with id [A] is invalid."
	if out.Status != types.ChangeSetStatusFailed || *out.StatusReason != want {
		t.Errorf("%s: %s", out.Status, aws.ToString(out.StatusReason))
	}
}

func TestAStackUnderReviewIsDeleted(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	in := &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("c"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(pair),
	}
	made, err := r.client.CreateChangeSet(ctx, in)
	noError(t, err)
	_, err = r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: made.StackId})
	noError(t, err)
	if stack := r.settled(*made.StackId); stack.StackStatus != types.StackStatusDeleteComplete {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
	_, err = r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	refused(t, err, "ChangeSetNotFound", "does not exist")
	again, err := r.client.CreateChangeSet(ctx, in)
	noError(t, err)
	if *again.StackId == *made.StackId {
		t.Error("the name has the deleted stack again")
	}
}

func TestTheLifeOfChangeSets(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	create := func(name, token string) (string, error) {
		out, err := r.client.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
			StackName: aws.String("s"), ChangeSetName: &name, ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(pair), ClientToken: &token,
		})
		if err != nil {
			return "", err
		}
		return *out.Id, nil
	}
	names := func() []string {
		out, err := r.client.ListChangeSets(ctx, &cloudformation.ListChangeSetsInput{StackName: aws.String("s")})
		noError(t, err)
		names := []string{}
		for _, s := range out.Summaries {
			names = append(names, *s.ChangeSetName)
		}
		slices.Sort(names)
		return names
	}
	first, err := create("first", "t1")
	noError(t, err)
	if again, err := create("first", "t1"); err != nil || again != first {
		t.Errorf("the same request again gives %s, %v", again, err)
	}
	_, err = create("first", "t2")
	refused(t, err, "AlreadyExistsException", "ChangeSet first cannot be created")
	for _, name := range []string{"second", "third"} {
		_, err := create(name, "")
		noError(t, err)
	}
	_, err = r.client.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("second")})
	noError(t, err)
	if diff := cmp.Diff([]string{"first", "third"}, names()); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		_, err = r.client.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: &first, ClientRequestToken: aws.String("once")})
		noError(t, err)
		r.settled("s")
	}
	if diff := cmp.Diff([]string{}, names()); diff != "" {
		t.Errorf("an execution ends all change sets: %s", diff)
	}
	out, err := r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &first})
	noError(t, err)
	if out.ExecutionStatus != types.ExecutionStatusExecuteComplete {
		t.Errorf("the one executed is %s", out.ExecutionStatus)
	}
	events, err := r.client.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{ChangeSetName: &first})
	noError(t, err)
	if last := events.OperationEvents[0]; last.OperationStatus != types.BeaconStackOperationStatusSucceeded {
		t.Errorf("its last event is %+v", last)
	}
}
