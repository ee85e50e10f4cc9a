package screen

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// otherScreens are the lists that have no test of their looks elsewhere, with
// the keys that lead to what is shown.
var otherScreens = map[string]struct {
	open func(*Console, *account) tui.Screen
	keys []string
}{
	"tokens":  {func(c *Console, _ *account) tui.Screen { return newTokens(c) }, nil},
	"token":   {func(c *Console, _ *account) tui.Screen { return newTokens(c) }, []string{"enter"}},
	"redrive": {func(c *Console, a *account) tui.Screen { return newRuns(c, &a.machines[0]) }, []string{"j", "D"}},
	"region":  {func(c *Console, _ *account) tui.Screen { return newContext(c, chooseRegion) }, nil},
}

func TestOtherListsAtEverySizeAndLook(t *testing.T) {
	for screen, s := range otherScreens {
		for _, v := range views() {
			if v.look != "16" && screen != "tokens" {
				continue
			}
			t.Run(screen+"_"+v.name(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := company()
					c := a.console(v.options)
					d := a.open(t, c, s.open(c, a), v.w, v.h)
					d.Advance(5 * time.Second)
					d.Press(s.keys...)
					d.Advance(time.Second)
					v.golden(t, "home_"+screen, d)
				})
			})
		}
	}
}

func TestTokensAreToldMachineByMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		a.failOf["images-convert"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed to list runs")}
		c := a.console(ansi16)
		d := a.open(t, c, newTokens(c), 120, 24)
		d.Advance(time.Second)
		shown(t, d, "dead 1", "alive 1", "2026-stuck", "STOPPED: OutOfMemory", "in 1h", "not allowed to list runs")
		shown(t, d, "1 stuck")
		d.Press("/")
		d.Type("status:alive")
		d.Press("enter")
		absent(t, d, "2026-stuck")
	})
}

func TestEnterIsCalledByWhatItDoesToAToken(t *testing.T) {
	for readOnly, footer := range map[bool]string{false: "enter answer", true: "enter open"} {
		synctest.Test(t, func(t *testing.T) {
			a := company()
			c := a.console(ansi16)
			c.Env.ReadOnly = readOnly
			d := a.open(t, c, newTokens(c), 120, 24)
			d.Advance(time.Second)
			shown(t, d, footer)
			clicked(t, d, "2026-working", "2026-stuck")
		})
	}
}

func TestATokenAnsweredMeanwhileLeavesTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := company()
		c := a.console(ansi16)
		d := a.open(t, c, newTokens(c), 120, 24)
		d.Advance(time.Second)
		shown(t, d, "2026-working")
		a.update(workflow.RunARNOf(a.machines[0].ARN, "2026-working"), func(r *workflow.Run) { r.Status = workflow.Succeeded })
		d.Advance(30 * time.Second)
		absent(t, d, "2026-working")
	})
}

func TestTheTokensOfManyMachinesAreReadAtTheirPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		for i := range 100 {
			a.machine(fmt.Sprintf("machine-%03d", i), workflow.Standard)
		}
		c := a.console(ansi16)
		d := a.open(t, c, newTokens(c), 80, 24)
		d.Advance(time.Second)
		first := a.asked("ListRuns")
		d.Advance(time.Hour)
		if n := a.asked("ListRuns") - first; n > 720 {
			t.Errorf("%d ListExecutions in an hour, more than 0.2 a second", n)
		}
	})
}

func TestAReadingOfManyMachinesRestsWhileNobodyLooksAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		for i := range 50 {
			a.machine(fmt.Sprintf("machine-%03d", i), workflow.Standard)
		}
		a.pause = 5 * time.Second
		d := a.open(t, a.console(ansi16), newTokens(a.console(ansi16)), 80, 24)
		d.Advance(62 * time.Second)
		d.Send(tea.BlurMsg{})
		before := a.asked("ListRuns")
		if before < 10 || before > 20 {
			t.Fatalf("%d machines were asked for before", before)
		}
		d.Advance(time.Hour)
		if n := a.asked("ListRuns"); n != before {
			t.Errorf("%d machines were asked for while nobody looked", n-before)
		}
		d.Send(tea.FocusMsg{})
		d.Advance(240 * time.Second)
		// Each of the 50 once, and perhaps again the one that was cut short.
		if n := a.asked("ListRuns"); n < 50 || n > 51 {
			t.Errorf("%d machines were asked for in the round of 50", n)
		}
	})
}
