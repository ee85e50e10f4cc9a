package ops_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func stoppedTask(id string) workflow.Task {
	exit := 137
	return workflow.Task{
		ARN: taskARN(id), ClusterARN: cluster, LastStatus: "STOPPED", StopCode: "EssentialContainerExited",
		StoppedReason: safe.Line("Essential container in task exited"),
		Containers:    []workflow.Container{{Name: safe.Line("job"), ExitCode: &exit, Reason: safe.Line("OutOfMemoryError: killed")}},
		Overrides:     []workflow.ContainerOverride{{Name: "job", Environment: []workflow.EnvVar{{Name: "TASK_TOKEN", Value: token}}}},
	}
}

func describe(t *testing.T, tasks ops.Tasks, id string) workflow.Task {
	t.Helper()
	got := must[[]workflow.Task](t)(tasks.DescribeTasks(t.Context(), cluster, []string{taskARN(id)}))
	if len(got) != 1 {
		t.Fatalf("%d tasks", len(got))
	}
	return got[0]
}

func TestAStoppedTaskThatWasSeenIsKnownWhenECSHasForgottenIt(t *testing.T) {
	a, folder := newAccount(), filepath.Join(t.TempDir(), "tasks")
	never := func(err error) { t.Error(err) }
	a.tasks[taskARN("one")] = stoppedTask("one")
	a.tasks[taskARN("live")] = workflow.Task{ARN: taskARN("live"), ClusterARN: cluster, LastStatus: "RUNNING"}
	seen := ops.RememberTasks(a, folder, never)
	want := describe(t, seen, "one")
	describe(t, seen, "live")
	clear(a.tasks)

	later := ops.RememberTasks(a, folder, never)
	want.Overrides = nil // they hold the token
	if got := describe(t, later, "one"); !reflect.DeepEqual(want, got) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, id := range []string{"live", "unseen"} {
		if got := describe(t, later, id); !got.Missing {
			t.Errorf("%s: %+v", id, got)
		}
	}
}

func TestWhatIsKeptOfTasksIsBounded(t *testing.T) {
	a, folder := newAccount(), t.TempDir()
	tasks := ops.RememberTasks(a, folder, func(err error) { t.Error(err) })
	for i := range 4100 {
		id := fmt.Sprint(i)
		a.tasks[taskARN(id)] = stoppedTask(id)
		describe(t, tasks, id)
	}
	entries := must[[]os.DirEntry](t)(os.ReadDir(folder))
	if len(entries) > 4000 || len(entries) < 3000 {
		t.Errorf("%d tasks are kept", len(entries))
	}
	clear(a.tasks)
	if last := describe(t, tasks, "4099"); last.Missing {
		t.Error("the last one is not kept")
	}
}

func TestWhatCannotBeKeptIsReportedAndChangesNoAnswer(t *testing.T) {
	a, folder := newAccount(), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.tasks[taskARN("one")] = stoppedTask("one")
	var told []error
	tasks := ops.RememberTasks(a, folder, func(err error) { told = append(told, err) })
	if got := describe(t, tasks, "one"); got.StopCode == "" || len(told) != 1 {
		t.Errorf("%+v, reported %v", got, told)
	}
}
