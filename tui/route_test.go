package tui_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func TestBackNeverQuitsAndCloseDoesOnTheFirstScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		d.Press("enter", "esc", "esc", "esc")
		mustNotShow(t, d, "home+")
		if d.Quit {
			t.Fatal("esc quit")
		}
		d.Press("enter", "q")
		if d.Quit {
			t.Fatal("q quit on the second screen")
		}
		d.Press("q")
		if !d.Quit {
			t.Error("q did not quit on the first screen")
		}
	})
}

func TestInterruptQuitsFromEverywhere(t *testing.T) {
	for name, first := range map[string]func(d *tuitest.Driver, home *toy){
		"a screen":     func(*tuitest.Driver, *toy) {},
		"a dialog":     func(d *tuitest.Driver, home *toy) { d.Press("l") },
		"command line": func(d *tuitest.Driver, _ *toy) { d.Press(":") },
		"a text field": func(_ *tuitest.Driver, home *toy) { home.capturing = true },
		"the help":     func(d *tuitest.Driver, _ *toy) { d.Press("?") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home := newToy("home")
				home.act = func(*tui.Scope) tea.Cmd { return tui.Ask(&tui.Confirm{Title: safe.Line("sure?")}) }
				d := drive(t, home)
				first(d, home)
				d.Press("ctrl+c")
				if !d.Quit {
					t.Error("ctrl+c did not quit")
				}
			})
		})
	}
}

func TestADisabledActionSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.disabled = "the run has ended"
		home.act = func(*tui.Scope) tea.Cmd { t.Error("it was run"); return nil }
		d := drive(t, home)
		d.Press("X")
		mustShow(t, d, "X stop: the run has ended")
		d.Press("?")
		mustShow(t, d, "X                  the run has ended")
		mustShow(t, d, "stop the run; offers to stop its task too")
	})
}

func TestReadOnlyDisablesWhatChangesSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		ran := 0
		home.act = func(*tui.Scope) tea.Cmd { ran++; return nil }
		o := options(home)
		o.Env.ReadOnly = true
		d := tuitest.Drive(t, o, 100, 24)
		d.Press("X")
		mustShow(t, d, "READ-ONLY", "X stop: read-only")
		d.Press("l")
		if ran != 1 {
			t.Errorf("%d actions ran; looking is allowed, changing is not", ran)
		}
	})
}

func TestAScreenMayHandleAKeyOfItsActionsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.own = tui.KeyMarker // m, which else turns the mouse on
		d := drive(t, home)
		d.Press("m")
		if len(home.seen) != 1 || d.Root.View().MouseMode != tea.MouseModeNone {
			t.Errorf("the screen got %v", home.seen)
		}
	})
}

func TestATextFieldGetsTheKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.capturing = true
		submitted := 0
		home.act = func(*tui.Scope) tea.Cmd { submitted++; return nil }
		d := drive(t, home)
		d.Type("qX:l/?")
		d.Send(tea.PasteMsg{Content: "{\"a\":\n1}"})
		if want := "qX:l/?{\"a\":\n1}"; home.typed != want {
			t.Errorf("typed %q, not %q", home.typed, want)
		}
		d.Press("ctrl+s")
		if submitted != 1 {
			t.Error("ctrl+s was not taken for the action")
		}
	})
}

func TestAPasteIsNeverTakenForKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		d := drive(t, home)
		d.Send(tea.PasteMsg{Content: "Xq"})
		if d.Quit || len(home.seen) != 0 {
			t.Errorf("quit %v, seen %v", d.Quit, home.seen)
		}
	})
}

func TestFilterLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		d := drive(t, home)
		d.Press("/")
		d.Type("status:failed")
		if home.filter != "status:failed" {
			t.Errorf("while typing the filter is %q", home.filter)
		}
		d.Press("enter")
		mustShow(t, d, " /status:failed  ctrl+s")
		d.Press("esc")
		mustNotShow(t, d, "status:failed")
		if home.filter != "" {
			t.Error("esc did not clear the filter that enter kept")
		}
		d.Press("/")
		d.Type("bad:x")
		mustShow(t, d, "bad: is not a field; known are")
		d.Press("enter")
		mustShow(t, d, "/bad:x")
		d.Press("esc")
		if home.filter != "" {
			t.Error("esc kept the filter")
		}
	})
}

func TestWhatIsWrongWithAFilterIsToldWholeInANarrowWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := tuitest.Drive(t, options(newToy("home")), 60, 15)
		d.Press("/")
		d.Type("bad:x and more than there is room for")
		mustShow(t, d, "bad: is not a field; known are", "/bad:x and more than there is room for")
	})
}

func TestCommandLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		d.Press(":")
		d.Type("ru")
		mustShow(t, d, ":ru", "runs")
		d.Press("tab")
		d.Type(" dum")
		mustShow(t, d, ":runs dum", "runs dumps-run")
		d.Press("tab", "tab")
		mustShow(t, d, ":runs dumps-run")
		d.Press("enter")
		mustShow(t, d, "home › runs of dumps-run")
	})
}

