package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// calling is a machine whose runs start one of another machine, named after
// themselves, and wait for its end.
func calling(w *world, machine string) object {
	return object{"StartAt": "Call", "States": object{"Call": object{
		"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
		"Parameters": object{"StateMachineArn": w.MachineARN(machine), "Name.$": "$$.Execution.Name", "Input.$": "$"},
	}}}
}

// why is what the command tells of a run.
func (w *world) why(t *testing.T, arn string) string {
	t.Helper()
	s, err := session.Open(t.Context(), session.Options{Endpoint: w.URL(), Region: w.Region(), Local: true})
	if err != nil {
		t.Fatal(err)
	}
	_, d, err := ops.New(client.New(s), user).Why(t.Context(), arn, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d.Sentence.String()
}

// says waits until the screen holds the sentence, however it is wrapped.
func (a *app) says(sentence string) {
	a.t.Helper()
	a.Wait(sentence, func(screen string) bool {
		return strings.Contains(strings.Join(strings.Fields(screen), " "), sentence)
	})
}

func TestARunThatFailedByTheRunsBelowItShowsTheirReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(faults.Rule{Kind: faults.OutOfMemory, Times: 1, DelayMillis: 100})
	w.machine(t, "bare", bare)
	w.machine(t, "calls", calling(w, "bare"))
	w.machine(t, "nests", calling(w, "calls"))
	arn := w.startOf(t, "nests", "nightly", `{"args": ["drill", "hang"]}`)
	w.ends(t, arn, workflow.Failed)
	told := w.why(t, arn)
	if !strings.Contains(told, "killed for memory") {
		t.Fatalf("why tells %q", told)
	}
	app := w.open(t)
	app.Run("nests", "nightly")
	app.says(told)
	app.SeeLine("ECS", "OutOfMemoryError")
	app.SeeLine("error", "States.TaskFailed")
	app.SeeLine("in the child run: raise the memory of the task definition")
	app.SeeLine("enter", "open the child run nightly")
	app.Press("enter")
	app.See("› nightly › nightly")
	app.says("Call: child run nightly: Job: ")
	app.SeeLine("enter", "open the child run nightly")
	app.Press("enter")
	app.See("Job: the container was killed for memory")
	app.Gone("child run")
}

func TestARunThatWaitsForADeadTokenBelowItIsStuck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(faults.Rule{Kind: faults.Kill, Times: 1, DelayMillis: 100}, faults.Rule{Kind: faults.NoReaper, Times: 1})
	w.machine(t, "bare", bare)
	w.machine(t, "calls", calling(w, "bare"))
	arn := w.startOf(t, "calls", "nightly", `{"args": ["drill", "hang"]}`)
	eventually(t, "its task is gone", func() bool { return strings.Contains(w.why(t, arn), "without answering its token") })
	app := w.open(t)
	app.Run("calls", "nightly")
	app.says(w.why(t, arn))
	app.SeeLine("◐ STUCK for")
	app.SeeLine("in the child run: fail the token")
	app.Press("enter")
	app.SeeLine("T ", "fail the token with TaskExited")
}
