package states_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestRedriveSchedulesAFailedTaskAgainWithoutEnteringIt(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			l := serve(t)
			run := l.begin(machineOf("First", `"First":{"Type":"Pass","Next":"Job"},"Job":`+job(`,"TimeoutSeconds":600,"End":true`)), `{"a":1}`)
			l.submitted(run, 1)
			old := l.token(run)
			if err := l.fail(old, "Broken", "x"); err != nil {
				t.Fatal(err)
			}
			if restart {
				l.restart()
			}
			l.clock.Advance(time.Hour)
			l.redrive(run)
			l.submitted(run, 2)
			check(t, l.chain(run), `1<0 ExecutionStarted 2<0 PassStateEntered 3<2 PassStateExited 4<3 TaskStateEntered 5<4 TaskScheduled 6<5 TaskStarted 7<6 TaskSubmitted 8<7 TaskFailed 9<8 ExecutionFailed
				10<9 ExecutionRedriven 11<10 TaskScheduled 12<11 TaskStarted 13<12 TaskSubmitted`)
			if redriven := l.last(run, types.HistoryEventTypeExecutionRedriven).ExecutionRedrivenEventDetails; *redriven.RedriveCount != 1 {
				t.Errorf("%+v", redriven)
			}
			if d := l.describe(run); d.Status != types.ExecutionStatusRunning || *d.RedriveCount != 1 || !d.RedriveDate.Equal(l.clock.Now()) || d.StopDate != nil || d.Error != nil {
				t.Errorf("%+v", d)
			}
			if l.token(run) == old {
				t.Error("the redriven attempt has the old token")
			}
			if code, _ := said(t, l.succeed(old, `{}`)); code != "TaskTimedOut" {
				t.Errorf("the old token got %s", code)
			}
			l.clock.Advance(599 * time.Second)
			if err := l.succeed(l.token(run), `"done"`); err != nil {
				t.Fatal(err)
			}
			if d := l.describe(run); d.Status != types.ExecutionStatusSucceeded || *d.Output != `"done"` || *d.RedriveCount != 1 {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestRedriveByKindOfEnd(t *testing.T) {
	definition := `{"TimeoutSeconds":60,"StartAt":"Job","States":{"Job":` + job(`,"TimeoutSeconds":30,"End":true`) + `}}`
	for _, c := range []struct {
		name string
		end  func(l *local, run string)
	}{
		{"aborted", func(l *local, run string) {
			if _, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run}); err != nil {
				l.t.Fatal(err)
			}
		}},
		{"task timed out", func(l *local, _ string) { l.clock.Advance(30 * time.Second) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			run := l.begin(definition, `{}`)
			l.submitted(run, 1)
			c.end(l, run)
			l.redrive(run)
			l.submitted(run, 2)
			l.clock.Advance(29 * time.Second) // the clocks began anew
			if err := l.succeed(l.token(run), `{}`); err != nil {
				t.Fatal(err)
			}
			if status := l.ended(run); status != types.ExecutionStatusSucceeded {
				t.Errorf("ended as %s: %v", status, l.chain(run))
			}
		})
	}
}

func TestRedriveOfAMachineTimeoutStartsItsClockAnew(t *testing.T) {
	l := serve(t)
	run := l.begin(`{"TimeoutSeconds":60,"StartAt":"Job","States":{"Job":`+job(`,"End":true`)+`}}`, `{}`)
	l.submitted(run, 1)
	l.clock.Advance(time.Minute)
	l.redrive(run)
	l.submitted(run, 2)
	l.clock.Advance(59 * time.Second)
	if status := l.describe(run).Status; status != types.ExecutionStatusRunning {
		t.Fatalf("ended as %s", status)
	}
	l.clock.Advance(time.Second)
	if status := l.describe(run).Status; status != types.ExecutionStatusTimedOut {
		t.Errorf("status %s", status)
	}
}

func TestRedriveResetsRetryCounters(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"End":true`)), `{}`)
	for attempt := 1; attempt <= 4; attempt++ {
		l.submitted(run, attempt)
		if err := l.fail(l.token(run), "Broken", ""); err != nil {
			t.Fatal(err)
		}
		if attempt == 2 {
			l.redrive(run)
			continue
		}
		l.clock.Advance(time.Second)
	}
	if status := l.describe(run).Status; status != types.ExecutionStatusFailed {
		t.Errorf("status %s", status)
	}
	if n := l.count(run, types.HistoryEventTypeTaskScheduled); n != 4 {
		t.Errorf("%d attempts", n)
	}
}

func TestRedriveOfACaughtFailureResumesWhereTheRunEnded(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Give up"}],"End":true`)+`,"Give up":{"Type":"Fail","Error":"Gone"}`), `{}`)
	l.submitted(run, 1)
	if err := l.fail(l.token(run), "Broken", ""); err != nil {
		t.Fatal(err)
	}
	l.redrive(run)
	check(t, l.chain(run)[5:], `6<5 TaskFailed 7<6 TaskStateExited 8<7 FailStateEntered 9<8 ExecutionFailed 10<9 ExecutionRedriven 11<10 FailStateEntered 12<11 ExecutionFailed`)
	if d := l.describe(run); *d.Error != "Gone" || *d.RedriveCount != 1 {
		t.Errorf("%+v", d)
	}
}

