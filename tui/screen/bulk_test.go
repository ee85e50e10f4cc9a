package screen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// inBulk opens the runs of a machine with six failed ones, a running one and
// a good one.
func inBulk(t *testing.T, look theme.Options, w, h int, use func(*testing.T, *account, *Console, *tuitest.Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("dumps-run", workflow.Standard)
		for i := range 6 {
			a.failed(m, fmt.Sprintf("orders-%d", i+1), time.Duration(i+1)*time.Hour, "OutOfMemory", "Container killed due to memory usage")
		}
		a.add(m, "working", workflow.Running, time.Hour, 0, a.attempt("alive", "RUNNING")...)
		a.add(m, "good", workflow.Succeeded, 30*time.Hour, time.Minute)
		c := bulkConsole(t, a, look)
		d := a.open(t, c, newRuns(c, m), w, h)
		d.Advance(5 * time.Second)
		use(t, a, c, d)
	})
}

// bulkConsole keeps journals, and begins one item at once and two a second.
func bulkConsole(t *testing.T, a *account, look theme.Options) *Console {
	c := a.console(look)
	c.Bulks = t.TempDir()
	c.Share = func(string, string) (float64, float64) { return 1, 2 }
	return c
}

// redrives are the runs that AWS was asked to redrive, in order of their names.
func (a *account) redrives() []string {
	var out []string
	for _, sent := range a.changes() {
		if name, ok := strings.CutPrefix(sent, "RedriveRun "); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

var allSix = []string{"orders-1", "orders-2", "orders-3", "orders-4", "orders-5", "orders-6"}

func journals(t *testing.T, c *Console) int {
	t.Helper()
	entries, err := os.ReadDir(c.Bulks)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

func TestABulkActionFromPreviewToResult(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		d.Press("*", "D")
		d.Advance(time.Second)
		shown(t, d, "Redrive 6 runs, 2 left out. Nothing has been sent yet.", "the first 1 without a wait, then 2 a second: about 2.5s",
			"1 it is still running; stop it first", "1 it succeeded", "Type 6 to redrive them:")
		d.Press("7", "enter")
		shown(t, d, "type 6, the number of runs, then enter")
		if len(a.changes()) != 0 {
			t.Fatalf("the wrong count was taken: %q", a.changes())
		}
		d.Press("6", "enter")
		d.Advance(1200 * time.Millisecond)
		shown(t, d, "3 of 6 runs", "redrive 3/6", "left", "✔ redriven")
		d.Advance(3 * time.Second)
		shown(t, d, "6 runs redriven  2 left out")
		absent(t, d, "redrive 6/6")
		if got := a.redrives(); !slices.Equal(got, allSix) {
			t.Errorf("redriven %q", got)
		}
		if n := journals(t, c); n != 0 {
			t.Errorf("%d journals are left", n)
		}
		d.Press("esc")
		d.Advance(time.Second)
		shown(t, d, "● RUNNING    orders-6")
	})
}

func TestAClickGoesToAnItem(t *testing.T) {
	inBulk(t, ansi16, 80, 24, func(t *testing.T, _ *account, _ *Console, d *tuitest.Driver) {
		d.Press("*", "D")
		d.Advance(time.Second)
		clicked(t, d, "orders-4", "working", "orders-1")
	})
}

func TestABulkActionOverNothingSaysSo(t *testing.T) {
	inBulk(t, ansi16, 80, 24, func(t *testing.T, a *account, _ *Console, d *tuitest.Driver) {
		d.Press("/")
		d.Type("status:succeeded")
		d.Press("enter", "*", "D")
		d.Advance(time.Second)
		shown(t, d, "Nothing to redrive: of 1 run none can be redriven.", "it succeeded")
		d.Press("1", "enter")
		absent(t, d, "Type")
		if len(a.changes()) != 0 {
			t.Errorf("sent %q", a.changes())
		}
	})
}

func TestABulkActionIsPausedAndGoesOnWhileAnotherScreenIsUp(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, _ *Console, d *tuitest.Driver) {
		redriveAll(d)
		d.Advance(time.Second)
		d.Press("p")
		d.Advance(time.Second)
		before := len(a.redrives())
		shown(t, d, "paused, p goes on")
		d.Press("esc")
		d.Advance(10 * time.Second)
		shown(t, d, "paused", "dumps-run")
		if n := len(a.redrives()); n != before {
			t.Fatalf("%d were redriven while it was paused", n-before)
		}
		d.Press(":")
		d.Type("bulk")
		d.Press("enter", "p")
		d.Press("esc")
		d.Advance(3 * time.Second)
		shown(t, d, "6 runs redriven")
		if got := a.redrives(); !slices.Equal(got, allSix) {
			t.Errorf("redriven %q", got)
		}
	})
}

