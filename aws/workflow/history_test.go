package workflow_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

var start = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

const callback = "runTask.waitForTaskToken"

// script writes a history as AWS would: dense ids, a second between events.
type script struct{ events []workflow.Event }

// add writes an event and returns its id.
func (s *script) add(previous int64, kind workflow.EventType, edits ...func(*workflow.Event)) int64 {
	id := int64(len(s.events) + 1)
	e := workflow.Event{ID: id, Previous: previous, Type: kind, Time: start.Add(time.Duration(id) * time.Second)}
	for _, edit := range edits {
		edit(&e)
	}
	s.events = append(s.events, e)
	return id
}

func in(state string) func(*workflow.Event) {
	return func(e *workflow.Event) { e.State = safe.Line(state) }
}

func failing(name string) func(*workflow.Event) {
	return func(e *workflow.Event) { e.Error = safe.Line(name) }
}

func iteration(state string, i int) func(*workflow.Event) {
	return func(e *workflow.Event) { e.State, e.Index = safe.Line(state), i }
}

// submit writes a callback attempt up to TaskSubmitted and returns that id.
func (s *script) submit(previous int64, task string) int64 {
	id := s.add(previous, workflow.TaskScheduled, func(e *workflow.Event) { e.Resource, e.ResourceType = callback, "ecs" })
	id = s.add(id, workflow.TaskStarted)
	return s.add(id, workflow.TaskSubmitted, func(e *workflow.Event) {
		e.Output = fmt.Sprintf(`{"Failures":[],"Tasks":[{"ClusterArn":"arn:cluster","TaskArn":"arn:task/%s","TaskDefinitionArn":"arn:def:1"}]}`, task)
	})
}

