package states_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// job is a callback task of ECS with the fields given.
func job(fields string) string {
	return `{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken","Parameters":{"Cluster":"work","TaskDefinition":"job",
		"Overrides":{"ContainerOverrides":[{"Name":"job","Environment":[{"Name":"TASK_TOKEN","Value.$":"$$.Task.Token"}]}]}}` + fields + `}`
}

// machineOf is a machine of states written as "Name":{…}.
func machineOf(startAt, states string) string {
	return `{"StartAt":"` + startAt + `","States":{` + states + `}}`
}

func check(t *testing.T, got []string, want string) {
	t.Helper()
	lines := strings.Fields(strings.ReplaceAll(strings.TrimSpace(want), "\n", " "))
	var flat []string
	for _, line := range got {
		flat = append(flat, strings.Fields(line)...)
	}
	if !slices.Equal(flat, lines) {
		t.Errorf("\n got %s\nwant %s", strings.Join(flat, " "), strings.Join(lines, " "))
	}
}

// TestHistoriesAsAWSWritesThem holds sequences that were recorded from AWS.
func TestHistoriesAsAWSWritesThem(t *testing.T) {
	for _, c := range []struct{ name, definition, input, want string }{
		{
			"pass", passMachine, `{}`,
			`1<0 ExecutionStarted 2<0 PassStateEntered 3<2 PassStateExited 4<3 ExecutionSucceeded`,
		},
		{
			"choice and fail", machineOf("C", `"C":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":1,"Next":"F"}],"Default":"S"},"F":{"Type":"Fail"},"S":{"Type":"Succeed"}`), `{"n":1}`,
			`1<0 ExecutionStarted 2<0 ChoiceStateEntered 3<2 ChoiceStateExited 4<3 FailStateEntered 5<4 ExecutionFailed`,
		},
		{
			"succeed", machineOf("S", `"S":{"Type":"Succeed"}`), `{}`,
			`1<0 ExecutionStarted 2<0 SucceedStateEntered 3<2 SucceedStateExited 4<3 ExecutionSucceeded`,
		},
		{
			"runtime error", machineOf("P", `"P":{"Type":"Pass","InputPath":"$.none","End":true}`), `{}`,
			`1<0 ExecutionStarted 2<0 PassStateEntered 3<2 ExecutionFailed`,
		},
		{
			"expression that fails", `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Output":"{% $none %}","End":true}}}`, `{}`,
			`1<0 ExecutionStarted 2<0 PassStateEntered 3<2 PassStateExited 4<3 PassStateEntered 5<3 EvaluationFailed 6<5 ExecutionFailed`,
		},
		{
			"map one by one", machineOf("M", `"M":{"Type":"Map","MaxConcurrency":1,"ItemProcessor":`+machineOf("P", `"P":{"Type":"Pass","End":true}`)+`,"End":true}`), `[1,2]`,
			`1<0 ExecutionStarted 2<0 MapStateEntered 3<2 MapStateStarted 4<3 MapIterationStarted 5<4 PassStateEntered 6<5 PassStateExited 7<6 MapIterationSucceeded
			 8<6 MapIterationStarted 9<8 PassStateEntered 10<9 PassStateExited 11<10 MapIterationSucceeded 12<11 MapStateSucceeded 13<11 MapStateExited 14<13 ExecutionSucceeded`,
		},
		{
			"empty map", machineOf("M", `"M":{"Type":"Map","ItemProcessor":`+machineOf("P", `"P":{"Type":"Pass","End":true}`)+`,"End":true}`), `[]`,
			`1<0 ExecutionStarted 2<0 MapStateEntered 3<2 MapStateStarted 4<3 MapStateSucceeded 5<3 MapStateExited 6<5 ExecutionSucceeded`,
		},
		{
			"map that fails and is caught", machineOf("M", `"M":{"Type":"Map","MaxConcurrency":1,"ItemProcessor":`+machineOf("F", `"F":{"Type":"Fail"}`)+`,
			 "Catch":[{"ErrorEquals":["States.ALL"],"Next":"P"}],"End":true},"P":{"Type":"Pass","End":true}`), `[1]`,
			`1<0 ExecutionStarted 2<0 MapStateEntered 3<2 MapStateStarted 4<3 MapIterationStarted 5<4 FailStateEntered 6<5 MapIterationFailed 7<5 MapStateFailed
			 8<7 MapStateExited 9<8 PassStateEntered 10<9 PassStateExited 11<10 ExecutionSucceeded`,
		},
		{
			"parallel that fails", machineOf("X", `"X":{"Type":"Parallel","Branches":[`+machineOf("F", `"F":{"Type":"Fail","Error":"FailureType"}`)+`],"End":true}`), `{}`,
			`1<0 ExecutionStarted 2<0 ParallelStateEntered 3<2 ParallelStateStarted 4<3 FailStateEntered 5<4 ParallelStateFailed 6<5 ExecutionFailed`,
		},
		{
			"parallel", machineOf("X", `"X":{"Type":"Parallel","Branches":[`+machineOf("P", `"P":{"Type":"Pass","End":true}`)+`,`+machineOf("Q", `"Q":{"Type":"Pass","End":true}`)+`],"End":true}`), `{}`,
			`1<0 ExecutionStarted 2<0 ParallelStateEntered 3<2 ParallelStateStarted 4<3 PassStateEntered 5<4 PassStateExited 6<3 PassStateEntered 7<6 PassStateExited
			 8<7 ParallelStateSucceeded 9<7 ParallelStateExited 10<9 ExecutionSucceeded`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			check(t, l.chain(l.begin(c.definition, c.input)), c.want)
		})
	}
}

