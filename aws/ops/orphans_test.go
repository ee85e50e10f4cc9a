package ops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// stray makes an account with one task for each way to end up without an attempt.
func stray() *account {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	for i, c := range []struct {
		name   string
		status workflow.Status
		end    workflow.EventType
		alive  bool
	}{
		{"stopped", workflow.Aborted, workflow.ExecutionAborted, true},
		{"failed", workflow.Failed, workflow.TaskFailed, false},
		{"working", workflow.Running, "", true},
		{"retried", workflow.Running, workflow.TaskTimedOut, true},
		{"good", workflow.Succeeded, workflow.TaskSucceeded, true},
	} {
		at := night.Add(time.Duration(i) * time.Minute)
		r := a.addRun(machine, c.name, c.status, at)
		a.submit(r.ARN, c.name, at)
		if c.end != "" {
			a.event(r.ARN, c.end, "States.Timeout", at)
		}
		if c.name == "retried" {
			a.submit(r.ARN, "second try", at)
		}
		if !c.alive {
			a.tasks[taskARN(c.name)] = workflow.Task{ARN: taskARN(c.name), ClusterARN: cluster, LastStatus: "STOPPED"}
		}
	}
	return a
}

func TestOrphansAreLiveTasksOfClosedAttempts(t *testing.T) {
	a := stray()
	list, err := a.service().Orphans(t.Context(), ops.OrphanFilter{})
	var got []string
	for _, o := range list.Orphans {
		got = append(got, workflow.TaskID(o.Task.ARN))
	}
	if err != nil || len(list.Errs) > 0 || !slices.Equal(got, []string{"stopped", "retried", "good"}) {
		t.Errorf("orphans %v, %v (%v)", got, list.Errs, err)
	}
	if n := a.count("DescribeTasks"); n != 1 {
		t.Errorf("ECS was asked %d times about tasks", n)
	}
}

// TestATaskWhoseRunWasStoppedWhileItWasStartedIsAnOrphan looks at a history that
// names no task, because the answer of RunTask came too late for it.
func TestATaskWhoseRunWasStoppedWhileItWasStartedIsAnOrphan(t *testing.T) {
	a := stray()
	lost := a.addRun(prefix+"dumps", "lost", workflow.Aborted, night.Add(time.Hour))
	a.submit(lost.ARN, "nameless", lost.Started)
	h := a.histories[lost.ARN]
	h[2].ResourceType, h[2].Parameters = "ecs", strings.Replace(h[2].Parameters, "Z3n9==", "lost==", 1)
	a.histories[lost.ARN] = h[:3]
	a.event(lost.ARN, workflow.ExecutionAborted, "", lost.Started)
	given := func(token string) []workflow.ContainerOverride {
		return []workflow.ContainerOverride{{Environment: []workflow.EnvVar{{Name: "TASK_TOKEN", Value: token}}}}
	}
	other := strings.Replace(token, "Z3n9==", "lost==", 1)
	a.tasks[taskARN("nameless")] = workflow.Task{ARN: taskARN("nameless"), ClusterARN: cluster, LastStatus: "RUNNING", Overrides: given(other)}
	a.tasks[taskARN("of nobody")] = workflow.Task{ARN: taskARN("of nobody"), ClusterARN: cluster, LastStatus: "RUNNING", Overrides: given("another")}
	list := must[ops.OrphanList](t)(a.service().Orphans(t.Context(), ops.OrphanFilter{}))
	found := list.Orphans[len(list.Orphans)-1]
	if len(list.Orphans) != 4 || found.Run.Name.String() != "lost" || found.Task.ARN != taskARN("nameless") || found.Attempt.ClusterARN != cluster {
		t.Errorf("orphans %+v", list.Orphans)
	}
}

func TestOrphansTellWhatCouldNotBeLookedAt(t *testing.T) {
	a := stray()
	a.fail["ListTasks"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("no ecs:ListTasks")}
	list, err := a.service().Orphans(t.Context(), ops.OrphanFilter{})
	if err != nil || len(list.Errs) != 1 || ops.KindOf(list.Errs[0]) != ops.Denied {
		t.Errorf("%+v (%v)", list.Errs, err)
	}
}

