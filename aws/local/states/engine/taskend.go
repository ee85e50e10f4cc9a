package engine

import (
	"errors"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
	"github.com/stepdeck/stepdeck/aws/local/states/tasks"
)

// Answer is what SendTaskSuccess or SendTaskFailure say of a task.
type Answer struct {
	Succeeded bool
	// Output is JSON text; of a success only.
	Output string
	// Error and Cause may be missing.
	Error, Cause *string
}

// Reasons why a token is not taken.
var (
	// ErrInvalidToken is for a token that was never issued.
	ErrInvalidToken = errors.New("invalid token")
	// ErrTaskClosed is for a token whose task has ended in any way (AWS: tokens
	// are one-shot).
	ErrTaskClosed = errors.New("the task does not exist anymore")
)

// Answer ends the task that waits for the token.
func (e *Engine) Answer(token string, answer Answer) error {
	return e.withToken(token, func(r *Run, f *frame) {
		if f.Phase == calling {
			f.Task.Answer = &answer
			r.touch(f)
			return
		}
		r.settle(f, answer)
	})
}

// Heartbeat starts the heartbeat clock of the task that waits for the token anew.
func (e *Engine) Heartbeat(token string) error {
	return e.withToken(token, func(r *Run, f *frame) {
		if s := f.Task.HeartbeatSeconds; s > 0 {
			f.Task.HeartbeatDue = e.now().Add(time.Duration(s) * time.Second)
			r.touch(f)
		}
	})
}

func (e *Engine) withToken(token string, do func(*Run, *frame)) error {
	h, ok := e.tokens.find(token)
	if !ok {
		if e.tokens.genuine(token) {
			return ErrTaskClosed
		}
		return ErrInvalidToken
	}
	r, f := h.run, h.frame
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.Closed() || f.Task == nil || f.Task.Token != token || f.Task.Answer != nil || (f.Phase != open && f.Phase != calling) {
		return ErrTaskClosed
	}
	do(r, f)
	return r.advance()
}

// settle ends a submitted task with the answer to its token.
func (r *Run) settle(f *frame, answer Answer) {
	if answer.Succeeded {
		r.taskSucceeded(f, answer.Output)
		return
	}
	r.closeToken(f)
	r.step(f, history.TaskFailed, history.Details{TaskFailed: &history.TaskFailure{
		Task: f.ref().Event(), Error: answer.Error, Cause: answer.Cause,
	}})
	r.stateFailed(f, &failure{Failure: history.Failure{Error: answer.Error, Cause: answer.Cause}, catchable: true})
}

// taskSucceeded leaves the state with the task's result, which is JSON text.
func (r *Run) taskSucceeded(f *frame, text string) {
	r.closeToken(f)
	state, ref := f.state(), f.ref()
	if len(text) > dataLimit {
		large := tooLarge(ref.Type)
		failed := &tasks.Failure{Name: large.Name, Cause: large.Cause}
		r.taskFailed(f, history.TaskFailed, history.Details{TaskFailed: told(ref, failed)}, failed)
		return
	}
	r.step(f, history.TaskSucceeded, history.Details{TaskSucceeded: &history.TaskOutput{
		Task: ref.Event(), Output: text, OutputDetails: &history.Data{},
	}})
	result, err := jsonv.Parse(text)
	if err != nil {
		r.fault(f, err)
		return
	}
	outcome, err := state.Result(r.scope(f), f.Raw.v, result)
	r.leave(f, state.Next, outcome, err)
}

func (r *Run) taskFailed(f *frame, eventType string, details history.Details, why *tasks.Failure) {
	r.closeToken(f)
	r.step(f, eventType, details)
	r.stateFailed(f, &failure{Failure: history.Failure{Error: &why.Name, Cause: &why.Cause}, catchable: true})
}

// armTask wakes the frame at the task's next deadline.
func (r *Run) armTask(f *frame) {
	due := f.Task.Due
	if beat := f.Task.HeartbeatDue; !beat.IsZero() && (due.IsZero() || beat.Before(due)) {
		due = beat
	}
	if !due.IsZero() {
		r.at(f, due, func() { r.taskDue(f) })
	}
}

func (r *Run) taskDue(f *frame) {
	now := r.engine.now()
	over := func(due time.Time) bool { return !due.IsZero() && !now.Before(due) }
	switch {
	case over(f.Task.Due):
		r.taskTimedOut(f, "")
	case over(f.Task.HeartbeatDue):
		r.taskTimedOut(f, asl.ErrHeartbeatTimeout)
	default:
		r.armTask(f)
	}
}

// taskTimedOut fails the task for either clock: the history tells both alike.
func (r *Run) taskTimedOut(f *frame, also string) {
	name := asl.ErrTimeout
	r.step(f, history.TaskTimedOut, history.Details{TaskTimedOut: &history.TaskFailure{Task: f.ref().Event(), Error: &name}})
	r.stateFailed(f, &failure{Failure: history.Failure{Error: &name}, also: also, catchable: true})
}

// closeToken ends the waiting for the task; its job, if any, is let be.
func (r *Run) closeToken(f *frame) {
	f.moved()
	r.engine.tokens.release(f.Task.Token)
	f.Phase = ready
	r.touch(f)
}

// closeTask ends the waiting for the task of a frame, if it has one, and stops
// the job of a Sync task.
func (r *Run) closeTask(f *frame) {
	if f.Task == nil || (f.Phase != calling && f.Phase != open) {
		return
	}
	r.engine.tokens.release(f.Task.Token)
	if ref, submitted := f.ref(), f.Task.Submitted.v; f.Phase == open && ref.Pattern == tasks.Sync {
		r.engine.spawn(func() { r.engine.cancelJob(ref, submitted) })
	}
}