func TestWhatFailedIsTriedAgain(t *testing.T) {
	inBulk(t, ansi16, 160, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		a.fail["RedriveRun"] = &ops.Problem{Kind: ops.Failed, Title: safe.Line("AWS is out of order")}
		redriveAll(d)
		d.Advance(10 * time.Second)
		shown(t, d, "0 runs redriven  6 failed", "✖ failed", "AWS is out of order", "a tries again")
		a.fail = map[string]error{}
		d.Press("a")
		shown(t, d, "Type 6 to redrive them:")
		d.Press("6", "enter")
		d.Advance(10 * time.Second)
		shown(t, d, "6 runs redriven")
		absent(t, d, "✖ failed")
		if n := journals(t, c); n != 0 {
			t.Errorf("%d journals are left", n)
		}
	})
}

func TestARunThatChangedSinceThePreviewIsSkippedWithTheReason(t *testing.T) {
	inBulk(t, ansi16, 160, 40, func(t *testing.T, a *account, _ *Console, d *tuitest.Driver) {
		d.Press("/")
		d.Type("orders")
		d.Press("enter", "*", "D")
		d.Advance(time.Second)
		a.update(workflow.RunARNOf(a.machines[0].ARN, "orders-3"), func(r *workflow.Run) { r.Status, r.RedriveCount = workflow.Succeeded, 1 })
		d.Press("6", "enter")
		d.Advance(10 * time.Second)
		shown(t, d, "5 runs redriven  1 skipped", "it was redriven meanwhile and is SUCCEEDED now")
		d.Press("f", "f")
		shown(t, d, "orders-3")
		absent(t, d, "orders-2")
	})
}

func TestAnInterruptedBulkActionIsOfferedAndEachRunDoneOnce(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		redriveAll(d)
		d.Advance(1200 * time.Millisecond)
		d.Close()
		if n := len(a.redrives()); n == 0 || n == 6 {
			t.Fatalf("%d were redriven before the end of the program", n)
		}
		again := a.console(ansi16)
		again.Bulks, again.Share = c.Bulks, c.Share
		next := a.open(t, again, NewHome(again), 120, 40)
		next.Advance(5 * time.Second)
		shown(t, next, "Redrive 6 runs was interrupted with 3 left; enter resumes or forgets it")
		next.Press("enter")
		next.Advance(time.Second)
		shown(t, next, "Redrive the 3 runs left: 3 done, 0 skipped and 0 failed before", "Type 3 to redrive them:")
		next.Press("3", "enter")
		next.Advance(5 * time.Second)
		shown(t, next, "6 runs redriven")
		if got := a.redrives(); !slices.Equal(got, allSix) {
			t.Errorf("redriven %q", got)
		}
		next.Press("esc")
		next.Advance(5 * time.Second)
		absent(t, next, "was interrupted")
	})
}

// redriveAll marks all six runs that failed and begins to redrive them.
func redriveAll(d *tuitest.Driver) {
	d.Press("*", "D")
	d.Advance(time.Second)
	d.Press("6", "enter")
}

