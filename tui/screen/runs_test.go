package screen

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// inRuns opens the runs of the company's first machine.
func inRuns(t *testing.T, w, h int, use func(*testing.T, *account, *tuitest.Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, &a.machines[0]), w, h)
		d.Advance(5 * time.Second)
		use(t, a, d)
	})
}

func TestRunsAtEverySizeAndLook(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := company()
				c := a.console(v.options)
				d := a.open(t, c, newRuns(c, &a.machines[0]), v.w, v.h)
				d.Advance(10 * time.Second)
				d.Press("j", "j", "space")
				d.Advance(time.Second)
				v.golden(t, "runs", d)
			})
		})
	}
}

func TestRunsAreThereAfterOneCallAndTellWhyAfterARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, &a.machines[0]), 120, 24)
		shown(t, d, "2026-orders", "35 runs")
		if n := a.asked(""); n != 1 {
			t.Fatalf("the first rows took %d calls", n)
		}
		d.Advance(100 * time.Millisecond)
		if n := a.asked("History"); n != 0 {
			t.Fatalf("%d histories were read before any rest", n)
		}
		d.Advance(5 * time.Second)
		shown(t, d, "OutOfMemory")
		if n := a.asked("History"); n == 0 || n > 24 {
			t.Errorf("%d histories were read for one screen", n)
		}
		read := a.asked("History")
		d.Press("G")
		d.Advance(5 * time.Second)
		if n := a.asked("History") - read; n > 18 {
			t.Errorf("%d histories were read for the rest of the list", n)
		}
	})
}

func TestRunsOfOneJobAreToldApartAt80(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		m := &a.machines[0]
		a.failed(m, "orders-20261123-2200", time.Minute, "OutOfMemory", "Container killed due to memory usage")
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, m), 80, 24)
		d.Advance(5 * time.Second)
		shown(t, d, "orders-20261123-2200", "OutOfMemory")
	})
}

func TestAllRunsTellWhyAt80(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := company().console(ansi16)
		d := tuitest.Drive(t, tui.Options{Home: newRuns(c, nil), Env: c.Env, FixedTheme: true, Theme: ansi16}, 80, 24)
		d.Advance(10 * time.Second)
		shown(t, d, "MACHINE", "WHERE OR WHY", "OutOfMemory")
	})
}

func TestWhatIsClosedIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("quiet", workflow.Standard)
		for i := range 5 {
			a.failed(m, fmt.Sprintf("run-%d", i), time.Duration(i+1)*time.Hour, "Boom", "no")
		}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Press("enter")
		d.Advance(10 * time.Second)
		d.Press("enter") // the failure at the top of home, or the machine
		before := a.asked("History")
		d.Press("q")
		d.Advance(5 * time.Minute)
		d.Press("q", "enter")
		d.Advance(5 * time.Minute)
		if n := a.asked("History") - before; n > 5 {
			t.Errorf("closed runs were read %d times again", n)
		}
	})
}

func TestARefreshKeepsCursorMarksFilterAndOrder(t *testing.T) {
	inRuns(t, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("/")
		d.Type("nightly")
		d.Press("enter", "j", "j", "space")
		shown(t, d, "30 of 35 runs", "1 marked")
		line := cursorLine(d)
		a.add(&a.machines[0], "2026-nightly-new", workflow.Running, 0, 0)
		d.Advance(20 * time.Second)
		shown(t, d, "31 of 36 runs", "2026-nightly-new", "1 marked")
		if got := cursorLine(d); got != line {
			t.Errorf("the cursor went from %q to %q", line, got)
		}
	})
}

// cursorLine is the name in the row under the cursor.
func cursorLine(d *tuitest.Driver) string {
	for line := range strings.Lines(d.Text()) {
		if strings.HasPrefix(line, "▌") {
			return strings.Fields(line)[3]
		}
	}
	return ""
}

func TestAClickGoesToARun(t *testing.T) {
	inRuns(t, 80, 24, func(t *testing.T, _ *account, d *tuitest.Driver) {
		lines := strings.Split(d.Text(), "\n")
		d.Send(tea.MouseClickMsg{X: 10, Y: 6, Button: tea.MouseLeft})
		if name := strings.Fields(lines[6])[2]; cursorLine(d) != name {
			t.Errorf("the cursor is on %s, not on %s", cursorLine(d), name)
		}
	})
}

func TestTheStatusIsAskedOfAWS(t *testing.T) {
	inRuns(t, 80, 24, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("f")
		shown(t, d, "2026-stuck", "2 runs")
		absent(t, d, "2026-users")
		d.Press("f")
		shown(t, d, "2026-users", "3 runs")
		d.Press("f")
		shown(t, d, "no run is TIMED_OUT")
	})
}

func TestAStatusThatThereIsNotIsNamed(t *testing.T) {
	inRuns(t, 120, 24, func(t *testing.T, _ *account, d *tuitest.Driver) {
		d.Press("/")
		d.Type("status:failled")
		shown(t, d, `"status:failled" at column 1: no status is such; known are running, succeeded, failed`, "2026-users")
		d.Press("enter", "ctrl+u")
		d.Type("status:fail")
		d.Press("enter")
		shown(t, d, "2026-users", " /status:fail  ")
		absent(t, d, "2026-stuck")
	})
}

