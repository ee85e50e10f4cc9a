package states_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

const syncJob = `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.sync","Parameters":{"TaskDefinition":"job","Group":"g"},"End":true}}}`

func stopped(exitCode string) string {
	return `{"taskArn":"a","clusterArn":"c","lastStatus":"STOPPED","stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited",
		"stoppedAt":1772366460,"containers":[{"name":"job","exitCode":` + exitCode + `}],"overrides":{"containerOverrides":[]}}`
}

func TestASyncTaskEndsWithItsECSTask(t *testing.T) {
	for _, restart := range []bool{false, true} {
		l := serve(t)
		run := l.begin(syncJob, `{}`)
		l.submitted(run, 1)
		if restart {
			l.restart()
		}
		l.ecs.end(l.taskARN(run)) <- stopped("0")
		if status := l.ended(run); status != types.ExecutionStatusSucceeded {
			t.Fatalf("ended as %s: %v", status, l.chain(run))
		}
		check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<5 TaskSucceeded 7<6 TaskStateExited 8<7 ExecutionSucceeded`)
		if parameters := *l.last(run, types.HistoryEventTypeTaskScheduled).TaskScheduledEventDetails.Parameters; parameters != `{"TaskDefinition":"job","Group":"g","StartedBy":"AWS Step Functions"}` {
			t.Errorf("parameters %s", parameters)
		}
		if output := *l.describe(run).Output; !strings.HasPrefix(output, `{"Attachments":[]`) || !strings.Contains(output, `"StoppedAt":1772366460000`) {
			t.Errorf("output %s", output)
		}
	}
}

func TestASyncTaskFailsWithItsECSTask(t *testing.T) {
	l := serve(t)
	run := l.begin(syncJob, `{}`)
	l.submitted(run, 1)
	l.ecs.end(l.taskARN(run)) <- stopped("137")
	l.ended(run)
	d := l.describe(run)
	if *d.Error != "States.TaskFailed" || !strings.Contains(*d.Cause, `"ExitCode":137`) || !strings.Contains(*d.Cause, `"StopCode":"EssentialContainerExited"`) {
		t.Errorf("%s: %s", *d.Error, *d.Cause)
	}
	check(t, l.chain(run)[5:], `6<5 TaskFailed 7<6 ExecutionFailed`)
}

func TestStoppingASyncRunStopsItsECSTask(t *testing.T) {
	l := serve(t)
	run := l.begin(syncJob, `{}`)
	l.submitted(run, 1)
	task := l.taskARN(run)
	if _, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run}); err != nil {
		t.Fatal(err)
	}
	l.eventually("the ECS task is stopped", func() bool {
		stops := l.ecs.stopCalls()
		return len(stops) == 1 && stops[0] == task
	})
}

// caller is a machine that starts another with its input.
func caller(resource, parameters string) string {
	return machineOf("T", `"T":{"Type":"Task","Resource":"arn:aws:states:::`+resource+`","Parameters":`+parameters+`,"End":true}`)
}

func TestNestedRuns(t *testing.T) {
	for _, c := range []struct {
		name, resource, child string
		status                types.ExecutionStatus
		want                  []string
	}{
		{"request-response", "states:startExecution", passMachine, types.ExecutionStatusSucceeded, []string{`{"ExecutionArn":"arn:aws:states:us-east-1:123456789012:execution:child:nested","SdkHttpMetadata":`, `"StartDate":1772366400000}`}},
		{"sync", "states:startExecution.sync", passMachine, types.ExecutionStatusSucceeded, []string{`"Input":"{\"k\":1}"`, `"Output":"{\"Arg1\":\"argument1\"}"`, `"OutputDetails":{"Included":true}`, `"Status":"SUCCEEDED"`}},
		{"sync:2", "states:startExecution.sync:2", passMachine, types.ExecutionStatusSucceeded, []string{`"Input":{"k":1}`, `"Output":{"Arg1":"argument1"}`}},
		{"sync of a failure", "states:startExecution.sync", machineOf("F", `"F":{"Type":"Fail","Error":"SomeFailure","Cause":"why"}`), types.ExecutionStatusFailed, []string{`{"Cause":"why","Error":"SomeFailure","ExecutionArn":`, `"Status":"FAILED"`}},
		{"SDK", "aws-sdk:sfn:startExecution", passMachine, types.ExecutionStatusSucceeded, []string{`{"ExecutionArn":"arn:aws:states:us-east-1:123456789012:execution:child:nested","StartDate":"2026-03-01T12:00:00Z"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			child := l.create("child", c.child)
			run := l.begin(caller(c.resource, `{"StateMachineArn":"`+child+`","Name":"nested","Input":{"k":1}}`), `{}`)
			if status := l.ended(run); status != c.status {
				t.Fatalf("ended as %s: %v", status, l.chain(run))
			}
			d := l.describe(run)
			text := aws.ToString(d.Output) + aws.ToString(d.Cause)
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %s in %s", want, text)
				}
			}
			if d.Error != nil && *d.Error != "States.TaskFailed" {
				t.Errorf("error %s", *d.Error)
			}
		})
	}
}