func TestRedriveOfAChoiceEvaluatesItAgain(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("C", `"C":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":1,"Next":"S"}]},"S":{"Type":"Succeed"}`), `{"n":2}`)
	l.redrive(run)
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 ChoiceStateEntered 3<2 ExecutionFailed 4<3 ExecutionRedriven 5<4 ExecutionFailed`)
}

func TestRedriveOfAnAbortedWait(t *testing.T) {
	l := serve(t)
	until := l.clock.Now().Add(time.Hour).Format(time.RFC3339)
	run := l.begin(machineOf("W", `"W":{"Type":"Wait","Timestamp":"`+until+`","End":true}`), `{}`)
	if _, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run}); err != nil {
		t.Fatal(err)
	}
	l.clock.Advance(2 * time.Hour)
	l.redrive(run)
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 WaitStateEntered 3<0 ExecutionAborted 4<3 ExecutionRedriven 5<4 WaitStateExited 6<5 ExecutionSucceeded`)
}

// fanOut are Parallel and Map states of three callback tasks.
var fanOut = map[string]string{
	"Parallel": `{"Type":"Parallel","Branches":[` + machineOf("A", `"A":`+job(`,"End":true`)) + `,` +
		machineOf("B", `"B":`+job(`,"End":true`)) + `,` + machineOf("C", `"C":`+job(`,"End":true`)) + `],"End":true}`,
	"Map": `{"Type":"Map","ItemsPath":"$.items","ItemProcessor":` + machineOf("Job", `"Job":`+job(`,"End":true`)) + `,"End":true}`,
}

func TestRedriveRunsOnlyTheChildrenThatDidNotSucceed(t *testing.T) {
	for kind, state := range fanOut {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s restart %v", kind, restart), func(t *testing.T) {
				l := serve(t)
				run := l.begin(machineOf("X", `"X":`+state), `{"items":[1,2,3]}`)
				l.submitted(run, 3)
				tokens := l.tokens(run)
				if err := l.succeed(tokens[0], `"first"`); err != nil {
					t.Fatal(err)
				}
				if err := l.fail(tokens[1], "Broken", ""); err != nil {
					t.Fatal(err)
				}
				if code, _ := said(t, l.succeed(tokens[2], `{}`)); code != "TaskTimedOut" {
					t.Errorf("the aborted child's token got %s", code)
				}
				before := len(l.events(run))
				if restart {
					l.restart()
				}
				l.redrive(run)
				l.submitted(run, 5)
				for _, e := range l.events(run)[before:] {
					if strings.HasSuffix(string(e.Type), "StateEntered") || strings.HasSuffix(string(e.Type), "StateStarted") {
						t.Errorf("%s again after the redrive", e.Type)
					}
				}
				for i, token := range l.tokens(run)[3:] {
					if err := l.succeed(token, fmt.Sprintf(`"again %d"`, i)); err != nil {
						t.Fatal(err)
					}
				}
				if d := l.describe(run); aws.ToString(d.Output) != `["first","again 0","again 1"]` {
					t.Errorf("%s with %s: %v", d.Status, aws.ToString(d.Output), l.chain(run))
				}
			})
		}
	}
}

func TestRedriveStartsIterationsThatHadNotBegun(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("M", `"M":{"Type":"Map","MaxConcurrency":1,"ItemProcessor":`+machineOf("Job", `"Job":`+job(`,"End":true`))+`,"End":true}`), `[1,2,3]`)
	for n, end := range []func(token string) error{
		func(token string) error { return l.succeed(token, `1`) },
		func(token string) error { return l.fail(token, "Broken", "") },
		func(token string) error { return l.succeed(token, `2`) },
		func(token string) error { return l.succeed(token, `3`) },
	} {
		l.submitted(run, n+1)
		if err := end(l.token(run)); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			l.redrive(run)
		}
	}
	if d := l.describe(run); aws.ToString(d.Output) != `[1,2,3]` {
		t.Errorf("%s with %s: %v", d.Status, aws.ToString(d.Output), l.chain(run))
	}
	if n := l.count(run, types.HistoryEventTypeMapIterationStarted); n != 3 {
		t.Errorf("%d iterations started", n)
	}
}

