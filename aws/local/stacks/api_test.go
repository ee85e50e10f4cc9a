package stacks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

const one = `{"Resources": {"A": {"Type": "Fake::Thing"}}}`

func TestRefusals(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	id := *r.create(pair, func(in *cloudformation.CreateStackInput) { in.EnableTerminationProtection = aws.Bool(true) }).StackId
	r.world.fail["create A"] = 1
	_, err := r.client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("rolled"), TemplateBody: aws.String(one)})
	noError(t, err)
	r.settled("rolled")

	create := func(name, template string) error {
		_, err := r.client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &template})
		return err
	}
	update := func(name, template string) error {
		_, err := r.client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: &template})
		return err
	}
	changeSet := func(name string, kind types.ChangeSetType) error {
		_, err := r.client.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
			StackName: &name, ChangeSetName: aws.String("c"), ChangeSetType: kind, TemplateBody: aws.String(one),
		})
		return err
	}
	tests := map[string]struct {
		call       func() error
		code, text string
	}{
		"a stack that is there": {func() error { return create("s", one) }, "AlreadyExistsException", "Stack [s] already exists"},
		"a bad name":            {func() error { return create("a_b", one) }, "ValidationError", "Value 'a_b' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"},
		"a long template": {
			func() error { return create("t", one+strings.Repeat(" ", 51_200)) },
			"ValidationError", "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
		},
		"no template": {func() error {
			_, err := r.client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("t")})
			return err
		}, "ValidationError", "Either Template URL or Template Body must be specified."},
		"a template that is not there": {func() error {
			_, err := r.client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("t"), TemplateURL: aws.String("https://s3.amazonaws.com/b/none")})
			return err
		}, "ValidationError", "S3 error: The specified key does not exist."},
		"unknown types":     {func() error { return create("t", `{"Resources": {"A": {"Type": "No::Such"}}}`) }, "ValidationError", "Template format error: Unrecognized resource types: [No::Such]"},
		"unknown transform": {func() error { return create("t", `{"Transform": "Mine", "Resources": {"A": {"Type": "Fake::Thing"}}}`) }, "ValidationError", "No transform named Mine found."},
		"a role": {
			func() error { return create("t", `{"Resources": {"A": {"Type": "AWS::IAM::Role"}}}`) },
			"InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]",
		},
		"a role with a name": {
			func() error {
				return create("t", `{"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "x"}}}}`)
			},
			"InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]",
		},
		"a transform without a change set": {
			func() error {
				return create("t", `{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": {"Type": "Fake::Short"}}}`)
			},
			"InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]",
		},
		"no change":             {func() error { return update("s", pair) }, "ValidationError", "No updates are to be performed."},
		"another type":          {func() error { return update("s", `{"Resources": {"A": {"Type": "Fake::Unreadable"}}}`) }, "ValidationError", "Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]"},
		"an update of nothing":  {func() error { return update("none", one) }, "ValidationError", "Stack [none] does not exist"},
		"an update when rolled": {func() error { return update("rolled", one) }, "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated."},
		"a plan when rolled":    {func() error { return changeSet("rolled", types.ChangeSetTypeUpdate) }, "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated."},
		"a plan for nothing":    {func() error { return changeSet("none", types.ChangeSetTypeUpdate) }, "ValidationError", "Stack [none] does not exist"},
		"a second creation":     {func() error { return changeSet("s", types.ChangeSetTypeCreate) }, "ValidationError", "Stack [s] already exists and cannot be created again with the changeSet [c]."},
		"an import":             {func() error { return changeSet("t", types.ChangeSetTypeImport) }, "ValidationError", "local AWS does not import resources into a stack"},
		"a protected stack": {func() error {
			_, err := r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &id})
			return err
		}, "ValidationError", "Stack [s] cannot be deleted while TerminationProtection is enabled"},
		"a change set unknown": {func() error {
			_, err := r.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: &id, ChangeSetName: aws.String("none")})
			return err
		}, "ChangeSetNotFound", "ChangeSet [none] does not exist"},
		"no rollback to go on": {func() error {
			_, err := r.client.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &id})
			return err
		}, "ValidationError", "is in CREATE_COMPLETE state and can not be rolled back."},
		"nothing to roll back": {func() error {
			_, err := r.client.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: &id})
			return err
		}, "ValidationError", "RollbackStack operation is not allowed when stack is in CREATE_COMPLETE state."},
		"nothing to cancel": {func() error {
			_, err := r.client.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &id})
			return err
		}, "ValidationError", "CancelUpdateStack cannot be called from current stack status"},
		"drift of nothing": {func() error {
			_, err := r.client.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: aws.String("rolled")})
			return err
		}, "ValidationError", "Drift detection cannot be performed on stack"},
		"an unknown resource": {func() error {
			_, err := r.client.DescribeStackResource(ctx, &cloudformation.DescribeStackResourceInput{StackName: &id, LogicalResourceId: aws.String("Z")})
			return err
		}, "ValidationError", "Resource Z does not exist for stack s"},
		"an unknown operation": {func() error {
			_, err := r.client.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{OperationId: aws.String("none")})
			return err
		}, "OperationNotFoundException", "Operation [none] does not exist"},
		"previous value of none": {func() error {
			_, err := r.client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: &id, TemplateBody: aws.String(`{"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": {"Type": "Fake::Thing"}}}`), Parameters: []types.Parameter{{ParameterKey: aws.String("P"), UsePreviousValue: aws.Bool(true)}}})
			return err
		}, "ValidationError", "Invalid input for parameter key P. Cannot specify usePreviousValue as true for a parameter key not in the previous template"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { refused(t, test.call(), test.code, test.text) })
	}
}

