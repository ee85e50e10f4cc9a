package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/events"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const (
	machine = "arn:aws:states:us-east-1:123456789012:stateMachine:dumps-reap"
	letters = "arn:aws:sqs:us-east-1:123456789012:dead"
	stopped = `{"taskArn":"arn:aws:ecs:us-east-1:123456789012:task/dumps/1","lastStatus":"STOPPED"}`
	wanted  = `{"source":["aws.ecs"],"detail":{"lastStatus":["STOPPED"]}}`
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bus is EventBridge with a Step Functions that answers as told.
type bus struct {
	t       *testing.T
	clock   *clock.Manual
	router  *wire.Router
	service *events.Service
	starts  chan start
	answer  chan error // what the next start gets
	store   *store.Store
}

type start struct {
	Machine string `json:"stateMachineArn"`
	Name    string `json:"name"`
	Input   string `json:"input"`
}

func open(t *testing.T, dir string) *bus {
	t.Helper()
	b := &bus{t: t, clock: clock.NewManual(noon), starts: make(chan start, 10), answer: make(chan error, 10)}
	var err error
	b.store, err = store.Open(dir)
	noError(t, err)
	b.router = &wire.Router{Region: "us-east-1", Log: slog.New(slog.DiscardHandler)}
	b.service, err = events.New(events.Options{
		Store: b.store, Clock: b.clock, Account: "123456789012", Region: "us-east-1", Invoke: b.router.Invoke, Log: slog.New(slog.DiscardHandler),
	})
	noError(t, err)
	b.router.Register(b.service.API())
	b.router.RegisterInside("states", map[string]wire.Handler{"StartExecution": wire.Op(b.begin)})
	return b
}

func (b *bus) begin(ctx context.Context, in *start) (*struct{}, error) {
	select {
	case err := <-b.answer:
		b.starts <- *in
		return &struct{}{}, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *bus) close() {
	b.service.Close()
	noError(b.t, b.store.Close())
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call is the answer to a request.
func (b *bus) call(operation, request string) string {
	b.t.Helper()
	text, err := b.router.Invoke(b.t.Context(), "events", operation, []byte(request))
	noError(b.t, err)
	return string(text)
}

func (b *bus) refused(operation, request, want string) {
	b.t.Helper()
	_, err := b.router.Invoke(b.t.Context(), "events", operation, []byte(request))
	if err == nil || err.Error() != want {
		b.t.Errorf("%s %s: %v, want %s", operation, request, err, want)
	}
}

// rule puts a rule of the pattern whose target has further members.
func (b *bus) rule(name, pattern, further string) {
	b.t.Helper()
	text, err := json.Marshal(pattern)
	noError(b.t, err)
	b.call("PutRule", fmt.Sprintf(`{"Name":%q,"EventPattern":%s}`, name, text))
	b.call("PutTargets", fmt.Sprintf(`{"Rule":%q,"Targets":[{"Id":"reaper","Arn":%q,"RoleArn":"arn:aws:iam::123456789012:role/r"%s}]}`, name, machine, further))
}

// started waits for the next start.
func (b *bus) started() start {
	b.t.Helper()
	select {
	case s := <-b.starts:
		return s
	case <-time.After(time.Minute):
		b.t.Fatal("nothing was started")
	}
	return start{}
}

// waits until the service has set a timer.
func (b *bus) waits() {
	b.t.Helper()
	b.until("a timer", func() bool { return b.clock.Timers() > 0 })
}

func (b *bus) until(what string, holds func() bool) {
	b.t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			b.t.Fatal("waited a minute for " + what)
		}
	}
}

func (b *bus) letters() []events.Letter {
	b.t.Helper()
	found, err := b.service.Letters(letters)
	noError(b.t, err)
	return found
}

func busy() error {
	return &wire.Error{Code: "ServiceUnavailable", Message: "busy", Status: http.StatusServiceUnavailable}
}