func TestABulkActionIsStoppedAndForgotten(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		redriveAll(d)
		d.Advance(time.Second)
		d.Press("x")
		shown(t, d, "Begin no more of them?")
		answerDialog(d, "y")
		d.Advance(10 * time.Second)
		done := len(a.redrives())
		shown(t, d, fmt.Sprintf("%d not done", 6-done), "○ to do")
		d.Press("d")
		shown(t, d, fmt.Sprintf("Forget the %d runs left?", 6-done))
		answerDialog(d, "y")
		shown(t, d, "forgotten; what was done stays done")
		if n := journals(t, c); n != 0 || len(a.redrives()) != done {
			t.Errorf("%d journals are left, %d redriven of %d", n, len(a.redrives()), done)
		}
	})
}

func TestABulkActionOfAnotherPlaceIsNotOffered(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		redriveAll(d)
		d.Advance(time.Second)
		d.Close()
		for region, want := range map[string]int{"eu-west-1": 1, "us-east-1": 0} {
			c.Place.Region = region
			if got, err := c.interrupted(); err != nil || len(got) != want {
				t.Errorf("%s: %v %v", region, got, err)
			}
		}
	})
}

func TestStoppingManyTakesTheirTasksAlong(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, _ *Console, d *tuitest.Driver) {
		d.Press("*", "X")
		shown(t, d, "Stop 8 runs")
		answerDialog(d, "enter")
		shown(t, d, "stopped by me@host via stepdeck")
		answerDialog(d, "enter")
		d.Advance(time.Second)
		shown(t, d, "Stop 1 run, 7 left out", "their tasks are stopped too", "6 it is not running: it is FAILED")
		d.Press("1", "enter")
		d.Advance(2 * time.Second)
		shown(t, d, "1 run stopped", "task alive is stopped")
		if got := a.changes(); len(got) != 2 || got[0] != "StopRun working | stopped by me@host via stepdeck" || !strings.HasPrefix(got[1], "StopTask alive") {
			t.Errorf("sent %q", got)
		}
	})
}

func TestManyRunsAreClonedWithTheSameChange(t *testing.T) {
	inBulk(t, ansi16, 160, 40, func(t *testing.T, a *account, _ *Console, d *tuitest.Driver) {
		d.Press("space", "j", "space", "N")
		shown(t, d, "Start 2 runs again", "memory, MiB")
		answerDialog(d, "tab", "tab", "a", "up", "up", "up", "enter")
		shown(t, d, `memory: "a" is no whole number above 0`)
		answerDialog(d, "backspace", "2", "0", "4", "8", "tab", "tab", "tab", "tab", "a", "l", "l", "o", "w", "tab")
		d.Type(`{"day":"friday"}`)
		answerDialog(d, "enter")
		d.Advance(time.Second)
		shown(t, d, "Clone 2 runs", "changed: memory 2048 allow", `put over each input: {"day":"friday"}`, "Type 2 to clone them:")
		d.Press("2", "enter")
		d.Advance(3 * time.Second)
		shown(t, d, "2 runs cloned", "started orders-1-")
		got := a.changes()
		if len(got) != 2 || strings.Count(strings.Join(got, "\n"), `"memory":2048,"overlap":"allow"`) != 2 || !strings.Contains(got[0], `"day":"friday"`) || strings.Contains(got[0], `"args":[]`) {
			t.Errorf("sent %q", got)
		}
	})
}

func TestDeadTokensAreFailedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := bulkConsole(t, a, ansi16)
		d := a.open(t, c, newTokens(c), 120, 40)
		d.Advance(time.Second)
		d.Press("*", "T")
		shown(t, d, "Fail the open tokens of 2 runs", "those whose task is gone")
		answerDialog(d, "enter")
		shown(t, d, "why you do it")
		answerDialog(d, "w", "h", "y", "enter")
		d.Advance(time.Second)
		shown(t, d, "Fail 1 token, 1 left out", "is still RUNNING and can answer itself")
		d.Press("1", "enter")
		d.Advance(3 * time.Second)
		shown(t, d, "1 token answered")
		got := a.changes()
		if len(got) != 1 || !strings.HasPrefix(got[0], "FailToken OutOfMemory | OutOfMemoryError: Container killed") || !strings.Contains(got[0], "why") {
			t.Errorf("sent %q", got)
		}
	})
}