func TestATemplateInS3(t *testing.T) {
	r := newRig(t)
	r.objects["bucket/a/t.yaml"] = one
	for _, url := range []string{"https://s3.us-east-1.amazonaws.com/bucket/a/t.yaml", "https://bucket.s3.us-east-1.amazonaws.com/a/t.yaml", "http://127.0.0.1:4566/bucket/a/t.yaml"} {
		out, err := r.client.ValidateTemplate(t.Context(), &cloudformation.ValidateTemplateInput{TemplateURL: &url})
		noError(t, err)
		if len(out.Parameters) != 0 {
			t.Errorf("%s has %v", url, out.Parameters)
		}
	}
}

const withParameters = `
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Description: A stack
Metadata: {Stepdeck: {Version: '1'}}
Parameters:
  Name: {Type: String, Default: shop, AllowedValues: [shop, other], Description: whose}
  Secret: {Type: String, NoEcho: true}
Resources:
  A: {Type: Fake::Short, Properties: {Value: !Ref Name}}
  R: {Type: AWS::IAM::Role, Properties: {Value: !Ref Secret}}
`

func TestTemplatesAreTold(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	summary, err := r.client.GetTemplateSummary(ctx, &cloudformation.GetTemplateSummaryInput{TemplateBody: aws.String(withParameters)})
	noError(t, err)
	if got := fmt.Sprint(*summary.Description, " ", *summary.Metadata, " ", summary.ResourceTypes, summary.Capabilities, summary.DeclaredTransforms, " ", *summary.Version); got !=
		`A stack {"Stepdeck":{"Version":"1"}} [AWS::IAM::Role Fake::Thing] [CAPABILITY_IAM CAPABILITY_AUTO_EXPAND] [AWS::Serverless-2016-10-31] 2010-09-09` {
		t.Error(got)
	}
	name, secret := summary.Parameters[0], summary.Parameters[1]
	if *name.DefaultValue != "shop" || *name.Description != "whose" || len(name.ParameterConstraints.AllowedValues) != 2 || secret.DefaultValue != nil || !*secret.NoEcho {
		t.Errorf("got %+v, %+v", name, secret)
	}
	capabilities := []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityAutoExpand}
	stack := r.create(withParameters, func(in *cloudformation.CreateStackInput) {
		in.Capabilities = capabilities
		in.Parameters = []types.Parameter{{ParameterKey: aws.String("Secret"), ParameterValue: aws.String("hush")}}
	})
	if *stack.Parameters[0].ParameterValue != "shop" || *stack.Parameters[1].ParameterValue != "****" || *stack.Description != "A stack" {
		t.Errorf("got %+v", stack)
	}
	for stage, want := range map[types.TemplateStage]string{types.TemplateStageOriginal: "Type: Fake::Short", types.TemplateStageProcessed: `"Type":"Fake::Thing"`} {
		out, err := r.client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: aws.String("s"), TemplateStage: stage})
		noError(t, err)
		if !strings.Contains(*out.TemplateBody, want) {
			t.Errorf("%s is %s", stage, *out.TemplateBody)
		}
	}
	stack = r.update("", func(in *cloudformation.UpdateStackInput) {
		in.TemplateBody, in.UsePreviousTemplate, in.Capabilities = nil, aws.Bool(true), capabilities
		in.Parameters = []types.Parameter{
			{ParameterKey: aws.String("Secret"), UsePreviousValue: aws.Bool(true)}, {ParameterKey: aws.String("Name"), ParameterValue: aws.String("other")},
		}
	})
	if stack.StackStatus != types.StackStatusUpdateComplete || r.world.value("s-A-1") != "other" || r.world.value("s-R-2") != "hush" {
		t.Errorf("the stack is %s, A is %v, R is %v", stack.StackStatus, r.world.value("s-A-1"), r.world.value("s-R-2"))
	}
}