// shape writes steps as one line each: state, branch within parent, outcome, attempts.
func shape(steps []workflow.Step) string {
	var lines []string
	for _, s := range steps {
		line := s.State.String() + " " + string(s.Outcome)
		if s.Parent >= 0 {
			line = fmt.Sprintf("%s/%d %s", steps[s.Parent].State, s.Branch, line)
		}
		for _, a := range s.Attempts {
			line += fmt.Sprintf(" #%d.%d:%s", a.Redrive, a.RetryCount, a.Outcome)
			if a.TaskARN != "" {
				line += "@" + workflow.TaskID(a.TaskARN)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

var histories = map[string]struct {
	write func(*script)
	want  string
}{
	"a task that works": {func(s *script) {
		id := s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		id = s.add(id, workflow.TaskSucceeded)
		s.add(s.add(id, "TaskStateExited", in("Dump")), workflow.ExecutionSucceeded)
	}, "Dump succeeded #0.0:succeeded@a"},

	"a token nobody has answered": {func(s *script) {
		s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
	}, "Dump open #0.0:open@a"},

	"a retry has no entry of its own": {func(s *script) {
		id := s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		id = s.submit(s.add(id, workflow.TaskFailed, failing("Spot")), "b")
		s.add(s.add(id, workflow.TaskFailed, failing("Script")), workflow.ExecutionFailed, failing("Script"))
	}, "Dump failed #0.0:failed@a #0.1:failed@b"},

	"waiting for a retry": {func(s *script) {
		id := s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		s.add(id, workflow.TaskFailed, failing("Spot"))
	}, "Dump open #0.0:failed@a"},

	"a caught failure looks exited": {func(s *script) {
		id := s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		id = s.add(s.add(id, workflow.TaskFailed, failing("Script")), "TaskStateExited", in("Dump"))
		id = s.add(id, workflow.FailStateEntered, in("Give up"))
		s.add(id, workflow.ExecutionFailed, failing("Gone"))
	}, "Dump caught #0.0:failed@a\nGive up failed"},

	"runTask was refused": {func(s *script) {
		id := s.add(s.add(0, "TaskStateEntered", in("Dump")), workflow.TaskScheduled)
		id = s.add(s.add(id, workflow.TaskStarted), workflow.TaskSubmitFailed, failing("ECS.AccessDeniedException"))
		s.add(id, workflow.ExecutionFailed, failing("ECS.AccessDeniedException"))
	}, "Dump failed #0.0:not submitted"},

	"stopped by an operator": {func(s *script) {
		s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		s.add(0, workflow.ExecutionAborted)
	}, "Dump aborted #0.0:aborted@a"},

	"the machine's own timeout": {func(s *script) {
		s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		s.add(0, workflow.ExecutionTimedOut)
	}, "Dump timed out #0.0:aborted@a"},

	"branches interleave": {func(s *script) {
		p := s.add(s.add(0, "ParallelStateEntered", in("Both")), workflow.ParallelStateStarted)
		a := s.add(p, "TaskStateEntered", in("A"))
		b := s.add(p, "TaskStateEntered", in("B"))
		a, b = s.submit(a, "a"), s.submit(b, "b")
		b = s.add(s.add(b, workflow.TaskSucceeded), "TaskStateExited", in("B"))
		b = s.add(b, "PassStateEntered", in("B2"))
		b = s.add(b, "PassStateExited", in("B2"))
		a = s.add(s.add(a, workflow.TaskSucceeded), "TaskStateExited", in("A"))
		s.add(a, workflow.ParallelStateSucceeded)
		s.add(s.add(a, "ParallelStateExited", in("Both")), workflow.ExecutionSucceeded)
		_ = b
	}, "Both succeeded\nBoth/0 A succeeded #0.0:succeeded@a\nBoth/1 B succeeded #0.0:succeeded@b\nBoth/1 B2 succeeded"},

	"one branch fails the other": {func(s *script) {
		p := s.add(s.add(0, "ParallelStateEntered", in("Both")), workflow.ParallelStateStarted)
		a, b := s.add(p, "TaskStateEntered", in("A")), s.add(p, "TaskStateEntered", in("B"))
		a, _ = s.submit(a, "a"), s.submit(b, "b")
		f := s.add(a, workflow.TaskFailed, failing("Script"))
		s.add(f, workflow.TaskStateAborted)
		s.add(s.add(f, workflow.ParallelStateFailed), workflow.ExecutionFailed, failing("Script"))
	}, "Both failed\nBoth/0 A failed #0.0:failed@a\nBoth/1 B aborted #0.0:aborted@b"},

	"a Parallel is tried again": {func(s *script) {
		p := s.add(s.add(0, "ParallelStateEntered", in("Both")), workflow.ParallelStateStarted)
		a := s.submit(s.add(p, "TaskStateEntered", in("A")), "a")
		f := s.add(s.add(a, workflow.TaskFailed, failing("X")), workflow.ParallelStateFailed)
		p = s.add(f, workflow.ParallelStateStarted)
		a = s.submit(s.add(p, "TaskStateEntered", in("A")), "a2")
		a = s.add(s.add(a, workflow.TaskSucceeded), "TaskStateExited", in("A"))
		s.add(s.add(a, "ParallelStateExited", in("Both")), workflow.ExecutionSucceeded)
	}, "Both succeeded\nBoth/0 A failed #0.0:failed@a\nBoth/0 A succeeded #0.0:succeeded@a2"},

	"a Map one after another": {func(s *script) {
		m := s.add(s.add(0, "MapStateEntered", in("Each")), workflow.MapStateStarted)
		for i := range 2 {
			m = s.add(m, workflow.MapIterationStarted, iteration("Each", i))
			m = s.add(s.add(m, "PassStateEntered", in("Work")), "PassStateExited", in("Work"))
			s.add(m, workflow.MapIterationSucceeded, iteration("Each", i))
		}
		s.add(m, workflow.MapStateSucceeded)
		s.add(s.add(m, "MapStateExited", in("Each")), workflow.ExecutionSucceeded)
	}, "Each succeeded\nEach/0 Work succeeded\nEach/1 Work succeeded"},

	"a Map in a Map": {func(s *script) {
		outer := s.add(s.add(0, "MapStateEntered", in("Outer")), workflow.MapStateStarted)
		it := s.add(outer, workflow.MapIterationStarted, iteration("Outer", 3))
		inner := s.add(s.add(it, "MapStateEntered", in("Inner")), workflow.MapStateStarted)
		it = s.add(inner, workflow.MapIterationStarted, iteration("Inner", 5))
		f := s.add(s.submit(s.add(it, "TaskStateEntered", in("Work")), "w"), workflow.TaskFailed, failing("X"))
		s.add(f, workflow.MapIterationFailed, iteration("Inner", 5))
		s.add(f, workflow.MapStateFailed)
		s.add(f, workflow.MapIterationFailed, iteration("Outer", 3))
		s.add(s.add(f, workflow.MapStateFailed), workflow.ExecutionFailed, failing("X"))
	}, "Outer failed\nOuter/3 Inner failed\nInner/5 Work failed #0.0:failed@w"},

	"redriven without a new entry": {func(s *script) {
		id := s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		id = s.add(s.add(id, workflow.TaskFailed, failing("X")), workflow.ExecutionFailed, failing("X"))
		id = s.submit(s.add(id, workflow.ExecutionRedriven), "b")
		s.add(s.add(id, workflow.TaskSucceeded), "TaskStateExited", in("Dump"))
	}, "Dump succeeded #0.0:failed@a #1.0:succeeded@b"},

	"redriven with a new entry": {func(s *script) {
		id := s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		s.add(s.add(id, workflow.TaskFailed, failing("X")), workflow.ExecutionFailed, failing("X"))
		id = s.add(s.add(0, workflow.ExecutionRedriven), "TaskStateEntered", in("Dump"))
		s.submit(id, "b")
	}, "Dump open #0.0:failed@a #1.0:open@b"},

	"redriven after a stop, which points nowhere": {func(s *script) {
		id := s.add(s.add(0, "PassStateEntered", in("Prepare")), "PassStateExited", in("Prepare"))
		s.submit(s.add(id, "TaskStateEntered", in("Dump")), "a")
		s.add(0, workflow.ExecutionAborted)
		s.submit(s.add(0, workflow.ExecutionRedriven), "b")
	}, "Prepare succeeded\nDump open #0.0:aborted@a #1.0:open@b"},

	"redriven with an entry that points nowhere": {func(s *script) {
		s.submit(s.add(0, "TaskStateEntered", in("Dump")), "a")
		s.add(0, workflow.ExecutionAborted)
		s.add(0, workflow.ExecutionRedriven)
		s.submit(s.add(0, "TaskStateEntered", in("Dump")), "b")
	}, "Dump open #0.0:aborted@a #1.0:open@b"},

	"a Parallel fails on its second try": {func(s *script) {
		p := s.add(s.add(0, "ParallelStateEntered", in("Both")), workflow.ParallelStateStarted)
		var f int64
		for _, task := range []string{"a", "b"} {
			f = s.add(s.submit(s.add(p, "TaskStateEntered", in("A")), task), workflow.TaskFailed, failing("X"))
			if f = s.add(f, workflow.ParallelStateFailed); task == "a" {
				p = s.add(f, workflow.ParallelStateStarted)
			}
		}
		s.add(f, workflow.ExecutionFailed, failing("X"))
	}, "Both failed\nBoth/0 A failed #0.0:failed@a\nBoth/0 A failed #0.0:failed@b"},

	"a branch fails beside one that goes on": {func(s *script) {
		outer := s.add(s.add(0, "ParallelStateEntered", in("Outer")), workflow.ParallelStateStarted)
		inner := s.add(s.add(outer, "ParallelStateEntered", in("Inner")), workflow.ParallelStateStarted)
		a := s.submit(s.add(inner, "TaskStateEntered", in("A")), "a")
		s.submit(s.add(outer, "TaskStateEntered", in("B")), "b")
		f := s.add(s.add(a, workflow.TaskFailed, failing("X")), workflow.ParallelStateFailed)
		s.add(f, "ParallelStateExited", in("Inner"))
	}, "Outer open\nOuter/0 Inner caught\nInner/0 A failed #0.0:failed@a\nOuter/1 B open #0.0:open@b"},

	"a redrive takes up every branch that had not ended": {func(s *script) {
		p := s.add(s.add(0, "ParallelStateEntered", in("Both")), workflow.ParallelStateStarted)
		a, b := s.add(p, "TaskStateEntered", in("A")), s.add(p, "TaskStateEntered", in("B"))
		a, _ = s.submit(a, "a"), s.submit(b, "b")
		f := s.add(a, workflow.TaskFailed, failing("X"))
		end := s.add(s.add(f, workflow.ParallelStateFailed), workflow.ExecutionFailed, failing("X"))
		r := s.add(end, workflow.ExecutionRedriven)
		s.submit(r, "c")
		s.submit(r, "d")
	}, "Both open\nBoth/0 A open #0.0:failed@a #1.0:open@d\nBoth/1 B open #0.0:aborted@b #1.0:open@c"},
}

func TestStepsFollowTheCausalChain(t *testing.T) {
	for name, h := range histories {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			s.add(0, workflow.ExecutionStarted)
			h.write(s)
			if got := shape(workflow.Steps(s.events)); got != h.want {
				t.Errorf("got\n%s\nwant\n%s", got, h.want)
			}
		})
	}
}

func TestHeartbeatIsToldFromTimeoutByArithmetic(t *testing.T) {
	for name, c := range map[string]struct {
		timeout, heartbeat, after time.Duration
		want                      workflow.Outcome
	}{
		"at the timeout":               {time.Hour, 5 * time.Minute, time.Hour, workflow.DidTimeOut},
		"rounded down":                 {time.Hour, 5 * time.Minute, time.Hour - 400*time.Millisecond, workflow.DidTimeOut},
		"before the timeout":           {time.Hour, 5 * time.Minute, 12 * time.Minute, workflow.HeartbeatLost},
		"no timeout set":               {0, 5 * time.Minute, 12 * time.Minute, workflow.HeartbeatLost},
		"no heartbeat set":             {time.Hour, 0, time.Minute, workflow.DidTimeOut},
		"neither set (one year's end)": {0, 0, time.Hour, workflow.DidTimeOut},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			id := s.add(0, "TaskStateEntered", in("Dump"))
			id = s.add(id, workflow.TaskScheduled, func(e *workflow.Event) { e.Timeout, e.Heartbeat = c.timeout, c.heartbeat })
			id = s.add(id, workflow.TaskStarted)
			began := s.events[id-1].Time
			s.add(id, workflow.TaskTimedOut, failing("States.Timeout"), func(e *workflow.Event) { e.Time = began.Add(c.after) })
			if got := workflow.Steps(s.events)[0].LastAttempt().Outcome; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestDeadlineRunsFromTheStart(t *testing.T) {
	a := workflow.Attempt{Scheduled: start, Started: start.Add(time.Minute), Timeout: time.Hour}
	if got := a.Deadline(); !got.Equal(start.Add(61 * time.Minute)) {
		t.Errorf("deadline %s", got)
	}
	if got := (&workflow.Attempt{Scheduled: start}).Deadline(); !got.IsZero() {
		t.Errorf("deadline %s without a timeout", got)
	}
}

func TestResumingNamesTheInnermostUnfinishedSteps(t *testing.T) {
	for name, want := range map[string]string{
		"a retry has no entry of its own": "Dump", "a caught failure looks exited": "Give up",
		"one branch fails the other": "A,B", "a task that works": "", "a Map in a Map": "Work",
		"a Parallel fails on its second try": "A",
	} {
		s := &script{}
		s.add(0, workflow.ExecutionStarted)
		histories[name].write(s)
		var got []string
		for _, step := range workflow.Resuming(workflow.Steps(s.events)) {
			got = append(got, step.State.String())
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: resumes %v, want %s", name, got, want)
		}
	}
}

// anyEvents draws events that need not make sense.
func anyEvents(t *rapid.T) []workflow.Event {
	kinds := []workflow.EventType{
		"TaskStateEntered", "TaskStateExited", "FailStateEntered", "ParallelStateEntered", "ParallelStateExited", "MapStateEntered", "MapStateExited",
		"WaitStateEntered", "Unheard", "LambdaFunctionScheduled", "LambdaFunctionFailed", "ActivityTimedOut", "TaskStateAborted", "EvaluationFailed",
		workflow.ExecutionStarted, workflow.ExecutionFailed, workflow.ExecutionAborted, workflow.ExecutionRedriven, workflow.ExecutionSucceeded,
		workflow.TaskScheduled, workflow.TaskStarted, workflow.TaskSubmitted, workflow.TaskSucceeded, workflow.TaskFailed, workflow.TaskTimedOut, workflow.ParallelStateStarted,
		workflow.ParallelStateFailed, workflow.MapStateStarted, workflow.MapStateFailed, workflow.MapIterationStarted, workflow.MapIterationFailed, workflow.MapRunStarted,
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) workflow.Event {
		return workflow.Event{
			ID: rapid.Int64Range(-2, 60).Draw(t, "id"), Previous: rapid.Int64Range(-2, 60).Draw(t, "previous"),
			Type: rapid.SampledFrom(kinds).Draw(t, "type"), State: safe.Line(rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "state")),
			Index: rapid.IntRange(-1, 3).Draw(t, "index"), Output: rapid.SampledFrom([]string{"", "{", `{"TaskArn":"x"}`, `"TaskArn":`}).Draw(t, "output"),
		}
	}), 0, 60).Draw(t, "events")
}

// Any subset of a history, or nonsense, gives steps that hang together.
func TestStepsHoldTogetherForAnyEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyEvents(t)
		steps := workflow.Steps(events)
		for i, s := range steps {
			if s.Index != i || s.Parent >= i || s.Parent < -1 {
				t.Fatalf("step %d has index %d and parent %d", i, s.Index, s.Parent)
			}
			for j, a := range s.Attempts {
				if a.Number != j+1 {
					t.Fatalf("attempt %d of %s has number %d", j, s.State, a.Number)
				}
				if a.Open() && !s.Open() {
					t.Fatalf("step %d has ended as %s with attempt %d open", i, s.Outcome, j)
				}
			}
		}
		workflow.FailureOf(events)
		workflow.Resuming(steps)
	})
}

