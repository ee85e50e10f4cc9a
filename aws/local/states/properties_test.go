package states_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// drawMachine draws the states of a machine or branch, nested to a depth.
// Every name in the whole definition differs.
func drawMachine(t *rapid.T, depth int, names *int) string {
	n := rapid.IntRange(1, 3).Draw(t, "states")
	var states []string
	first := *names
	*names += n
	for i := range n {
		end := `,"End":true}`
		if i < n-1 {
			end = fmt.Sprintf(`,"Next":"S%d"}`, first+i+1)
		}
		states = append(states, fmt.Sprintf(`"S%d":%s%s`, first+i, drawState(t, depth, names), end))
	}
	return machineOf(fmt.Sprintf("S%d", first), strings.Join(states, ","))
}

// drawState draws a state without its end.
func drawState(t *rapid.T, depth int, names *int) string {
	kinds := []string{"pass", "job", "wait"}
	if depth > 0 {
		kinds = append(kinds, "parallel", "map")
	}
	retry := ""
	if rapid.Bool().Draw(t, "retry") {
		retry = `,"Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}]`
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "pass":
		return `{"Type":"Pass"`
	case "wait":
		return `{"Type":"Wait","Seconds":1`
	case "parallel":
		return `{"Type":"Parallel","ResultPath":"$.r"` + retry + `,"Branches":[` + drawMachine(t, depth-1, names) + "," + drawMachine(t, depth-1, names) + `]`
	case "map":
		return `{"Type":"Map","ItemsPath":"$.items","ItemSelector":{"items.$":"$.items"},"ResultPath":"$.r","MaxConcurrency":` + fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "width")) + retry +
			`,"ItemProcessor":` + drawMachine(t, depth-1, names)
	default:
		task := job(`,"TimeoutSeconds":50,"ResultPath":"$.j"` + retry)
		return task[:len(task)-1]
	}
}

// checkChain verifies what must hold of every history.
func checkChain(t *rapid.T, events []types.HistoryEvent, chain []string) {
	for i, e := range events {
		if e.Id != int64(i+1) {
			t.Fatalf("event %d at place %d", e.Id, i+1)
		}
		if e.PreviousEventId >= e.Id || e.PreviousEventId < 0 {
			t.Fatalf("event %d points at %d: %v", e.Id, e.PreviousEventId, chain)
		}
		if i > 0 && e.Timestamp.Before(*events[i-1].Timestamp) {
			t.Fatalf("event %d is older than the one before", e.Id)
		}
		if i > 1 && e.PreviousEventId == 0 && !strings.HasPrefix(string(e.Type), "Execution") {
			t.Fatalf("%s has no cause: %v", e.Type, chain)
		}
	}
}

// TestAnyRunEndsAndItsHistoryHolds drives drawn machines with drawn answers,
// restarts, stops and redrives until they succeed.
func TestAnyRunEndsAndItsHistoryHolds(t *testing.T) {
	l := serve(t)
	rapid.Check(t, func(rt *rapid.T) {
		names := 0
		run := l.begin(drawMachine(rt, 2, &names), `{"items":[1,2]}`)
		answered := map[string]bool{}
		for step := 0; l.describe(run).Status != types.ExecutionStatusSucceeded; step++ {
			if step > 400 {
				rt.Fatalf("the run does not end: %v", l.chain(run))
			}
			l.settled(run)
			drive(rt, l, run, answered, step < 40)
		}
		events := l.events(run)
		checkChain(rt, events, l.chain(run))
		if events[len(events)-1].Type != types.HistoryEventTypeExecutionSucceeded {
			rt.Fatalf("it ended with %s", events[len(events)-1].Type)
		}
	})
}

// settled waits until no call of a service is under way in a run.
func (l *local) settled(run string) {
	l.eventually("every task is submitted or over", func() bool {
		events := l.events(run)
		followed := map[int64]bool{}
		for _, e := range events {
			followed[e.PreviousEventId] = true
		}
		for _, e := range events {
			if e.Type == types.HistoryEventTypeTaskStarted && !followed[e.Id] {
				return l.describe(run).Status != types.ExecutionStatusRunning
			}
		}
		return true
	})
}

// drive does one thing to a run; unless it may be rough, one that helps it on.
func drive(rt *rapid.T, l *local, run string, answered map[string]bool, rough bool) {
	if l.describe(run).Status != types.ExecutionStatusRunning {
		l.redrive(run)
		return
	}
	deeds := []string{"answer", "answer", "time"}
	if rough {
		deeds = append(deeds, "fail", "restart", "stop", "answer", "time")
	}
	switch rapid.SampledFrom(deeds).Draw(rt, "deed") {
	case "time":
		l.clock.Advance(2 * time.Second)
	case "restart":
		l.restart()
	case "stop":
		if _, err := l.StopExecution(l.ctx(), &sfn.StopExecutionInput{ExecutionArn: &run}); err != nil {
			rt.Fatal(err)
		}
	case "answer":
		for _, token := range l.tokens(run) {
			if err := l.succeed(token, `1`); err == nil && answered[token] {
				rt.Fatalf("a token was answered twice: %v", l.chain(run))
			}
			answered[token] = true
		}
	case "fail":
		for _, token := range l.tokens(run) {
			if err := l.fail(token, "Drawn", ""); err == nil {
				answered[token] = true
				return
			}
		}
	}
}