// quiet makes an account with runs that went well, an hour after each other.
func quiet(n int) *account {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	for i := range n {
		r := a.addRun(machine, fmt.Sprint("run", i), workflow.Succeeded, night.Add(time.Duration(i)*2*time.Hour))
		a.submit(r.ARN, fmt.Sprint("task", i), r.Started)
		a.event(r.ARN, workflow.TaskSucceeded, "", r.Stopped)
		a.event(r.ARN, workflow.ExecutionSucceeded, "", r.Stopped)
		a.tasks[taskARN(fmt.Sprint("task", i))] = workflow.Task{ARN: taskARN(fmt.Sprint("task", i)), ClusterARN: cluster, LastStatus: "STOPPED"}
	}
	return a
}

// leave gives a run a task that lives on after a Catch went on without it.
func (a *account) leave(i int) (task string) {
	r := a.runs[i]
	name := fmt.Sprint("left", i)
	a.histories[r.ARN] = nil
	a.submit(r.ARN, name, r.Started)
	a.event(r.ARN, workflow.TaskTimedOut, "States.Timeout", r.Started.Add(time.Minute))
	a.event(r.ARN, workflow.ExecutionSucceeded, "", r.Stopped)
	a.tasks[taskARN(name)] = workflow.Task{ARN: taskARN(name), ClusterARN: cluster, LastStatus: "RUNNING", Created: r.Started.Add(time.Second)}
	return taskARN(name)
}

func TestARunThatWentWellIsLookedIntoWhereALiveTaskMayBeItsOwn(t *testing.T) {
	a := quiet(30)
	left := a.leave(7)
	s := a.service()
	for _, cost := range []int{2, 0} { // the newest for its cluster, and the run itself
		before := a.count("History")
		list := must[ops.OrphanList](t)(s.Orphans(t.Context(), ops.OrphanFilter{}))
		if len(list.Orphans) != 1 || list.Orphans[0].Task.ARN != left || list.Orphans[0].Run.Name.String() != "run7" || list.More {
			t.Errorf("orphans %+v (more: %v)", list.Orphans, list.More)
		}
		if n := a.count("History") - before; n != cost {
			t.Errorf("%d histories were read, want %d", n, cost)
		}
	}
}

func TestWhileNoTaskIsWithoutANameRunsThatWentWellCostNothing(t *testing.T) {
	a := quiet(30)
	working := a.addRun(prefix+"dumps", "working", workflow.Running, night.Add(3*time.Hour))
	a.submit(working.ARN, "busy", working.Started)
	list := must[ops.OrphanList](t)(a.service().Orphans(t.Context(), ops.OrphanFilter{}))
	if n := a.count("History"); len(list.Orphans) != 0 || n != 1 || a.count("DescribeTasks") != 0 {
		t.Errorf("orphans %+v after %d histories", list.Orphans, n)
	}
}

func TestALookIntoRunsThatWentWellIsBounded(t *testing.T) {
	a := quiet(1)
	for i := range 150 {
		r := a.addRun(prefix+"dumps", fmt.Sprint("beside", i), workflow.Succeeded, night.Add(time.Duration(i)*time.Second))
		a.histories[r.ARN] = []workflow.Event{{ID: 1, Type: workflow.ExecutionSucceeded}}
	}
	newest := a.addRun(prefix+"dumps", "newest", workflow.Succeeded, night.Add(time.Hour))
	a.submit(newest.ARN, "last", newest.Started)
	a.tasks[taskARN("of nobody")] = workflow.Task{ARN: taskARN("of nobody"), ClusterARN: cluster, LastStatus: "RUNNING", Created: night.Add(10 * time.Minute)}
	list := must[ops.OrphanList](t)(a.service().Orphans(t.Context(), ops.OrphanFilter{}))
	if n := a.count("History"); n != 101 || !list.More {
		t.Errorf("%d histories were read (more: %v), want that of the newest and a hundred", n, list.More)
	}
}

// TestATaskMayEndAfterItsAnswer looks a moment after a job has answered its token,
// and two minutes later.
func TestATaskMayEndAfterItsAnswer(t *testing.T) {
	a := quiet(1)
	task := a.tasks[taskARN("task0")]
	task.LastStatus, task.Created = "RUNNING", night
	a.tasks[task.ARN] = task
	for after, want := range map[time.Duration]int{time.Second: 0, 2 * time.Minute: 1} {
		s := a.service().WithClock(func() time.Time { return a.runs[0].Stopped.Add(after) })
		if list := must[ops.OrphanList](t)(s.Orphans(t.Context(), ops.OrphanFilter{})); len(list.Orphans) != want {
			t.Errorf("%d orphans %s after the answer, want %d", len(list.Orphans), after, want)
		}
	}
}
