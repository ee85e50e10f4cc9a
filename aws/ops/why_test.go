package ops_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// failedDump is a run whose task's log tells why it failed.
func failedDump(a *account) (runARN string) {
	began := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	run := a.addRun(a.addMachine("dumps", workflow.Standard), "nightly", workflow.Failed, began)
	a.submit(run.ARN, "t1", began)
	a.event(run.ARN, workflow.TaskFailed, "JobFailed", began.Add(time.Hour))
	a.event(run.ARN, workflow.ExecutionFailed, "JobFailed", began.Add(time.Hour))
	one := 1
	a.tasks[taskARN("t1")] = workflow.Task{
		ARN: taskARN("t1"), ClusterARN: cluster, DefinitionARN: "arn:def:1", LastStatus: "STOPPED", StopCode: "EssentialContainerExited",
		StoppedReason: safe.Line("Essential container in task exited"), Stopped: began.Add(time.Hour),
		Containers: []workflow.Container{{Name: safe.Line("job"), ExitCode: &one}},
	}
	log := a.addStream("t1")
	log.lines = []workflow.LogLine{
		{Time: began, Text: safe.Line("starting")},
		{Time: began.Add(59 * time.Minute), Text: safe.Line("pg_dump: error: FATAL: password authentication failed for user \"x\"")},
	}
	return run.ARN
}

func TestWhyReadsTheDecisiveLineOfTheLog(t *testing.T) {
	a := newAccount()
	run, d, err := a.service().Why(t.Context(), failedDump(a), time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if run.Name.String() != "nightly" || d.Kind != triage.DatabaseAuth || d.Evidence[0].Source != triage.FromLog || d.Evidence[0].Container != "job" {
		t.Errorf("run %s: %s by %+v", run.Name, d.Kind, d.Evidence)
	}
	if n := a.count("History"); n != 1 {
		t.Errorf("%d pages of history were read, want 1", n)
	}
}

func TestWhySaysWhatItCouldNotRead(t *testing.T) {
	a := newAccount()
	arn := failedDump(a)
	a.fail["LogPage"] = errors.New("no network")
	a.fail["DescribeTasks"] = errors.New("denied")
	_, d, err := a.service().Why(t.Context(), arn, time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[triage.Source]bool{}
	for _, g := range d.Gaps {
		parts[g.Part] = true
	}
	if d.Kind != triage.ScriptFailed || !parts[triage.FromLog] || !parts[triage.FromECS] {
		t.Errorf("%s with gaps %+v, want scriptFailed and the gaps of log and ECS", d.Kind, d.Gaps)
	}
}

// calling makes a run fail by the run that it started.
func calling(a *account, machine, name, child string, at time.Time) string {
	run := a.addRun(machine, name, workflow.Failed, at)
	a.histories[run.ARN] = []workflow.Event{
		{ID: 1, Type: workflow.ExecutionStarted, Time: at},
		{ID: 2, Type: "TaskStateEntered", State: safe.Line("Call"), Time: at},
		{ID: 3, Previous: 2, Type: workflow.TaskScheduled, ResourceType: "states", Resource: "startExecution.sync", Time: at},
		{ID: 4, Previous: 3, Type: workflow.TaskSubmitted, ResourceType: "states", Output: `{"ExecutionArn":"` + child + `"}`, Time: at},
	}
	for _, kind := range []workflow.EventType{workflow.TaskFailed, workflow.ExecutionFailed} {
		a.event(run.ARN, kind, "States.TaskFailed", run.Stopped)
	}
	return run.ARN
}

func TestWhyReadsTheRunThatItWaitedFor(t *testing.T) {
	a := newAccount()
	deepest := failedDump(a)
	machine := a.addMachine("calls", workflow.Standard)
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	middle := calling(a, machine, "middle", deepest, at)
	run, d, err := a.service().Why(t.Context(), calling(a, machine, "outer", middle, at), at.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if run.Name.String() != "outer" || d.Kind != triage.DatabaseAuth || d.ChildRun != deepest || d.Evidence[0].RunARN != deepest {
		t.Errorf("%s: %s by %+v", d.Kind, d.Sentence, d.Evidence)
	}
	if n := a.count("History"); n != 3 {
		t.Errorf("%d histories were read of three runs", n)
	}
}

func TestWhyFollowsNoCircle(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("calls", workflow.Standard)
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	arn := calling(a, machine, "self", workflow.RunARNOf(machine, "self"), at)
	if _, d, err := a.service().Why(t.Context(), arn, at); err != nil || d.Sentence.Empty() {
		t.Errorf("%q, %v", d.Sentence, err)
	}
	if n := a.count("History"); n > 10 {
		t.Errorf("%d histories were read", n)
	}
}

func TestWhyIsToldWithoutAChildThatIsGone(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("calls", workflow.Standard)
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	_, d, err := a.service().Why(t.Context(), calling(a, machine, "outer", workflow.RunARNOf(machine, "gone"), at), at)
	if err != nil || len(d.Gaps) == 0 {
		t.Errorf("%+v, %v", d.Gaps, err)
	}
}
