package stack_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestStuckStacksAreBroughtOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount().withStack(stack.UpdateRollbackFailed)
		a.onContinue, a.final = [][]stack.Event{{event(9, "dumps", stack.UpdateRollbackComplete), event(8, "dumps", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")}}, stack.UpdateRollbackComplete
		var stuck *stack.Stuck
		_, err := a.service().Plan(t.Context(), request())
		if !errors.As(err, &stuck) {
			t.Fatal(err)
		}
		recovered := func(p stack.Progress) {
			if p.Failed != nil {
				t.Errorf("a rollback that goes on is told as a failure: %+v", p.Failed)
			}
		}
		if err := a.service().Recover(t.Context(), stuck, recovered); err != nil {
			t.Error(err)
		}
		a = newAccount().withStack(stack.RollbackComplete)
		a.onDelete, a.final = [][]stack.Event{{event(9, "dumps", stack.DeleteComplete)}}, stack.DeleteComplete
		stuck.Way.Do = stack.RemedyDelete
		if err := a.service().Recover(t.Context(), stuck, quiet); err != nil || len(a.deleted) != 1 {
			t.Errorf("%v, deleted %v", err, a.deleted)
		}
	})
}

func TestDeletingTellsWhatIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount().withStack(stack.CreateComplete)
		a.resources = []stack.Resource{{Logical: "Artifacts", Status: stack.CreateComplete}, {Logical: "Cluster", Status: stack.CreateComplete}, {Logical: "Repository", Status: stack.CreateComplete}}
		a.tasks = []workflow.Task{{ARN: "t1", DefinitionARN: "a:1"}, {ARN: "t2", DefinitionARN: "b:1"}}
		s := a.service()
		d, err := s.PlanDelete(t.Context(), "dumps")
		if err != nil {
			t.Fatal(err)
		}
		if d.Tasks != 2 || len(d.Deleted) != 1 || d.Deleted[0].Logical != "Cluster" || len(d.Kept) != 2 {
			t.Errorf("%+v", d)
		}
		a.onDelete, a.final = [][]stack.Event{{event(3, "dumps", stack.DeleteFailed), event(2, "Cluster", stack.DeleteFailed, "it has tasks")}}, stack.DeleteFailed
		says(t, s.Delete(t.Context(), d, quiet), ops.Failed, "Cluster: it has tasks", "stepdeck stack delete --stack dumps")
		if a.retained != nil {
			t.Errorf("retained %v, of which nobody was told", a.retained)
		}
	})
}

func TestWhatCouldNotBeDeletedIsTriedAgainAndThenKept(t *testing.T) {
	failed := func(second int, names ...string) []stack.Event {
		events := []stack.Event{event(second+2, "dumps", stack.DeleteFailed)}
		for _, name := range names {
			events = append(events, event(second+1, name, stack.DeleteFailed, "it has tasks"))
		}
		return append(events, event(second, "dumps", stack.DeleteInProgress))
	}
	for name, c := range map[string]struct {
		stillFails []string // what the second attempt cannot delete
		retained   []string
		err        string
	}{
		"its cause is gone":      {},
		"its cause is there yet": {stillFails: []string{"Cluster"}, retained: []string{"Cluster"}},
		"another fails too":      {stillFails: []string{"Cluster", "Logs"}, err: "not all of it could be deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAccount().withStack(stack.DeleteFailed)
				a.resources = []stack.Resource{{Logical: "Artifacts", Status: stack.DeleteSkipped}, {Logical: "Cluster", Status: stack.DeleteFailed}}
				s := a.service()
				d, err := s.PlanDelete(t.Context(), "dumps")
				if err != nil || len(d.Failed) != 1 {
					t.Fatalf("%+v, %v", d, err)
				}
				a.onDelete, a.final = [][]stack.Event{{event(6, "dumps", stack.DeleteComplete), event(5, "dumps", stack.DeleteInProgress)}}, stack.DeleteComplete
				if c.stillFails != nil {
					a.onDelete, a.final = [][]stack.Event{failed(5, c.stillFails...)}, stack.DeleteFailed
				}
				a.resources = nil
				for _, name := range c.stillFails {
					a.resources = append(a.resources, stack.Resource{Logical: name, Status: stack.DeleteFailed})
				}
				switch err := s.Delete(t.Context(), d, quiet); {
				case c.err != "":
					says(t, err, ops.Failed, c.err)
				case err != nil:
					t.Error(err)
				}
				if diff := cmp.Diff(c.retained, a.retained); diff != "" {
					t.Errorf("retained: %s", diff)
				}
			})
		})
	}
}

func TestAProtectedStackIsNotDeleted(t *testing.T) {
	a := newAccount().withStack(stack.CreateComplete)
	a.stacks["dumps"].Protected = true
	_, err := a.service().PlanDelete(t.Context(), "dumps")
	says(t, err, ops.Conflict, "protected", "update-termination-protection")
}
