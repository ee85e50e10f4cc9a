package states_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

func TestFailureSentForATask(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	if err := l.fail(l.token(run), "Broken", "disk full"); err != nil {
		t.Fatal(err)
	}
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<5 TaskFailed 7<6 ExecutionFailed`)
	d := l.describe(run)
	if d.Status != types.ExecutionStatusFailed || *d.Error != "Broken" || *d.Cause != "disk full" {
		t.Errorf("%+v", d)
	}
}

func TestFailureWithoutErrorAndCauseIsCaughtWithNulls(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("X", `"X":{"Type":"Parallel","Branches":[`+machineOf("Job", `"Job":`+job(`,"End":true`))+`],
		"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.why","Next":"P"}],"End":true},"P":{"Type":"Pass","End":true}`), `{}`)
	l.submitted(run, 1)
	token := l.token(run)
	if _, err := l.SendTaskFailure(l.ctx(), &sfn.SendTaskFailureInput{TaskToken: &token}); err != nil {
		t.Fatal(err)
	}
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 ParallelStateEntered 3<2 ParallelStateStarted 4<3 TaskStateEntered 5<4 TaskScheduled 6<5 TaskStarted 7<6 TaskSubmitted
		8<7 TaskFailed 9<8 TaskStateAborted 10<8 ParallelStateFailed 11<10 ParallelStateExited 12<11 PassStateEntered 13<12 PassStateExited 14<13 ExecutionSucceeded`)
	if got := *l.describe(run).Output; got != `{"why":{"Error":null,"Cause":null}}` {
		t.Errorf("output %s", got)
	}
}

func TestTaskTimeouts(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		after        time.Duration
	}{
		{"the timeout", `,"TimeoutSeconds":30`, 30 * time.Second},
		{"the heartbeat", `,"TimeoutSeconds":600,"HeartbeatSeconds":5`, 5 * time.Second},
		{"the heartbeat alone", `,"HeartbeatSeconds":5`, 5 * time.Second},
		{"the timeout by a path", `,"TimeoutSecondsPath":"$.limit"`, 7 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			run := l.begin(machineOf("Job", `"Job":`+job(c.fields+`,"End":true`)), `{"limit":7}`)
			l.submitted(run, 1)
			l.clock.Advance(c.after - time.Second)
			if status := l.describe(run).Status; status != types.ExecutionStatusRunning {
				t.Fatalf("ended early as %s", status)
			}
			l.clock.Advance(time.Second)
			check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<5 TaskTimedOut 7<6 ExecutionFailed`)
			timedOut := l.last(run, types.HistoryEventTypeTaskTimedOut).TaskTimedOutEventDetails
			if *timedOut.Error != "States.Timeout" || timedOut.Cause != nil {
				t.Errorf("%+v", timedOut)
			}
			if stops := l.ecs.stopCalls(); len(stops) != 0 {
				t.Errorf("the ECS task was stopped: %v", stops)
			}
			if code, message := said(t, l.succeed(l.token(run), `{}`)); code != "TaskTimedOut" || message != "Task Timed Out: 'Provided task does not exist anymore'" {
				t.Errorf("a late answer got %s: %s", code, message)
			}
		})
	}
}

func TestHeartbeatsKeepATaskAliveAndLeaveNoEvent(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"TimeoutSeconds":600,"HeartbeatSeconds":10,"End":true`)), `{}`)
	l.submitted(run, 1)
	token := l.token(run)
	for range 10 {
		l.clock.Advance(9 * time.Second)
		if _, err := l.SendTaskHeartbeat(l.ctx(), &sfn.SendTaskHeartbeatInput{TaskToken: &token}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(l.events(run)); got != 5 {
		t.Errorf("%d events: %v", got, l.chain(run))
	}
	l.clock.Advance(10 * time.Second)
	if got := l.count(run, types.HistoryEventTypeTaskTimedOut); got != 1 {
		t.Errorf("%d timeouts after silence", got)
	}
}

func TestCatchersKnowAHeartbeatTimeoutByBothNames(t *testing.T) {
	for _, c := range []struct {
		name   string
		caught bool
	}{{"States.HeartbeatTimeout", true}, {"States.Timeout", true}, {"States.ALL", true}, {"States.TaskFailed", false}} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			run := l.begin(machineOf("Job", `"Job":`+job(`,"HeartbeatSeconds":5,"Catch":[{"ErrorEquals":["`+c.name+`"],"Next":"P"}],"End":true`)+`,"P":{"Type":"Pass","End":true}`), `{}`)
			l.submitted(run, 1)
			l.clock.Advance(5 * time.Second)
			if caught := l.ended(run) == types.ExecutionStatusSucceeded; caught != c.caught {
				t.Errorf("caught: %v", caught)
			}
		})
	}
}

