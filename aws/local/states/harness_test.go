package states_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/states"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

const (
	region  = "us-east-1"
	account = "123456789012"
	role    = "arn:aws:iam::123456789012:role/states"
)

// local is Step Functions over HTTP with a fake ECS beside it.
type local struct {
	*sfn.Client
	t       *testing.T
	dir     string
	clock   *clock.Manual
	ecs     *fakeECS
	store   *store.Store
	service *states.Service
	server  *httptest.Server
}

// serve starts Step Functions on an empty store.
func serve(t *testing.T) *local {
	t.Helper()
	l := &local{
		t: t, dir: t.TempDir(), ecs: newFakeECS(),
		clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
	}
	l.open()
	t.Cleanup(l.close)
	return l
}

func (l *local) open() {
	l.t.Helper()
	var err error
	if l.store, err = store.Open(l.dir); err != nil {
		l.t.Fatal(err)
	}
	router := wiretest.Router()
	l.service, err = states.New(states.Options{
		Store: l.store, Clock: l.clock, Region: region, Account: account, Log: slog.New(slog.DiscardHandler),
		Invoke: router.Invoke, TaskStopped: l.ecs.stopped,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	router.Register(l.service.API())
	router.Register(l.ecs.api())
	l.service.Recover()
	l.server = httptest.NewServer(router)
	l.Client = sfn.NewFromConfig(wiretest.Config(l.server.URL))
}

func (l *local) close() {
	l.server.Close()
	l.service.Close()
	if err := l.store.Close(); err != nil {
		l.t.Error(err)
	}
}

// restart ends the service and starts another on the same store.
func (l *local) restart() {
	l.t.Helper()
	l.close()
	l.open()
}

// ctx is a context for one call.
func (l *local) ctx() context.Context { return l.t.Context() }

// create makes a machine and returns its ARN.
func (l *local) create(name, definition string) string {
	l.t.Helper()
	out, err := l.CreateStateMachine(l.ctx(), &sfn.CreateStateMachineInput{Name: &name, Definition: &definition, RoleArn: aws.String(role)})
	if err != nil {
		l.t.Fatal(err)
	}
	return *out.StateMachineArn
}

// start starts a run of a machine and returns its ARN.
func (l *local) start(machine, input string) string {
	l.t.Helper()
	out, err := l.StartExecution(l.ctx(), &sfn.StartExecutionInput{StateMachineArn: &machine, Input: &input})
	if err != nil {
		l.t.Fatal(err)
	}
	return *out.ExecutionArn
}

// begin makes a machine of the definition and starts a run of it.
func (l *local) begin(definition, input string) string {
	l.t.Helper()
	return l.start(l.create(fmt.Sprintf("machine-%d", l.ecs.number()), definition), input)
}

func (l *local) describe(run string) *sfn.DescribeExecutionOutput {
	l.t.Helper()
	out, err := l.DescribeExecution(l.ctx(), &sfn.DescribeExecutionInput{ExecutionArn: &run})
	if err != nil {
		l.t.Fatal(err)
	}
	return out
}

// events is the whole history of a run.
func (l *local) events(run string) []types.HistoryEvent {
	l.t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(l.Client, &sfn.GetExecutionHistoryInput{ExecutionArn: &run, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.ctx())
		if err != nil {
			l.t.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// chain is the history as lines such as "3<2 TaskScheduled".
func (l *local) chain(run string) []string {
	l.t.Helper()
	var lines []string
	for _, e := range l.events(run) {
		lines = append(lines, fmt.Sprintf("%d<%d %s", e.Id, e.PreviousEventId, e.Type))
	}
	return lines
}

// last is the latest event of the type.
func (l *local) last(run string, eventType types.HistoryEventType) types.HistoryEvent {
	l.t.Helper()
	events := l.events(run)
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Type == eventType {
			return events[i]
		}
	}
	l.t.Fatalf("no %s in %v", eventType, l.chain(run))
	return types.HistoryEvent{}
}

// count is how many events of the type the history has.
func (l *local) count(run string, eventType types.HistoryEventType) int {
	l.t.Helper()
	n := 0
	for _, e := range l.events(run) {
		if e.Type == eventType {
			n++
		}
	}
	return n
}

// eventually waits until something holds that goroutines bring about.
func (l *local) eventually(what string, holds func() bool) {
	l.t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			l.t.Fatalf("it never came to be that %s", what)
		}
	}
}

// submitted waits for the n-th TaskSubmitted of a run.
func (l *local) submitted(run string, n int) {
	l.t.Helper()
	l.eventually(fmt.Sprintf("%d tasks are submitted", n), func() bool {
		return l.count(run, types.HistoryEventTypeTaskSubmitted) >= n
	})
}

// ended waits for the end of a run and returns its status.
func (l *local) ended(run string) types.ExecutionStatus {
	l.t.Helper()
	l.eventually("the run has ended", func() bool { return l.describe(run).Status != types.ExecutionStatusRunning })
	return l.describe(run).Status
}

// token is the task token in the parameters of the latest TaskScheduled.
func (l *local) token(run string) string {
	l.t.Helper()
	return tokenIn(l.t, *l.last(run, types.HistoryEventTypeTaskScheduled).TaskScheduledEventDetails.Parameters)
}

func tokenIn(t *testing.T, parameters string) string {
	t.Helper()
	var request struct {
		Overrides struct {
			ContainerOverrides []struct {
				Environment []struct{ Name, Value string }
			}
		}
	}
	if err := json.Unmarshal([]byte(parameters), &request); err != nil {
		t.Fatal(err)
	}
	return request.Overrides.ContainerOverrides[0].Environment[0].Value
}

func (l *local) succeed(token, output string) error {
	_, err := l.SendTaskSuccess(l.ctx(), &sfn.SendTaskSuccessInput{TaskToken: &token, Output: &output})
	return err
}

func (l *local) fail(token, name, cause string) error {
	_, err := l.SendTaskFailure(l.ctx(), &sfn.SendTaskFailureInput{TaskToken: &token, Error: &name, Cause: &cause})
	return err
}

func (l *local) redrive(run string) {
	l.t.Helper()
	if _, err := l.RedriveExecution(l.ctx(), &sfn.RedriveExecutionInput{ExecutionArn: &run}); err != nil {
		l.t.Fatal(err)
	}
}

// said is the code and the message of an AWS error.
func said(t *testing.T, err error) (code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("want an AWS error, got %v", err)
	}
	return api.ErrorCode(), api.ErrorMessage()
}

// fakeECS answers RunTask and StopTask, and lets a test end tasks.
type fakeECS struct {
	mu       sync.Mutex
	runTask  func(request map[string]any) (any, error)
	requests []map[string]any
	stops    []string
	ends     map[string]chan string
	numbers  int
}

func newFakeECS() *fakeECS { return &fakeECS{ends: map[string]chan string{}} }

func (f *fakeECS) number() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.numbers++
	return f.numbers
}

