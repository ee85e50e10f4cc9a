package states_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestCloseLetsACallFinishAndKeepsItsResult(t *testing.T) {
	l := serve(t)
	called, held := make(chan struct{}), make(chan struct{})
	answer := l.ecs.run
	l.ecs.runTask = func(request map[string]any) (any, error) {
		close(called)
		<-held
		l.ecs.mu.Lock()
		l.ecs.runTask = nil
		l.ecs.mu.Unlock()
		return answer(request)
	}
	run := l.begin(machineOf("Job", `"Job":`+job(`,"End":true`)), `{}`)
	<-called
	go close(held)
	l.restart()
	if n := l.count(run, types.HistoryEventTypeTaskSubmitted); n != 1 {
		t.Fatalf("the call's answer was lost: %v", l.chain(run))
	}
	if len(l.ecs.requests) != 2 { // the held one asked for its answer again
		t.Errorf("%d calls", len(l.ecs.requests))
	}
	if err := l.succeed(l.token(run), `{}`); err != nil {
		t.Error(err)
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	l := serve(t)
	for range 5 {
		l.submitted(l.begin(syncJob, `{}`), 1)
		l.submitted(l.begin(machineOf("Job", `"Job":`+job(`,"TimeoutSeconds":60,"End":true`)), `{}`), 1)
	}
	l.service.Close()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(stack, "states/engine") {
			t.Errorf("still there:\n%s", stack)
		}
	}
}