func TestAStoppedTaskStartsTheMachineOfEachRuleThatMatches(t *testing.T) {
	b := open(t, t.TempDir())
	defer b.close()
	b.rule("first", wanted, "")
	b.rule("second", `{"source":["aws.ecs"]}`, `,"Input":"{\"own\":1}"`)
	b.rule("other", `{"source":["aws.ec2"]}`, "")
	b.rule("off", wanted, "")
	b.call("DisableRule", `{"Name":"off"}`)
	b.service.Recover()
	b.answer <- nil
	b.answer <- nil
	b.service.TaskChange([]byte(stopped))
	one, two := b.started(), b.started()
	if one.Machine != machine || len(one.Name) != 73 || one.Name == two.Name || two.Input != `{"own":1}` {
		t.Errorf("started %+v and %+v", one, two)
	}
	var event map[string]any
	noError(t, json.Unmarshal([]byte(one.Input), &event))
	if id, _ := event["id"].(string); len(id) != 36 {
		t.Errorf("id %q", id)
	}
	delete(event, "id")
	want := map[string]any{
		"version": "0", "detail-type": "ECS Task State Change", "source": "aws.ecs", "account": "123456789012", "region": "us-east-1",
		"time": "2026-11-23T12:00:00Z", "resources": []any{"arn:aws:ecs:us-east-1:123456789012:task/dumps/1"},
		"detail": map[string]any{"taskArn": "arn:aws:ecs:us-east-1:123456789012:task/dumps/1", "lastStatus": "STOPPED"},
	}
	if diff := cmp.Diff(want, event); diff != "" {
		t.Error(diff)
	}
	b.service.TaskChange([]byte(`{"taskArn":"a","lastStatus":"RUNNING"}`))
	b.answer <- nil
	if s := b.started(); s.Input != `{"own":1}` {
		t.Errorf("a running task started %+v", s)
	}
}

func TestEventsArriveInTheirOrder(t *testing.T) {
	b := open(t, t.TempDir())
	defer b.close()
	b.rule("all", `{"source":["aws.ecs"]}`, "")
	for i := range 5 {
		b.service.TaskChange(fmt.Appendf(nil, `{"taskArn":"task-%d"}`, i))
	}
	b.service.Recover()
	for i := range 5 {
		b.answer <- nil
		if s := b.started(); !strings.Contains(s.Input, fmt.Sprintf(`"taskArn":"task-%d"`, i)) {
			t.Errorf("start %d is of %s", i, s.Input)
		}
	}
}

// late is a bus with an event whose first start has failed and is to be tried again.
func late(t *testing.T, dir string) (b *bus, first start) {
	t.Helper()
	b = open(t, dir)
	b.rule("all", wanted, "")
	b.service.Recover()
	b.answer <- busy()
	b.service.TaskChange([]byte(stopped))
	first = b.started()
	b.waits()
	return b, first
}

func TestWhatFailsForAWhileIsTriedAgainUnderItsName(t *testing.T) {
	b, first := late(t, t.TempDir())
	defer b.close()
	b.answer <- nil
	b.clock.Advance(time.Second)
	if again := b.started(); again != first {
		t.Errorf("first %+v, then %+v", first, again)
	}
}

func TestAnEventThatWaitsHoldsNoOtherUp(t *testing.T) {
	b, first := late(t, t.TempDir())
	defer b.close()
	b.answer <- nil
	b.service.TaskChange([]byte(stopped))
	if second := b.started(); second.Name == first.Name {
		t.Error("the first was tried again at once")
	}
}

func TestWhatCannotBeDeliveredIsADeadLetter(t *testing.T) {
	withLetters := fmt.Sprintf(`,"DeadLetterConfig":{"Arn":%q}`, letters)
	tests := map[string]struct {
		target   string
		answer   error
		attempts int
		code     string
	}{
		"no machine":     {withLetters, wire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist"), 1, "StateMachineDoesNotExist"},
		"retries used":   {withLetters + `,"RetryPolicy":{"MaximumRetryAttempts":2}`, busy(), 3, "ServiceUnavailable"},
		"no retries":     {withLetters + `,"RetryPolicy":{"MaximumRetryAttempts":0}`, busy(), 1, "ServiceUnavailable"},
		"too old by now": {withLetters + `,"RetryPolicy":{"MaximumEventAgeInSeconds":60}`, busy(), 4, "ServiceUnavailable"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := open(t, dir)
			b.rule("all", wanted, test.target)
			b.service.Recover()
			b.service.TaskChange([]byte(stopped))
			for i := range test.attempts {
				if i > 0 {
					b.waits()
					b.clock.Advance(20 * time.Second)
				}
				b.answer <- test.answer
				b.started()
			}
			b.until("the letter", func() bool { return len(b.letters()) == 1 })
			letter := b.letters()[0]
			if letter.Code != test.code || letter.TargetARN != machine || letter.RuleARN != "arn:aws:events:us-east-1:123456789012:rule/all" || !strings.Contains(string(letter.Event), `"STOPPED"`) {
				t.Errorf("letter: %+v", letter)
			}
			if letter.Attempts != test.attempts {
				t.Errorf("%d attempts, want %d", letter.Attempts, test.attempts)
			}
			b.close()
			b = open(t, dir)
			defer b.close()
			if len(b.letters()) != 1 {
				t.Errorf("after a restart: %d letters", len(b.letters()))
			}
		})
	}
}

