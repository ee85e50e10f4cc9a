package stacks_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

func TestOperationsAndTheirEvents(t *testing.T) {
	const before = `{"Resources": {
		"A": {"Type": "Fake::Thing", "Properties": {"Key": "k", "Value": "one"}},
		"B": {"Type": "Fake::Thing", "Properties": {"Value": {"Ref": "A"}}},
		"C": {"Type": "Fake::Thing"}}}`
	const keyChanged = `{"Resources": {
		"A": {"Type": "Fake::Thing", "Properties": {"Key": "other", "Value": "one"}},
		"B": {"Type": "Fake::Thing", "Properties": {"Value": {"Ref": "A"}}},
		"C": {"Type": "Fake::Thing"}}}`
	const replacedEvent = "A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one."
	tests := map[string]struct {
		after  string
		fail   []string
		status types.StackStatus
		events []string
		live   []string
	}{
		"a changed value": {
			after: `{"Resources": {
				"A": {"Type": "Fake::Thing", "Properties": {"Key": "k", "Value": "two"}},
				"B": {"Type": "Fake::Thing", "Properties": {"Value": {"Ref": "A"}}},
				"C": {"Type": "Fake::Thing"}}}`,
			status: types.StackStatusUpdateComplete,
			events: []string{
				"s UPDATE_IN_PROGRESS User Initiated", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE",
				"s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "s UPDATE_COMPLETE",
			},
			live: []string{"s-A-1", "s-B-3", "s-C-2"},
		},
		"a replacement, and who names it": {
			after: keyChanged, status: types.StackStatusUpdateComplete,
			events: []string{
				"s UPDATE_IN_PROGRESS User Initiated", replacedEvent,
				"A UPDATE_IN_PROGRESS Resource creation Initiated", "A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
				"s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "s UPDATE_COMPLETE",
			},
			live: []string{"s-A-4", "s-B-3", "s-C-2"},
		},
		"a replacement whose dependent fails": {
			after: keyChanged, fail: []string{"update B"}, status: types.StackStatusUpdateRollbackComplete,
			events: []string{
				"s UPDATE_IN_PROGRESS User Initiated", replacedEvent,
				"A UPDATE_IN_PROGRESS Resource creation Initiated", "A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_FAILED update B was refused",
				"s UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [B]. ",
				"A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
				"s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "s UPDATE_ROLLBACK_COMPLETE",
			},
			live: []string{"s-A-1", "s-B-3", "s-C-2"},
		},
		"a removal, and an addition that fails": {
			after: `{"Resources": {
				"A": {"Type": "Fake::Thing", "Properties": {"Key": "k", "Value": "one"}},
				"B": {"Type": "Fake::Thing", "Properties": {"Value": {"Ref": "A"}}},
				"D": {"Type": "Fake::Thing"}, "E": {"Type": "Fake::Thing"}}}`,
			fail: []string{"create D"}, status: types.StackStatusUpdateRollbackComplete,
			events: []string{
				"s UPDATE_IN_PROGRESS User Initiated", "D CREATE_IN_PROGRESS", "E CREATE_IN_PROGRESS",
				"D CREATE_FAILED create D was refused", "E CREATE_FAILED Resource creation cancelled",
				"s UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [D, E]. ",
				"s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "D DELETE_COMPLETE", "E DELETE_COMPLETE", "s UPDATE_ROLLBACK_COMPLETE",
			},
			live: []string{"s-A-1", "s-B-3", "s-C-2"},
		},
		"removals, one of which is kept and one of which fails": {
			after: `{"Resources": {"D": {"Type": "Fake::Thing"}}}`, fail: []string{"delete C"}, status: types.StackStatusUpdateComplete,
			events: []string{
				"s UPDATE_IN_PROGRESS User Initiated", "D CREATE_IN_PROGRESS", "D CREATE_IN_PROGRESS Resource creation Initiated", "D CREATE_COMPLETE",
				"s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "C DELETE_IN_PROGRESS", "C DELETE_FAILED delete C was refused",
				"B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "s UPDATE_COMPLETE",
			},
			live: []string{"s-C-2", "s-D-4"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if got := r.create(before); got.StackStatus != types.StackStatusCreateComplete {
				t.Fatalf("created: %s", got.StackStatus)
			}
			seen := len(r.events("s"))
			for _, call := range test.fail {
				r.world.fail[call] = 1
			}
			if got := r.update(test.after); got.StackStatus != test.status {
				t.Errorf("the stack is %s, not %s", got.StackStatus, test.status)
			}
			if diff := cmp.Diff(test.events, r.since("s", seen)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.live, r.world.ids()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const chain = `{"Resources": {
	"A": {"Type": "Fake::Thing"},
	"B": {"Type": "Fake::Thing", "DependsOn": "A", "DeletionPolicy": "Retain"},
	"C": {"Type": "Fake::Thing", "DependsOn": ["B"], "DeletionPolicy": "RetainExceptOnCreate"},
	"D": {"Type": "Fake::Thing", "DependsOn": "C"}}}`

func TestAFailedCreation(t *testing.T) {
	onFailure := func(choice types.OnFailure) func(*cloudformation.CreateStackInput) {
		return func(in *cloudformation.CreateStackInput) { in.OnFailure = choice }
	}
	began := []string{
		"s CREATE_IN_PROGRESS User Initiated",
		"A CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS Resource creation Initiated", "A CREATE_COMPLETE",
		"B CREATE_IN_PROGRESS", "B CREATE_IN_PROGRESS Resource creation Initiated", "B CREATE_COMPLETE",
		"C CREATE_IN_PROGRESS", "C CREATE_IN_PROGRESS Resource creation Initiated", "C CREATE_COMPLETE",
		"D CREATE_IN_PROGRESS", "D CREATE_FAILED create D was refused",
	}
	tests := map[string]struct {
		with   func(*cloudformation.CreateStackInput)
		fail   string
		status types.StackStatus
		events []string
		live   []string
	}{
		"is rolled back, but for what is retained": {
			with: func(*cloudformation.CreateStackInput) {}, status: types.StackStatusRollbackComplete,
			events: []string{
				"s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [D]. Rollback requested by user.",
				"C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "B DELETE_SKIPPED", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE",
				"D DELETE_COMPLETE", "s ROLLBACK_COMPLETE",
			},
			live: []string{"s-B-2"},
		},
		"is rolled back wholly when asked": {
			with:   func(in *cloudformation.CreateStackInput) { in.RetainExceptOnCreate = aws.Bool(true) },
			status: types.StackStatusRollbackComplete,
			events: []string{
				"s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [D]. Rollback requested by user.",
				"C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE",
				"D DELETE_COMPLETE", "s ROLLBACK_COMPLETE",
			},
		},
		"stays": {
			with: onFailure(types.OnFailureDoNothing), status: types.StackStatusCreateFailed,
			events: []string{"s CREATE_FAILED The following resource(s) failed to create: [D]. "},
			live:   []string{"s-A-1", "s-B-2", "s-C-3"},
		},
		"is deleted": {
			with: onFailure(types.OnFailureDelete), status: types.StackStatusDeleteComplete,
			events: []string{
				"s DELETE_IN_PROGRESS The following resource(s) failed to create: [D]. Delete requested by user.",
				"C DELETE_SKIPPED", "B DELETE_SKIPPED", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "D DELETE_COMPLETE", "s DELETE_COMPLETE",
			},
			live: []string{"s-B-2", "s-C-3"},
		},
		"cannot be rolled back": {
			with: func(*cloudformation.CreateStackInput) {}, fail: "delete A", status: types.StackStatusRollbackFailed,
			events: []string{
				"s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [D]. Rollback requested by user.",
				"C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "B DELETE_SKIPPED", "A DELETE_IN_PROGRESS", "A DELETE_FAILED delete A was refused",
				"D DELETE_COMPLETE", "s ROLLBACK_FAILED The following resource(s) failed to delete: [A]. ",
			},
			live: []string{"s-A-1", "s-B-2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.world.fail["create D"] = 1
			r.world.fail[test.fail] = 1
			got := r.create(chain, test.with)
			if got.StackStatus != test.status {
				t.Errorf("the stack is %s, not %s", got.StackStatus, test.status)
			}
			if diff := cmp.Diff(append(slices.Clone(began), test.events...), r.events(*got.StackId)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.live, r.world.ids()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeletionThatFails(t *testing.T) {
	const three = `{"Resources": {"A": {"Type": "Fake::Thing"}, "B": {"Type": "Fake::Thing", "DependsOn": "A"}, "C": {"Type": "Fake::Thing"}}}`
	r := newRig(t)
	ctx := t.Context()
	id := r.create(three).StackId
	remove := func(with func(*cloudformation.DeleteStackInput)) types.Stack {
		in := &cloudformation.DeleteStackInput{StackName: id}
		with(in)
		_, err := r.client.DeleteStack(ctx, in)
		noError(t, err)
		return r.settled(*id)
	}
	r.world.fail["delete B"] = 2
	got := remove(func(*cloudformation.DeleteStackInput) {})
	if got.StackStatus != types.StackStatusDeleteFailed || *got.StackStatusReason != "The following resource(s) failed to delete: [B]. " {
		t.Errorf("the stack is %s: %s", got.StackStatus, *got.StackStatusReason)
	}
	if diff := cmp.Diff([]string{"s-A-1", "s-B-3"}, r.world.ids()); diff != "" {
		t.Errorf("what B needs stays with it: %s", diff)
	}
	_, err := r.client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: id, TemplateBody: aws.String(pair)})
	refused(t, err, "ValidationError", "is in DELETE_FAILED state and can not be updated.")
	seen := len(r.events(*id))
	got = remove(func(in *cloudformation.DeleteStackInput) { in.RetainResources = []string{"B"} })
	want := []string{"s DELETE_IN_PROGRESS User Initiated", "B DELETE_SKIPPED", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "s DELETE_COMPLETE"}
	if diff := cmp.Diff(want, r.since(*id, seen)); diff != "" || got.StackStatus != types.StackStatusDeleteComplete {
		t.Error(got.StackStatus, diff)
	}
	_, err = r.client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String("s")})
	refused(t, err, "ValidationError", "Stack with id s does not exist")
	_, err = r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String("s")})
	noError(t, err)
}

func TestAForcedDeletionLeavesWhatItCannotDelete(t *testing.T) {
	r := newRig(t)
	id := r.create(pair).StackId
	for _, mode := range []types.DeletionMode{types.DeletionModeStandard, types.DeletionModeForceDeleteStack} {
		r.world.fail["delete B"] = 1
		_, err := r.client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: id, DeletionMode: mode})
		noError(t, err)
		r.settled(*id)
	}
	if got := r.settled(*id); got.StackStatus != types.StackStatusDeleteComplete {
		t.Errorf("the stack is %s", got.StackStatus)
	}
	if diff := cmp.Diff([]string{"s-B-2"}, r.world.ids()); diff != "" {
		t.Error(diff)
	}
}

func TestARollbackThatFails(t *testing.T) {
	const after = `{"Resources": {"A": {"Type": "Fake::Thing", "Properties": {"Value": "two"}}, "B": {"Type": "Fake::Thing", "Properties": {"Value": "three"}}}}`
	tests := map[string]struct {
		skip   []string
		values map[string]any
	}{
		"is continued":             {nil, map[string]any{"s-A-1": "one", "s-B-2": "arn:s-A-1"}},
		"is continued but for one": {[]string{"A"}, map[string]any{"s-A-1": "two", "s-B-2": "arn:s-A-1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			ctx := t.Context()
			r.create(pair)
			r.world.fail["update B"] = 1
			r.world.later["update A"] = 1
			got := r.update(after)
			if got.StackStatus != types.StackStatusUpdateRollbackFailed || *got.StackStatusReason != "The following resource(s) failed to update: [A]. " {
				t.Fatalf("the stack is %s: %s", got.StackStatus, aws.ToString(got.StackStatusReason))
			}
			_, err := r.client.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("s"), ResourcesToSkip: []string{"C"}})
			refused(t, err, "ValidationError", "Resource [C] cannot be skipped")
			_, err = r.client.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("s"), ResourcesToSkip: test.skip})
			noError(t, err)
			if got := r.settled("s"); got.StackStatus != types.StackStatusUpdateRollbackComplete {
				t.Errorf("the stack is %s", got.StackStatus)
			}
			for id, value := range test.values {
				if got := r.world.value(id); got != value {
					t.Errorf("%s is %v, not %v", id, got, value)
				}
			}
		})
	}
}

func TestWhatIsLongOverIsForgotten(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	old := r.create(one)
	detected := r.detect()
	_, err := r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String("s")})
	noError(t, err)
	r.settled(*old.StackId)
	events := &cloudformation.DescribeStackEventsInput{StackName: old.StackId}
	detection := &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: detected.StackDriftDetectionId}

	r.clock.Advance(90 * 24 * time.Hour)
	r.restart()
	if _, err := r.client.DescribeStackEvents(ctx, events); err != nil {
		t.Errorf("the deleted stack after 90 days: %v", err)
	}
	_, err = r.client.DescribeStackDriftDetectionStatus(ctx, detection)
	refused(t, err, "ValidationError", "does not exist")

	r.clock.Advance(time.Hour)
	r.create(one)
	_, err = r.client.DescribeStackEvents(ctx, events)
	refused(t, err, "ValidationError", "does not exist")
}
