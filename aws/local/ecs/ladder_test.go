package ecs_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestTaskRunsToItsEnd(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job("echo hello; exit 3")
	task := w.end(arn)
	c := task.Containers[0]
	if *task.LastStatus != "STOPPED" || *task.DesiredStatus != "STOPPED" || task.StopCode != types.TaskStopCodeEssentialContainerExited {
		t.Errorf("task ended %s, desired %s, %s", *task.LastStatus, *task.DesiredStatus, task.StopCode)
	}
	if *task.StoppedReason != "Essential container in task exited" || c.ExitCode == nil || *c.ExitCode != 3 || c.Reason != nil {
		t.Errorf("reason %q, container %+v", *task.StoppedReason, c)
	}
	if got := w.logs.text(arn); got != "hello" {
		t.Errorf("logged %q", got)
	}
	if task.Version != 5 || task.StartedAt == nil || task.PullStartedAt == nil || task.ExecutionStoppedAt == nil || task.StoppedAt == nil {
		t.Errorf("version %d, task %+v", task.Version, task)
	}
	w.close()
	var ladder []string
	for i, e := range w.told(arn) {
		ladder = append(ladder, e.LastStatus)
		if e.Version != i+1 {
			t.Errorf("event %d has version %d", i, e.Version)
		}
	}
	if got := strings.Join(ladder, " "); got != "PROVISIONING PENDING RUNNING DEPROVISIONING STOPPED" {
		t.Errorf("events told %s", got)
	}
}
