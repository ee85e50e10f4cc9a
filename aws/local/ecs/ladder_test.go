package ecs_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/faults"
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
	if task.Version != 5 || c.ImageDigest == nil || c.RuntimeId == nil || *c.LastStatus != "STOPPED" {
		t.Errorf("version %d, container %+v", task.Version, c)
	}
	if a := task.Attachments[0]; *a.Type != "ElasticNetworkInterface" || *a.Status != "DELETED" || len(a.Details) != 5 {
		t.Errorf("attachment %+v", a)
	}
	times := []*time.Time{
		task.CreatedAt, task.ConnectivityAt, task.PullStartedAt, task.PullStoppedAt, task.StartedAt,
		task.StoppingAt, task.ExecutionStoppedAt, task.StoppedAt,
	}
	for i, at := range times {
		if at == nil || i > 0 && at.Before(*times[i-1]) {
			t.Errorf("instant %d is %v, before it %v", i, at, times[max(i-1, 0)])
		}
	}
}

func TestEventsTellEachChangeInOrder(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job("exit 0")
	w.end(arn)
	w.close()
	events := w.told(arn)
	if got := ladder(events); got != "PROVISIONING PENDING RUNNING DEPROVISIONING STOPPED" {
		t.Errorf("events told %s", got)
	}
	for i, e := range events {
		if e.Version != i+1 {
			t.Errorf("event %d has version %d", i, e.Version)
		}
	}
	last := events[len(events)-1]
	if _, err := time.Parse(time.RFC3339, last.StoppedAt); err != nil || last.PlatformFamily != "" || last.Attachments[0].Type != "eni" {
		t.Errorf("the last event is %+v", last)
	}
}

func ladder(events []event) string {
	var names []string
	for _, e := range events {
		names = append(names, e.LastStatus)
	}
	return strings.Join(names, " ")
}

func TestSlowReceiverOfEventsHoldsNoTaskUp(t *testing.T) {
	release := make(chan struct{})
	w := newWorld(t, setup{onEvent: func([]byte) { <-release }})
	w.cluster()
	w.register(definition("exit 0"))
	w.end(w.run(request()))
	w.end(w.run(request()))
	close(release)
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		script string
		code   int32
	}{
		{"exit 0", 0},
		{"exit 75", 75},
		{"kill -SEGV $$", 139},
		{"kill -TERM $$", 143},
		{"kill -KILL $$", 137},
		{"no-such-command", 127},
	} {
		t.Run(c.script, func(t *testing.T) {
			w := newWorld(t, setup{})
			if got := w.end(w.job(c.script)).Containers[0].ExitCode; got == nil || *got != c.code {
				t.Errorf("exit code %v, want %d", got, c.code)
			}
		})
	}
}

func TestStopTaskSendsSIGTERM(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job(`trap 'echo stopped; exit 9' TERM; echo ready; while :; do sleep 0.01; done`)
	eventually(t, "the script is ready", func() bool { return w.logs.text(arn) == "ready" })
	w.stop(arn, "enough")
	task := w.end(arn)
	if task.StopCode != types.TaskStopCodeUserInitiated || *task.StoppedReason != "enough" || *task.Containers[0].ExitCode != 9 {
		t.Errorf("ended %s %q with %d", task.StopCode, *task.StoppedReason, *task.Containers[0].ExitCode)
	}
	if got := w.logs.text(arn); got != "ready\nstopped" {
		t.Errorf("logged %q", got)
	}
	w.close()
	if got := ladder(w.told(arn)); got != "PROVISIONING PENDING RUNNING RUNNING DEPROVISIONING STOPPED" {
		t.Errorf("events told %s", got)
	}
}

func TestSIGKILLFollowsTheStopTimeout(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w := newWorld(t, setup{clock: now, delay: -1})
	w.cluster()
	in := definition(`trap 'echo no' TERM; echo ready; while :; do sleep 0.01; done`)
	in.ContainerDefinitions[0].StopTimeout = aws.Int32(90)
	w.register(in)
	arn := w.run(request())
	eventually(t, "the script is ready", func() bool { return w.logs.text(arn) == "ready" })
	w.stop(arn, "")
	eventually(t, "the script has had its SIGTERM", func() bool { return w.logs.text(arn) == "ready\nno" && now.Timers() == 1 })
	now.Advance(89 * time.Second)
	if task := w.task(arn); *task.LastStatus != "STOPPING" || *task.StoppedReason != "Task stopped by user" {
		t.Errorf("before the timeout the task is %s, %q", *task.LastStatus, *task.StoppedReason)
	}
	now.Advance(time.Second)
	if code := *w.end(arn).Containers[0].ExitCode; code != 137 {
		t.Errorf("exit code %d", code)
	}
}

func TestTaskStoppedBeforeItRunsHasNoExitCode(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w := newWorld(t, setup{clock: now, delay: 30 * time.Second})
	arn := w.job("exit 0")
	w.stop(arn, "too early")
	eventually(t, "the task goes down", func() bool {
		now.Advance(time.Minute)
		return *w.task(arn).LastStatus == "STOPPED"
	})
	task := w.task(arn)
	if task.Containers[0].ExitCode != nil || task.StartedAt != nil || task.StopCode != types.TaskStopCodeUserInitiated {
		t.Errorf("container %+v, started %v, %s", task.Containers[0], task.StartedAt, task.StopCode)
	}
	if _, ok := w.logs.stream(arn); ok {
		t.Error("a container that never ran has a log stream")
	}
}

