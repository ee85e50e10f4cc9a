package e2e_test

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func TestABigEndpoint(t *testing.T) {
	n := size()
	w := serve(t, true)
	began := time.Now()
	w.fill(t, n)
	t.Logf("%+v made in %s", n, time.Since(began).Round(time.Millisecond))

	t.Run("the first frame waits for nothing", func(t *testing.T) {
		w.fault(faults.Rule{Kind: faults.Latency, DelayMillis: 2000})
		defer w.fault()
		w.gate.let(0, "")
		defer w.gate.lift()
		before := w.gate.count("")
		app := w.open(t)
		app.See("reading…")
		if calls := w.gate.count("") - before; calls != 0 {
			t.Errorf("%d calls were answered before the first frame", calls)
		}
	})
	t.Run("the first machines need one call", func(t *testing.T) {
		w.gate.let(0, "")
		w.gate.let(1, "ListStateMachines")
		defer w.gate.lift()
		before := w.gate.count("")
		app := w.open(t)
		app.SeeLine(busy, "std")
		if calls := w.gate.count("") - before; calls != 1 {
			t.Errorf("the first rows took %d calls", calls)
		}
	})
	t.Run("the cause of a failed run needs one page of its history", func(t *testing.T) {
		app := w.open(t)
		app.SeeLine(long, "FAILED")
		app.Runs(long)
		app.SeeLine("exhausted", "FAILED", "Exhausted")
		before := w.gate.count("GetExecutionHistory")
		w.gate.let(1, "GetExecutionHistory")
		defer w.gate.lift()
		app.Press("enter")
		app.See("1 verdict")
		app.See("round and round it went")
		if calls := w.gate.count("GetExecutionHistory") - before; calls != 1 {
			t.Errorf("the cause took %d calls", calls)
		}
		w.gate.lift()
		app.Press("4")
		app.See("ChoiceStateExited")
	})
	t.Run("the first runs need one call", func(t *testing.T) {
		w.inBubble(t, func(t *testing.T, d *tuitest.Driver) {
			d.Advance(10 * time.Second)
			before := w.gate.count("ListExecutions")
			command(d, "runs "+busy)
			if rows := rowsOf(d.Text(), "SUCCEEDED"); rows < 30 {
				t.Errorf("%d rows are there:\n%s", rows, d.Text())
			}
			if calls := w.gate.count("ListExecutions") - before; calls != 1 {
				t.Errorf("they took %d calls", calls)
			}
		})
	})
	t.Run("at rest few calls are made", func(t *testing.T) {
		for _, at := range []string{"machines", "runs " + busy, "runs"} {
			w.inBubble(t, func(t *testing.T, d *tuitest.Driver) {
				if at != "machines" {
					d.Advance(time.Second)
					command(d, at)
				}
				d.Advance(n.warmUp) // whatever is read once has been read
				span := 2 * n.warmUp
				before := w.gate.count("ListExecutions")
				d.Advance(span)
				calls := w.gate.count("ListExecutions") - before
				t.Logf("%s: %.3f ListExecutions a second", at, float64(calls)/span.Seconds())
				most := int(span / (5 * time.Second))
				if at == "runs" {
					most += n.machines // they are read together, now and then: once more at the span's end
				}
				if calls > most {
					t.Errorf("%s: %d ListExecutions in %s, more than %d", at, calls, span, most)
				}
				if calls == 0 {
					t.Errorf("%s: nothing is refreshed", at)
				}
			})
		}
	})
	t.Run("nothing is read while nobody looks", func(t *testing.T) {
		w.inBubble(t, func(t *testing.T, d *tuitest.Driver) {
			d.Advance(10 * time.Second)
			quiet := func(when string) {
				d.Advance(10 * time.Second)
				before := w.gate.count("")
				d.Advance(time.Hour)
				if calls := w.gate.count("") - before; calls != 0 {
					t.Errorf("%s: %d calls in an hour", when, calls)
				}
			}
			d.Send(tea.BlurMsg{})
			quiet("home, unfocused")
			d.Send(tea.FocusMsg{})
			command(d, "runs "+busy)
			d.Advance(10 * time.Second)
			d.Send(tea.BlurMsg{})
			quiet("runs, unfocused")
			d.Send(tea.FocusMsg{})
			command(d, "region")
			quiet("runs, covered by a screen")
			d.Press("esc")
			d.Press("p")
			quiet("runs, paused")
		})
	})
	t.Run("a key costs as much in a long list as in a short one", func(t *testing.T) {
		w.inBubble(t, func(t *testing.T, d *tuitest.Driver) {
			d.Advance(time.Second)
			command(d, "runs "+busy)
			d.Advance(time.Second)
			short := keyCost(d)
			for loads := 0; !d.Shows(safe.Count(n.runs).String() + " runs"); loads++ {
				if loads > 100 {
					t.Fatalf("not all runs are loaded:\n%s", d.Text())
				}
				d.Press("+")
				d.Advance(time.Second)
			}
			whole := keyCost(d)
			t.Logf("a key costs %s at 100 runs, %s at %d", short, whole, n.runs)
			if whole > 4*short {
				t.Errorf("a key costs %s at %d runs, and %s at 100", whole, n.runs, short)
			}
		})
	})
}

// keyCost is the CPU time that a key takes, drawing included.
func keyCost(d *tuitest.Driver) time.Duration {
	const rounds = 25
	keys := []string{"j", "j", "k", "ctrl+d", "G", "ctrl+u", "g", "space"}
	began := cpu()
	for range rounds {
		d.Press(keys...)
	}
	return (cpu() - began) / time.Duration(rounds*len(keys))
}

// cpu is the CPU time of this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var noLiveTail = faults.Rule{Kind: faults.Denied, Service: "logs", Operation: "StartLiveTail"}

// inBubble uses the console in time that passes only when nothing else is to
// be done, against the real endpoint outside. Live tails are refused: they
// would never be done.
func (w *world) inBubble(t *testing.T, use func(*testing.T, *tuitest.Driver)) {
	t.Helper()
	now := time.Now()
	w.fault(noLiveTail)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now)) // a bubble begins in the year 2000
		use(t, tuitest.Drive(t, w.console(t, &tui.Env{}, nil), 120, 40))
	})
	eventually(t, "all calls are over", func() bool { return w.gate.under() == 0 })
}

// command runs a command of the `:` line.
func command(d *tuitest.Driver, line string) {
	d.Press(":")
	d.Type(line)
	d.Press("enter")
}
