package screen

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// onRun opens the company's runs with the cursor on the run of that name.
func onRun(t *testing.T, name string, use func(*testing.T, *account, *tuitest.Driver)) {
	t.Helper()
	inRuns(t, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("/")
		d.Type("name:" + name)
		d.Press("enter")
		d.Advance(time.Second)
		use(t, a, d)
	})
}

func TestARedriveSaysWhereItResumesAndAsksFirst(t *testing.T) {
	onRun(t, "2026-users", func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("D")
		shown(t, d, "Redrive this run?", "it resumes in Dump", ":2026-users")
		answerDialog(d, "enter") // no is chosen at first
		if len(a.changes()) != 0 {
			t.Fatalf("enter alone sent %q", a.changes())
		}
		d.Press("D")
		answerDialog(d, "y")
		shown(t, d, "run 2026-users is redriven", "● RUNNING")
		if got := a.changes(); len(got) != 1 || got[0] != "RedriveRun 2026-users" {
			t.Errorf("sent %q", got)
		}
	})
}

func TestARedriveOffersToStopATaskThatStillWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, &a.machines[2]), 120, 40)
		d.Advance(time.Second)
		d.Press("D")
		shown(t, d, "A task of run series-3 still works", "stop the task, then redrive")
		answerDialog(d, "enter")
		shown(t, d, "task left is stopped before")
		answerDialog(d, "y")
		got := a.changes()
		if len(got) != 2 || !strings.HasPrefix(got[0], "StopTask left") || got[1] != "RedriveRun series-3" {
			t.Errorf("sent %q", got)
		}
	})
}

func TestAStopAsksForTheTaskTheCauseAndThenWhetherTo(t *testing.T) {
	onRun(t, "2026-working", func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("X")
		shown(t, d, "stop the run and its task", "stop the run only")
		answerDialog(d, "down", "enter")
		shown(t, d, "stopped by me@host via stepdeck")
		answerDialog(d, "enter")
		shown(t, d, "Stop this run?", "its task goes on working")
		answerDialog(d, "y")
		if got := a.changes(); len(got) != 1 || got[0] != "StopRun 2026-working | stopped by me@host via stepdeck" {
			t.Errorf("sent %q", got)
		}
		shown(t, d, "1 task(s) of it go on working", "ABORTED")
	})
}

func TestADeadTokenIsFailedWithWhatECSSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, newTokens(c), 120, 40)
		d.Advance(time.Second)
		d.Press("enter")
		shown(t, d, "Fail this token?", "error: OutOfMemory", "Container killed due to memory usage")
		answerDialog(d, "y")
		got := a.changes()
		if len(got) != 1 || !strings.HasPrefix(got[0], "FailToken OutOfMemory | OutOfMemoryError: Container killed") || !strings.Contains(got[0], "by me@host") {
			t.Errorf("sent %q", got)
		}
		shown(t, d, "fail sent with OutOfMemory")
	})
}

func TestTheWaysToAnswerAToken(t *testing.T) {
	for name, c := range map[string]struct {
		run  string
		keys []string
		sent []string
	}{
		"fail, with another error":  {"2026-stuck", []string{"enter", "2", "enter", "enter", "y"}, []string{"FailToken OutOfMemory2 | "}},
		"succeed":                   {"2026-stuck", []string{"down", "enter", "enter", "y"}, []string{`SucceedToken {"resolvedByHand":"succeeded by hand`}},
		"heartbeat":                 {"2026-working", []string{"down", "down", "enter", "y"}, []string{"HeartbeatToken"}},
		"fail, and stop the task":   {"2026-working", []string{"down", "down", "down", "enter", "E", "enter", "enter", "y"}, []string{"FailToken E | ", "StopTask alive"}},
		"fail while the task works": {"2026-working", []string{"enter", "E", "enter", "enter", "y"}, []string{"FailToken E | "}},
		"no, after all":             {"2026-working", []string{"enter", "E", "enter", "enter", "n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			onRun(t, c.run, func(t *testing.T, a *account, d *tuitest.Driver) {
				d.Press("T")
				answerDialog(d, c.keys...)
				got := a.changes()
				if len(got) != len(c.sent) {
					t.Fatalf("sent %q\n%s", got, d.Text())
				}
				for i, want := range c.sent {
					if !strings.HasPrefix(got[i], want) {
						t.Errorf("sent %q, want %q", got[i], want)
					}
				}
			})
		})
	}
}

func TestActionsThatCannotWorkSayWhy(t *testing.T) {
	for name, c := range map[string]struct{ run, key, reason string }{
		"redrive what runs":     {"2026-working", "D", "still running"},
		"stop what has ended":   {"2026-users", "X", "it is FAILED already"},
		"token of a closed run": {"2026-users", "T", "no token of it is open"},
		"redrive a success":     {"2026-nightly-00", "D", "it succeeded"},
	} {
		t.Run(name, func(t *testing.T) {
			onRun(t, c.run, func(t *testing.T, a *account, d *tuitest.Driver) {
				d.Press(c.key)
				shown(t, d, c.reason)
				if len(a.changes()) != 0 {
					t.Errorf("sent %q", a.changes())
				}
			})
		})
	}
}

func TestRedriveEndsAfterFourteenDaysAndNeverBeginsForExpress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("old", workflow.Standard)
		a.failed(m, "long-ago", 15*24*time.Hour, "Boom", "no")
		c := a.console(ansi16)
		d := a.open(t, c, newRuns(c, m), 120, 24)
		d.Advance(time.Second)
		d.Press("D")
		shown(t, d, "14 days")
		express := workflow.Run{ARN: "arn:aws:states:eu-west-1:1:express:m:r:1", Name: safe.Line("r"), Status: workflow.Failed}
		for _, action := range runActions(c, &tui.Scope{Env: c.Env}, func() *workflow.Run { return &express }) {
			switch action.ID {
			case tui.KeyRedrive, tui.KeyStop, tui.KeyToken:
				if !strings.Contains(action.Disabled, "Express") {
					t.Errorf("%s of an Express run: %q", action.ID, action.Disabled)
				}
			}
		}
	})
}

func TestReadOnlyChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		c.Env.ReadOnly = true
		d := a.open(t, c, newRuns(c, &a.machines[0]), 120, 40)
		d.Advance(time.Second)
		for _, key := range []string{"D", "X", "T", "n", "N"} {
			d.Press(key)
			shown(t, d, "read-only")
		}
		d.Press("*", "D")
		answerDialog(d, "y", "enter")
		tokens := a.open(t, c, newTokens(c), 120, 40)
		tokens.Advance(time.Second)
		tokens.Press("enter")
		answerDialog(tokens, "y", "enter")
		if len(a.changes()) != 0 {
			t.Errorf("sent %q", a.changes())
		}
	})
}

func TestAProtectedProfileAsksForItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		c.Env.Protected = true
		d := a.open(t, c, newTokens(c), 120, 40)
		d.Advance(time.Second)
		d.Press("enter")
		answerDialog(d, "y", "enter")
		if len(a.changes()) != 0 {
			t.Fatalf("y alone sent %q", a.changes())
		}
		answerDialog(d, "backspace", "p", "r", "o", "d", "enter")
		if len(a.changes()) != 1 {
			t.Errorf("sent %q", a.changes())
		}
	})
}
