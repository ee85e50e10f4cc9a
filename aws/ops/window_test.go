package ops_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func namesOf(runs []workflow.Run) []string {
	names := []string{}
	for _, r := range runs {
		names = append(names, r.Name.String())
	}
	return names
}

func TestAWindowIsReadToItsEnd(t *testing.T) {
	now := time.Now()
	f := newFleet()
	machine := f.addMachine("dumps", workflow.Standard)
	for i := range 10 { // one an hour, newest first; odd ones timed out
		status := workflow.Failed
		if i%2 == 1 {
			status = workflow.TimedOut
		}
		f.addRun(machine, fmt.Sprint(i), status, now.Add(-time.Duration(i)*time.Hour))
		f.addRun(machine, fmt.Sprintf("good-%d", i), workflow.Succeeded, now.Add(-time.Duration(i)*time.Hour))
	}
	f.pageSize = 2
	at := func(hours float64) time.Time { return now.Add(-time.Duration(hours * float64(time.Hour))) }
	for _, c := range []struct {
		name   string
		window ops.Window
		runs   []string
		unread []ops.Unread
		calls  int
	}{
		{"all", ops.Window{}, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, nil, 6},
		{"since", ops.Window{Since: at(4.5)}, []string{"0", "1", "2", "3", "4"}, nil, 4},
		{"until", ops.Window{Until: at(6.5)}, []string{"7", "8", "9"}, nil, 6},
		{"one status", ops.Window{Statuses: []workflow.Status{workflow.TimedOut}}, []string{"1", "3", "5", "7", "9"}, nil, 3},
		{"a limit", ops.Window{Limit: 2, Since: at(7.5)}, []string{"0", "1", "2", "3"}, []ops.Unread{
			{MachineARN: machine, Status: workflow.Failed, Before: at(2)}, {MachineARN: machine, Status: workflow.TimedOut, Before: at(3)},
		}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := f.count("ListRuns")
			got := must[ops.WindowRuns](t)(f.service().FailuresIn(t.Context(), c.window))
			if d := cmp.Diff(c.runs, namesOf(got.Runs)); d != "" {
				t.Error(d)
			}
			slices.SortFunc(got.Unread, func(a, b ops.Unread) int { return b.Before.Compare(a.Before) })
			if d := cmp.Diff(c.unread, got.Unread); d != "" {
				t.Error(d)
			}
			if n := f.count("ListRuns") - before; n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

func TestAPartThatCannotBeReadIsSaid(t *testing.T) {
	f := newFleet()
	f.add(1, workflow.Failed)
	broken := errors.New("broken")
	f.fail["ListRuns"] = broken
	got := must[ops.WindowRuns](t)(f.service().FailuresIn(t.Context(), ops.Window{}))
	if len(got.Runs) != 0 || len(got.Unread) != 2 || !errors.Is(got.Unread[0].Err, broken) {
		t.Errorf("%+v", got)
	}
}

func TestCausesAreReadOnceEach(t *testing.T) {
	f := newFleet()
	runs := f.add(30, workflow.Failed)
	for i := range 10 {
		h := f.histories[runs[i].ARN]
		h[len(h)-1].Cause = safe.Line("exit 137, OutOfMemory")
	}
	s := f.service()
	for range 2 {
		if n := len(must[[]workflow.Run](t)(s.WithCause(t.Context(), runs, "outofmemory"))); n != 10 {
			t.Errorf("%d runs fit", n)
		}
	}
	must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, runs))
	if n := f.count("History"); n != len(runs) {
		t.Errorf("%d histories were read of %d runs", n, len(runs))
	}
}
