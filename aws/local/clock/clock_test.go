package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/clock"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestAdvanceRunsWhatFallsDueInOrder(t *testing.T) {
	m := clock.NewManual(start)
	var ran []string
	note := func(name string) func() {
		return func() { ran = append(ran, name+" at "+m.Now().Sub(start).String()) }
	}
	m.AfterFunc(3*time.Second, note("third"))
	m.AfterFunc(time.Second, func() {
		note("first")()
		m.AfterFunc(time.Second, note("second"))
	})
	m.AfterFunc(time.Minute, note("later"))
	m.Advance(5 * time.Second)
	if diff := cmp.Diff([]string{"first at 1s", "second at 2s", "third at 3s"}, ran); diff != "" {
		t.Error(diff)
	}
	if !m.Now().Equal(start.Add(5 * time.Second)) {
		t.Errorf("the clock stands at %s", m.Now())
	}
	if n := m.Timers(); n != 1 {
		t.Errorf("%d timers wait, want the later one", n)
	}
}

func TestAStoppedTimerDoesNotRun(t *testing.T) {
	for name, c := range map[string]clock.Clock{"manual": clock.NewManual(start), "real": clock.Real()} {
		t.Run(name, func(t *testing.T) {
			stop := c.AfterFunc(time.Hour, func() { t.Error("it ran") })
			if !stop() {
				t.Error("the first stop did not keep it from running")
			}
			if stop() {
				t.Error("the second stop says it did")
			}
		})
	}
}

func TestAStopAfterTheRunSaysSo(t *testing.T) {
	m := clock.NewManual(start)
	stop := m.AfterFunc(time.Second, func() {})
	m.Advance(time.Second)
	if stop() {
		t.Error("a timer that ran was stopped")
	}
}

func TestAfterReceivesWhenTheTimeHasPassed(t *testing.T) {
	m := clock.NewManual(start)
	done, stop := clock.After(m, time.Second)
	defer stop()
	m.Advance(time.Second - 1)
	select {
	case <-done:
		t.Error("too early")
	default:
	}
	m.Advance(1)
	select {
	case <-done:
	default:
		t.Error("not on time")
	}
}

func TestTheRealClockGoesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.Real()
		before := c.Now()
		done, stop := clock.After(c, time.Minute)
		defer stop()
		<-done
		if passed := c.Now().Sub(before); passed != time.Minute {
			t.Errorf("%s passed", passed)
		}
	})
}
