package screen

import (
	"fmt"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// listOf is a runs screen with so many runs loaded, as it stands after reading.
func listOf(n int) *runsScreen {
	env := &tui.Env{Theme: theme.New(ansi16), Clock: zuluClock{}}
	c := &Console{Env: env}
	m := &workflow.Machine{ARN: accountPrefix + "busy", Name: safe.Line("busy"), Type: workflow.Standard}
	r := newRuns(c, m).(*runsScreen)
	r.s = &tui.Scope{Env: env}
	r.table = widget.NewTable(env.Theme, func(row *runRow) string { return row.run.ARN }, runColumns(r.s, false)...)
	now := time.Now()
	for i := range n {
		name := fmt.Sprintf("run-%05d", i)
		status := workflow.Succeeded
		if i%7 == 0 {
			status = workflow.Failed
		}
		row := newRunRow(env.Clock, workflow.Run{
			ARN: workflow.RunARNOf(m.ARN, name), MachineARN: m.ARN, Name: safe.Line(name), Status: status,
			Started: now.Add(-time.Duration(i) * time.Minute), Stopped: now,
		})
		row.learn(glance{attempts: 1, overrides: safe.Line("dump orders 256/512")}, now)
		r.rows[row.run.ARN] = row
	}
	r.read = now
	r.arrange()
	r.View(200, 58)
	return r
}

// press is what one key costs the screen: its actions are asked for, it takes
// the key, and it is drawn.
func press(r *runsScreen, key string) {
	r.Actions()
	if !r.table.Key(tuitest.Key(key)) {
		panic("the table does not take " + key)
	}
	r.View(200, 58)
}

func TestAKeyCostsNoMoreInALongList(t *testing.T) {
	short, long := listOf(100), listOf(10_000)
	cost := func(r *runsScreen) float64 { return testing.AllocsPerRun(20, func() { press(r, "j") }) }
	if s, l := cost(short), cost(long); l > 1.1*s+5 {
		t.Errorf("a key costs %.0f allocations at 10,000 runs, %.0f at 100", l, s)
	}
	if l := cost(long); l > 3000 {
		t.Errorf("a key costs %.0f allocations", l)
	}
}

func BenchmarkKeyAmong10000Runs(b *testing.B) {
	r := listOf(10_000)
	for _, key := range []string{"j", "ctrl+d", "G", "g"} {
		b.Run(key, func(b *testing.B) {
			for b.Loop() {
				press(r, key)
			}
		})
	}
	b.Run("filter", func(b *testing.B) {
		for b.Loop() {
			for _, text := range []string{"r", "ru", "run-", "run-00", ""} {
				if err := r.SetFilter(text); err != nil {
					b.Fatal(err)
				}
				r.View(200, 58)
			}
		}
	})
}