func TestStoppingASyncRunStopsItsNestedRun(t *testing.T) {
	l := serve(t)
	child := l.create("child", machineOf("W", `"W":{"Type":"Wait","Seconds":60,"End":true}`))
	run := l.begin(caller("states:startExecution.sync", `{"StateMachineArn":"`+child+`","Name":"nested"}`), `{}`)
	l.submitted(run, 1)
	if _, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run}); err != nil {
		t.Fatal(err)
	}
	if status := l.ended("arn:aws:states:us-east-1:123456789012:execution:child:nested"); status != types.ExecutionStatusAborted {
		t.Errorf("the nested run ended as %s", status)
	}
}

func TestATokenEndsASyncTask(t *testing.T) {
	l := serve(t)
	child := l.create("child", machineOf("W", `"W":{"Type":"Wait","Seconds":60,"End":true}`))
	run := l.begin(caller("states:startExecution.sync", `{"StateMachineArn":"`+child+`","Name":"nested","Input":{"token.$":"$$.Task.Token"}}`), `{}`)
	l.submitted(run, 1)
	nested := l.describe("arn:aws:states:us-east-1:123456789012:execution:child:nested")
	token := strings.TrimSuffix(strings.TrimPrefix(*nested.Input, `{"token":"`), `"}`)
	if err := l.succeed(token, `"by token"`); err != nil {
		t.Fatal(err)
	}
	if d := l.describe(run); aws.ToString(d.Output) != `"by token"` {
		t.Errorf("%s: %v", d.Status, l.chain(run))
	}
	if status := l.describe(*nested.ExecutionArn).Status; status != types.ExecutionStatusRunning {
		t.Errorf("the nested run is %s", status)
	}
}

func TestErrorsOfStepFunctionsTasks(t *testing.T) {
	for _, c := range []struct{ name, resource, parameters, errorName, cause string }{
		{
			"optimised", "states:startExecution", `{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:none"}`, "StepFunctions.StateMachineDoesNotExistException",
			"State Machine Does Not Exist: 'arn:aws:states:us-east-1:123456789012:stateMachine:none' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: ",
		},
		{"SDK", "aws-sdk:sfn:sendTaskFailure", `{"TaskToken":"NoSuchTaskToken"}`, "Sfn.InvalidTokenException", "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			run := l.begin(caller(c.resource, c.parameters), `{}`)
			l.ended(run)
			check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskFailed 6<5 ExecutionFailed`)
			if d := l.describe(run); aws.ToString(d.Error) != c.errorName || !strings.HasPrefix(*d.Cause, c.cause) {
				t.Errorf("%s: %s", aws.ToString(d.Error), *d.Cause)
			}
		})
	}
}

func TestAMachineFailsTheTokensOfAnother(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	reaper := l.create("reaper", caller("aws-sdk:sfn:sendTaskFailure", `{"TaskToken.$":"$.token","Error":"TaskStopped","Cause.$":"$.why"}`))
	l.ended(l.start(reaper, `{"token":"`+l.token(run)+`","why":"OutOfMemoryError"}`))
	if d := l.describe(run); aws.ToString(d.Error) != "TaskStopped" || *d.Cause != "OutOfMemoryError" {
		t.Errorf("%+v", d)
	}
}
