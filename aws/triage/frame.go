package triage

import (
	"slices"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// frame is the place that a diagnosis is about: the step and the attempt whose
// end ended the run, or in which an open run stands.
type frame struct {
	ev      *Evidence
	events  []workflow.Event // ascending
	steps   []workflow.Step
	failure workflow.Failure
	failed  bool // failure is set
	step    *workflow.Step
	attempt *workflow.Attempt
	task    *workflow.Task // of attempt, or nil
	// ending is the Fail state that closed the run after step's failure was caught.
	ending *workflow.Step
	stuck  bool // attempt is open and its task is gone
}

func newFrame(ev *Evidence) *frame {
	f := &frame{ev: ev}
	var h workflow.History
	h.Add(ev.Events...)
	f.events = h.Events()
	if f.steps = ev.Steps; f.steps == nil {
		f.steps = h.Steps()
	}
	if ev.Run.Status != workflow.Running && ev.Run.Status != workflow.Succeeded {
		f.failure, f.failed = workflow.FailureOf(f.events)
	}
	switch {
	case f.failed:
		f.findFailed()
	case ev.Run.Status == workflow.Running:
		f.findOpen()
	case ev.Run.Status == workflow.Succeeded:
		f.findLastTask()
	default:
		f.withoutHistory()
	}
	f.findTask()
	return f
}

// withoutHistory takes the failure as given, or from the run itself.
func (f *frame) withoutHistory() {
	r := &f.ev.Run
	f.failure = workflow.Failure{Status: r.Status, Error: r.Error, Cause: r.Cause, Time: r.Stopped}
	if f.ev.Failure != nil {
		f.failure = *f.ev.Failure
	}
	f.failed = r.Status.Bad()
	f.findLastTask()
}

// findFailed looks for the step that ended the run: on the chain of
// predecessors of the closing event, else among what the end cut off.
func (f *frame) findFailed() {
	if f.failure.Error.Empty() && f.failure.Cause.Empty() {
		f.failure.Error, f.failure.Cause = f.ev.Run.Error, f.ev.Run.Cause
	}
	if f.failure.Status == workflow.Failed {
		f.followChain()
	}
	if f.step == nil {
		f.findCutOff()
	}
	if f.step != nil && f.step.Type == "Fail" {
		f.findCaught()
	}
}

func (f *frame) followChain() {
	byEnd := map[int64][2]int{}
	byEntry := map[int64]int{}
	for i := range f.steps {
		byEntry[f.steps[i].EnteredID] = i
		for j := range f.steps[i].Attempts {
			if end := f.steps[i].Attempts[j].EndedID; end != 0 {
				byEnd[end] = [2]int{i, j}
			}
		}
	}
	for e := f.closing(); e != nil; e = f.before(e) {
		if at, ok := byEnd[e.ID]; ok {
			f.step = &f.steps[at[0]]
			f.attempt = &f.step.Attempts[at[1]]
			return
		}
		if i, ok := byEntry[e.ID]; ok && e.ID != 0 {
			f.step = &f.steps[i]
			f.attempt = f.step.LastAttempt()
			return
		}
	}
	for i := len(f.steps) - 1; i >= 0; i-- {
		s := &f.steps[i]
		if s.State == f.failure.State && s.Outcome.Bad() && s.Outcome != workflow.WasCaught {
			f.step, f.attempt = s, s.LastAttempt()
			return
		}
	}
}

func (f *frame) closing() *workflow.Event {
	for i := len(f.events) - 1; i >= 0; i-- {
		switch f.events[i].Type {
		case workflow.ExecutionFailed, workflow.ExecutionTimedOut, workflow.ExecutionAborted:
			return &f.events[i]
		}
	}
	return nil
}

// before returns the predecessor of e, or nil at the start, at a gap, and where
// the ids do not descend.
func (f *frame) before(e *workflow.Event) *workflow.Event {
	if e.Previous <= 0 || e.Previous >= e.ID {
		return nil
	}
	i, ok := slices.BinarySearchFunc(f.events, e.Previous, func(e workflow.Event, id int64) int { return int(e.ID - id) })
	if !ok {
		return nil
	}
	return &f.events[i]
}

// findCutOff takes the innermost step that was left without an exit, one with a
// task before others (AWS: aborts and time-outs of a run name no predecessor).
func (f *frame) findCutOff() {
	cut := workflow.Resuming(f.steps)
	best := -1
	for i := range cut {
		if best < 0 || rank(&cut[i]) >= rank(&cut[best]) {
			best = i
		}
	}
	if best < 0 {
		return
	}
	f.step = &f.steps[cut[best].Index]
	f.attempt = f.step.LastAttempt()
}

func rank(s *workflow.Step) int {
	switch last := s.LastAttempt(); {
	case last == nil:
		return 0
	case last.TaskARN == "":
		return 1
	}
	return 2
}

// findCaught goes back from a Fail state to the failure that led there: the
// last caught step, if its catcher alone leads to the Fail state.
func (f *frame) findCaught() {
	end := f.step
	for i := end.Index - 1; i >= 0; i-- {
		s := &f.steps[i]
		if s.Outcome != workflow.WasCaught || s.Parent != end.Parent {
			continue
		}
		if f.caughtInto(s, end) {
			f.ending, f.step, f.attempt = end, s, lastBad(s)
		}
		return
	}
}

func (f *frame) caughtInto(s, end *workflow.Step) bool {
	if f.ev.Definition == nil {
		return end.Index == s.Index+1 || end.Error == s.Error && end.Cause == s.Cause
	}
	state, ok := f.ev.Definition.State(s.State)
	if !ok {
		return end.Index == s.Index+1
	}
	byCatch, byNext := false, false
	for _, edge := range state.Next {
		if reaches(f.ev.Definition, edge, end) {
			byCatch = byCatch || edge.Kind == workflow.ByCatch
			byNext = byNext || edge.Kind != workflow.ByCatch
		}
	}
	return byCatch && (!byNext || end.Index == s.Index+1)
}

// reaches walks from an edge to the Fail state without taking further catchers,
// except out of states that only the catcher runs.
func reaches(d *workflow.Definition, from workflow.Transition, end *workflow.Step) bool {
	seen := map[string]bool{}
	queue := []workflow.Transition{from}
	for len(queue) > 0 {
		to := queue[0].To
		queue = queue[1:]
		if to == end.State {
			return true
		}
		if seen[to.String()] {
			continue
		}
		seen[to.String()] = true
		if s, ok := d.State(to); ok {
			queue = append(queue, s.Next...)
		}
	}
	return false
}

func lastBad(s *workflow.Step) *workflow.Attempt {
	for j := len(s.Attempts) - 1; j >= 0; j-- {
		if s.Attempts[j].Outcome.Bad() {
			return &s.Attempts[j]
		}
	}
	return s.LastAttempt()
}

// findOpen takes the open attempt of a running run: one whose task is gone
// before one that lives.
func (f *frame) findOpen() {
	open := workflow.OpenAttempts(f.steps)
	for i := range open {
		a := open[i].Attempt
		t, known := f.ev.Tasks[a.TaskARN]
		gone := known && a.TaskARN != "" && t.Gone() && a.Callback()
		if f.attempt == nil || gone {
			f.step, f.attempt, f.stuck = open[i].Step, a, gone
		}
		if gone {
			return
		}
	}
	for i := len(f.steps) - 1; i >= 0 && f.step == nil; i-- {
		if f.steps[i].Open() {
			f.step, f.attempt = &f.steps[i], f.steps[i].LastAttempt()
		}
	}
}

// findLastTask takes the newest attempt that has a task.
func (f *frame) findLastTask() {
	for i := len(f.steps) - 1; i >= 0; i-- {
		if last := f.steps[i].LastAttempt(); last != nil && (last.TaskARN != "" || last.ResourceType == "ecs") {
			f.step, f.attempt = &f.steps[i], last
			return
		}
	}
}

func (f *frame) findTask() {
	if f.attempt == nil {
		if len(f.steps) == 0 && len(f.ev.Tasks) == 1 {
			for _, t := range f.ev.Tasks {
				f.task = &t
			}
		}
		return
	}
	if t, ok := f.ev.Tasks[f.attempt.TaskARN]; ok && f.attempt.TaskARN != "" {
		f.task = &t
	}
}

// iteration returns the Map iteration around the step, or nil.
func (f *frame) iteration() *int {
	for s := f.step; s != nil && s.Parent >= 0; s = &f.steps[s.Parent] {
		if f.steps[s.Parent].Type == "Map" {
			n := s.Branch
			return &n
		}
	}
	return nil
}

// timedOut reports whether AWS's clock ended the attempt.
func (f *frame) timedOut() bool {
	if f.attempt != nil && (f.attempt.Outcome == workflow.DidTimeOut || f.attempt.Outcome == workflow.HeartbeatLost) {
		return true
	}
	return f.failure.Status == workflow.TimedOut
}

// goneBefore reports whether the task had stopped before the attempt's end, so
// that its stop is a cause of that end and not an effect.
func (f *frame) goneBefore() bool {
	switch {
	case f.task == nil || !f.task.Gone() || f.task.Missing:
		return false
	case f.stuck:
		return true
	case f.task.Stopped.IsZero() || f.attempt == nil || f.attempt.Ended.IsZero():
		return !f.timedOut() && f.failure.Status != workflow.Aborted
	}
	return f.task.Stopped.Before(f.attempt.Ended)
}
