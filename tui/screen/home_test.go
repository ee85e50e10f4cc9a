package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// company is an account with something of everything.
func company() *account {
	time.Sleep(63*24*time.Hour + 15*time.Hour) // the bubble begins at midnight of 1 January 2000
	a := newAccount()
	dumps := a.machine("dumps-run", workflow.Standard)
	a.machine("dumps-reap", workflow.Express)
	images := a.machine("images-convert", workflow.Standard)
	a.machine("nightly-report", workflow.Standard)
	a.machine("übung-表", workflow.Standard)

	a.failed(dumps, "2026-orders", 3*time.Hour, "OutOfMemory", "Container killed due to memory usage")
	a.failed(dumps, "2026-orders-again", 2*time.Hour, "OutOfMemory", "Container killed due to memory usage")
	a.failed(dumps, "2026-users", 90*time.Minute, "ScriptFailed", `{"reason":"the job ended with exit code 2","tail":"mysqldump: Access denied for user\n"}`)
	a.add(dumps, "2026-stuck", workflow.Running, 5*time.Hour, 0, a.attempt("gone", "STOPPED")...)
	a.add(dumps, "2026-working", workflow.Running, 10*time.Minute, 0, a.attempt("alive", "RUNNING")...)
	for i := range 30 {
		a.add(dumps, fmt.Sprintf("2026-nightly-%02d", i), workflow.Succeeded, time.Duration(i+6)*time.Hour, time.Duration(20+i)*time.Minute,
			workflow.Event{Type: workflow.ExecutionSucceeded})
	}
	a.add(images, "series-1", workflow.Succeeded, 30*time.Hour, 4*time.Second, workflow.Event{Type: workflow.ExecutionSucceeded})
	a.add(images, "series-2", workflow.Aborted, 29*time.Hour, 90*time.Second, append(a.attempt("orphan", "RUNNING"), workflow.Event{Type: workflow.ExecutionAborted, Cause: safe.Line("stopped by hand")})...)
	a.add(images, "series-3", workflow.TimedOut, 4*time.Hour, 2*time.Hour, append(a.attempt("left", "RUNNING"), workflow.Event{Type: workflow.ExecutionTimedOut})...)
	return a
}

func TestHomeAtEverySizeAndLook(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := company()
				c := a.console(v.options)
				d := a.open(t, c, NewHome(c), v.w, v.h)
				d.Advance(30 * time.Second)
				v.golden(t, "home", d)
			})
		})
	}
}

func TestHomeShowsRowsAfterOneCallAndAFrameBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		for i := range 1200 {
			a.machine(fmt.Sprintf("machine-%04d", i), workflow.Standard)
		}
		a.page = 1000
		c := a.console(ansi16)
		home := NewHome(c)
		first := home.View(80, 20)
		if err := tuitest.Exact(first, 80, 20); err != nil || a.asked("") != 0 {
			t.Fatalf("the first frame made %d calls: %v", a.asked(""), err)
		}
		d := a.open(t, c, home, 80, 24)
		shown(t, d, "machine-0000", "first 1,000 machines: + loads more")
		if n := a.asked(""); n != 1 {
			t.Fatalf("the first rows took %d calls", n)
		}
		d.Press("+")
		if n := a.asked("ListMachines"); n != 2 {
			t.Fatalf("+ listed machines %d times", n)
		}
		absent(t, d, "loads more")
		d.Press("G")
		shown(t, d, "machine-1199")
	})
}

func TestHomeReadsOnlyWhatIsSeenAndAtItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		for i := range 300 {
			m := a.machine(fmt.Sprintf("machine-%04d", i), workflow.Standard)
			a.add(m, "run", workflow.Succeeded, time.Hour, time.Minute, workflow.Event{Type: workflow.ExecutionSucceeded})
		}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Advance(100 * time.Millisecond)
		if n := a.asked("ListRuns"); n != 0 {
			t.Fatalf("%d machines were read before any rest", n)
		}
		d.Advance(4 * time.Second)
		filled := a.asked("ListRuns")
		if filled < 10 || filled > 22 {
			t.Fatalf("%d machines were read for the rows of one screen", filled)
		}
		d.Advance(10 * time.Minute)
		if n := a.asked("ListRuns") - filled; n > 121 || n < 60 {
			t.Errorf("%d ListExecutions in ten minutes, more than 0.2 a second or too few", n)
		}
	})
}