func TestTheReasonOfAFailureIsFound(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.world.fail["create B"] = 1
	r.create(pair)
	stack := r.settled("s")
	operation := stack.LastOperations[0]
	if operation.OperationType != types.OperationTypeCreateStack {
		t.Errorf("the last operation is %s", operation.OperationType)
	}
	for name, in := range map[string]*cloudformation.DescribeEventsInput{
		"of the stack":     {StackName: aws.String("s")},
		"of the operation": {OperationId: operation.OperationId},
	} {
		in.Filters = &types.EventFilter{FailedEvents: aws.Bool(true)}
		out, err := r.client.DescribeEvents(ctx, in)
		noError(t, err)
		if len(out.OperationEvents) != 1 {
			t.Fatalf("%s: %d events failed", name, len(out.OperationEvents))
		}
		e := out.OperationEvents[0]
		if *e.LogicalResourceId != "B" || e.EventType != types.EventTypeProvisioningError || *e.ResourceStatusReason != "create B was refused" || *e.OperationId != *operation.OperationId {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	out, err := r.client.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{OperationId: operation.OperationId})
	noError(t, err)
	if last := out.OperationEvents[0]; last.EventType != types.EventTypeStackEvent || last.OperationStatus != types.BeaconStackOperationStatusFailed {
		t.Errorf("the operation ends with %+v", last)
	}
}

func TestEventsComeInPagesThatStayInPlace(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	id := *r.create(one).StackId
	for i := range 40 {
		r.update(fmt.Sprintf(`{"Resources": {"A": {"Type": "Fake::Thing", "Properties": {"Value": "%d"}}}}`, i))
	}
	all := r.events(id)
	if len(all) != 5+40*5 {
		t.Errorf("%d events", len(all))
	}
	first, err := r.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &id})
	noError(t, err)
	r.update(one)
	second, err := r.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &id, NextToken: first.NextToken})
	noError(t, err)
	var got []string
	ids := map[string]bool{}
	for _, e := range append(first.StackEvents, second.StackEvents...) {
		if ids[*e.EventId] {
			t.Errorf("%s is the ID of two events", *e.EventId)
		}
		ids[*e.EventId] = true
		got = append(got, *e.LogicalResourceId+" "+string(e.ResourceStatus))
	}
	var want []string
	for _, line := range slices.Backward(all) {
		fields := strings.Fields(line)
		want = append(want, fields[0]+" "+fields[1])
	}
	if diff := cmp.Diff(want[:200], got); diff != "" {
		t.Error(diff)
	}
	_, err = r.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &id, NextToken: aws.String("x")})
	refused(t, err, "ValidationError", "NextToken is invalid")
}

func TestStacksAreListed(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	gone := *r.create(one).StackId
	_, err := r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &gone})
	noError(t, err)
	r.settled(gone)
	again := *r.create(one).StackId
	out, err := r.client.ListStacks(ctx, &cloudformation.ListStacksInput{StackStatusFilter: []types.StackStatus{types.StackStatusDeleteComplete}})
	noError(t, err)
	if len(out.StackSummaries) != 1 || *out.StackSummaries[0].StackId != gone || out.StackSummaries[0].DeletionTime == nil {
		t.Errorf("deleted: %+v", out.StackSummaries)
	}
	live, err := r.client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	noError(t, err)
	if len(live.Stacks) != 1 || *live.Stacks[0].StackId != again {
		t.Errorf("live: %+v", live.Stacks)
	}
	resources, err := r.client.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: &again})
	noError(t, err)
	owner, err := r.client.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{PhysicalResourceId: resources.StackResourceSummaries[0].PhysicalResourceId})
	noError(t, err)
	if *owner.StackResources[0].StackId != again {
		t.Errorf("owned by %s", *owner.StackResources[0].StackId)
	}
	_, err = r.client.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: &again, EnableTerminationProtection: aws.Bool(true)})
	noError(t, err)
	r.restart()
	stack := r.settled("s")
	if diff := cmp.Diff([]any{again, true}, []any{*stack.StackId, *stack.EnableTerminationProtection}); diff != "" {
		t.Error(diff)
	}
}
