package ops_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// requests are the bulk actions with the status that their runs are in.
var requests = map[ops.BulkAction]struct {
	request ops.BulkRequest
	status  workflow.Status
}{
	ops.BulkRedrive:   {ops.BulkRequest{Action: ops.BulkRedrive}, workflow.Failed},
	ops.BulkStop:      {ops.BulkRequest{Action: ops.BulkStop, Cause: "wrong table"}, workflow.Running},
	ops.BulkClone:     {ops.BulkRequest{Action: ops.BulkClone, Overrides: workflow.Overrides{Memory: 2048}}, workflow.Failed},
	ops.BulkFailToken: {ops.BulkRequest{Action: ops.BulkFailToken, Why: "ticket 9"}, workflow.Running},
}

func TestABulkActionDoesEveryItemOnceAtItsRate(t *testing.T) {
	rate := ops.Rate{Burst: 10, PerSecond: 5}
	for action, c := range requests {
		t.Run(string(action), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n = 200
				f, folder := newFleet(), t.TempDir()
				s := f.service()
				plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), c.request, f.add(n, c.status)))
				if len(plan.Items) != n || len(plan.Excluded) != 0 {
					t.Fatalf("%d items and excluded %v", len(plan.Items), plan.Excluded)
				}
				b := must[*ops.Bulk](t)(s.BeginBulk(folder, plan, rate))
				began := time.Now()
				if err := b.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != rate.Time(n) || took != 38*time.Second {
					t.Errorf("it took %s, the bucket allows %s", took, rate.Time(n))
				}
				for i, item := range b.Items() {
					if o := b.Outcomes()[i]; o.State != ops.BulkDone || f.done[item.RunARN] != 1 {
						t.Errorf("%s was done %d times: %+v", item.RunARN, f.done[item.RunARN], o)
					}
				}
				if p := b.Progress(); p != (ops.BulkProgress{Total: n, Done: n}) {
					t.Errorf("%+v", p)
				}
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				if left := must[[]ops.BulkLeft](t)(ops.BulksLeft(folder)); len(left) != 0 {
					t.Errorf("left: %v", left)
				}
			})
		})
	}
}

// TestWhateverHappensEachItemIsDoneOnce lets calls fail, get lost and be
// throttled, kills the program between any two steps, and resumes it.
func TestWhateverHappensEachItemIsDoneOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		action := rapid.SampledFrom([]ops.BulkAction{ops.BulkRedrive, ops.BulkStop, ops.BulkClone, ops.BulkFailToken}).Draw(rt, "action")
		n := rapid.SampledFrom([]int{1, 3, 20, 60}).Draw(rt, "runs")
		fates := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) fate { return fate(rapid.IntRange(0, int(killsAfter)).Draw(rt, "fate")) }), 0, 80).Draw(rt, "fates")
		again := rapid.SampledFrom([]workflow.Status{workflow.Running, workflow.Failed, workflow.Succeeded}).Draw(rt, "after a redrive")
		torn := rapid.Bool().Draw(rt, "torn")
		var failed error
		synctest.Test(t, func(t *testing.T) { failed = survive(t, action, n, fates, again, torn) })
		if failed != nil {
			rt.Fatal(failed)
		}
	})
}

