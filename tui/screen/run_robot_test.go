package screen

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// runRobotKeys are all keys that a run's screens and the frame know.
var runRobotKeys = []string{
	"1", "2", "3", "4", "5", "6", "7", "8", "tab", "shift+tab", "j", "k", "g", "G", "ctrl+d", "ctrl+u", "pgup", "pgdown", "home", "end",
	"up", "down", "left", "right", "enter", "esc", "space", "*", "s", "S", "r", "l", "y", "Y", "o", "/", "n", "N", "&", "w", "t", "v", "m",
	"+", "-", "=", "0", "h", "E", "C", "?", "a", ":", "\"", "backspace", "p", "T", "X", "D", "e", "f2", "ctrl+s",
}

// TestARobotBreaksNothing presses random keys in windows of random sizes while
// time passes, AWS fails and the run goes on.
func TestARobotBreaksNothing(t *testing.T) {
	names := []string{"failed", "succeeded", "running", "stuck", "waiting", "redriven", "branches", "hostile"}
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		story := rapid.SampledFrom(names).Draw(rt, "story")
		tab := Tab(rapid.IntRange(0, len(tabNames)-1).Draw(rt, "tab"))
		look := rapid.SampledFrom([]theme.Options{{Profile: theme.TrueColor}, {Profile: theme.NoColor, ASCII: true}}).Draw(rt, "look")
		moves := rapid.SliceOfN(rapid.IntRange(0, len(runRobotKeys)+11), 1, 60).Draw(rt, "moves")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 300), len(moves), len(moves)).Draw(rt, "sizes")
		problem := ""
		synctest.Test(t, func(t *testing.T) {
			w := stories[story]()
			c := w.console(look)
			s := newRun(c, w.listed(), tab).(*runScreen)
			d := tuitest.Drive(t, tui.Options{Home: s, Env: c.Env, FixedTheme: true, Theme: look, Folder: folder, Browse: noBrowser}, 80, 24)
			width, height := 80, 24
			for i, move := range moves {
				if d.Quit || problem != "" {
					break
				}
				switch {
				case move < len(runRobotKeys):
					d.Press(runRobotKeys[move])
				case move < len(runRobotKeys)+4:
					width, height = sizes[i], 1+sizes[i]/3
					d.Send(tea.WindowSizeMsg{Width: width, Height: height})
				case move < len(runRobotKeys)+8:
					d.Advance(time.Duration(sizes[i]) * 37 * time.Millisecond)
				case move < len(runRobotKeys)+10:
					w.mu.Lock()
					w.fail[[]string{"DescribeRun", "History", "DescribeTasks", "LogPage", "MachineForRun"}[sizes[i]%5]] = w.trouble(sizes[i])
					w.mu.Unlock()
				default:
					w.write("a1", hostileText, fmt.Sprint("line ", i))
					w.event(int64(len(w.events)), workflow.TaskStarted)
				}
				if d.Quit {
					break
				}
				if err := tuitest.Exact(d.Frame(), width, height); err != nil {
					problem = fmt.Sprintf("after move %d of %v: %v", i, moves[:i+1], err)
				}
				if view := s.View(width, height); view != "" {
					if err := tuitest.Exact(view, width, height); err != nil {
						problem = fmt.Sprintf("the screen alone, after %v: %v", moves[:i+1], err)
					}
				}
				if err := tuitest.Conflicts(s.Actions()); err != nil {
					problem = fmt.Sprintf("tab %s: %v", tabNames[s.tab], err)
				}
			}
			d.Close()
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

func (w *world) trouble(n int) error {
	switch n % 3 {
	case 0:
		return nil
	case 1:
		return &ops.Problem{Kind: ops.Denied, Title: safe.Line("denied " + hostileText)}
	default:
		return &ops.Problem{Kind: ops.Throttled, Title: safe.Line("Rate exceeded")}
	}
}

// BenchmarkAKeyInALongHistory is the cost of a key and the frame after it, in
// each tab of a run with 25,000 events.
func BenchmarkAKeyInALongHistory(b *testing.B) {
	for tab, name := range tabNames {
		b.Run(name, func(b *testing.B) { pressIn(b, longRun(b), Tab(tab)) })
	}
}

func longRun(tb testing.TB) *runScreen {
	w := storyLong(25_000)
	h := &workflow.History{}
	h.Add(w.events...)
	c := w.console(plainLook)
	s := newRun(c, w.run, TabVerdict).(*runScreen)
	s.scope = &tui.Scope{Env: c.Env}
	s.data.setHistory(h.Events(), h.Steps(), 0)
	definition, err := workflow.ParseDefinition(w.definition)
	if err != nil {
		tb.Fatal(err)
	}
	s.data.definition = &definition
	s.changed()
	return s
}

func pressIn(b *testing.B, s *runScreen, tab Tab) {
	s.tab = tab
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		s.Update(tuitest.Key([]string{"j", "k", "ctrl+d", "G", "g"}[i%5]))
		s.View(200, 60)
	}
}

// A key costs allocations in proportion to what is seen, not to the history.
func TestAKeyInALongHistoryAllocatesForTheWindowAlone(t *testing.T) {
	s := longRun(t)
	for tab, name := range tabNames {
		s.tab = Tab(tab)
		i := 0
		n := testing.AllocsPerRun(20, func() {
			s.Update(tuitest.Key([]string{"j", "k", "ctrl+d", "G", "g"}[i%5]))
			s.View(200, 60)
			i++
		})
		if n > 3_000 {
			t.Errorf("a key on %s makes %.0f allocations", name, n)
		}
	}
}

func noBrowser(context.Context, string) error { return nil }
