package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// adopting has a thing that may exist already, and one that needs it.
const adopting = `
Resources:
  Kept: {Type: Fake::Named, DeletionPolicy: RetainExceptOnCreate, Properties: {Name: my-Kept-0, Value: in the template}}
  User: {Type: Fake::Thing, Properties: {Value: !GetAtt Kept.Value}}
`

// give puts a named thing into the world that no stack has made.
func (w *world) give(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live[name] = map[string]any{"Name": name, "Value": "as it was"}
}

// adopt makes a change set that imports what exists. A new stack is made for CREATE.
func (r *rig) adopt(name, template string, kind types.ChangeSetType) *cloudformation.DescribeChangeSetOutput {
	r.t.Helper()
	made, err := r.client.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &name, ChangeSetName: aws.String("adopt"), ChangeSetType: kind, TemplateBody: &template, ImportExistingResources: aws.Bool(true),
	})
	noError(r.t, err)
	out, err := r.client.DescribeChangeSet(r.t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	noError(r.t, err)
	return out
}

func (r *rig) execute(set *cloudformation.DescribeChangeSetOutput) types.Stack {
	r.t.Helper()
	_, err := r.client.ExecuteChangeSet(r.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId})
	noError(r.t, err)
	return r.settled(*set.StackId)
}

// announced are the actions of a change set with the physical IDs that it knows.
func announced(set *cloudformation.DescribeChangeSetOutput) []string {
	var lines []string
	for _, c := range set.Changes {
		lines = append(lines, string(c.ResourceChange.Action)+" "+*c.ResourceChange.LogicalResourceId+" "+aws.ToString(c.ResourceChange.PhysicalResourceId))
	}
	return lines
}

