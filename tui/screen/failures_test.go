package screen

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// failing is an account with failures of three causes, some of them old.
func failing() *account {
	a := newAccount()
	m, other := a.machine("dumps-run", workflow.Standard), a.machine("images-convert", workflow.Standard)
	for i := range 12 {
		a.failed(m, fmt.Sprintf("orders-%02d", i+1), time.Duration(i+1)*time.Hour, "OutOfMemory", "OutOfMemoryError: Container killed due to memory usage")
	}
	for i := range 3 {
		a.failed(m, fmt.Sprintf("users-%d", i+1), time.Duration(5*i+2)*time.Hour, "ScriptFailed", fmt.Sprintf(`{"reason":"the job ended with exit code 3","exitCode":3,"tail":"mysqldump: Error 2013: Lost connection to MySQL server at row: %d"}`, i))
	}
	for i := range 4 {
		a.add(other, fmt.Sprintf("series-%d", i+1), workflow.Failed, time.Duration(24*i+30)*time.Hour, time.Minute, failure("Frobnicated", "the frobnicator declined")...)
	}
	a.add(m, "good", workflow.Succeeded, time.Hour, time.Minute)
	return a
}

// inFailures opens the failures of all machines.
func inFailures(t *testing.T, look theme.Options, w, h int, use func(*testing.T, *account, *tuitest.Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := failing()
		c := bulkConsole(t, a, look)
		d := a.open(t, c, newFailures(c, nil), w, h)
		d.Advance(5 * time.Second)
		use(t, a, d)
	})
}

func TestAClickGoesToAGroup(t *testing.T) {
	for _, w := range []int{80, 140} {
		inFailures(t, ansi16, w, 30, func(t *testing.T, _ *account, d *tuitest.Driver) {
			d.Press("w")
			d.Advance(time.Second)
			clicked(t, d, "Frobnicated", "ScriptFailed", "OutOfMemory")
		})
	}
}

func TestFailuresAtEverySizeAndLook(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name(), func(t *testing.T) {
			inFailures(t, v.options, v.w, v.h, func(t *testing.T, _ *account, d *tuitest.Driver) {
				d.Press("w")
				d.Advance(time.Second)
				v.golden(t, "failures", d)
			})
		})
	}
}

func TestFailuresAreGroupedByCauseWithWhyTheNewestFailed(t *testing.T) {
	inFailures(t, ansi16, 160, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		shown(t, d, "15 failed runs by 2 causes", "80%", "20%", "the container was killed for memory", "newest     orders-01", "and 4 more: enter lists them")
		absent(t, d, "Frobnicated")
		d.Press("j")
		shown(t, d, "Dump: the connection broke", "MySQL server at row: #")
	})
}

func TestTheWindowOfFailuresIsChosen(t *testing.T) {
	inFailures(t, ansi16, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("w")
		d.Advance(time.Second)
		shown(t, d, " 7d ", "19 failed runs by 3 causes", "Frobnicated: the frobnicator decl")
		d.Press("w", "w", "w")
		d.Advance(time.Second)
		shown(t, d, "15 failed runs by 2 causes")
	})
}

func TestFailuresThatWereNotLoadedAreSaidAndLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := failing()
		c := a.console(ansi16)
		x := newFailures(c, &a.machines[0])
		x.limit = 5
		d := a.open(t, c, x, 120, 40)
		d.Advance(time.Second)
		shown(t, d, "5 failed runs by", "older failures are not loaded: + loads more")
		d.Press("+")
		d.Advance(time.Second)
		shown(t, d, "15 failed runs by 2 causes")
		absent(t, d, "loads more")
	})
}

func TestFailuresStreamInAndTellWhatIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("dumps-run", workflow.Standard)
		for i := range 250 {
			a.failed(m, fmt.Sprintf("run-%03d", i), time.Duration(i+1)*time.Minute, "OutOfMemory", "no")
		}
		a.historyPause = time.Second
		c := a.console(ansi16)
		d := a.open(t, c, newFailures(c, m), 120, 24)
		for !d.Shows("by 1 cause") {
			d.Advance(time.Second)
		}
		shown(t, d, "250 failed runs by 1 cause, 150 still to be read")
		d.Advance(2 * time.Minute)
		shown(t, d, "250 failed runs by 1 cause")
		absent(t, d, "still to be read")
	})
}

