package engine

import (
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
)

// Stop ends the run as ABORTED and returns when it stopped. A run that has
// ended already stays as it is. (AWS: StopExecution.)
func (r *Run) Stop(errorName, cause *string) (time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.Closed() {
		return r.record.StopDate, nil
	}
	details := &history.Failure{Error: errorName, Cause: cause}
	r.emit(history.ExecutionAborted, 0, history.Details{Aborted: details})
	r.end(Aborted, details)
	return r.record.StopDate, r.flush()
}

// Doom ends the run as ABORTED when it is about to enter its next state (AWS:
// DeleteStateMachine).
func (r *Run) Doom() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.Closed() {
		return nil
	}
	r.record.Doomed = true
	return r.flush()
}

// succeed ends the run with the output of its last state.
func (r *Run) succeed(f *frame, output any) {
	text := jsonv.Text(output)
	r.emit(history.ExecutionSucceeded, f.Last, history.Details{
		Succeeded: &history.Output{Output: text, OutputDetails: &history.Data{}},
	})
	if r.record.Closed() {
		return
	}
	r.record.Output = text
	r.end(Succeeded, nil)
}

// fail ends the run because nothing caught a failure.
func (r *Run) fail(previous int64, why *history.Failure) {
	r.emit(history.ExecutionFailed, previous, history.Details{Failed: why})
	r.end(Failed, why)
}

// timeOut ends the run because its machine's TimeoutSeconds have passed. The
// answer of DescribeExecution has no error then, only the history has.
func (r *Run) timeOut() {
	name := asl.ErrTimeout
	r.emit(history.ExecutionTimedOut, 0, history.Details{TimedOut: &history.Failure{Error: &name}})
	r.end(TimedOut, nil)
}

// overflow ends the run because its history is full.
func (r *Run) overflow() {
	name := asl.ErrRuntime
	cause := fmt.Sprintf("The execution reached the maximum number of history events (%d).", history.Limit)
	r.fail(r.record.Events, &history.Failure{Error: &name, Cause: &cause})
}

// end closes the run and whatever its frames had open. The tree stays in the
// store for a redrive.
func (r *Run) end(status string, why *history.Failure) {
	if r.record.Closed() {
		return
	}
	r.record.Status, r.record.StopDate = status, r.engine.now()
	if why != nil {
		r.record.Error, r.record.Cause = why.Error, why.Cause
	}
	r.each(r.root, func(f *frame) { r.letGo(f) })
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	if !r.record.Express && status != Succeeded {
		r.each(r.root, r.touch)
	}
	r.root, r.input = nil, nil
	close(r.ended)
}

// setDeadline starts the clock of the machine's TimeoutSeconds.
func (r *Run) setDeadline() {
	limit := longestRun
	if r.record.Express {
		limit = longestExpress
	}
	if seconds := r.machine.TimeoutSeconds; seconds > 0 {
		limit = min(limit, time.Duration(seconds)*time.Second)
	}
	r.record.Deadline = r.engine.now().Add(limit)
	r.armDeadline()
}

func (r *Run) armDeadline() {
	due := r.record.Deadline
	r.stop = r.engine.after(due.Sub(r.engine.now()), func() {
		r.locked(func() {
			if r.record.Deadline.Equal(due) {
				r.timeOut()
			}
		})
	})
}