func TestStartFailures(t *testing.T) {
	spoil := map[string]func(*sdk.RegisterTaskDefinitionInput){
		"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/no_such_image:latest: pull access denied": func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].Image = aws.String("no_such_image")
		},
		"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /db/password": func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/db/password")}}
		},
		"ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.": func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].LogConfiguration.Options["awslogs-group"] = "/missing"
		},
		"CannotStartContainerError: tasks that run as processes keep the image's entrypoint": func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].EntryPoint = []string{"/bin/true"}
		},
	}
	for reason, spoil := range spoil {
		kind, _, _ := strings.Cut(reason, " ")
		t.Run(kind+fmt.Sprint(len(reason)), func(t *testing.T) {
			w := newWorld(t, setup{})
			w.cluster()
			in := definition("exit 0")
			spoil(in)
			w.register(in)
			arn := w.run(request())
			task := w.end(arn)
			if task.StopCode != types.TaskStopCodeTaskFailedToStart || !strings.HasPrefix(*task.StoppedReason, reason) {
				t.Errorf("%s: %s", task.StopCode, *task.StoppedReason)
			}
			if task.Containers[0].ExitCode != nil || task.Version != 4 || task.StartedAt != nil {
				t.Errorf("version %d, started %v, container %+v", task.Version, task.StartedAt, task.Containers[0])
			}
		})
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		rule         faults.Rule
		code, reason string
		exit         int32
		container    string
	}{
		{faults.Rule{Kind: faults.PullFailure}, "TaskFailedToStart", "CannotPullContainerError: ", -1, ""},
		{faults.Rule{Kind: faults.OutOfMemory}, "EssentialContainerExited", "Essential container in task exited", 137, "OutOfMemoryError: Container killed due to memory usage"},
		{faults.Rule{Kind: faults.Kill}, "EssentialContainerExited", "Essential container in task exited", 137, ""},
		{faults.Rule{Kind: faults.Spot}, "SpotInterruption", "Your Spot Task was interrupted.", 143, ""},
	} {
		t.Run(c.rule.Kind, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.cluster()
			w.register(definition("exec sleep 60"))
			w.faults.Replace([]faults.Rule{c.rule})
			in := request()
			in.LaunchType = ""
			in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
			arn := w.run(in)
			task := w.end(arn)
			exit := aws.ToInt32(task.Containers[0].ExitCode)
			if task.Containers[0].ExitCode == nil {
				exit = -1
			}
			if string(task.StopCode) != c.code || !strings.HasPrefix(*task.StoppedReason, c.reason) || exit != c.exit {
				t.Errorf("ended %s %q with %d", task.StopCode, *task.StoppedReason, exit)
			}
			if got := aws.ToString(task.Containers[0].Reason); got != c.container {
				t.Errorf("the container's reason is %q", got)
			}
			if *task.CapacityProviderName != "FARGATE_SPOT" {
				t.Errorf("capacity provider %s", *task.CapacityProviderName)
			}
		})
	}
}

func TestSpotFaultSparesTasksOnDemand(t *testing.T) {
	w := newWorld(t, setup{})
	w.faults.Replace([]faults.Rule{{Kind: faults.Spot}})
	w.cluster()
	w.register(definition("sleep 0.2"))
	in := request()
	in.LaunchType, in.CapacityProviderStrategy = "", strategy("FARGATE")
	if task := w.end(w.run(in)); *task.Containers[0].ExitCode != 0 {
		t.Errorf("ended %s with %d", task.StopCode, *task.Containers[0].ExitCode)
	}
}

func TestNoCapacityIsAFailureNotAnError(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition("exit 0"))
	w.faults.Replace([]faults.Rule{{Kind: faults.NoCapacity, Family: "job", Times: 1}})
	in := request()
	in.Count = aws.Int32(2)
	out, err := w.RunTask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Tasks) != 1 || len(out.Failures) != 1 || !strings.HasPrefix(*out.Failures[0].Reason, "Capacity is unavailable at this time.") {
		t.Errorf("tasks %d, failures %+v", len(out.Tasks), out.Failures)
	}
	w.end(*out.Tasks[0].TaskArn)
}

func TestLostStoppedEvent(t *testing.T) {
	w := newWorld(t, setup{})
	w.faults.Replace([]faults.Rule{{Kind: faults.NoReaper}})
	arn := w.job("exit 0")
	w.end(arn)
	w.close()
	if got := ladder(w.told(arn)); got != "PROVISIONING PENDING RUNNING DEPROVISIONING" {
		t.Errorf("events told %s", got)
	}
}

func TestManyTasksAtOnce(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition("echo $NUMBER; exit $NUMBER"))
	var wait sync.WaitGroup
	for n := range 50 {
		wait.Go(func() {
			in := request()
			in.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
				Name: aws.String("main"), Environment: []types.KeyValuePair{{Name: aws.String("NUMBER"), Value: aws.String(fmt.Sprint(n))}},
			}}}
			out, err := w.RunTask(t.Context(), in)
			if err != nil {
				t.Error(err)
				return
			}
			arn := *out.Tasks[0].TaskArn
			if _, err := w.service.Stopped(t.Context(), "default", arn); err != nil {
				t.Error(err)
				return
			}
			described, err := w.DescribeTasks(t.Context(), &sdk.DescribeTasksInput{Tasks: []string{arn}})
			if err != nil {
				t.Error(err)
				return
			}
			if code := *described.Tasks[0].Containers[0].ExitCode; code != int32(n) || w.logs.text(arn) != fmt.Sprint(n) {
				t.Errorf("task %d ended with %d and logged %q", n, code, w.logs.text(arn))
			}
		})
	}
	wait.Wait()
}
