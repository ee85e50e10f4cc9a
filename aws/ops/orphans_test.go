package ops_test

import (
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
	if err != nil || len(list.Errs) > 0 || !slices.Equal(got, []string{"stopped", "retried"}) {
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
	if len(list.Orphans) != 3 || found.Run.Name.String() != "lost" || found.Task.ARN != taskARN("nameless") || found.Attempt.ClusterARN != cluster {
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