func TestTheRunsOfAGroupAreListedMarkedAndRedriven(t *testing.T) {
	inFailures(t, ansi16, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("j", "enter")
		d.Advance(time.Second)
		shown(t, d, "failed alike: ", "3 runs, 3 marked", "users-1", "users-3")
		absent(t, d, "orders-01")
		d.Press("D")
		d.Advance(time.Second)
		shown(t, d, "Redrive 3 runs, 0 left out", "Type 3 to redrive them:")
		d.Press("3", "enter")
		d.Advance(5 * time.Second)
		shown(t, d, "3 runs redriven")
		d.Press("esc")
		d.Advance(time.Second)
		shown(t, d, "● RUNNING    users-1", "● RUNNING    users-3")
		d.Press("esc")
		d.Advance(time.Second)
		shown(t, d, "12 failed runs by 1 cause")
		if got := a.redrives(); !slices.Equal(got, []string{"users-1", "users-2", "users-3"}) {
			t.Errorf("redriven %q", got)
		}
	})
}

func TestMarkedGroupsAreRedrivenTogether(t *testing.T) {
	inFailures(t, ansi16, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("*", "D")
		d.Advance(time.Second)
		shown(t, d, "Redrive 15 runs, 0 left out")
	})
}

func TestACloneOfAGroupProposesWhatTheDiagnosisDoes(t *testing.T) {
	inFailures(t, ansi16, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("N")
		d.Advance(time.Second)
		shown(t, d, "Start 12 runs again", "1024")
	})
}

func TestGroupsAreFilteredAndExported(t *testing.T) {
	inFailures(t, ansi16, 120, 40, func(t *testing.T, a *account, d *tuitest.Driver) {
		d.Press("/")
		d.Type("cause:mysql")
		d.Press("enter")
		shown(t, d, "by 1 of 2 causes", "ScriptFailed")
		absent(t, d, "OutOfMemory")
	})
	g := ops.FailureGroup{Sentence: safe.Line("it was killed")}
	g.Count, g.Runs = 2, []string{"a", "b"}
	data, err := exportFailures([]*failureRow{{group: g}})
	if err != nil {
		t.Fatal(err)
	}
	var got []struct {
		Count    int
		Sentence string
		Runs     []string
	}
	if err := json.Unmarshal(data, &got); err != nil || len(got) != 1 || got[0].Count != 2 || got[0].Sentence != "it was killed" || len(got[0].Runs) != 2 {
		t.Errorf("exported %s: %v", data, err)
	}
}

func TestFailuresThatCannotBeReadSayWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := failing()
		a.failOf["images-convert"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed to list runs")}
		c := a.console(ansi16)
		d := a.open(t, c, newFailures(c, nil), 120, 40)
		d.Advance(5 * time.Second)
		shown(t, d, "not allowed to list runs", "15 failed runs by 2 causes")
		a.fail["ListMachines"] = errors.New("AWS is away")
		other := a.open(t, c, newFailures(c, nil), 80, 24)
		other.Advance(5 * time.Second)
		shown(t, other, "AWS is away", "not read yet")
	})
}

func TestNothingHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		m := a.machine("quiet", workflow.Standard)
		a.add(m, "good", workflow.Succeeded, time.Hour, time.Minute)
		c := a.console(ansi16)
		d := a.open(t, c, newFailures(c, m), 80, 24)
		d.Advance(time.Second)
		shown(t, d, "0 failed runs by 0 causes", "no run that started in the last 24h has failed; w looks further back")
		d.Press("D", "enter")
		shown(t, d, "there is no group under the cursor")
	})
}

func TestTheWaysToTheFailures(t *testing.T) {
	for name, keys := range map[string][]string{
		"from home":            {"c"},
		"from a machine":       {"tab", "enter", "c"},
		"from a line of home":  {"enter"},
		"by their command":     {":", "f", "a", "i", "l", "u", "r", "e", "s", "enter"},
		"of a machine by name": {":", "f", "a", "i", "l", "u", "r", "e", "s", "space", "d", "u", "m", "p", "s", "-", "r", "u", "n", "enter"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := failing()
				c := a.console(ansi16)
				d := a.open(t, c, NewHome(c), 120, 40)
				d.Advance(10 * time.Second)
				for _, k := range keys {
					d.Press(k)
					d.Advance(100 * time.Millisecond)
				}
				d.Advance(5 * time.Second)
				shown(t, d, "failures", "15 failed runs by 2 causes")
			})
		})
	}
}

func TestAStripShowsEvenOneFailure(t *testing.T) {
	look := theme.New(ansi16)
	if got := spark(look, []int{0, 1, 500, 1000}).String(); got != " ▁▄█" {
		t.Errorf("drew %q", got)
	}
	if got := spark(theme.New(theme.Options{ASCII: true}), []int{0, 1, 9}).String(); got != " .#" {
		t.Errorf("drew %q", got)
	}
	if got := spark(look, nil).String(); strings.TrimSpace(got) != "" {
		t.Errorf("drew %q of nothing", got)
	}
}
