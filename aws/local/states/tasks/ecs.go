package tasks

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Lists that the optimised integration writes even when they are empty.
var (
	taskLists      = []string{"Attachments", "Attributes", "Containers", "InferenceAccelerators", "Tags"}
	containerLists = []string{"GpuIds", "ManagedAgents", "NetworkBindings", "NetworkInterfaces"}
	overrideLists  = []string{"ContainerOverrides", "InferenceAcceleratorOverrides"}
	overrideItems  = []string{"Command", "Environment", "EnvironmentFiles", "ResourceRequirements"}
)

// fillTask writes out the empty lists of a task's description.
func fillTask(task any) {
	o, ok := task.(*jsonv.Object)
	if !ok {
		return
	}
	fill(o, taskLists)
	for _, container := range list(o, "Containers") {
		if c, ok := container.(*jsonv.Object); ok {
			fill(c, containerLists)
		}
	}
	value, _ := o.Get("Overrides")
	overrides, ok := value.(*jsonv.Object)
	if !ok {
		return
	}
	fill(overrides, overrideLists)
	for _, item := range list(overrides, "ContainerOverrides") {
		if c, ok := item.(*jsonv.Object); ok {
			fill(c, overrideItems)
		}
	}
	o.Set("Overrides", sorted(overrides))
}

func fill(o *jsonv.Object, names []string) {
	for _, name := range names {
		setDefault(o, name, []any{})
	}
	*o = *sorted(o)
}

// startedTask is the cluster and the task in the answer of RunTask.
func startedTask(submitted any) (cluster, arn string) {
	o, _ := submitted.(*jsonv.Object)
	for _, task := range list(o, "Tasks") {
		return text(task, "ClusterArn"), text(task, "TaskArn")
	}
	return "", ""
}

// waitTask returns the task's description once it is STOPPED. It is a failure
// when the task did not start or a container ended badly.
func (s Services) waitTask(ctx context.Context, submitted any) (any, error) {
	cluster, arn := startedTask(submitted)
	body, err := s.TaskStopped(ctx, cluster, arn)
	if err != nil {
		return nil, fmt.Errorf("wait for task %s: %w", arn, err)
	}
	parsed, err := jsonv.Parse(string(body))
	if err != nil {
		return nil, fmt.Errorf("read the description of task %s: %w", arn, err)
	}
	task := fromWire("ecs", parsed, millis)
	fillTask(task)
	if !endedWell(task) {
		return nil, &Failure{Name: "States.TaskFailed", Cause: jsonv.Text(task)}
	}
	return task, nil
}

// endedWell says whether every container of the task ran and ended with 0.
func endedWell(task any) bool {
	o, _ := task.(*jsonv.Object)
	containers := list(o, "Containers")
	if len(containers) == 0 || text(task, "StopCode") == "TaskFailedToStart" {
		return false
	}
	for _, container := range containers {
		c, _ := container.(*jsonv.Object)
		if code, ok := c.Get("ExitCode"); !ok || !jsonv.Equal(code, json.Number("0")) {
			return false
		}
	}
	return true
}