func TestWhatExistsIsImportedAsItIs(t *testing.T) {
	r := newRig(t)
	r.world.give("my-Kept-0")
	set := r.adopt("s", adopting, types.ChangeSetTypeCreate)
	if diff := cmp.Diff([]string{"Import Kept my-Kept-0", "Add User "}, announced(set)); diff != "" || !*set.ImportExistingResources {
		t.Error(diff)
	}
	if stack := r.execute(set); stack.StackStatus != types.StackStatusCreateComplete {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
	want := []string{
		"s REVIEW_IN_PROGRESS User Initiated", "s CREATE_IN_PROGRESS User Initiated",
		"Kept IMPORT_IN_PROGRESS Resource import started.", "Kept IMPORT_COMPLETE Resource import completed.",
		"User CREATE_IN_PROGRESS", "User CREATE_IN_PROGRESS Resource creation Initiated", "User CREATE_COMPLETE",
		"s CREATE_COMPLETE",
	}
	if diff := cmp.Diff(want, r.events("s")); diff != "" {
		t.Error(diff)
	}
	if got := r.world.value("s-User-1"); got != "as it was" {
		t.Errorf("what needs the imported thing was made with %v", got)
	}
	if found := r.detect(); *found.DriftedStackResourceCount != 1 {
		t.Errorf("%d resources differ from the template", *found.DriftedStackResourceCount)
	}
}

func TestWhatDoesNotExistIsMadeAlthoughImportsAreAskedFor(t *testing.T) {
	r := newRig(t)
	set := r.adopt("s", adopting, types.ChangeSetTypeCreate)
	if diff := cmp.Diff([]string{"Add Kept ", "Add User "}, announced(set)); diff != "" {
		t.Error(diff)
	}
	r.execute(set)
	if diff := cmp.Diff([]string{"my-Kept-0", "s-User-1"}, r.world.ids()); diff != "" {
		t.Error(diff)
	}
}

func TestAnUpdateImports(t *testing.T) {
	r := newRig(t)
	r.create(one)
	r.world.give("my-Kept-0")
	set := r.adopt("s", adopting, types.ChangeSetTypeUpdate)
	if diff := cmp.Diff([]string{"Remove A s-A-1", "Import Kept my-Kept-0", "Add User "}, announced(set)); diff != "" {
		t.Error(diff)
	}
	if stack := r.execute(set); stack.StackStatus != types.StackStatusUpdateComplete {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
}

func TestARollbackGivesBackWhatWasImported(t *testing.T) {
	for _, kind := range []types.ChangeSetType{types.ChangeSetTypeCreate, types.ChangeSetTypeUpdate} {
		t.Run(string(kind), func(t *testing.T) {
			r := newRig(t)
			status := types.StackStatusRollbackComplete
			if kind == types.ChangeSetTypeUpdate {
				r.create(one)
				status = types.StackStatusUpdateRollbackComplete
			}
			r.world.give("my-Kept-0")
			r.world.fail["create User"] = 1
			if stack := r.execute(r.adopt("s", adopting, kind)); stack.StackStatus != status {
				t.Errorf("the stack is %s", stack.StackStatus)
			}
			events := r.events("s")
			for _, want := range []string{"Kept IMPORT_ROLLBACK_IN_PROGRESS", "Kept IMPORT_ROLLBACK_COMPLETE"} {
				if !slices.Contains(events, want) {
					t.Errorf("%s is not told: %q", want, events)
				}
			}
			if got := r.world.value("my-Kept-0"); got != "as it was" {
				t.Errorf("the thing is %v", got)
			}
			again := r.adopt("again", adopting, types.ChangeSetTypeCreate)
			if stack := r.execute(again); stack.StackStatus != types.StackStatusCreateComplete {
				t.Errorf("another stack that imports it is %s: %v", stack.StackStatus, r.events("again"))
			}
		})
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	const deleted = `{"Resources": {"Kept": {"Type": "Fake::Named", "Properties": {"Name": "my-Kept-0"}}}}`
	tests := map[string]struct {
		before, template, reason string
	}{
		"a thing that the stack would delete": {
			template: deleted,
			reason: "CloudFormation is attempting to import some resources because they already exist in your account. " +
				"The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. " +
				"The affected resources are Kept ({Name=my-Kept-0})",
		},
		"a thing of another stack": {before: deleted, template: adopting, reason: "my-Kept-0 already exists in stack arn:aws:cloudformation:us-east-1:123456789012:stack/s/"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if test.before != "" {
				r.create(test.before)
			} else {
				r.world.give("my-Kept-0")
			}
			set := r.adopt("other", test.template, types.ChangeSetTypeCreate)
			if set.Status != types.ChangeSetStatusFailed || !strings.HasPrefix(*set.StatusReason, test.reason) || set.ExecutionStatus != types.ExecutionStatusUnavailable {
				t.Errorf("the change set is %s: %s", set.Status, aws.ToString(set.StatusReason))
			}
		})
	}
}

func TestWhatChangesBeforeTheImportFailsIt(t *testing.T) {
	tests := map[string]struct {
		between func(*rig)
		reason  string
	}{
		"it is deleted": {
			between: func(r *rig) { r.world.remove("my-Kept-0") },
			reason:  "Kept IMPORT_FAILED Resource of type 'Fake::Named' with identifier 'my-Kept-0' was not found.",
		},
		"another stack imports it": {
			between: func(r *rig) { r.execute(r.adopt("other", adopting, types.ChangeSetTypeCreate)) },
			reason:  "Kept IMPORT_FAILED my-Kept-0 already exists in stack ",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.world.give("my-Kept-0")
			set := r.adopt("s", adopting, types.ChangeSetTypeCreate)
			test.between(r)
			if stack := r.execute(set); stack.StackStatus != types.StackStatusRollbackComplete {
				t.Errorf("the stack is %s", stack.StackStatus)
			}
			events := r.events("s")
			for _, want := range []string{test.reason, "s ROLLBACK_IN_PROGRESS The following resource(s) failed to import: [Kept]. "} {
				if !slices.ContainsFunc(events, func(e string) bool { return strings.HasPrefix(e, want) }) {
					t.Errorf("%s is not told: %q", want, events)
				}
			}
		})
	}
}