func TestARestartDeliversWhatIsLeft(t *testing.T) {
	dir := t.TempDir()
	b, first := late(t, dir)
	b.service.TaskChange([]byte(`{"taskArn":"second","lastStatus":"STOPPED"}`))
	b.close()

	b = open(t, dir)
	b.service.Recover()
	b.answer <- nil
	b.answer <- wire.Errorf("ExecutionAlreadyExists", "Execution Already Exists")
	one, two := b.started(), b.started()
	if one != first || !strings.Contains(two.Input, "second") {
		t.Errorf("delivered %+v and %+v", one, two)
	}
	b.until("nothing left", func() bool {
		left := 0
		noError(t, b.store.Each("events/deliveries", "", func(string, []byte) error { left++; return nil }))
		return left == 0
	})
	b.close()
}

func TestRulesAreManaged(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	b.rule("reap", wanted, `,"RetryPolicy":{"MaximumRetryAttempts":20,"MaximumEventAgeInSeconds":3600}`)
	b.close()
	b = open(t, dir)
	defer b.close()
	want := `{"Name":"reap","Arn":"arn:aws:events:us-east-1:123456789012:rule/reap","EventPattern":"{\"source\":[\"aws.ecs\"],\"detail\":{\"lastStatus\":[\"STOPPED\"]}}","State":"ENABLED","EventBusName":"default"}`
	if diff := cmp.Diff(want, b.call("DescribeRule", `{"Name":"reap"}`)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"Rules":[`+want+`]}`, b.call("ListRules", `{"NamePrefix":"re"}`)); diff != "" {
		t.Error(diff)
	}
	targets := `{"Targets":[{"Id":"reaper","Arn":"` + machine + `","RoleArn":"arn:aws:iam::123456789012:role/r","RetryPolicy":{"MaximumRetryAttempts":20,"MaximumEventAgeInSeconds":3600}}]}`
	if diff := cmp.Diff(targets, b.call("ListTargetsByRule", `{"Rule":"reap"}`)); diff != "" {
		t.Error(diff)
	}
	b.refused("DeleteRule", `{"Name":"reap"}`, "ValidationException: Rule can't be deleted since it has targets.")
	b.call("RemoveTargets", `{"Rule":"reap","Ids":["reaper"]}`)
	b.call("DeleteRule", `{"Name":"reap"}`)
	b.call("DeleteRule", `{"Name":"reap"}`)
	b.refused("DescribeRule", `{"Name":"reap"}`, "ResourceNotFoundException: Rule reap does not exist on EventBus default.")
	if got := b.call("TestEventPattern", `{"EventPattern":"{\"a\":[1]}","Event":"{\"a\":1}"}`); got != `{"Result":true}` {
		t.Errorf("test: %s", got)
	}
}

func TestWhatEventBridgeRefuses(t *testing.T) {
	b := open(t, t.TempDir())
	defer b.close()
	b.rule("all", wanted, "")
	b.refused("PutRule", `{"Name":"x"}`, "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.")
	b.refused("PutRule", `{"Name":"x","EventPattern":"{}"}`, "InvalidEventPatternException: Event pattern is not valid. Reason: Empty objects are not allowed")
	b.refused("PutRule", `{"Name":"a b","EventPattern":"{\"a\":[1]}"}`, `ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [.\-_A-Za-z0-9]+`)
	b.refused("PutRule", `{"Name":"x","EventBusName":"mine","EventPattern":"{\"a\":[1]}"}`, "ResourceNotFoundException: Event bus mine does not exist.")
	b.refused("PutTargets", `{"Rule":"none","Targets":[{"Id":"a","Arn":"`+machine+`","RoleArn":"r"}]}`, "ResourceNotFoundException: Rule none does not exist on EventBus default.")
	b.refused("PutTargets", `{"Rule":"all","Targets":[{"Id":"a","Arn":"arn:aws:lambda:us-east-1:1:function:f","RoleArn":"r"}]}`,
		"ValidationException: Local AWS delivers events to state machines alone; arn:aws:lambda:us-east-1:1:function:f is none.")
	b.refused("PutTargets", `{"Rule":"all","Targets":[{"Id":"a","Arn":"`+machine+`"}]}`, "ValidationException: RoleArn is required for target "+machine+".")
	b.refused("PutTargets", `{"Rule":"all","Targets":[{"Id":"a","Arn":"`+machine+`","RoleArn":"r","InputPath":"$.detail"}]}`,
		"ValidationException: Local AWS passes the event as it is: leave out InputPath and InputTransformer of target a.")
}

func TestCloseDoesNotWaitForAStartThatHangs(t *testing.T) {
	b := open(t, t.TempDir())
	b.rule("all", wanted, "")
	b.service.Recover()
	b.service.TaskChange([]byte(stopped))
	b.close() // nothing answers the start
}
