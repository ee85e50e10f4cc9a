package e2e_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestFromAColdStartToTheLineThatShowsWhyTheRunFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ends(t, w.start(t, "nightly", "drill fail 3"), workflow.Failed)
	app := w.open(t)
	app.On("nightly", "exit code 3")
	app.Press("enter")
	app.See("1 verdict")
	app.See("failing with 3, as told")
	app.Press("l")
	app.See("following")
	app.See("failing with 3, as told")
}

func TestARunIsStartedWithAChangedParameterAndFollowedToSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ends(t, w.start(t, "good", "drill succeed"), workflow.Succeeded)
	app := w.open(t)
	app.Cursor(shippedtest.Machine, "SUCCEEDED")
	app.Press("n")
	app.See("filled from good")
	app.On("args", "drill succeed")
	app.Type(" --after 2")
	app.SeeLine("args", "drill succeed --after 2")
	app.Press("ctrl+s")
	app.See("Nothing has been sent yet")
	app.SeeLine("command", "drill succeed --after 2")
	app.Launch()
	app.See("● RUNNING")
	app.See("✔ SUCCEEDED")
	app.See("succeed: 2 of 2 s")
	app.Press("1")
	app.SeeLine("output", "the drill ended well")
}

func TestARunWhoseTaskWasKilledIsRedrivenToSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(faults.Rule{Kind: faults.Kill, Times: 1, DelayMillis: 100})
	w.machine(t, "bare", bare)
	arn := w.startOf(t, "bare", "victim", `{"args": ["drill", "succeed", "--after", "2"]}`)
	w.ends(t, arn, workflow.Failed)
	app := w.open(t)
	app.Run("bare", "victim")
	app.See("✖ FAILED")
	app.Press("D")
	app.Agree("Redrive this run?")
	app.See("is redriven: it resumes in")
	app.See("✔ SUCCEEDED")
	if got := w.describe(t, arn); got.RedriveCount != 1 {
		t.Errorf("it was redriven %d times", got.RedriveCount)
	}
}

func TestARunThatWaitsForATaskThatIsGoneIsGivenTheTrueReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "bare", bare)
	arn := w.stick(t, "bare", "stuck")[0]
	app := w.open(t)
	app.See("1 stuck")
	app.Press("t")
	app.On("◐ dead", "stuck")
	app.Press("enter")
	app.SeeLine("cause:", "exit")
	app.Agree("Fail this token?")
	app.See("fail sent with")
	w.ends(t, arn, workflow.Failed)
	if cause := w.describe(t, arn).Cause; !strings.Contains(cause, "137") {
		t.Errorf("the run's cause is %q, want the container's exit code in it", cause)
	}
	app.See("no run waits for a token")
}

func TestARunIsClonedWithMoreMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ends(t, w.start(t, "small", "drill fail 2"), workflow.Failed)
	app := w.open(t)
	app.Run(shippedtest.Machine, "small")
	app.Press("N")
	app.See("like small")
	app.Field("memory")
	app.Type("1024")
	app.Press("ctrl+s")
	app.See("changed against small")
	app.SeeLine("+", `"memory": 1024`)
	app.Launch()
	app.See("✖ FAILED")
	app.Press("5")
	app.SeeLine("memory", "1024")
}

func TestAStopTakesTheTaskAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.start(t, "endless", "drill hang")
	eventually(t, "its task runs", func() bool { return len(w.tasks(t)) == 1 })
	app := w.open(t)
	app.Run(shippedtest.Machine, "endless")
	app.See("● RUNNING")
	app.Press("X")
	app.Take("Stop run endless")
	app.See("cause, kept in the run's history")
	app.Take("Stop run endless")
	app.Agree("Stop this run?")
	app.See("run endless and its task are stopped")
	app.See("■ ABORTED")
	eventually(t, "its task is gone", func() bool { return len(w.tasks(t)) == 0 })
	if got := w.describe(t, arn); got.Status != string(workflow.Aborted) || !strings.Contains(got.Cause, user) {
		t.Errorf("the run is %+v, want it aborted by %s", got, user)
	}
}

// crashing is a machine whose runs fail at once, and again when redriven.
var crashing = object{"StartAt": "Crash", "States": object{"Crash": object{"Type": "Fail", "Error": "Crashed", "Cause": "as ever"}}}

func TestTheListShowsWhatTheFilterAsksFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "crash", crashing)
	for _, name := range []string{"apple", "pear", "plum"} {
		w.ends(t, w.startOf(t, "crash", name, `{}`), workflow.Failed)
	}
	app := w.open(t)
	app.Runs("crash")
	app.SeeLine("apple", "FAILED", "Crashed")
	app.Filter("cause:crashed !pear")
	app.SeeLine("/cause:crashed !pear", "enter open")
	app.See("2 of 3 runs")
	app.Wait("no run pear", func(screen string) bool { return lineOf(screen, "pear", "FAILED") == "" })
	app.SeeLine("apple", "FAILED")
	app.SeeLine("plum", "FAILED")
	app.Press("esc")
	app.Gone("of 3 runs")
	app.Gone("/cause")
	app.SeeLine("pear", "FAILED")
	app.Filter("colour:red")
	app.SeeLine(`there is no field "colour"; known are status, state, cause`)
}
