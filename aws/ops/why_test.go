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
