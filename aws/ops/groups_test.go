package ops_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// failAs makes n failed runs, one a minute back from a time, with the causes in turn.
func failAs(a *account, machine, name string, n int, from time.Time, causes ...string) {
	for i := range n {
		began := from.Add(-time.Duration(i) * time.Minute)
		run := a.addRun(machine, fmt.Sprintf("%s-%d", name, i), workflow.Failed, began)
		task := fmt.Sprintf("%s-task-%d", name, i)
		a.submit(run.ARN, task, began)
		a.tasks[taskARN(task)] = workflow.Task{ARN: taskARN(task), ClusterARN: cluster, LastStatus: "STOPPED", StopCode: "EssentialContainerExited", Stopped: run.Stopped}
		for _, kind := range []workflow.EventType{workflow.TaskFailed, workflow.ExecutionFailed} {
			a.event(run.ARN, kind, "ScriptFailed", run.Stopped)
			h := a.histories[run.ARN]
			h[len(h)-1].Cause = safe.Block(causes[i%len(causes)])
		}
	}
}

// told is what is compared of a group.
type told struct {
	Count int
	Share float64
	Kind  triage.Kind
	Cause string
}

func toldOf(groups []ops.FailureGroup) []told {
	var out []told
	for _, g := range groups {
		out = append(out, told{g.Count, g.Share, g.Kind, g.Signature.Cause.String()})
	}
	return out
}

func TestFailuresOfAWindowAreGroupedWithAsFewCallsAsPagesAndRuns(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	failAs(a, machine, "disk", 60, now.Add(-2*time.Hour), "dump 17 at 2026-11-23T02:00:00Z: No space left on device", "dump 18 at 2026-11-22T03:11:00Z: No space left on device")
	failAs(a, machine, "auth", 30, now.Add(-3*time.Hour), "FATAL: password authentication failed for user 'dump'")
	failAs(a, machine, "old", 50, now.Add(-30*time.Hour), "FATAL: too old")
	a.addRun(machine, "good", workflow.Succeeded, now.Add(-time.Hour))
	a.pageSize = 40
	s := a.service()
	window := ops.Window{MachineARN: machine, Since: now.Add(-24 * time.Hour)}
	var partial []int
	got := must[ops.GroupedFailures](t)(s.GroupFailures(t.Context(), window, 4, func(g ops.GroupedFailures) { partial = append(partial, g.Failed) }))
	want := []told{
		{60, 60. / 90, triage.DiskFull, "dump # at <time>: No space left on device"},
		{30, 30. / 90, triage.DatabaseAuth, "FATAL: password authentication failed for user 'dump'"},
	}
	if d := cmp.Diff(want, toldOf(got.Groups)); d != "" {
		t.Error(d)
	}
	if got.Failed != 90 || got.Known != 90 || len(got.Unread) != 0 || got.Err != nil {
		t.Errorf("%d failed, %d known, unread %v, %v", got.Failed, got.Known, got.Unread, got.Err)
	}
	if d := cmp.Diff([]int{40, 80, 90, 90}, partial); d != "" {
		t.Errorf("told meanwhile: %s", d)
	}
	if lists, histories, tasks := a.count("ListRuns"), a.count("History"), a.count("DescribeTasks"); lists != 3+1 || histories != 90 || tasks != 0 {
		t.Errorf("%d pages, %d histories and %d hundreds of tasks were read", lists, histories, tasks)
	}
	must[ops.GroupedFailures](t)(s.GroupFailures(t.Context(), window, 4, nil))
	if n := a.count("History"); n != 90 {
		t.Errorf("%d histories were read after a second look", n)
	}
}

func TestWhatOnlyECSKnowsMakesAGroup(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	failAs(a, machine, "run", 150, now, "exit 137")
	killed := 137
	for arn, task := range a.tasks {
		task.Containers = []workflow.Container{{Name: safe.Line("job"), ExitCode: &killed}}
		if arn == taskARN("run-task-3") || arn == taskARN("run-task-120") {
			task.Containers[0].Reason = safe.Line("OutOfMemoryError: Container killed due to memory usage")
		}
		a.tasks[arn] = task
	}
	s := a.service()
	for range 2 {
		got := must[ops.GroupedFailures](t)(s.GroupFailures(t.Context(), ops.Window{MachineARN: machine}, 4, nil))
		want := []told{
			{148, 148. / 150, triage.Killed, "exit 137"},
			{2, 2. / 150, triage.OutOfMemory, "OutOfMemoryError: Container killed due to memory usage"},
		}
		if d := cmp.Diff(want, toldOf(got.Groups)); d != "" {
			t.Error(d)
		}
	}
	if n := a.count("DescribeTasks"); n != 2 {
		t.Errorf("ECS was asked %d times about 150 tasks", n)
	}
}

func TestWhatIsNotGroupedIsSaid(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	failAs(a, machine, "run", 30, now, "exit 1")
	got := must[ops.GroupedFailures](t)(a.service().GroupFailures(t.Context(), ops.Window{MachineARN: machine, Limit: 20}, 4, nil))
	if d := cmp.Diff([]ops.Unread{{MachineARN: machine, Status: workflow.Failed, Before: now.Add(-19 * time.Minute)}}, got.Unread); d != "" || got.Known != 20 {
		t.Errorf("%d known; %s", got.Known, d)
	}

	broken := errors.New("broken")
	a.fail["History"] = broken
	got = must[ops.GroupedFailures](t)(a.service().GroupFailures(t.Context(), ops.Window{MachineARN: machine}, 4, nil))
	if got.Failed != 30 || got.Known != 0 || !errors.Is(got.Err, broken) {
		t.Errorf("%+v", got)
	}
	delete(a.fail, "History")
	a.fail["DescribeTasks"] = broken
	got = must[ops.GroupedFailures](t)(a.service().GroupFailures(t.Context(), ops.Window{MachineARN: machine}, 4, nil))
	if got.Known != 30 || !errors.Is(got.Err, broken) || len(got.Groups) != 1 {
		t.Errorf("without ECS: %+v", got)
	}
}

func TestALimitIsOfAllMachinesTogether(t *testing.T) {
	a := newAccount()
	dumps, images := a.addMachine("dumps", workflow.Standard), a.addMachine("images", workflow.Standard)
	failAs(a, dumps, "d", 10, now, "exit 1")
	failAs(a, images, "i", 10, now.Add(-time.Hour), "exit 2")
	got := must[ops.GroupedFailures](t)(a.service().GroupFailures(t.Context(), ops.Window{Limit: 12}, 0, nil))
	if got.Failed != 12 || len(got.Unread) != 1 || got.Unread[0].MachineARN != images {
		t.Errorf("%d of 12, unread %v", got.Failed, got.Unread)
	}
}
