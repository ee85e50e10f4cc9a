package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func replace(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }

func TestTasksComeWithTheForgottenOnes(t *testing.T) {
	ports, _ := connected(t, map[string]string{"DescribeTasks": `{"tasks":[{"taskArn":"task/1","clusterArn":"c","lastStatus":"STOPPED",
		"desiredStatus":"STOPPED","stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited","cpu":"256","memory":"512",
		"capacityProviderName":"FARGATE_SPOT","createdAt":1,"stoppedAt":9,
		"attachments":[{"type":"eni","details":[{"name":"subnetId","value":"subnet-1"},{"name":"privateIPv4Address","value":"10.0.0.9"}]}],
		"containers":[{"name":"job","exitCode":0,"lastStatus":"STOPPED"},{"name":"side","reason":"CannotPullContainerError: x","lastStatus":"STOPPED"}],
		"overrides":{"containerOverrides":[{"name":"job","command":["dump"],"environment":[{"name":"TASK_TOKEN","value":"t"}]}]}}],
		"failures":[{"arn":"task/2","reason":"MISSING"}]}`})
	got, err := ports.Tasks.DescribeTasks(t.Context(), "c", []string{"task/1", "task/2"})
	if err != nil {
		t.Fatal(err)
	}
	zero := 0
	equal(t, got, []workflow.Task{
		{
			ARN: "task/1", ClusterARN: "c", LastStatus: "STOPPED", DesiredStatus: "STOPPED", StopCode: "EssentialContainerExited",
			StoppedReason: safe.Line("Essential container in task exited"), CPU: "256", Memory: "512", CapacityProvider: "FARGATE_SPOT",
			SubnetID: "subnet-1", PrivateIP: "10.0.0.9", Created: time.Unix(1, 0), Stopped: time.Unix(9, 0),
			Containers: []workflow.Container{
				{Name: safe.Line("job"), LastStatus: "STOPPED", ExitCode: &zero},
				{Name: safe.Line("side"), LastStatus: "STOPPED", Reason: safe.Line("CannotPullContainerError: x")},
			},
			Overrides: []workflow.ContainerOverride{{
				Name: "job", Command: []string{"dump"}, Environment: []workflow.EnvVar{{Name: "TASK_TOKEN", Value: "t"}},
			}},
		},
		{ARN: "task/2", ClusterARN: "c", Missing: true},
	})
}

func TestStoppedTasksAreListedByAskingForThem(t *testing.T) {
	ports, aws := connected(t, map[string]string{"ListTasks": `{"taskArns":["a"],"nextToken":"n"}`, "StopTask": `{}`})
	page, err := ports.Tasks.ListTasks(t.Context(), ops.TaskQuery{Cluster: "c", Family: "f", Stopped: true})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, page, ops.TaskPage{ARNs: []string{"a"}, Next: "n"})
	equal(t, aws.asked("ListTasks"), map[string]any{"cluster": "c", "family": "f", "desiredStatus": "STOPPED"})
	if err := ports.Tasks.StopTask(t.Context(), "c", "a", "why"); err != nil {
		t.Fatal(err)
	}
	equal(t, aws.asked("StopTask"), map[string]any{"cluster": "c", "task": "a", "reason": "why"})
}

func TestATaskDefinitionTellsWhereTheLogsLie(t *testing.T) {
	ports, _ := connected(t, map[string]string{"DescribeTaskDefinition": `{"taskDefinition":{"taskDefinitionArn":"td:3","family":"td","revision":3,
		"cpu":"256","memory":"512","containerDefinitions":[
		{"name":"job","image":"i","logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"r","awslogs-stream-prefix":"p"}}},
		{"name":"side","image":"j","essential":false,"logConfiguration":{"logDriver":"awsfirelens","options":{}}}]}}`})
	got, err := ports.TaskDefinitions.DescribeTaskDefinition(t.Context(), "td:3")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, workflow.TaskDefinition{
		ARN: "td:3", Family: "td", Revision: 3, CPU: "256", Memory: "512",
		Containers: []workflow.ContainerDefinition{
			{Name: "job", Image: "i", Essential: true, LogDriver: "awslogs", LogGroup: "g", LogRegion: "r", LogPrefix: "p"},
			{Name: "side", Image: "j", LogDriver: "awsfirelens"},
		},
	})
}
