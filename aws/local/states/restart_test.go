package states_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestAnOpenCallbackIsAnsweredAfterARestart(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"ResultPath":"$.result","Next":"After"`)+`,"After":{"Type":"Pass","End":true}`), `{"b":1,"a":2}`)
	l.submitted(run, 1)
	l.restart()
	if err := l.succeed(l.token(run), `{"z":1,"y":2}`); err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(l.describe(run).Output); got != `{"b":1,"a":2,"result":{"z":1,"y":2}}` {
		t.Errorf("output %s: %v", got, l.chain(run))
	}
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<5 TaskSucceeded 7<6 TaskStateExited 8<7 PassStateEntered 9<8 PassStateExited 10<9 ExecutionSucceeded`)
}

func TestDeadlinesGoOnAfterARestart(t *testing.T) {
	for _, c := range []struct {
		name, definition string
		end              types.HistoryEventType
	}{
		{"a task's timeout", machineOf("Job", `"Job":`+job(`,"TimeoutSeconds":60,"End":true`)), types.HistoryEventTypeTaskTimedOut},
		{"a heartbeat", machineOf("Job", `"Job":`+job(`,"HeartbeatSeconds":60,"End":true`)), types.HistoryEventTypeTaskTimedOut},
		{"a wait", machineOf("W", `"W":{"Type":"Wait","Seconds":60,"End":true}`), types.HistoryEventTypeExecutionSucceeded},
		{"the machine's timeout", `{"TimeoutSeconds":60,"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":600,"End":true}}}`, types.HistoryEventTypeExecutionTimedOut},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := serve(t)
			run := l.begin(c.definition, `{}`)
			l.eventually("the run waits", func() bool {
				n := len(l.events(run))
				return n == 2 || n == 5
			})
			l.clock.Advance(40 * time.Second)
			l.restart()
			l.clock.Advance(19 * time.Second)
			if n := l.count(run, c.end); n != 0 {
				t.Fatalf("%s came early", c.end)
			}
			l.clock.Advance(time.Second)
			if n := l.count(run, c.end); n != 1 {
				t.Errorf("no %s: %v", c.end, l.chain(run))
			}
		})
	}
}

func TestADeadlineThatPassedWhileStoppedStrikesAtTheRestart(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("W", `"W":{"Type":"Wait","Seconds":60,"End":true}`), `{}`)
	l.close()
	l.clock.Advance(time.Hour)
	l.open()
	l.clock.Advance(0)
	if status := l.describe(run).Status; status != types.ExecutionStatusSucceeded {
		t.Errorf("status %s", status)
	}
}

func TestARetryIntervalGoesOnAfterARestart(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":60,"MaxAttempts":1}],"End":true`)), `{}`)
	l.submitted(run, 1)
	if err := l.fail(l.token(run), "Broken", ""); err != nil {
		t.Fatal(err)
	}
	l.restart()
	l.clock.Advance(time.Minute)
	l.submitted(run, 2)
	if err := l.fail(l.token(run), "Broken", ""); err != nil {
		t.Fatal(err)
	}
	if status := l.describe(run).Status; status != types.ExecutionStatusFailed {
		t.Errorf("the counter of retries was lost: %s", status)
	}
}

func TestBranchesAndVariablesSurviveARestart(t *testing.T) {
	for kind, state := range fanOut {
		t.Run(kind, func(t *testing.T) {
			l := serve(t)
			run := l.begin(machineOf("Set", `"Set":{"Type":"Pass","Assign":{"kept":[1,{"k":"v"}]},"Next":"X"},"X":`+
				state[:len(state)-len(`"End":true}`)]+`"ResultPath":null,"Next":"Use"},"Use":{"Type":"Pass","Parameters":{"got.$":"$kept"},"End":true}`), `{"items":[1,2,3]}`)
			l.submitted(run, 3)
			for i, token := range l.tokens(run) {
				if err := l.succeed(token, fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				}
				l.restart()
			}
			if got := aws.ToString(l.describe(run).Output); got != `{"got":[1,{"k":"v"}]}` {
				t.Errorf("output %s: %v", got, l.chain(run))
			}
		})
	}
}

func TestVariablesAssignedAfterARestartAreKept(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("First", `"First":`+job(`,"Assign":{"first.$":"$"},"Next":"Second"`)+`,"Second":`+job(`,"Assign":{"second.$":"$"},"Next":"Third"`)+
		`,"Third":`+job(`,"Next":"Use"`)+`,"Use":{"Type":"Pass","Parameters":{"first.$":"$first","second.$":"$second"},"End":true}`), `{}`)
	for n := range 3 {
		l.submitted(run, n+1)
		l.restart()
		if err := l.succeed(l.token(run), fmt.Sprint(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	if got := aws.ToString(l.describe(run).Output); got != `{"first":1,"second":2}` {
		t.Errorf("output %s: %v", got, l.chain(run))
	}
}

func TestListsAndHistoriesSurviveARestart(t *testing.T) {
	l := serve(t)
	run := l.begin(passMachine, `{"a":1}`)
	before, described := l.chain(run), l.describe(run)
	l.restart()
	check(t, l.chain(run), fmt.Sprint(before)[1:len(fmt.Sprint(before))-1])
	after := l.describe(run)
	if *after.Output != *described.Output || *after.Input != `{"a":1}` || !after.StopDate.Equal(*described.StopDate) || after.Status != described.Status {
		t.Errorf("%+v became %+v", described, after)
	}
}
