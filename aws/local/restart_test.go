package local_test

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

func TestTheStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	run := w.start(t, "drill", "fail", "3")
	told, events := w.end(t, run), w.history(t, run)
	var text string
	shippedtest.Eventually(t, "the whole log", func() error {
		if text = w.log(t); !strings.Contains(text, "reported ScriptFailed") {
			return fmt.Errorf("it is %q", text)
		}
		return nil
	})

	bucket, key := shippedtest.Bucket, "notes/one"
	if _, err := w.bucket.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader("kept"), Metadata: map[string]string{"why": "test"},
	}); err != nil {
		t.Fatal(err)
	}
	password, secret, overwrite := shippedtest.PasswordSecret, "changed", true
	if _, err := w.params.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &password, Value: &secret, Overwrite: &overwrite}); err != nil {
		t.Fatal(err)
	}
	machine, team, name := w.server.MachineARN(shippedtest.Machine), "team", "data"
	if _, err := w.states.TagResource(t.Context(), &sfn.TagResourceInput{ResourceArn: &machine, Tags: []types.Tag{{Key: &team, Value: &name}}}); err != nil {
		t.Fatal(err)
	}
	family := shippedtest.Family
	before, err := w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &family})
	if err != nil {
		t.Fatal(err)
	}
	w.close(t)

	w = open(t, dir)
	defer w.close(t)
	opaque := cmpopts.IgnoreUnexported(sfn.DescribeExecutionOutput{}, types.CloudWatchEventsExecutionDataDetails{}, types.HistoryEvent{},
		types.ExecutionStartedEventDetails{}, types.ExecutionFailedEventDetails{}, types.StateEnteredEventDetails{},
		types.StateExitedEventDetails{}, types.TaskScheduledEventDetails{}, types.TaskStartedEventDetails{}, types.TaskSubmittedEventDetails{},
		types.TaskFailedEventDetails{}, types.HistoryEventExecutionDataDetails{}, types.AssignedVariablesDetails{})
	plain := cmp.Options{opaque, cmpopts.IgnoreFields(sfn.DescribeExecutionOutput{}, "ResultMetadata")}
	if diff := cmp.Diff(told, w.describe(t, run), plain); diff != "" {
		t.Errorf("the run: %s", diff)
	}
	if diff := cmp.Diff(events, w.history(t, run), plain); diff != "" {
		t.Errorf("the history: %s", diff)
	}
	if diff := cmp.Diff(text, w.log(t)); diff != "" || !strings.Contains(text, "failing with 3") {
		t.Errorf("the log: %s", diff)
	}
	object, err := w.bucket.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	if body, err := io.ReadAll(object.Body); err != nil || string(body) != "kept" || object.Metadata["why"] != "test" {
		t.Errorf("the object is %q with %v: %v", body, object.Metadata, err)
	}
	decrypt := true
	parameter, err := w.params.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &password, WithDecryption: &decrypt})
	if err != nil || *parameter.Parameter.Value != secret {
		t.Errorf("the parameter is %v: %v", parameter, err)
	}
	tags, err := w.states.ListTagsForResource(t.Context(), &sfn.ListTagsForResourceInput{ResourceArn: &machine})
	if err != nil || !slices.ContainsFunc(tags.Tags, func(tag types.Tag) bool { return *tag.Key == team && *tag.Value == name }) {
		t.Errorf("the tags are %v: %v", tags, err)
	}
	after, err := w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &family})
	if err != nil || after.TaskDefinition.Revision != before.TaskDefinition.Revision {
		t.Errorf("an unchanged task definition becomes %v: %v", after, err)
	}
}

func TestTasksThatEndedWithLocalAWSAreStoppedAndTriedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	run := w.start(t, "drill", "succeed", "--after", "3")
	shippedtest.Eventually(t, "a running task", func() error {
		if text := w.log(t); !strings.Contains(text, "1 of 3 s") {
			return fmt.Errorf("it has logged %q", text)
		}
		return nil
	})
	tasks, err := w.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: cluster()})
	if err != nil || len(tasks.TaskArns) != 1 {
		t.Fatalf("tasks %v: %v", tasks, err)
	}
	w.close(t)

	w = open(t, dir)
	defer w.close(t)
	described, err := w.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: cluster(), Tasks: tasks.TaskArns})
	if err != nil || len(described.Tasks) != 1 {
		t.Fatalf("tasks %v: %v", described, err)
	}
	task := described.Tasks[0]
	if *task.LastStatus != "STOPPED" || *task.Containers[0].ExitCode != 137 || !strings.Contains(*task.Containers[0].Reason, "Local AWS was stopped") {
		t.Errorf("the task is %s, its container %+v", *task.LastStatus, task.Containers[0])
	}
	if told := w.end(t, run); told.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the run is %s", told.Status)
	}
	events := w.history(t, run)
	if failed, tried := count(events, types.HistoryEventTypeTaskFailed), count(events, types.HistoryEventTypeTaskSubmitted); failed != 1 || tried != 2 {
		t.Errorf("%d tasks have failed and %d were tried", failed, tried)
	}
}

func cluster() *string {
	name := shippedtest.Cluster
	return &name
}

func TestResetRemovesEverythingButNotUnderARunningServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := local.Reset(dir); err != nil {
		t.Errorf("nothing to reset: %v", err)
	}
	w := open(t, dir)
	run := w.start(t, "drill", "fail")
	w.end(t, run)
	if err := local.Reset(dir); err == nil {
		t.Error("the state of a running server is removed")
	}
	w.close(t)
	if err := local.Reset(dir); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	defer w.close(t)
	machine := w.server.MachineARN(shippedtest.Machine)
	runs, err := w.states.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &machine})
	if err != nil || len(runs.Executions) != 0 {
		t.Errorf("runs are left: %v %v", runs, err)
	}
}

func TestARunOfAnUnknownJobIsToldTheJobsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := w.end(t, w.start(t, "dump-mysql"))
	if want := "are convert-images, drill, mysql-dump, postgres-dump"; told.Cause == nil || !strings.Contains(*told.Cause, want) {
		t.Errorf("the cause %q does not end the list as %q", aws.ToString(told.Cause), want)
	}
}