func TestMachineTimeout(t *testing.T) {
	l := serve(t)
	run := l.begin(`{"TimeoutSeconds":60,"StartAt":"Job","States":{"Job":`+job(`,"End":true`)+`}}`, `{}`)
	l.submitted(run, 1)
	l.clock.Advance(time.Minute)
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<0 ExecutionTimedOut`)
	d := l.describe(run)
	if d.Status != types.ExecutionStatusTimedOut || d.Error != nil || d.Cause != nil || d.StopDate.Sub(*d.StartDate) != time.Minute || d.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Errorf("%+v", d)
	}
	if code, _ := said(t, l.succeed(l.token(run), `{}`)); code != "TaskTimedOut" {
		t.Errorf("an answer after the end got %s", code)
	}
}

func TestRetriesUseTheirIntervalsAndNewTokens(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true,
		"Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":2,"BackoffRate":2,"MaxAttempts":2},{"ErrorEquals":["States.ALL"],"IntervalSeconds":10,"MaxAttempts":1}]`)), `{}`)
	tokens := map[string]bool{}
	attempt := 0
	fails := func(name string, wait time.Duration) {
		t.Helper()
		attempt++
		l.submitted(run, attempt)
		tokens[l.token(run)] = true
		if err := l.fail(l.token(run), name, ""); err != nil {
			t.Fatal(err)
		}
		l.clock.Advance(wait - time.Millisecond)
		if n := l.count(run, types.HistoryEventTypeTaskScheduled); n != attempt {
			t.Fatalf("attempt %d came before %s", n, wait)
		}
		l.clock.Advance(time.Millisecond)
	}
	fails("Busy", 2*time.Second)
	fails("Busy", 4*time.Second)
	fails("Other", 10*time.Second)
	l.submitted(run, 4)
	tokens[l.token(run)] = true
	if err := l.fail(l.token(run), "Busy", ""); err != nil {
		t.Fatal(err)
	}
	if status := l.ended(run); status != types.ExecutionStatusFailed || len(tokens) != 4 {
		t.Errorf("%s after %d tokens", status, len(tokens))
	}
	check(t, l.chain(run)[5:10], `6<5 TaskFailed 7<6 TaskScheduled 8<7 TaskStarted 9<8 TaskSubmitted 10<9 TaskFailed`)
}

