package workflow

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// place is where in the tree of steps an event stands.
type place struct {
	step     int  // index of the step it is about, or -1
	opens    bool // a state entered next lies inside step
	branch   int  // Map iteration that opens
	redriven bool // the event is ExecutionRedriven
}

var outside = place{step: -1}

// builder reads steps from events in ascending order. It takes any subset: what
// an absent event would have told is guessed or left open, never an error.
type builder struct {
	steps   []Step
	places  map[int64]place
	redrive int
}

func newBuilder() *builder { return &builder{places: map[int64]place{}} }

func (b *builder) feed(e Event) {
	at := b.place(e)
	b.places[e.ID] = at
	if at.step >= 0 {
		s := &b.steps[at.step]
		s.LastID = max(s.LastID, e.ID)
	}
}

// place applies the event and returns where it stands.
func (b *builder) place(e Event) place {
	switch {
	case strings.HasSuffix(string(e.Type), "StateEntered"):
		return b.entered(e)
	case strings.HasSuffix(string(e.Type), "StateExited"):
		return b.exited(e)
	case strings.HasPrefix(string(e.Type), "Execution"):
		return b.execution(e)
	case strings.HasPrefix(string(e.Type), "Parallel"), strings.HasPrefix(string(e.Type), "Map"):
		return b.container(e)
	case e.Type == EvaluationFailed:
		return b.evaluationFailed(e)
	}
	if at, ok := b.attempt(e); ok {
		return at
	}
	return place{step: b.before(e).step}
}

// before is the place of the event's predecessor.
func (b *builder) before(e Event) place {
	if at, ok := b.places[e.Previous]; ok && e.Previous != e.ID {
		return at
	}
	return outside
}

func (b *builder) entered(e Event) place {
	prev := b.before(e)
	if b.redrive > 0 && (prev.redriven || prev.step < 0) {
		if i := b.resumable(-1, func(s *Step) bool { return s.State == e.State }); i >= 0 {
			b.resume(i)
			return place{step: i}
		}
	}
	s := Step{
		Parent: -1, State: e.State, Type: strings.TrimSuffix(string(e.Type), "StateEntered"),
		Outcome: StillOpen, Entered: e.Time, EnteredID: e.ID, Input: e.Input,
	}
	switch {
	case prev.opens:
		parent := &b.steps[prev.step]
		s.Parent, s.Branch, s.generation = prev.step, prev.branch, parent.started
		if parent.Type == "Parallel" {
			s.Branch = parent.branches
			parent.branches++
		}
	case prev.step >= 0:
		beside := &b.steps[prev.step]
		s.Parent, s.Branch, s.generation = beside.Parent, beside.Branch, beside.generation
	}
	return place{step: b.add(s)}
}

func (b *builder) add(s Step) int {
	s.Index = len(b.steps)
	b.steps = append(b.steps, s)
	return s.Index
}

func (b *builder) exited(e Event) place {
	kind := strings.TrimSuffix(string(e.Type), "StateExited")
	named := func(s *Step) bool { return s.State == e.State && s.Type == kind && s.ExitedID == 0 }
	i := b.before(e).step
	for i >= 0 && !named(&b.steps[i]) {
		i = b.steps[i].Parent
	}
	if i < 0 {
		i = b.lastStep(named)
	}
	if i < 0 {
		i = b.add(Step{Parent: -1, State: e.State, Type: kind, Outcome: StillOpen})
	}
	s := &b.steps[i]
	outcome := DidSucceed
	if last := s.LastAttempt(); s.failed || last != nil && last.Outcome.Bad() {
		outcome = WasCaught
	} else {
		s.Error, s.Cause = safe.Text{}, safe.Text{}
	}
	s.ExitedID, s.Output = e.ID, e.Output
	b.end(i, outcome, e.Time)
	return place{step: i}
}

func (b *builder) execution(e Event) place {
	prev := b.before(e)
	switch e.Type {
	case ExecutionRedriven:
		b.redrive = max(b.redrive+1, e.RedriveCount)
		return place{step: prev.step, redriven: true}
	case ExecutionFailed:
		b.blame(prev.step, -1, e)
		b.endAll(WasAborted, e.Time)
	case ExecutionAborted:
		b.endAll(WasAborted, e.Time)
	case ExecutionTimedOut:
		b.endAll(DidTimeOut, e.Time)
	case ExecutionSucceeded:
		b.endAll(DidSucceed, e.Time)
	}
	return place{step: prev.step}
}

// blame ends step i and all around it, up to but without stop, as failed. A
// step without an error of its own takes the event's.
func (b *builder) blame(i, stop int, e Event) {
	for ; i >= 0 && i != stop; i = b.steps[i].Parent {
		s := &b.steps[i]
		if s.ExitedID != 0 || !s.Open() {
			continue
		}
		if s.Error.Empty() {
			s.Error, s.Cause = e.Error, e.Cause
		}
		b.end(i, DidFail, e.Time)
	}
}

func (b *builder) evaluationFailed(e Event) place {
	i := b.before(e).step
	if i < 0 || b.steps[i].State != e.State {
		if found := b.lastStep(func(s *Step) bool { return s.State == e.State && s.Open() }); found >= 0 {
			i = found
		}
	}
	if i >= 0 {
		b.steps[i].Error, b.steps[i].Cause = e.Error, e.Cause
	}
	return place{step: i}
}

func (b *builder) endAll(outcome Outcome, at time.Time) {
	for i := range b.steps {
		if b.steps[i].Open() {
			b.end(i, outcome, at)
		}
	}
}

// end closes a step and what is still open of its attempts.
func (b *builder) end(i int, outcome Outcome, at time.Time) {
	s := &b.steps[i]
	s.Outcome, s.Ended = outcome, at
	for j := range s.Attempts {
		a := &s.Attempts[j]
		if !a.Open() {
			continue
		}
		a.Ended, a.Outcome = at, WasAborted
		if outcome == DidSucceed {
			a.Outcome = DidSucceed
		}
	}
}

// lastStep returns the newest step that ok accepts, or -1.
func (b *builder) lastStep(ok func(*Step) bool) int {
	for i := len(b.steps) - 1; i >= 0; i-- {
		if ok(&b.steps[i]) {
			return i
		}
	}
	return -1
}

// resumable returns the step that the running redrive takes up: first if it is
// accepted, else the newest accepted one that was not opened again yet; or -1.
func (b *builder) resumable(first int, ok func(*Step) bool) int {
	fits := func(i int) bool {
		s := &b.steps[i]
		return !s.Open() && ok(s) && unexited(b.steps, i)
	}
	if first >= 0 && fits(first) {
		return first
	}
	for i := len(b.steps) - 1; i >= 0; i-- {
		if fits(i) {
			return i
		}
	}
	return -1
}

// resume opens a step and those around it again.
func (b *builder) resume(i int) {
	for ; i >= 0; i = b.steps[i].Parent {
		s := &b.steps[i]
		s.Outcome, s.Ended, s.failed = StillOpen, time.Time{}, false
		s.Error, s.Cause = safe.Text{}, safe.Text{}
	}
}
