package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// breaking is a machine whose runs fail at once with the error of their input,
// and again when redriven.
var breaking = object{"QueryLanguage": "JSONata", "StartAt": "Break", "States": object{"Break": object{
	"Type": "Fail", "Error": "{% $states.input.error %}", "Cause": "{% 'the run of ' & $states.context.Execution.StartTime & ' broke' %}",
}}}

// broken starts n runs that fail with the error.
func (w *world) broken(t *testing.T, n int, name string) []string {
	t.Helper()
	var arns []string
	for i := range n {
		arns = append(arns, w.startOf(t, "breaking", fmt.Sprintf("%s-%d", strings.ToLower(name), i), fmt.Sprintf(`{"error": %q}`, name)))
	}
	for _, arn := range arns {
		w.ends(t, arn, workflow.Failed)
	}
	return arns
}

// redriven fails the test unless each run was redriven so often.
func (w *world) redriven(t *testing.T, arns []string, times int) {
	t.Helper()
	for _, arn := range arns {
		if got := w.describe(t, arn); got.RedriveCount != times {
			t.Errorf("%s was redriven %d times, not %d", arn, got.RedriveCount, times)
		}
	}
}

func TestAllRunsThatFailedWithThisCauseAreRedrivenTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "breaking", breaking)
	crashed, burned := w.broken(t, 8, "Crashed"), w.broken(t, 3, "Burned")
	app := w.open(t)
	app.Runs("breaking")
	app.Press("c")
	app.See("11 failed runs by 2 causes")
	app.On("8", "Crashed")
	app.Press("enter")
	app.See("8 runs, 8 marked")
	app.Press("D")
	app.See("Redrive 8 runs, 0 left out. Nothing has been sent yet.")
	app.See("Type 8 to redrive them:")
	app.Type("8")
	app.See("Type 8 to redrive them: 8")
	app.Press("enter")
	app.See("✔ 8 runs redriven")
	w.redriven(t, crashed, 1)
	w.redriven(t, burned, 0)
}

func TestABulkActionThatWasInterruptedIsResumedWithEachRunDoneOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "breaking", breaking)
	arns := w.broken(t, 8, "Crashed")
	w.gate.let(3, "RedriveExecution")
	app := w.open(t)
	app.Runs("breaking")
	app.See("8 runs")
	app.Press("*", "D")
	app.See("Type 8 to redrive them:")
	app.Type("8")
	app.Press("enter")
	app.See("3 of 8 runs")
	app.Press("ctrl+c")
	app.Ended()
	if !app.Root.Close(patience) {
		t.Fatal("the bulk action goes on after the program's end")
	}
	w.gate.lift()

	app = w.open(t)
	app.On("Redrive 8 runs was interrupted with 5 left")
	app.Press("enter")
	app.See("Redrive the 5 runs left: 3 done, 0 skipped and 0 failed before")
	app.See("Type 5 to redrive them:")
	app.Type("5")
	app.Press("enter")
	app.See("✔ 8 runs redriven")
	w.redriven(t, arns, 1)
	app.Press("esc")
	app.Gone("was interrupted")
}

func TestWhatIsLeftOutIsShownAndARunThatClosedMeanwhileIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "bare", bare)
	over := w.startOf(t, "bare", "over", `{"args": ["drill", "fail", "2"]}`)
	w.ends(t, over, workflow.Failed)
	ends, stays := w.startOf(t, "bare", "ends", `{"args": ["drill", "hang"]}`), w.startOf(t, "bare", "stays", `{"args": ["drill", "hang"]}`)
	eventually(t, "their tasks run", func() bool { return len(w.tasks(t)) == 2 })
	app := w.open(t)
	app.Runs("bare")
	app.SeeLine("stays", "RUNNING")
	app.Press("*", "X")
	app.Take("Stop 3 runs")
	app.See("cause, kept in the run's history")
	app.Take("Stop 3 runs")
	app.See("Type 2 to stop them:")
	app.SeeLine("left out", "over", "it is not running: it is FAILED")
	call[struct{}](t, w, "states", "StopExecution", object{"executionArn": ends, "cause": "somebody else was faster"})
	app.Type("2")
	app.Press("enter")
	app.See("1 run stopped  1 skipped  1 left out")
	app.SeeLine("skipped", "ends", "it ended meanwhile: it is ABORTED now")
	if cause := w.describe(t, stays).Cause; !strings.Contains(cause, user) {
		t.Errorf("the run that was stopped has the cause %q", cause)
	}
	if cause := w.describe(t, ends).Cause; cause != "somebody else was faster" {
		t.Errorf("the run that had ended has the cause %q", cause)
	}
}

func TestRunsAreClonedTogetherWithAChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "bare", bare)
	for _, name := range []string{"one", "two"} {
		w.ends(t, w.startOf(t, "bare", name, `{"args": ["drill", "fail", "2"], "keep": "me"}`), workflow.Failed)
	}
	app := w.open(t)
	app.Runs("bare")
	app.SeeLine("one", "FAILED")
	app.SeeLine("two", "FAILED")
	app.Press("*", "N")
	app.See("Start 2 runs again")
	app.clock.skip()
	app.Type("drill succeed")
	for range 8 {
		app.Press("enter")
	}
	app.See("changed: drill succeed")
	app.See("Type 2 to clone them:")
	app.Type("2")
	app.Press("enter")
	app.See("✔ 2 runs cloned")
	app.Press("enter")
	app.See("✔ SUCCEEDED")
	app.Press("5")
	app.SeeLine("keep", "me")
}

func TestDeadTokensAreFoundAndFailedTogetherAndLiveOnesLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.machine(t, "bare", bare)
	dead := w.stick(t, "bare", "dead-1", "dead-2", "dead-3")
	live := w.startOf(t, "bare", "live", `{"args": ["drill", "hang"]}`)
	eventually(t, "its task runs", func() bool { return len(w.tasks(t)) == 1 })
	app := w.open(t)
	app.See("3 stuck")
	app.Press("t")
	app.See("dead 3")
	app.See("alive 1")
	app.Press("*", "T")
	app.Take("Fail the open tokens of 4 runs")
	app.See("why you do it")
	app.clock.skip()
	app.Type("the host was drained")
	app.Take("Fail the open tokens of 4 runs")
	app.See("Fail 3 tokens, 1 left out")
	app.See("Type 3 to fail them:")
	app.SeeLine("left out", "live", "is still RUNNING")
	app.Type("3")
	app.Press("enter")
	app.See("✔ 3 tokens answered")
	for _, arn := range dead {
		w.ends(t, arn, workflow.Failed)
		if cause := w.describe(t, arn).Cause; !strings.Contains(cause, "137") || !strings.Contains(cause, "the host was drained") {
			t.Errorf("the cause of %s is %q, want the container's exit code and why in it", arn, cause)
		}
	}
	if got := w.describe(t, live); got.Status != string(workflow.Running) {
		t.Errorf("the run that works is %s", got.Status)
	}
	app.Press("esc")
	app.Gone("dead 3")
}