func TestMapFailureAbortsTheOtherIterations(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("M", `"M":{"Type":"Map","ItemProcessor":`+machineOf("Job", `"Job":`+job(`,"TimeoutSeconds":5,"End":true`))+`,"End":true}`), `[1,2,3,4]`)
	l.submitted(run, 4)
	chain := strings.Join(l.chain(run), " ")
	if !strings.HasPrefix(chain, `1<0 ExecutionStarted 2<0 MapStateEntered 3<2 MapStateStarted 4<3 MapIterationStarted 5<3 MapIterationStarted 6<3 MapIterationStarted 7<3 MapIterationStarted 8<4 TaskStateEntered 9<8 TaskScheduled 10<5 TaskStateEntered 11<10 TaskScheduled`) {
		t.Errorf("iterations started as %s", chain)
	}
	failing := l.token(run)
	if err := l.fail(failing, "Bad", ""); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range l.events(run)[23:] {
		names = append(names, string(e.Type))
	}
	want := "TaskFailed MapIterationFailed TaskStateAborted MapIterationAborted TaskStateAborted MapIterationAborted TaskStateAborted MapIterationAborted TaskStateAborted MapStateFailed ExecutionFailed"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestCallsThatFail(t *testing.T) {
	refused := wire.Errorf("InvalidParameterException", "Container Overrides length must be at most 8192")
	for _, c := range []struct {
		name, resource, event string
		answer                any
		err                   error
		status                types.ExecutionStatus
		errorName, cause      string
	}{
		{"request-response", "ecs:runTask", "TaskFailed", nil, refused, types.ExecutionStatusFailed, "ECS.InvalidParameterException", "Container Overrides length must be at most 8192 (Service: AmazonECS; Status Code: 400; Error Code: InvalidParameterException; Request ID: "},
		{"callback", "ecs:runTask.waitForTaskToken", "TaskSubmitFailed", nil, refused, types.ExecutionStatusFailed, "ECS.InvalidParameterException", "Container Overrides"},
		{"sync", "ecs:runTask.sync", "TaskSubmitFailed", nil, wire.Errorf("ThrottlingException", "Rate exceeded"), types.ExecutionStatusFailed, "ECS.AmazonECSException", "Rate exceeded (Service: AmazonECS; Status Code: 400; Error Code: ThrottlingException; "},
		{"no capacity for a callback", "ecs:runTask.waitForTaskToken", "TaskSubmitFailed", noCapacity, nil, types.ExecutionStatusFailed, "AmazonECS.Unknown", `{"Failures":[{"Reason":"RESOURCE:MEMORY"}]`},
		{"no capacity for request-response", "ecs:runTask", "TaskSucceeded", noCapacity, nil, types.ExecutionStatusSucceeded, "", ""},
		{"by the SDK", "aws-sdk:ecs:runTask", "TaskFailed", nil, refused, types.ExecutionStatusFailed, "Ecs.InvalidParameterException", "Container Overrides length must be at most 8192 (Service: Ecs, Status Code: 400, Request ID: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			l.ecs.runTask = func(map[string]any) (any, error) { return c.answer, c.err }
			run := l.begin(machineOf("T", `"T":{"Type":"Task","Resource":"arn:aws:states:::`+c.resource+`","Parameters":{"TaskDefinition":"job"},"End":true}`), `{}`)
			if status := l.ended(run); status != c.status {
				t.Fatalf("ended as %s: %v", status, l.chain(run))
			}
			if n := l.count(run, types.HistoryEventType(c.event)); n != 1 {
				t.Errorf("no %s in %v", c.event, l.chain(run))
			}
			if d := l.describe(run); aws.ToString(d.Error) != c.errorName || !strings.HasPrefix(aws.ToString(d.Cause), c.cause) {
				t.Errorf("error %s, cause %s", aws.ToString(d.Error), aws.ToString(d.Cause))
			}
		})
	}
}

var noCapacity = json.RawMessage(`{"tasks":[],"failures":[{"reason":"RESOURCE:MEMORY"}]}`)

func TestUnsupportedParametersFailAtRunTime(t *testing.T) {
	l := serve(t)
	for _, field := range []string{"StartedBy", "Count", "cluster"} {
		run := l.begin(machineOf("T", `"T":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask","Parameters":{"TaskDefinition":"job","`+field+`":"x"},"End":true}`), `{}`)
		want := `An error occurred while executing the state 'T' (entered at the event id #2). The field "` + field + `" is not supported by Step Functions`
		if d := l.describe(run); aws.ToString(d.Error) != "States.Runtime" || *d.Cause != want {
			t.Errorf("%s: %s", aws.ToString(d.Error), aws.ToString(d.Cause))
		}
		check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 ExecutionFailed`)
	}
}

func TestResultsOverTheLimit(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("A", `"A":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$"},"End":true}`), `"`+strings.Repeat("x", 200_000)+`"`)
	if d := l.describe(run); aws.ToString(d.Error) != "States.DataLimitExceeded" ||
		*d.Cause != "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit." {
		t.Errorf("%v %v", aws.ToString(d.Error), aws.ToString(d.Cause))
	}
}