func TestCallbackHistory(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"TimeoutSeconds":600,"HeartbeatSeconds":60,"End":true`)), `{"a": 1}`)
	l.submitted(run, 1)
	if err := l.succeed(l.token(run), `{"out": 1}`); err != nil {
		t.Fatal(err)
	}
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<5 TaskSucceeded 7<6 TaskStateExited 8<7 ExecutionSucceeded`)

	scheduled := l.last(run, types.HistoryEventTypeTaskScheduled).TaskScheduledEventDetails
	if *scheduled.ResourceType != "ecs" || *scheduled.Resource != "runTask.waitForTaskToken" || *scheduled.Region != region ||
		*scheduled.TimeoutInSeconds != 600 || *scheduled.HeartbeatInSeconds != 60 || strings.Contains(*scheduled.Parameters, "StartedBy") {
		t.Errorf("scheduled %+v", scheduled)
	}
	submitted := l.last(run, types.HistoryEventTypeTaskSubmitted).TaskSubmittedEventDetails
	for _, member := range []string{`{"Failures":[],"SdkHttpMetadata":{"AllHttpHeaders":{"Content-Length":[`, `"SdkResponseMetadata":{"RequestId":"`, `"LastStatus":"PROVISIONING"`, `"CreatedAt":1772366400500`, `"Environment":[]`} {
		if !strings.Contains(*submitted.Output, member) {
			t.Errorf("TaskSubmitted lacks %s: %s", member, *submitted.Output)
		}
	}
	if got := *l.last(run, types.HistoryEventTypeTaskSucceeded).TaskSucceededEventDetails.Output; got != `{"out": 1}` {
		t.Errorf("the output was not kept as sent: %s", got)
	}
	started := l.last(run, types.HistoryEventTypeExecutionStarted).ExecutionStartedEventDetails
	if *started.Input != `{"a": 1}` || started.InputDetails.Truncated || *started.RoleArn != role {
		t.Errorf("started %+v", started)
	}
}

func TestPagesOfAHistoryAreTheHistory(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("M", `"M":{"Type":"Map","ItemProcessor":`+machineOf("P", `"P":{"Type":"Pass","End":true}`)+`,"End":true}`), "["+strings.Repeat("1,", 99)+"1]")
	whole := l.chain(run)
	for _, size := range []int32{1, 7, 100, 1000} {
		for _, reverse := range []bool{false, true} {
			var ids []int64
			pages := sfn.NewGetExecutionHistoryPaginator(l.Client, &sfn.GetExecutionHistoryInput{ExecutionArn: &run, MaxResults: size, ReverseOrder: reverse})
			for pages.HasMorePages() && len(ids) <= len(whole) {
				page, err := pages.NextPage(l.ctx())
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Events {
					ids = append(ids, e.Id)
				}
			}
			if reverse {
				slices.Reverse(ids)
			}
			for i, id := range ids {
				if id != int64(i+1) {
					t.Fatalf("size %d, reverse %v: event %d is at %d", size, reverse, id, i)
				}
			}
			if len(ids) != len(whole) {
				t.Errorf("size %d, reverse %v: %d of %d events", size, reverse, len(ids), len(whole))
			}
		}
	}
}

func TestHistoryWithoutData(t *testing.T) {
	l := serve(t)
	run := l.begin(passMachine, `{"secret":1}`)
	out, err := l.GetExecutionHistory(l.ctx(), &sfn.GetExecutionHistoryInput{ExecutionArn: &run, IncludeExecutionData: aws.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	if e := out.Events[0].ExecutionStartedEventDetails; e.Input != nil || *e.RoleArn != role {
		t.Errorf("%+v", e)
	}
	if e := out.Events[2].StateExitedEventDetails; e.Output != nil || *e.Name != "State_1" {
		t.Errorf("%+v", e)
	}
	if full := l.events(run)[0].ExecutionStartedEventDetails; *full.Input != `{"secret":1}` {
		t.Errorf("the history itself lost %+v", full)
	}
}

func TestAFullHistoryEndsTheRun(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("A", `"A":{"Type":"Choice","Choices":[{"Variable":"$.stop","IsPresent":true,"Next":"S"}],"Default":"A"},"S":{"Type":"Succeed"}`), `{}`)
	if status := l.ended(run); status != types.ExecutionStatusFailed {
		t.Fatalf("ended as %s", status)
	}
	events := l.events(run)
	last := events[len(events)-1]
	if len(events) != 25_000 || last.Id != 25_000 || *last.ExecutionFailedEventDetails.Error != "States.Runtime" ||
		*last.ExecutionFailedEventDetails.Cause != "The execution reached the maximum number of history events (25000)." {
		t.Errorf("%d events, the last %+v", len(events), last)
	}
	if reason := l.describe(run).RedriveStatusReason; *reason != "Execution history event limit exceeded" {
		t.Errorf("redrive: %s", *reason)
	}
}

func TestStoppedRun(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	l.clock.Advance(time.Minute)
	out, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run, Error: aws.String("Operator"), Cause: aws.String("not needed")})
	if err != nil || !out.StopDate.Equal(l.clock.Now()) {
		t.Fatalf("%+v, %v", out, err)
	}
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<0 ExecutionAborted`)
	d := l.describe(run)
	if d.Status != types.ExecutionStatusAborted || *d.Error != "Operator" || *d.Cause != "not needed" || d.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Errorf("%+v", d)
	}
	if stops := l.ecs.stopCalls(); len(stops) != 0 {
		t.Errorf("the ECS task of a callback was stopped: %v", stops)
	}
	again, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run})
	if err != nil || !again.StopDate.Equal(*out.StopDate) {
		t.Errorf("a second stop: %+v, %v", again, err)
	}
}