func TestARunThatLeavesTheStatusLeavesTheList(t *testing.T) {
	inRuns(t, 80, 24, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("f")
		shown(t, d, "2026-working")
		a.update(workflow.RunARNOf(a.machines[0].ARN, "2026-working"), func(r *workflow.Run) {
			r.Status, r.Stopped = workflow.Succeeded, time.Now()
		})
		d.Advance(15 * time.Second)
		absent(t, d, "2026-working")
	})
}

func TestARunJustStartedIsThereBeforeAWSListsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		m := a.machines[0]
		c.noteStarted(workflow.Run{ARN: workflow.RunARNOf(m.ARN, "fresh"), MachineARN: m.ARN, Name: safe.Line("fresh"), Status: workflow.Running, Started: time.Now()})
		d := a.open(t, c, newRuns(c, &m), 80, 24)
		shown(t, d, "fresh", "36 runs")
		d.Advance(5 * time.Minute)
		absent(t, d, "fresh")
	})
}

func TestOlderRunsAreLoadedByPlus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("busy", workflow.Standard)
		for i := range 2500 {
			a.runs[m.ARN] = append(a.runs[m.ARN], workflow.Run{
				ARN: workflow.RunARNOf(m.ARN, fmt.Sprintf("run-%04d", i)), MachineARN: m.ARN, Name: safe.Linef("run-%04d", i),
				Status: workflow.Succeeded, Started: time.Now().Add(-time.Duration(i) * time.Minute), Stopped: time.Now(),
			})
		}
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, m), 120, 24)
		shown(t, d, "100 runs", "+ loads more")
		d.Press("+")
		shown(t, d, "1,000 runs", "+ loads more")
		d.Press("+", "+")
		shown(t, d, "2,500 runs")
		d.Advance(13 * time.Second)
		shown(t, d, "2,500 runs") // a refresh reads the newest and keeps the rest
	})
}

func TestAllRunsAreReadMachineByMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.failOf["nightly-report"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed to list its runs")}
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, nil), 120, 40)
		d.Advance(time.Second)
		shown(t, d, "series-3", "2026-users", "images-conv", "not allowed to list its runs")
	})
}

func TestRunsTellWhyTheyCannotBeListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.fail["ListRuns"] = &ops.Problem{Kind: ops.Throttled, Title: safe.Line("too many calls"), Detail: safe.Line("ThrottlingException")}
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, &a.machines[0]), 80, 24)
		shown(t, d, "too many calls", "ThrottlingException", "r tries again", "not read yet")
		absent(t, d, "0 runs")
		before := a.asked("ListRuns")
		d.Advance(20 * time.Second)
		if n := a.asked("ListRuns") - before; n > 1 {
			t.Errorf("%d calls while throttled", n)
		}
		a.fail = map[string]error{}
		d.Press("r")
		shown(t, d, "2026-users")
	})
}

func TestRunsAreNotReadWhileUnseen(t *testing.T) {
	inRuns(t, 80, 24, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Send(tea.BlurMsg{})
		d.Advance(time.Second)
		before := a.asked("")
		d.Advance(10 * time.Minute)
		if n := a.asked("") - before; n != 0 {
			t.Errorf("%d calls were made", n)
		}
		d.Send(tea.FocusMsg{})
		if a.asked("ListRuns") == 0 || a.asked("") == before {
			t.Error("nothing was read on return")
		}
	})
}

func TestTheWebConsoleIsThatOfThePartition(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:states:eu-west-1:1:execution:m:r":            "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:eu-west-1:1:execution:m:r",
		"arn:aws-us-gov:states:us-gov-west-1:1:execution:m:r": "https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/v2/executions/details/arn:aws-us-gov:states:us-gov-west-1:1:execution:m:r",
		"arn:aws-cn:states:cn-north-1:1:execution:m:r":        "https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/v2/executions/details/arn:aws-cn:states:cn-north-1:1:execution:m:r",
		"arn:aws-iso:states:us-iso-east-1:1:execution:m:r":    "", "": "",
	} {
		if got := (&Console{}).runPage(arn); got != want {
			t.Errorf("%s: %s", arn, got)
		}
	}
	if got := (&Console{Place: Place{Local: true}}).runPage("arn:aws:states:eu-west-1:1:execution:m:r"); got != "" {
		t.Errorf("local AWS has no web console, got %s", got)
	}
}

func TestActionsOfRunsShareNoKey(t *testing.T) {
	inRuns(t, 80, 24, func(t *testing.T, a *account, d *tuitest.Driver) {
		for _, first := range []tui.Screen{newRuns(a.console(ansi16), &a.machines[0]), newTokens(a.console(ansi16))} {
			c := a.console(ansi16)
			other := a.open(t, c, first, 80, 24)
			other.Advance(time.Second)
			if err := tuitest.Conflicts(first.Actions()); err != nil {
				t.Error(err)
			}
		}
	})
}