func TestAnUnknownCommandNamesTheNearest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		d.Press(":")
		d.Type("rnus x")
		d.Press("enter")
		mustShow(t, d, "there is no :rnus; the nearest is :runs, and ? lists them all")
		d.Press(":")
		d.Type("frobnicate")
		d.Press("enter")
		mustShow(t, d, "there is no :frobnicate; ? lists them all")
		d.Press("esc", ":", "q", "enter")
		if !d.Quit {
			t.Error(":q did not quit")
		}
	})
}

func TestProfileAndRegionOpenTheirCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		o := options(home)
		chosen := ""
		o.Commands = append(o.Commands, tui.Command{
			Name: "profile", Complete: func(string) []string { return []string{"dev", "prod"} },
			Run: func(args []string) tea.Cmd { chosen = args[0]; return nil },
		})
		d := tuitest.Drive(t, o, 100, 24)
		d.Press("P")
		mustShow(t, d, ":profile", "profile dev")
		d.Press("tab", "tab", "enter")
		if chosen != "prod" {
			t.Errorf("chosen %q", chosen)
		}
		d.Press("R")
		if len(home.seen) != 1 {
			t.Error("R without a command is not the screen's")
		}
	})
}

func TestHelpListsWhatIsHereFirstAndNarrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		d.Press("?")
		mustShow(t, d, "here: home", "open what is under the cursor", "stop the run")
		d.Type("redrive")
		mustShow(t, d, "redrive the run from where it failed")
		mustNotShow(t, d, "here: home")
		d.Type("zzz")
		mustShow(t, d, "no key or command fits")
		d.Press("esc")
		mustShow(t, d, "here: home")
		d.Press("end")
		mustShow(t, d, ":runs NAME", "the runs of a machine")
		d.Press("esc")
		mustNotShow(t, d, "help ›", "type to narrow")
	})
}

// journal is an audit of one change.
type journal struct{ err error }

func (j journal) Changes(int) ([]tui.Change, error) {
	return []tui.Change{
		{Time: time.Now(), Operation: safe.Line("StopExecution"), Target: safe.Line("arn:run-07"), RequestID: safe.Line("req-1"), Result: safe.Line("ok"), OK: true},
		{Time: time.Now(), Operation: safe.Line("RedriveExecution"), Target: safe.Line("arn:run-08"), Result: safe.Line("AccessDenied"), OK: false},
	}, j.err
}

func TestAuditShowsChangesAndErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.open = func(s *tui.Scope) tea.Cmd {
			return tea.Batch(
				tui.Load(s, "a", time.Second, answer(nil)),
				tui.Stream(s, "b", func(context.Context) (<-chan int, error) { return nil, errors.New("no log group") }),
			)
		}
		o := options(home)
		o.Audit = journal{}
		d := tuitest.Drive(t, o, 110, 24)
		d.Advance(time.Second)
		d.Press("!")
		d.Press("G", "k", "g", "j", "ctrl+d", "ctrl+u", "g")
		mustShow(t, d, "StopExecution", "arn:run-07", "req-1", "RedriveExecution", "AccessDenied", "context deadline exceeded", "no log group")
	})
}

func TestAJournalThatCannotBeReadIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options(newToy("home"))
		o.Audit = journal{err: errors.New("audit journal: permission denied")}
		d := tuitest.Drive(t, o, 100, 24)
		d.Press("!")
		mustShow(t, d, "audit journal: permission denied")
	})
}

func TestTheWheelMovesLikeKeysAndIsTakenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		d := drive(t, home)
		d.Press("m")
		if d.Root.View().MouseMode != tea.MouseModeCellMotion {
			t.Fatal("m did not turn the mouse on")
		}
		for range 4 {
			d.Send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		}
		if home.cursor != 0 {
			t.Error("the wheel was not gathered")
		}
		d.Advance(20 * time.Millisecond)
		if home.cursor != 12 {
			t.Errorf("the cursor is at %d", home.cursor)
		}
		d.Send(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
		d.Advance(20 * time.Millisecond)
		if home.cursor != 9 {
			t.Errorf("the cursor is at %d", home.cursor)
		}
	})
}

func TestAClickComesInTheScreensCoordinates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		d := drive(t, home)
		d.Send(tea.MouseClickMsg{X: 5, Y: 0}, tea.MouseClickMsg{X: 5, Y: 4})
		if len(home.seen) != 1 || home.seen[0] != (tea.MouseClickMsg{X: 5, Y: 2}) {
			t.Errorf("the screen got %v", home.seen)
		}
	})
}

func TestRestartLeavesAllScreens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		where := tui.Where{Profile: safe.Line("dev"), Region: safe.Line("us-east-1"), Local: true}
		home.act = func(*tui.Scope) tea.Cmd { return tui.Restart(where, true, newToy("elsewhere")) }
		d := drive(t, home)
		d.Press("l")
		mustShow(t, d, "dev·us-east-1 › elsewhere", "LOCAL", "PROTECTED")
		d.Press("q")
		if !d.Quit {
			t.Error("a screen was left under the new one")
		}
	})
}
