package ecs_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/stepdeck/stepdeck/aws/local/clock"
)

func TestRestartStopsWhatWasAlive(t *testing.T) {
	dir := t.TempDir()
	before := newWorld(t, setup{dir: dir})
	arn := before.job("echo $$; exec sleep 600")
	done := before.run(request())
	before.stop(done, "enough")
	before.end(done)
	eventually(t, "the task runs", func() bool { return *before.task(arn).LastStatus == "RUNNING" && before.logs.text(arn) != "" })
	before.close()
	if alive(before.logs.text(arn)) {
		t.Fatal("the process outlives the service")
	}

	after := newWorld(t, setup{dir: dir})
	running := after.run(request())
	after.service.Recover()
	task := after.end(arn)
	c := task.Containers[0]
	if task.StopCode != types.TaskStopCodeEssentialContainerExited || *task.StoppedReason != "Essential container in task exited" ||
		*c.ExitCode != 137 || *c.Reason != "Local AWS was stopped while the task ran" || *task.Attachments[0].Status != "DELETED" {
		t.Errorf("task ended %s %q, container %+v", task.StopCode, *task.StoppedReason, c)
	}
	if other := after.end(done); *other.StoppedReason != "enough" {
		t.Errorf("the other task ended %q", *other.StoppedReason)
	}
	if status := *after.task(running).DesiredStatus; status != "RUNNING" {
		t.Errorf("a task of the new start is %s", status)
	}
	after.close()
	if got := ladder(after.told(arn)); got != "STOPPED" || len(after.told(done)) != 0 {
		t.Errorf("told %q of one and %d events of the other", got, len(after.told(done)))
	}
}

func TestRestartKeepsDefinitionsAndClusters(t *testing.T) {
	dir := t.TempDir()
	before := newWorld(t, setup{dir: dir})
	before.cluster()
	before.register(definition("exit 0"))
	before.close()
	after := newWorld(t, setup{dir: dir})
	after.register(definition("exit 6"))
	in := request()
	task := after.end(after.run(in))
	if *task.TaskDefinitionArn != "arn:aws:ecs:us-east-1:123456789012:task-definition/job:2" || *task.Containers[0].ExitCode != 6 {
		t.Errorf("ran %s, exit code %d", *task.TaskDefinitionArn, *task.Containers[0].ExitCode)
	}
}

func TestStoppedTasksVanishAfterAnHour(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	w := newWorld(t, setup{clock: now, delay: -1, dir: dir})
	arn := w.job("exit 0")
	w.end(arn)
	now.Advance(time.Hour - time.Second)
	w.task(arn)
	now.Advance(time.Second)
	gone := func(w *world) {
		t.Helper()
		out, err := w.DescribeTasks(t.Context(), &sdk.DescribeTasksInput{Tasks: []string{arn}})
		if err != nil || len(out.Tasks) != 0 || *out.Failures[0].Reason != "MISSING" {
			t.Errorf("DescribeTasks gives %+v, %v", out, err)
		}
		listed, err := w.ListTasks(t.Context(), &sdk.ListTasksInput{DesiredStatus: types.DesiredStatusStopped})
		if err != nil || len(listed.TaskArns) != 0 {
			t.Errorf("ListTasks gives %v, %v", listed.TaskArns, err)
		}
	}
	gone(w)
	w.close()
	gone(newWorld(t, setup{clock: now, dir: dir}))
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition(`trap '' TERM; echo $$; sleep 600 & echo $!; wait; sleep 600`))
	var arns []string
	for range 5 {
		arns = append(arns, w.run(request()))
	}
	for _, arn := range arns {
		eventually(t, "the task runs", func() bool { lines, _ := w.logs.stream(arn); return len(lines) == 2 })
	}
	w.stop(arns[0], "")
	w.close()
	for _, arn := range arns {
		lines, _ := w.logs.stream(arn)
		for _, pid := range lines {
			if alive(pid) {
				t.Errorf("process %s is alive", pid)
			}
		}
	}
	eventually(t, "goroutines and files are given back", func() bool {
		return runtime.NumGoroutine() <= goroutines+2 && openFiles(t) <= files+2
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
