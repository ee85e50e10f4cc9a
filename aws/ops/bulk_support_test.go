package ops_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// fate is what happens to a call.
type fate int

const (
	goesWell fate = iota
	isThrottled
	isLost       // it never arrives
	answerIsLost // it is done, and the caller does not learn it
	isRefused    // for a reason of AWS's own
	killsBefore  // the program dies before it is sent
	killsAfter   // the program dies while it is answered
)

// fleet is an account whose runs change when they are acted on. All that was
// done is counted.
type fleet struct {
	*account
	mu     sync.Mutex
	done   map[string]int    // by run: how often it was really done
	tokens map[string]string // client tokens of redrives by run
	fates  []fate            // of the changing calls to come; then all go well
	calls  []time.Time       // when changing calls came
	kill   context.CancelFunc
	// again is what a redriven run is at once.
	again workflow.Status
}

func newFleet() *fleet {
	return &fleet{account: newAccount(), done: map[string]int{}, tokens: map[string]string{}, again: workflow.Running, kill: func() {}}
}

func (f *fleet) service() *ops.Service {
	return ops.New(ops.Ports{
		Machines: f, Runs: f, Histories: f, Starter: f, Stopper: f, Redriver: f, Tokens: f, Tasks: f, TaskDefinitions: f, Logs: f,
	}, "me@host")
}

// add makes n runs of a machine whose attempt in the state Run has a stopped
// task; those that are over have failed there.
func (f *fleet) add(n int, status workflow.Status) []workflow.Run {
	machine := f.addMachine(strings.ToLower(string(status)), workflow.Standard)
	f.define(machine, `{"StartAt":"Run","States":{"Run":{"Type":"Task","Parameters":{"Size.$":"$.memory","Day.$":"$.day"},"End":true}}}`)
	var runs []workflow.Run
	for i := range n {
		r := f.addRun(machine, fmt.Sprintf("run-%03d", i), status, time.Now().Add(-time.Duration(i+60)*time.Minute))
		f.attempt(r.ARN)
		if status.Closed() {
			f.event(r.ARN, workflow.TaskFailed, "Broken", r.Stopped)
			f.event(r.ARN, workflow.ExecutionFailed, "Broken", r.Stopped)
		}
		runs = append(runs, *r)
	}
	return runs
}

// define makes the definition that of a machine.
func (f *fleet) define(machine, definition string) {
	m := f.details[machine]
	m.Definition = definition
	f.details[machine] = m
}

// attempt opens an attempt with a task that has stopped and a token of its own.
func (f *fleet) attempt(runARN string) {
	id := fmt.Sprintf("%s-%d", workflow.RunName(runARN), len(f.histories[runARN]))
	f.submit(runARN, id, time.Now())
	h := f.histories[runARN]
	h[len(h)-2].Parameters = strings.Replace(h[len(h)-2].Parameters, token, runARN+" "+token, 1)
	f.tasks[taskARN(id)] = workflow.Task{ARN: taskARN(id), ClusterARN: cluster, LastStatus: "STOPPED", StopCode: "EssentialContainerExited"}
}

// change lets a changing call meet its fate. effect is what it does.
func (f *fleet) change(ctx context.Context, runARN string, effect func() error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, time.Now())
	next := goesWell
	if len(f.fates) > 0 {
		next, f.fates = f.fates[0], f.fates[1:]
	}
	switch next {
	case isThrottled:
		return &ops.Problem{Kind: ops.Throttled, Title: safe.Line("Rate exceeded")}
	case isLost:
		return &ops.Problem{Kind: ops.Unreachable, Title: safe.Line("no answer")}
	case isRefused:
		return &ops.Problem{Kind: ops.Failed, Title: safe.Line("ExecutionLimitExceeded")}
	case killsBefore:
		f.kill()
		return ctx.Err()
	}
	err := effect()
	switch next {
	case answerIsLost:
		return &ops.Problem{Kind: ops.Unreachable, Title: safe.Line("no answer")}
	case killsAfter:
		f.kill()
		return ctx.Err()
	}
	return err
}

// run is the run itself, to be changed under the lock.
func (f *fleet) run(arn string) *workflow.Run {
	for i := range f.runs {
		if f.runs[i].ARN == arn {
			return &f.runs[i]
		}
	}
	return nil
}

func (f *fleet) ListRuns(ctx context.Context, q ops.RunQuery) (ops.RunPage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account.ListRuns(ctx, q)
}

func (f *fleet) DescribeRun(ctx context.Context, arn string) (workflow.Run, error) {
	if ctx.Err() != nil {
		return workflow.Run{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account.DescribeRun(ctx, arn)
}

func (f *fleet) History(ctx context.Context, q ops.HistoryQuery) (ops.HistoryPage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account.History(ctx, q)
}

func (f *fleet) DescribeTasks(ctx context.Context, c string, arns []string) ([]workflow.Task, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account.DescribeTasks(ctx, c, arns)
}

func (f *fleet) RedriveRun(ctx context.Context, arn, clientToken string) (time.Time, error) {
	return time.Now(), f.change(ctx, arn, func() error {
		r := f.run(arn)
		switch {
		case f.tokens[arn] == clientToken:
			return nil
		case !r.Status.Bad():
			return &ops.Problem{Kind: ops.Conflict, Title: safe.Linef("Execution is %s and cannot be redriven", r.Status)}
		}
		f.tokens[arn] = clientToken
		f.done[arn]++
		r.Status, r.RedriveCount = f.again, r.RedriveCount+1
		return nil
	})
}

func (f *fleet) StopRun(ctx context.Context, arn, _, _ string) (time.Time, error) {
	return time.Now(), f.change(ctx, arn, func() error {
		if r := f.run(arn); r.Status == workflow.Running {
			f.done[arn]++
			r.Status = workflow.Aborted
		}
		return nil
	})
}

func (f *fleet) StartRun(ctx context.Context, s ops.StartRequest) (string, time.Time, error) {
	arn := workflow.RunARNOf(s.MachineARN, s.Name)
	return arn, time.Now(), f.change(ctx, arn, func() error {
		if f.run(arn) != nil {
			return &ops.Problem{Kind: ops.Conflict, Title: safe.Line("Execution Already Exists")}
		}
		f.done[workflow.RunARNOf(s.MachineARN, s.Name[:len("run-000")])]++
		f.runs = append(f.runs, workflow.Run{ARN: arn, MachineARN: s.MachineARN, Name: safe.Line(s.Name), Status: workflow.Failed, Input: s.Input})
		return nil
	})
}

// FailToken is followed by another attempt, whose task stops at once too.
func (f *fleet) FailToken(ctx context.Context, t workflow.Token, _, _ string) error {
	arn, _, _ := strings.Cut(t.Reveal(), " ")
	return f.change(ctx, arn, func() error {
		f.done[arn]++
		f.event(arn, workflow.TaskFailed, "Broken", time.Now())
		f.attempt(arn)
		return nil
	})
}

// tear leaves half a line at the end of the only journal, as a crash does.
func tear(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v in the folder, %v", entries, err)
	}
	file, err := os.OpenFile(filepath.Join(folder, entries[0].Name()), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"item":0,"state":"do`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
