package screen

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
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

// hostileAccount is an account whose texts try to move the cursor, hide and reorder.
func hostileAccount() *account {
	a := newAccount()
	m := a.machine("x\x1b[2J\x1b]0;title\a表\u202egnp.exe", workflow.Standard)
	a.failed(m, "run\r\nFAILED\x9b31m\u200b", time.Hour, "Err\x1b[31mor\tname", "a\nb\x00c\u202e"+strings.Repeat("表", 300))
	a.add(m, "\xff\xfe broken", workflow.Running, time.Hour, 0, a.attempt("gone", "STOPPED")...)
	a.add(m, strings.Repeat("long", 60), workflow.TimedOut, time.Hour, time.Minute, append(a.attempt("alive", "RUNNING"), workflow.Event{Type: workflow.ExecutionTimedOut})...)
	a.machine("fine", workflow.Standard)
	a.machine("express", workflow.Express)
	return a
}

var listKeys = []string{
	"j", "k", "g", "G", "ctrl+d", "ctrl+u", "enter", "space", "*", "s", "S", "f", "c", "+", "l", "n", "N", "D", "X", "T", "t",
	"esc", "q", "r", "p", "tab", "y", "Y", "o", "e", "?", "!", "/", ":", "P", "R", "up", "down", "backspace", "1", "3", "a", "d", "w", "x", "表",
}

// firstScreens are where the robot begins.
var firstScreens = map[string]func(*Console, *account) tui.Screen{
	"home":     func(c *Console, _ *account) tui.Screen { return NewHome(c) },
	"runs":     func(c *Console, a *account) tui.Screen { return newRuns(c, &a.machines[0]) },
	"all":      func(c *Console, _ *account) tui.Screen { return newRuns(c, nil) },
	"tokens":   func(c *Console, _ *account) tui.Screen { return newTokens(c) },
	"failures": func(c *Console, _ *account) tui.Screen { return newFailures(c, nil) },
	"bulk": func(c *Console, a *account) tui.Screen {
		return newBulk(c, ops.BulkRequest{Action: ops.BulkStop, Cause: "no\x1b[2J"}, a.runs[a.machines[0].ARN])
	},
	"profile": func(c *Console, _ *account) tui.Screen { return newContext(c, chooseProfile) },
	"role":    func(c *Console, _ *account) tui.Screen { return newContext(c, chooseRole) },
	"login":   func(c *Console, _ *account) tui.Screen { return newLogin(c, func() tea.Cmd { return nil }) },
}

var listTroubles = []error{
	nil, nil,
	&ops.Problem{Kind: ops.Expired, Title: safe.Line("expired")},
	&ops.Problem{Kind: ops.Throttled, Title: safe.Line("throttled"), Detail: safe.Line(strings.Repeat("slow ", 40))},
	errors.New("plain\x1b[2Jerror"),
}

// listMove is one thing that the robot does; the numbers are read as its kind needs.
type listMove struct{ kind, a, b int }

var listMoves = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) listMove {
	return listMove{rapid.IntRange(0, 9).Draw(t, "kind"), rapid.IntRange(0, 299).Draw(t, "a"), rapid.IntRange(0, 99).Draw(t, "b")}
}), 40, 40)

func TestWhateverIsPressedTheScreenFitsAndStaysClean(t *testing.T) {
	looks := []theme.Options{ansi16, {Profile: theme.TrueColor}, {ASCII: true}}
	for name, first := range firstScreens {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				look, todo := rapid.SampledFrom(looks).Draw(rt, "look"), listMoves.Draw(rt, "moves")
				folder := t.TempDir()
				var wrong error
				synctest.Test(t, func(t *testing.T) { wrong = playLists(t, first, look, folder, todo) })
				if wrong != nil {
					rt.Fatal(wrong)
				}
			})
		})
	}
}

// playLists makes the moves and looks at the screen after each.
func playLists(t *testing.T, first func(*Console, *account) tui.Screen, look theme.Options, folder string, todo []listMove) error {
	a := hostileAccount()
	c := a.console(look)
	said := make(chan safe.Text)
	close(said)
	c.Login, c.Switch = loginSaying(said), switchTo(a, &Place{})
	c.Bulks = filepath.Join(folder, "bulk")
	screen := first(c, a)
	d := tuitest.Drive(t, tui.Options{
		Home: screen, Env: c.Env, Commands: Commands(c), FixedTheme: true, Theme: look, Folder: folder,
		Browse: func(context.Context, string) error { return nil },
	}, 80, 24)
	w, h := 80, 24
	for i, m := range todo {
		if m.kind == 0 {
			w, h = 1+m.a, 1+m.b
		}
		a.make(d, m, w, h)
		if d.Quit {
			return nil
		}
		if err := tuitest.Exact(d.Frame(), w, h); err != nil {
			return fmt.Errorf("move %d: %w\n%s", i, err, d.Text())
		}
		if err := tuitest.Exact(screen.View(w, h), w, h); err != nil {
			return fmt.Errorf("move %d, the screen alone: %w", i, err)
		}
	}
	return nil
}

func (a *account) make(d *tuitest.Driver, m listMove, w, h int) {
	switch m.kind {
	case 0:
		d.Send(tea.WindowSizeMsg{Width: w, Height: h})
	case 1:
		d.Advance(time.Duration(1+m.a*m.b) * time.Millisecond)
	case 2:
		d.Send([]tea.Msg{tea.BlurMsg{}, tea.FocusMsg{}, tea.PasteMsg{Content: "a\x1b[2Jb\n"}}[m.a%3])
	case 3:
		calls := []string{"ListMachines", "ListRuns", "History", "DescribeTasks", "RedriveRun", "StopRun"}
		a.mu.Lock()
		a.fail[calls[m.a%len(calls)]] = listTroubles[m.b%len(listTroubles)]
		a.mu.Unlock()
	default:
		d.Press(listKeys[m.a%len(listKeys)])
	}
}
