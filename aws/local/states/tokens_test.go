package states_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

func TestTokensLookLikeThoseOfAWS(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	token := l.token(run)
	if !strings.HasPrefix(token, "AQCAAAAAKgAAAAMAAAAA") || len(token) < 600 || len(token) > 700 || strings.ContainsAny(token, " \n{}\"") {
		t.Errorf("%d characters: %s", len(token), token)
	}
}

func TestForgedTokensAreInvalid(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	token := l.token(run)
	for _, forged := range []string{"x", token[:len(token)-4], token + "A", token[:200] + flip(token[200]) + token[201:]} {
		if code, message := said(t, l.succeed(forged, `{}`)); code != "InvalidToken" || message != "Invalid Token: 'Invalid token'" {
			t.Errorf("got %s: %s", code, message)
		}
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestATokenIsAnsweredOnce(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	token := l.token(run)
	var taken atomic.Int32
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			var err error
			if i%2 == 0 {
				err = l.succeed(token, `{}`)
			} else {
				err = l.fail(token, "Lost", "the race")
			}
			if err == nil {
				taken.Add(1)
				return
			}
			if code, _ := said(t, err); code != "TaskTimedOut" {
				t.Errorf("a loser got %s", code)
			}
		})
	}
	callers.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d answers were taken", taken.Load())
	}
	l.restart()
	if code, _ := said(t, l.succeed(token, `{}`)); code != "TaskTimedOut" {
		t.Errorf("after a restart the used token got %s", code)
	}
}

func TestAnAnswerMayComeBeforeTheCallReturns(t *testing.T) {
	l := serve(t)
	started, held := make(chan string, 1), make(chan struct{})
	l.ecs.runTask = func(request map[string]any) (any, error) {
		overrides := request["overrides"].(map[string]any)["containerOverrides"].([]any)[0].(map[string]any)
		started <- overrides["environment"].([]any)[0].(map[string]any)["value"].(string)
		<-held
		return map[string]any{"tasks": []any{map[string]any{"taskArn": "a"}}}, nil
	}
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	token := <-started
	if err := l.succeed(token, `{"early":true}`); err != nil {
		t.Fatal(err)
	}
	if code, _ := said(t, l.fail(token, "Late", "")); code != "TaskTimedOut" {
		t.Errorf("a second answer got %s", code)
	}
	close(held)
	l.ended(run)
	check(t, l.chain(run), `1<0 ExecutionStarted 2<0 TaskStateEntered 3<2 TaskScheduled 4<3 TaskStarted 5<4 TaskSubmitted 6<5 TaskSucceeded 7<6 TaskStateExited 8<7 ExecutionSucceeded`)
	if got := *l.describe(run).Output; got != `{"early":true}` {
		t.Errorf("output %s", got)
	}
}

func TestHeartbeatOfAClosedTaskIsRefused(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	l.submitted(run, 1)
	token := l.token(run)
	if err := l.succeed(token, `{}`); err != nil {
		t.Fatal(err)
	}
	_, err := l.SendTaskHeartbeat(l.ctx(), &sfn.SendTaskHeartbeatInput{TaskToken: &token})
	if code, _ := said(t, err); code != "TaskTimedOut" {
		t.Errorf("got %s", code)
	}
}
