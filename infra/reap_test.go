package infra_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const environmentWithToken = `[{"name":"SHOP","value":"1"},{"name":"TASK_TOKEN","value":"AQCA=tok"}]`

// stopped is the event of a stopped task: its ending, its container's fields and its environment override.
func stopped(t *testing.T, ending, containerFields, environment string) any {
	t.Helper()
	return fromJSON(t, `{"version":"0","detail-type":"ECS Task State Change","source":"aws.ecs",
		"account":"123456789012","region":"eu-west-1","time":"2026-03-01T10:00:00Z",
		"detail":{"clusterArn":"arn:cluster","taskArn":"arn:task","lastStatus":"STOPPED","desiredStatus":"STOPPED",
		"capacityProviderName":"FARGATE_SPOT","startedAt":"2026-03-01T09:00:00Z","stoppedAt":"2026-03-01T10:00:00Z",
		`+ending+`,"containers":[{"name":"job","lastStatus":"STOPPED"`+containerFields+`}],
		"overrides":{"containerOverrides":[{"name":"job","environment":`+environment+`}]}}}`)
}

func answer(t *testing.T, event any) object {
	t.Helper()
	w := start(t, reaper, reapValues, event)
	if w.at != "Answer" {
		t.Fatalf("reached %s, want Answer", w.at)
	}
	return w.value(w.state()["Arguments"], nil).(object)
}

func TestReaperNamesTheEnd(t *testing.T) {
	for _, c := range []struct{ name, ending, container, want string }{
		{"Spot", `"stopCode":"SpotInterruption","stoppedReason":"Your Spot Task was interrupted."`, `,"exitCode":137`, "SpotInterrupted"},
		{"Spot notice", `"stopCode":"TerminationNotice","stoppedReason":"Your Spot Task was interrupted."`, ``, "SpotInterrupted"},
		{
			"image pull", `"stopCode":"TaskFailedToStart","stoppedReason":"CannotPullContainerError: pull image manifest has been retried"`,
			``, "TaskFailedToStart",
		},
		{
			"container out of memory", `"stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited"`,
			`,"exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"`, "OutOfMemory",
		},
		{
			"out of memory in the task's reason", `"stopCode":"EssentialContainerExited","stoppedReason":"container killed due to memory usage"`,
			`,"exitCode":137`, "OutOfMemory",
		},
		{"stopped by hand", `"stopCode":"UserInitiated","stoppedReason":"Task stopped by user"`, `,"exitCode":143`, "TaskStopped"},
		{"exited", `"stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited"`, `,"exitCode":137`, "TaskExited"},
		{"no stop code", `"stoppedReason":"Host EC2 terminated."`, ``, "TaskExited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := answer(t, stopped(t, c.ending, c.container, environmentWithToken))
			if got["Error"] != c.want || got["TaskToken"] != "AQCA=tok" {
				t.Errorf("answers %v with %v, want %s with the token", got["TaskToken"], got["Error"], c.want)
			}
		})
	}
}

func TestReaperKeepsTheEvidence(t *testing.T) {
	got := answer(t, stopped(t, `"stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited"`,
		`,"exitCode":137,"reason":"killed","imageDigest":"sha256:1"`, environmentWithToken))
	var cause object
	if err := json.Unmarshal([]byte(got["Cause"].(string)), &cause); err != nil {
		t.Fatalf("the cause is not JSON: %v", err)
	}
	want := object{
		"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
		"taskArn": "arn:task", "clusterArn": "arn:cluster", "capacityProvider": "FARGATE_SPOT",
		"startedAt": "2026-03-01T09:00:00Z", "stoppedAt": "2026-03-01T10:00:00Z",
		"containers": []any{object{"name": "job", "exitCode": 137.0, "reason": "killed", "imageDigest": "sha256:1"}},
	}
	if diff := cmp.Diff(want, cause); diff != "" {
		t.Error(diff)
	}
}

func TestReaperLeavesOtherTasksAlone(t *testing.T) {
	for _, environment := range []string{`[]`, `[{"name":"SHOP","value":"1"}]`} {
		event := stopped(t, `"stopCode":"UserInitiated","stoppedReason":"x"`, ``, environment)
		if w := start(t, reaper, reapValues, event); w.at != "NoToken" {
			t.Errorf("environment %s: reached %s, want NoToken", environment, w.at)
		}
	}
}

func TestReaperEndsWellWhenTheTaskAnsweredItself(t *testing.T) {
	for _, name := range []string{"Sfn.TaskTimedOutException", "Sfn.TaskDoesNotExistException", "Sfn.InvalidTokenException"} {
		w := start(t, reaper, reapValues, stopped(t, `"stopCode":"UserInitiated","stoppedReason":"x"`, ``, environmentWithToken))
		w.fail(name)
		if w.at != "AlreadyAnswered" {
			t.Errorf("%s leads to %s", name, w.at)
		}
	}
}