func (f *fakeECS) api() wire.Service {
	return wire.Service{Name: "ecs", Target: "AmazonEC2ContainerServiceV20141113", JSON: "1.1", Operations: map[string]wire.Handler{
		"RunTask": wire.Op(func(_ context.Context, in *map[string]any) (*any, error) {
			answer, err := f.run(*in)
			return &answer, err
		}),
		"StopTask": wire.Op(func(_ context.Context, in *struct{ Task string }) (*struct{}, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.stops = append(f.stops, in.Task)
			return &struct{}{}, nil
		}),
	}}
}

func (f *fakeECS) run(request map[string]any) (any, error) {
	n := f.number()
	f.mu.Lock()
	f.requests = append(f.requests, request)
	answer := f.runTask
	f.mu.Unlock()
	if answer != nil {
		return answer(request)
	}
	arn := fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:task/work/%032d", n)
	return json.RawMessage(fmt.Sprintf(`{"tasks":[{"taskArn":%q,"clusterArn":"arn:aws:ecs:us-east-1:123456789012:cluster/work",
		"lastStatus":"PROVISIONING","createdAt":1772366400.5,"containers":[{"name":"job"}],"overrides":{"containerOverrides":[{"name":"job"}]}}],"failures":[]}`, arn)), nil
}

func (f *fakeECS) end(task string) chan string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ends[task] == nil {
		f.ends[task] = make(chan string, 1)
	}
	return f.ends[task]
}

func (f *fakeECS) stopped(ctx context.Context, _, task string) ([]byte, error) {
	select {
	case text := <-f.end(task):
		return []byte(text), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *fakeECS) stopCalls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.stops...)
}

// taskARN is the ECS task that the latest TaskSubmitted of a run tells of.
func (l *local) taskARN(run string) string {
	l.t.Helper()
	var output struct{ Tasks []struct{ TaskArn string } }
	text := *l.last(run, types.HistoryEventTypeTaskSubmitted).TaskSubmittedEventDetails.Output
	if err := json.Unmarshal([]byte(text), &output); err != nil {
		l.t.Fatal(err)
	}
	return output.Tasks[0].TaskArn
}

// tokens are the task tokens of a run in the order of their TaskScheduled.
func (l *local) tokens(run string) []string {
	l.t.Helper()
	var tokens []string
	for _, e := range l.events(run) {
		if e.Type == types.HistoryEventTypeTaskScheduled {
			tokens = append(tokens, tokenIn(l.t, *e.TaskScheduledEventDetails.Parameters))
		}
	}
	return tokens
}