// However the events come in, the steps are those of the whole.
func TestStepsDoNotDependOnTheOrderOfLoading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := make([]string, 0, len(histories))
		for name := range histories {
			names = append(names, name)
		}
		s := &script{}
		s.add(0, workflow.ExecutionStarted)
		histories[rapid.SampledFrom(names).Draw(t, "history")].write(s)
		whole := workflow.Steps(s.events)

		mixed := rapid.Permutation(s.events).Draw(t, "order")
		var h workflow.History
		for len(mixed) > 0 {
			n := rapid.IntRange(1, len(mixed)).Draw(t, "page")
			h.Add(mixed[:n]...)
			h.Steps()
			mixed = mixed[n-rapid.IntRange(0, n-1).Draw(t, "overlap"):]
		}
		if diff := cmp.Diff(whole, h.Steps(), cmpopts.IgnoreUnexported(workflow.Step{}), cmp.Comparer(func(a, b safe.Text) bool { return a == b })); diff != "" {
			t.Fatalf("steps differ:\n%s", diff)
		}
		if h.Missing() != 0 {
			t.Fatalf("%d events missing of a whole history", h.Missing())
		}
	})
}

func TestMissingCountsTheGap(t *testing.T) {
	var h workflow.History
	h.Add(workflow.Event{ID: 10}, workflow.Event{ID: 9}, workflow.Event{ID: 1}, workflow.Event{ID: 9})
	if h.Missing() != 7 {
		t.Errorf("%d missing, want 7", h.Missing())
	}
}

func BenchmarkStepsOfAFullHistory(b *testing.B) {
	s := &script{}
	id := s.add(0, workflow.ExecutionStarted)
	padding := strings.Repeat(`,"Attachment":{"Details":[]}`, 100)
	for len(s.events) < 24_990 {
		id = s.submit(s.add(id, "TaskStateEntered", in("Dump")), "a")
		s.events[id-1].Output += padding
		id = s.add(s.add(id, workflow.TaskSucceeded), "TaskStateExited", in("Dump"))
	}
	rand.Shuffle(len(s.events), func(i, j int) { s.events[i], s.events[j] = s.events[j], s.events[i] })
	for b.Loop() {
		workflow.Steps(s.events)
	}
}