func TestAReadOnlyConsoleBeginsNothing(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		d.Press("*", "D")
		d.Advance(time.Second)
		c.Env.ReadOnly = true
		d.Press("6", "enter")
		shown(t, d, "read-only")
		d.Press("esc", "D", "X", "N", "T")
		d.Advance(time.Second)
		if len(a.changes()) != 0 || journals(t, c) != 0 {
			t.Errorf("sent %q", a.changes())
		}
	})
}

func TestAProtectedProfileIsTypedBesidesTheCount(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		c.Env.Protected = true
		redriveAll(d)
		shown(t, d, "Redrive 6 runs?", "Type prod:")
		answerDialog(d, "6", "enter")
		if len(a.changes()) != 0 {
			t.Fatalf("sent %q", a.changes())
		}
		answerDialog(d, "backspace", "p", "r", "o", "d", "enter")
		d.Advance(5 * time.Second)
		if got := a.redrives(); !slices.Equal(got, allSix) {
			t.Errorf("redriven %q", got)
		}
	})
}

func TestResultsAreCopiedAndExported(t *testing.T) {
	inBulk(t, ansi16, 120, 40, func(t *testing.T, a *account, c *Console, d *tuitest.Driver) {
		var plan ops.BulkPlan
		plan, err := c.PlanBulk(context.Background(), ops.BulkRequest{Action: ops.BulkRedrive}, a.runs[a.machines[0].ARN])
		if err != nil {
			t.Fatal(err)
		}
		d.Press("*", "D")
		d.Advance(time.Second)
		d.Press("y")
		if want := "orders-1"; !strings.Contains(d.Clipboard, want) {
			t.Errorf("copied %q", d.Clipboard)
		}
		b := &bulkScreen{c: c, s: &tui.Scope{Env: c.Env}, request: plan.Request, part: everyItem, excluded: plan.Excluded}
		var rows []*bulkRow
		for i, item := range plan.Items {
			row := newBulkRow(b, i, item)
			row.outcome = ops.BulkOutcome{State: ops.BulkFailed, Reason: "no"}
			rows = append(rows, row)
		}
		data, err := exportBulk(rows)
		if err != nil {
			t.Fatal(err)
		}
		var got []struct{ Run, Result, Reason string }
		if err := json.Unmarshal(data, &got); err != nil || len(got) != 6 || got[0].Result != "failed" || got[0].Reason != "no" || !strings.Contains(got[0].Run, "orders") {
			t.Errorf("exported %s: %v", data, err)
		}
	})
}

func TestABrokenJournalIsToldOnTheFirstScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := bulkConsole(t, a, ansi16)
		if err := os.WriteFile(filepath.Join(c.Bulks, "x.bulk.jsonl"), []byte("nonsense\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := a.open(t, c, NewHome(c), 120, 40)
		d.Advance(5 * time.Second)
		shown(t, d, "x.bulk.jsonl", "dumps-run")
	})
}

func TestBulkActionsAtEverySizeAndLook(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name(), func(t *testing.T) {
			inBulk(t, v.options, v.w, v.h, func(t *testing.T, a *account, _ *Console, d *tuitest.Driver) {
				d.Press("*", "D")
				d.Advance(time.Second)
				v.golden(t, "bulk_preview", d)
				a.update(workflow.RunARNOf(a.machines[0].ARN, "orders-5"), func(r *workflow.Run) { r.Status, r.RedriveCount = workflow.Succeeded, 1 })
				d.Press("6", "enter")
				d.Advance(1700 * time.Millisecond)
				v.golden(t, "bulk_progress", d)
				a.refuse("RedriveRun", &ops.Problem{Kind: ops.Failed, Title: safe.Line("AWS is out of order")})
				d.Advance(10 * time.Second)
				v.golden(t, "bulk_result", d)
			})
		})
	}
}
