package stacks_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// hold makes the next creations wait; the returned function lets them go on.
func (w *world) hold() (release func()) {
	gate := make(chan struct{})
	w.gate, w.waiting = gate, make(chan string, 10)
	return func() { close(gate) }
}

// crash is a rig on a copy of what is kept now, before anything runs there.
func (r *rig) crash() *rig {
	r.t.Helper()
	crashed := &rig{t: r.t, world: newWorld(), clock: r.clock, dir: r.t.TempDir()}
	state, err := os.ReadFile(filepath.Join(r.dir, "state.db"))
	noError(r.t, err)
	noError(r.t, os.WriteFile(filepath.Join(crashed.dir, "state.db"), state, 0o600))
	return crashed
}

func TestAnOperationGoesOnAfterACrash(t *testing.T) {
	r := newRig(t)
	release := r.world.hold()
	out, err := r.client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(pair)})
	noError(t, err)
	<-r.world.waiting

	crashed := r.crash()
	crashed.open()
	defer crashed.close()
	if stack := crashed.settled(*out.StackId); stack.StackStatus != types.StackStatusCreateComplete || *stack.Outputs[0].OutputValue != "s-B-2" {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
	release()
	r.settled("s")
}

func TestACleanupDoesNotTryAgainWhatItGaveUp(t *testing.T) {
	r := newRig(t)
	stack := r.create(`{"Resources": {"A": {"Type": "Fake::Thing"}, "B": {"Type": "Fake::Thing", "DependsOn": "A"}, "C": {"Type": "Fake::Thing"}}}`)
	var crashed *rig
	r.world.fail["delete B"] = 1
	r.world.on = map[string]func(){"delete A": func() { crashed = r.crash() }}
	r.update(`{"Resources": {"C": {"Type": "Fake::Thing"}}}`)
	crashed.open()
	defer crashed.close()
	if stack := crashed.settled(*stack.StackId); stack.StackStatus != types.StackStatusUpdateComplete {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
	if deleted := crashed.world.order; len(deleted) != 1 || logicalOf(deleted[0]) != "A" {
		t.Errorf("after the crash it deleted %v", deleted)
	}
}

func TestAnUpdateIsCanceled(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.create(one)
	seen := len(r.events("s"))
	release := r.world.hold()
	_, err := r.client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(
		`{"Resources": {"A": {"Type": "Fake::Thing", "Properties": {"Value": 2}}, "B": {"Type": "Fake::Thing", "DependsOn": "A"}, "C": {"Type": "Fake::Thing", "DependsOn": "A"}}}`,
	)})
	noError(t, err)
	<-r.world.waiting
	_, err = r.client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(pair)})
	refused(t, err, "ValidationError", "is in UPDATE_IN_PROGRESS state and can not be updated.")
	_, err = r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String("s")})
	refused(t, err, "ValidationError", "] cannot be deleted while in status UPDATE_IN_PROGRESS")
	_, err = r.client.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: aws.String("s")})
	noError(t, err)
	release()
	if stack := r.settled("s"); stack.StackStatus != types.StackStatusUpdateRollbackComplete {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
	want := []string{
		"s UPDATE_IN_PROGRESS User Initiated", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE", "B CREATE_IN_PROGRESS", "C CREATE_IN_PROGRESS",
		"B CREATE_IN_PROGRESS Resource creation Initiated", "B CREATE_COMPLETE", "C CREATE_FAILED Resource creation cancelled",
		"s UPDATE_ROLLBACK_IN_PROGRESS User Initiated", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE",
		"s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "C DELETE_COMPLETE", "s UPDATE_ROLLBACK_COMPLETE",
	}
	if diff := cmp.Diff(want, r.since("s", seen)); diff != "" {
		t.Error(diff)
	}
	if r.world.value("s-A-1") != nil {
		t.Errorf("A keeps %v", r.world.value("s-A-1"))
	}
}

func TestAStackIsDeletedWhileItIsCreated(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	release := r.world.hold()
	out, err := r.client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(pair)})
	noError(t, err)
	<-r.world.waiting
	_, err = r.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: out.StackId})
	noError(t, err)
	release()
	if stack := r.settled(*out.StackId); stack.StackStatus != types.StackStatusDeleteComplete {
		t.Errorf("the stack is %s", stack.StackStatus)
	}
	if left := r.world.ids(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestWhatFailedIsRolledBackOnDemand(t *testing.T) {
	const two = `{"Resources": {"A": {"Type": "Fake::Thing", "Properties": {"Key": "x"}}, "B": {"Type": "Fake::Thing", "DependsOn": "A"}}}`
	rollback := func(r *rig) types.Stack {
		_, err := r.client.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: aws.String("s")})
		noError(t, err)
		return r.settled("s")
	}
	t.Run("a creation", func(t *testing.T) {
		r := newRig(t)
		r.world.fail["create B"] = 1
		r.create(two, func(in *cloudformation.CreateStackInput) { in.DisableRollback = aws.Bool(true) })
		if stack := rollback(r); stack.StackStatus != types.StackStatusRollbackComplete || len(r.world.ids()) > 0 {
			t.Errorf("the stack is %s, left %v", stack.StackStatus, r.world.ids())
		}
	})
	t.Run("an update that was tried twice", func(t *testing.T) {
		r := newRig(t)
		r.create(one)
		for _, key := range []string{"x", "y"} {
			r.world.fail["create B"] = 1
			stack := r.update(`{"Resources": {"A": {"Type": "Fake::Thing", "Properties": {"Key": "`+key+`"}}, "B": {"Type": "Fake::Thing", "DependsOn": "A"}}}`,
				func(in *cloudformation.UpdateStackInput) { in.DisableRollback = aws.Bool(true) })
			if stack.StackStatus != types.StackStatusUpdateFailed || *stack.StackStatusReason != "The following resource(s) failed to create: [B]. " {
				t.Fatalf("the stack is %s: %s", stack.StackStatus, aws.ToString(stack.StackStatusReason))
			}
		}
		stack := rollback(r)
		if got := r.world.ids(); stack.StackStatus != types.StackStatusUpdateRollbackComplete || !slices.Equal(got, []string{"s-A-1"}) {
			t.Errorf("the stack is %s, there is %v", stack.StackStatus, got)
		}
	})
}