func TestRedriveOfNestedChildrenKeepsWhatSucceeded(t *testing.T) {
	inner := machineOf("A", `"A":{"Type":"Pass","Next":"M"},"M":`+fanOut["Map"])
	l := serve(t)
	run := l.begin(machineOf("P", `"P":{"Type":"Parallel","Branches":[`+inner+`],"End":true}`), `{"items":["x","y"]}`)
	l.submitted(run, 2)
	tokens := l.tokens(run)
	if err := l.succeed(tokens[0], `"x done"`); err != nil {
		t.Fatal(err)
	}
	if err := l.fail(tokens[1], "Broken", ""); err != nil {
		t.Fatal(err)
	}
	l.restart()
	l.redrive(run)
	l.submitted(run, 3)
	if err := l.succeed(l.token(run), `"y done"`); err != nil {
		t.Fatal(err)
	}
	if d := l.describe(run); aws.ToString(d.Output) != `[["x done","y done"]]` {
		t.Errorf("%s with %s: %v", d.Status, aws.ToString(d.Output), l.chain(run))
	}
	if n := l.count(run, types.HistoryEventTypePassStateEntered); n != 1 {
		t.Errorf("the Pass state ran %d times", n)
	}
}

func TestWhatCannotBeRedriven(t *testing.T) {
	l := serve(t)
	running := l.begin(machineOf("W", `"W":{"Type":"Wait","Seconds":60,"End":true}`), `{}`)
	old := l.begin(machineOf("F", `"F":{"Type":"Fail"}`), `{}`)
	refused := func(run, reason string) {
		t.Helper()
		_, err := l.RedriveExecution(l.ctx(), &sfn.RedriveExecutionInput{ExecutionArn: &run})
		if code, message := said(t, err); code != "ExecutionNotRedrivable" || !strings.Contains(message, reason) {
			t.Errorf("got %s: %s", code, message)
		}
		if d := l.describe(run); d.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable || *d.RedriveStatusReason != reason {
			t.Errorf("%s, %v", d.RedriveStatus, aws.ToString(d.RedriveStatusReason))
		}
	}
	refused(running, "Execution is RUNNING and cannot be redriven")
	l.clock.Advance(14*24*time.Hour + time.Second)
	refused(old, "Execution redrivable period exceeded")
	refused(running, "Execution is SUCCEEDED and cannot be redriven")
}

func TestRedriveIsIdempotentByClientToken(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("F", `"F":{"Type":"Fail"}`), `{}`)
	first, err := l.RedriveExecution(l.ctx(), &sfn.RedriveExecutionInput{ExecutionArn: &run, ClientToken: aws.String("one")})
	if err != nil {
		t.Fatal(err)
	}
	l.clock.Advance(time.Minute)
	again, err := l.RedriveExecution(l.ctx(), &sfn.RedriveExecutionInput{ExecutionArn: &run, ClientToken: aws.String("one")})
	if err != nil || !again.RedriveDate.Equal(*first.RedriveDate) {
		t.Errorf("%v, then %v, %v", first.RedriveDate, again, err)
	}
	if n := *l.describe(run).RedriveCount; n != 1 {
		t.Errorf("redriven %d times", n)
	}
	l.clock.Advance(15 * time.Minute)
	if _, err := l.RedriveExecution(l.ctx(), &sfn.RedriveExecutionInput{ExecutionArn: &run, ClientToken: aws.String("one")}); err != nil {
		t.Fatal(err)
	}
	if n := *l.describe(run).RedriveCount; n != 2 {
		t.Errorf("redriven %d times", n)
	}
}

func TestContextTellsOfTheRedrive(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("F", `"F":{"Type":"Fail","CausePath":"States.JsonToString($$.Execution)"}`), `{}`)
	if cause := *l.describe(run).Cause; !strings.HasSuffix(cause, `"RedriveCount":0}`) {
		t.Errorf("at first %s", cause)
	}
	l.clock.Advance(time.Minute)
	l.redrive(run)
	if cause := *l.describe(run).Cause; !strings.HasSuffix(cause, `"RedriveCount":1,"RedriveTime":"2026-03-01T12:01:00Z"}`) {
		t.Errorf("redriven %s", cause)
	}
}

func TestRedriveAfterTooLargeAResultRunsAllBranchesAgain(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("X", `"X":`+fanOut["Parallel"]), `{}`)
	large := `"` + strings.Repeat("x", 100_000) + `"`
	answerAll := func(from int) {
		l.submitted(run, from+3)
		for _, token := range l.tokens(run)[from:] {
			if err := l.succeed(token, large); err != nil {
				t.Fatal(err)
			}
		}
	}
	answerAll(0)
	if d := l.describe(run); aws.ToString(d.Error) != "States.DataLimitExceeded" {
		t.Fatalf("%s: %s", d.Status, aws.ToString(d.Error))
	}
	l.redrive(run)
	answerAll(3)
	if n := l.count(run, types.HistoryEventTypeParallelStateStarted); n != 2 {
		t.Errorf("the branches started %d times", n)
	}
}