func TestHomeReadsNothingWhileItCannotBeSeen(t *testing.T) {
	for name, hide := range map[string]func(*tuitest.Driver){
		"unfocused": func(d *tuitest.Driver) { d.Send(tea.BlurMsg{}) },
		"covered":   func(d *tuitest.Driver) { d.Press(":"); d.Type("region"); d.Press("enter") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := company()
				c := a.console(ansi16)
				d := a.open(t, c, NewHome(c), 80, 24)
				d.Advance(10 * time.Second)
				hide(d)
				d.Advance(time.Second)
				before := a.asked("")
				d.Advance(10 * time.Minute)
				if n := a.asked("") - before; n != 0 {
					t.Errorf("%d calls were made", n)
				}
			})
		})
	}
}

func TestHomeGoesFromAFailureToItsVerdictByEnter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 120, 40)
		d.Advance(30 * time.Second)
		shown(t, d, "1 dead token", "4 failed runs", "2× 2026-orders-again: OutOfMemory", "task that is gone")
		d.Press("j", "enter")
		shown(t, d, "2026-users")
	})
}

func TestHomeGoesFromADeadTokenToTheTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Advance(10 * time.Second)
		d.Press("enter")
		d.Advance(time.Second)
		shown(t, d, "◐ dead", "2026-stuck", "● alive")
	})
}

func TestHomeKeepsTheCursorThatTheUserMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Press("j")
		d.Advance(30 * time.Second)
		d.Press("enter")
		shown(t, d, "images-convert", "series-1")
	})
}

func TestAFailureByAClockAheadOfOursWasAMomentAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.failed(&a.machines[0], "just-now", -time.Minute, "Late", "the clocks differ")
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 120, 40)
		d.Advance(10 * time.Second)
		shown(t, d, "just-now: Late: the clocks differ  a moment ago", "2026-stuck waits in Dump for a task that is gone  5h ago")
	})
}

func TestHomeOffersAnotherPlaceWhereThisOneIsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.fail["ListMachines"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("AWS denied ListStateMachines")}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		shown(t, d, "AWS denied ListStateMachines", "P and R choose another profile or region", "r tries again")
	})
}

func TestHomeTellsAFailingRowInItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.failOf["images-convert"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed to list runs"), Detail: safe.Line("states:ListExecutions")}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 120, 40)
		d.Advance(10 * time.Second)
		shown(t, d, "not allowed to list runs", "2026-users")
	})
}

func TestHomeTellsThatTasksCouldNotBeLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.fail["DescribeTasks"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed to describe tasks"), Detail: safe.Line("ecs:DescribeTasks")}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 120, 40)
		d.Advance(10 * time.Second)
		shown(t, d, "not allowed to describe tasks", "4 failed runs")
	})
}

func TestHomeTellsWhyItCannotListAndTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.fail["ListMachines"] = &ops.Problem{Kind: ops.Unreachable, Title: safe.Line("AWS cannot be reached"), Detail: safe.Line("connection refused"), Hint: safe.Line("check the network")}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		shown(t, d, "AWS cannot be reached", "connection refused", "check the network", "r tries again")
		a.fail = map[string]error{}
		d.Press("r")
		shown(t, d, "dumps-run")
		absent(t, d, "cannot be reached")
	})
}

func TestHomeComesBackByItselfAndKeepsWhatItKnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Advance(30 * time.Second)
		shown(t, d, "4 of 4 machines read")
		a.fail["ListMachines"] = &ops.Problem{Kind: ops.Unreachable, Title: safe.Line("AWS cannot be reached")}
		d.Press("r")
		shown(t, d, "AWS cannot be reached", "4 of 4 machines read", "● RUNNING 10m")
		a.fail = map[string]error{}
		d.Advance(4 * eachPace)
		absent(t, d, "cannot be reached")
	})
}

func TestHomeCountsTheNeedsThatItHasNoRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("dumps-run", workflow.Standard)
		for i := range 10 {
			a.add(m, fmt.Sprintf("run-%02d", i), workflow.TimedOut, time.Duration(i+2)*time.Minute, time.Minute,
				workflow.Event{Type: workflow.ExecutionTimedOut, Error: safe.Line(fmt.Sprintf("Error%c", 'A'+i))})
		}
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Advance(10 * time.Second)
		shown(t, d, "10 failed runs", "run-00", "run-06", "▼ 3 more below")
		absent(t, d, "run-07")
		for range 5 {
			d.Press("j")
		}
		shown(t, d, "▌ ◷ run-05", "▲ 2 more above   ▼ 1 more below")
	})
}

// clicked clicks on the line of each text and sees the cursor go there.
func clicked(t *testing.T, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		y := slices.IndexFunc(strings.Split(d.Text(), "\n"), func(line string) bool { return strings.Contains(line, text) })
		if y < 0 {
			t.Fatalf("%q is not on the screen:\n%s", text, d.Text())
		}
		d.Send(tea.MouseClickMsg{X: 10, Y: y, Button: tea.MouseLeft})
		if line := strings.Split(d.Text(), "\n")[y]; !strings.HasPrefix(line, "▌") {
			t.Errorf("the click on %q left the cursor elsewhere:\n%s", text, d.Text())
		}
	}
}

func TestAClickGoesToANeedOrAMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Advance(30 * time.Second)
		clicked(t, d, "images-convert", "series-3: timed out", "dumps-run    ", "2026-stuck waits")
	})
}

func TestAnExpiredSessionIsRenewedInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.fail["ListMachines"] = &ops.Problem{Kind: ops.Expired, Title: safe.Line("the session of profile prod has expired")}
		c := a.console(ansi16)
		said := make(chan safe.Text)
		c.Login = loginSaying(said)
		d := a.open(t, c, NewHome(c), 80, 24)
		shown(t, d, "has expired", "r logs in and tries again")
		d.Press("r")
		said <- safe.Line("Open https://device.sso.example/ABCD in your browser")
		d.Advance(time.Second)
		shown(t, d, "Open https://device.sso.example/ABCD")
		a.fail = map[string]error{}
		close(said)
		d.Advance(time.Second)
		shown(t, d, "logged in", "dumps-run")
	})
}

func TestHomeFiltersByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Press("/")
		d.Type("conv")
		d.Press("enter")
		shown(t, d, "images-convert", "/conv")
		absent(t, d, "nightly-report")
		d.Press("esc", "/")
		d.Type("!conv type:std")
		d.Press("enter")
		shown(t, d, "nightly-report")
		absent(t, d, "images-convert")
		d.Press("esc", "/")
		d.Type("status:failed")
		shown(t, d, `there is no field "status"`, "known are name, type", "and age")
	})
}

func TestTheMachinesAreTheFirstScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 120, 40)
		for _, command := range []string{"tokens", "runs", "machines"} {
			d.Press(":")
			d.Type(command)
			d.Press("enter")
		}
		d.Advance(time.Second)
		absent(t, d, "› tokens", "› runs")
		d.Press("q")
		if !d.Quit {
			t.Error("the machines were opened on top of the other screens")
		}
	})
}

func TestCommandsOpenTheirScreens(t *testing.T) {
	for command, want := range map[string]string{
		"runs images-convert": "series-3", "runs": "MACHINE", "tokens": "TOKEN", "profile": "dev", "region": "us-east-1",
		"role": "ARN of the role", "machines": "nightly-report", "runs dumps-rum": "the nearest is dumps-run", "role nonsense": "not the ARN of a role",
	} {
		t.Run(command, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := company()
				c := a.console(ansi16)
				d := a.open(t, c, NewHome(c), 120, 40)
				d.Press(":")
				d.Type(command)
				d.Press("enter")
				d.Advance(time.Second)
				shown(t, d, want)
			})
		})
	}
}

func TestAnotherRegionStartsOverThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, other := company(), newAccount()
		other.machine("over-there", workflow.Standard)
		c := a.console(ansi16)
		var asked Place
		c.Switch = switchTo(other, &asked)
		d := a.open(t, c, NewHome(c), 80, 24)
		d.Press(":")
		d.Type("region us-east-1")
		d.Press("enter")
		d.Advance(time.Second)
		shown(t, d, "over-there", "us-east-1")
		if asked.Region != "us-east-1" || asked.Profile != "prod" {
			t.Errorf("went to %+v", asked)
		}
		d.Press(":")
		d.Type("runs over-there")
		d.Press("enter")
		shown(t, d, "no run yet")
	})
}

func TestHomeActionsShareNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		home := NewHome(c)
		d := a.open(t, c, home, 80, 24)
		d.Advance(10 * time.Second)
		if err := tuitest.Conflicts(home.Actions()); err != nil {
			t.Error(err)
		}
	})
}

func TestTheHeadersCountsTellTheirAgeWhileHomeIsCovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, NewHome(c), 120, 24)
		header := func() string { return strings.Split(d.Text(), "\n")[0] }
		d.Advance(10 * time.Minute)
		if !strings.Contains(header(), "1 stuck") || strings.Contains(header(), "ago") {
			t.Errorf("home reads, and the header is %q", header())
		}
		d.Press("!")
		d.Advance(10 * time.Minute)
		if !strings.Contains(header(), "1 stuck 10m ago") {
			t.Errorf("home is covered, and the header is %q", header())
		}
		d.Press("esc")
		d.Advance(time.Minute)
		if strings.Contains(header(), "ago") {
			t.Errorf("home reads again, and the header is %q", header())
		}
	})
}