func survive(t *testing.T, action ops.BulkAction, n int, fates []fate, again workflow.Status, torn bool) error {
	f, folder, c := newFleet(), t.TempDir(), requests[action]
	f.again = again
	plan, err := f.service().PlanBulk(t.Context(), c.request, f.add(n, c.status))
	if err != nil || len(plan.Items) != n {
		return fmt.Errorf("plan: %d items, %w", len(plan.Items), err)
	}
	f.fates = fates
	b, err := f.service().BeginBulk(folder, plan, ops.Rate{})
	for round := 0; err == nil; round++ {
		ctx, kill := context.WithCancel(t.Context())
		f.kill = kill
		ended := b.Run(ctx)
		kill()
		p := b.Progress()
		if err := b.Close(); err != nil {
			return err
		}
		if ended == nil && p.Failed == 0 {
			break
		}
		if round > len(fates) {
			return fmt.Errorf("it does not end: %+v, %w", p, ended)
		}
		if torn {
			tear(t, folder)
		}
		b, err = f.service().ResumeBulk(folder, b.ID(), ops.Rate{})
	}
	if err != nil {
		return err
	}
	for i, item := range plan.Items {
		if o := b.Outcomes()[i]; f.done[item.RunARN] != 1 || o.State != ops.BulkDone {
			return fmt.Errorf("%s was done %d times: %+v", item.RunARN, f.done[item.RunARN], o)
		}
	}
	if left, err := ops.BulksLeft(folder); err != nil || len(left) != 0 {
		return fmt.Errorf("left %v, %w", left, err)
	}
	return nil
}

func TestThrottlesAreNoFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		s := f.service()
		plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, f.add(5, workflow.Failed)))
		for range 40 {
			f.fates = append(f.fates, isThrottled)
		}
		b := must[*ops.Bulk](t)(s.BeginBulk(t.TempDir(), plan, ops.Rate{}))
		if err := b.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p != (ops.BulkProgress{Total: 5, Done: 5}) {
			t.Errorf("%+v", p)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestARunThatChangedAfterThePreviewIsSkipped(t *testing.T) {
	for _, few := range []int{4, 60} { // looked at one by one, and by lists
		t.Run(fmt.Sprint(few), func(t *testing.T) {
			f := newFleet()
			s := f.service()
			plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, f.add(few, workflow.Failed)))
			f.runs[1].RedriveCount = 1 // redriven by somebody else, and failed again
			f.runs[2].Status, f.runs[2].RedriveCount = workflow.Running, 1
			b := must[*ops.Bulk](t)(s.BeginBulk(t.TempDir(), plan, ops.Rate{}))
			if err := b.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i, want := range map[int]string{1: "it was redriven meanwhile and is FAILED now", 2: "it was redriven meanwhile and is RUNNING now"} {
				if o := b.Outcomes()[i]; o.State != ops.BulkSkipped || o.Reason != want || f.done[f.runs[i].ARN] != 0 {
					t.Errorf("%+v", o)
				}
			}
			if p := b.Progress(); p.Done != few-2 || p.Skipped != 2 {
				t.Errorf("%+v", p)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestWhatIsExcludedIsSaidWithTheReason(t *testing.T) {
	f := newFleet()
	failed, running := f.add(6, workflow.Failed), f.add(2, workflow.Running)
	live := taskARN("run-000-0")
	f.tasks[live] = workflow.Task{ARN: live, ClusterARN: cluster, LastStatus: "RUNNING"}
	failed[1].MapRunARN = "arn:map"
	failed[2].Status = workflow.Succeeded
	failed[3].Stopped = time.Now().Add(-15 * 24 * time.Hour)
	failed[4].ARN = strings.Replace(failed[4].ARN, ":execution:", ":express:", 1) + ":id"
	for _, c := range []struct {
		action ops.BulkAction
		runs   []workflow.Run
		want   []string // empty: not excluded
	}{
		{ops.BulkRedrive, append(failed[:6:6], running[0]), []string{"is still RUNNING", "Map Run", "it succeeded", "14 days", "Express", "", "still running"}},
		{ops.BulkStop, []workflow.Run{failed[0], running[1]}, []string{"it is FAILED", ""}},
		{ops.BulkClone, []workflow.Run{failed[1], failed[4], failed[5]}, []string{"Map Run", "Express", ""}},
		{ops.BulkFailToken, []workflow.Run{failed[0], running[1]}, []string{"it is FAILED", ""}},
	} {
		plan := must[ops.BulkPlan](t)(f.service().PlanBulk(t.Context(), ops.BulkRequest{Action: c.action}, append(c.runs, c.runs[0])))
		reasons := map[string]string{}
		for _, x := range plan.Excluded {
			reasons[x.Item.RunARN] = x.Reason.String()
		}
		for i, want := range c.want {
			got, excluded := reasons[c.runs[i].ARN]
			if excluded != (want != "") || !strings.Contains(got, want) {
				t.Errorf("%s of %s: %q, want %q", c.action, c.runs[i].ARN, got, want)
			}
		}
		if n := len(plan.Items) + len(plan.Excluded); n != len(c.runs) {
			t.Errorf("%s: %d of %d runs", c.action, n, len(c.runs))
		}
	}
}

func TestAPauseBeginsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		s := f.service()
		plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, f.add(20, workflow.Failed)))
		b := must[*ops.Bulk](t)(s.BeginBulk(t.TempDir(), plan, ops.Rate{Burst: 1, PerSecond: 1}))
		ended := make(chan error)
		go func() { ended <- b.Run(t.Context()) }()
		time.Sleep(4500 * time.Millisecond) // of the bubble's clock
		b.Pause()
		time.Sleep(time.Hour)
		if p := b.Progress(); p.Done != 5 || !p.Paused {
			t.Errorf("%+v", p)
		}
		b.Continue()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if p := <-b.Updates(); p.Done != 20 || p.Paused {
			t.Errorf("%+v", p)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhatCannotGoOnEndsTheRunAndCanBeResumed(t *testing.T) {
	for _, kind := range []ops.Kind{ops.Expired, ops.Denied, ops.Unreachable} {
		synctest.Test(t, func(t *testing.T) {
			f, folder := newFleet(), t.TempDir()
			s := f.service()
			plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, f.add(40, workflow.Failed)))
			b := must[*ops.Bulk](t)(s.BeginBulk(folder, plan, ops.Rate{}))
			f.fail["DescribeRun"] = &ops.Problem{Kind: kind}
			if err := b.Run(t.Context()); ops.KindOf(err) != kind {
				t.Fatalf("it ended with %v", err)
			}
			if p := b.Progress(); p.Open() != 40 {
				t.Errorf("%+v", p)
			}
			if _, err := s.ResumeBulk(folder, b.ID(), ops.Rate{}); ops.KindOf(err) != ops.Conflict {
				t.Errorf("it can be worked on twice at a time: %v", err)
			}
			delete(f.fail, "DescribeRun")
			if err := b.Run(t.Context()); err != nil || b.Progress().Done != 40 {
				t.Errorf("%v %+v", err, b.Progress())
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestACancelledBulkActionIsNotResumed(t *testing.T) {
	f, folder := newFleet(), t.TempDir()
	s := f.service()
	plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, f.add(3, workflow.Failed)))
	b := must[*ops.Bulk](t)(s.BeginBulk(folder, plan, ops.Rate{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Run(ctx); !errors.Is(err, context.Canceled) || len(f.done) != 0 {
		t.Errorf("%v, done %v", err, f.done)
	}
	if err := b.Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ResumeBulk(folder, b.ID(), ops.Rate{}); ops.KindOf(err) != ops.NotFound {
		t.Errorf("it can be resumed: %v", err)
	}
}

func TestAJournalThatSomethingElseChangedIsRefused(t *testing.T) {
	f, folder := newFleet(), t.TempDir()
	s := f.service()
	plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, f.add(3, workflow.Failed)))
	b := must[*ops.Bulk](t)(s.BeginBulk(folder, plan, ops.Rate{}))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	tear(t, folder)
	tear(t, folder) // half a line that a whole one follows is no crash's doing
	path := filepath.Join(folder, b.ID()+".bulk.jsonl")
	text := must[[]byte](t)(os.ReadFile(path))
	if err := os.WriteFile(path, append(text, "\"}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ResumeBulk(folder, b.ID(), ops.Rate{}); ops.KindOf(err) != ops.Failed || !strings.Contains(err.Error(), path) {
		t.Errorf("resumed: %v", err)
	}
}
