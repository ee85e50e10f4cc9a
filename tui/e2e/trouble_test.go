package e2e_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestAnotherRegionShowsItsProblemInPlaceAndTheWayBackIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := w.open(t)
	app.SeeLine(shippedtest.Machine, "std")
	app.Press("R")
	app.See(":region ")
	app.Type("eu-west-1")
	app.Press("enter")
	app.See("eu-west-1 › machines")
	app.See("✖")
	app.Gone("reading…")
	app.Command("region us-east-1")
	app.See("us-east-1 › machines")
	app.SeeLine(shippedtest.Machine, "std")
}

func TestReadOnlyShowsWhatItRefusesAndWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.start(t, "endless", "drill hang")
	app := w.openAs(t, func(o *session.Options) { o.ReadOnly = true })
	app.See("READ-ONLY")
	app.Run(shippedtest.Machine, "endless")
	for _, action := range []string{"X stop", "T token", "N clone"} {
		key, _, _ := strings.Cut(action, " ")
		app.Press(key)
		app.SeeLine(action + ": read-only")
	}
	app.Press("?")
	app.SeeLine("  X  ", "read-only")
	if got := w.describe(t, arn); got.Status != string(workflow.Running) {
		t.Errorf("the run is %s", got.Status)
	}
}

func TestWhatAWSRefusesShowsInPlaceAndEndsByItself(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]struct {
		kind       string
		says, over string // on the screen while it lasts, and no more afterwards
	}{
		"an expired session": {faults.Expired, "expired", "expired"},
		"throttling":         {faults.Throttle, "throttl", "Rate exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ends(t, w.start(t, "nightly", "drill fail 3"), workflow.Failed)
			app := w.open(t)
			app.Runs(shippedtest.Machine)
			app.SeeLine("nightly", "FAILED", "exit code 3")
			w.fault(faults.Rule{Kind: trouble.kind})
			app.Press("r")
			app.See(trouble.says)
			app.SeeLine("nightly", "FAILED", "exit code 3")
			w.fault()
			app.Press("r")
			app.Gone(trouble.over)
			app.SeeLine("nightly", "FAILED", "exit code 3")
		})
	}
}

func TestAnEndpointThatIsGoneLeavesTheRestAtWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := w.open(t)
	app.Runs(shippedtest.Machine)
	// The home screen, where the whole reason is read, has not seen it.
	w.ends(t, w.start(t, "nightly", "drill fail 3"), workflow.Failed)
	app.Press("r")
	app.SeeLine("nightly", "FAILED", "exit code 3")
	w.gate.shut()
	app.Press("r")
	app.See("refused")
	app.SeeLine("nightly", "FAILED", "exit code 3")
	app.Press("enter")
	app.See("1 verdict")
	app.See("Why it ended could not be read")
	app.See("refused")
	app.Press("?")
	app.See("this help")
	app.Press("esc")
	app.Gone("this help")
	w.gate.reopen(t)
	app.Press("r")
	app.Gone("refused")
	app.See("failing with 3, as told")
}
