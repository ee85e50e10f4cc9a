package engine

import (
	"errors"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
)

// failure is why a state failed.
type failure struct {
	history.Failure
	// also is a second name that Retry and Catch may know it by.
	also string
	// catchable failures are put before Retry and Catch.
	catchable bool
	// child says that a branch or an iteration failed, not the state itself.
	child bool
}

// matches says whether a retrier or catcher takes the failure: by its name, or
// by the second one written out.
func (w *failure) matches(fits func(string) bool, names []string) bool {
	name := ""
	if w.Error != nil {
		name = *w.Error
	}
	return fits(name) || (w.also != "" && slices.Contains(names, w.also))
}

// stateFailed retries the state, or lets a catcher take the failure, or gives up.
func (r *Run) stateFailed(f *frame, why *failure) {
	if r.record.Closed() {
		return
	}
	r.letGo(f)
	f.Task = nil
	r.cutOff(f, f.Last)
	if why.catchable && r.retry(f, why) {
		return
	}
	r.fanFailed(f, why)
	if why.catchable && r.catch(f, why) {
		return
	}
	r.giveUp(f, why)
}

// retry plans another attempt when a retrier takes the failure and has one left.
func (r *Run) retry(f *frame, why *failure) bool {
	for i, retrier := range f.state().Retry {
		if !why.matches(retrier.Matches, retrier.ErrorEquals) {
			continue
		}
		if f.Tried[i] >= retrier.MaxAttempts {
			return false
		}
		f.Tried[i]++
		f.RetryCount++
		f.Fan, f.children, f.items = nil, nil, nil
		f.Phase, f.Until = backoff, r.engine.now().Add(retrier.Delay(f.Tried[i], random))
		r.touch(f)
		r.at(f, f.Until, func() { r.wake(f) })
		return true
	}
	return false
}

// catch leaves the state towards the catcher that takes the failure.
func (r *Run) catch(f *frame, why *failure) bool {
	state := f.state()
	for i := range state.Catch {
		catcher := &state.Catch[i]
		if !why.matches(catcher.Matches, catcher.ErrorEquals) {
			continue
		}
		told := jsonv.NewObject("Error", textOrNull(why.Error), "Cause", textOrNull(why.Cause))
		outcome, err := catcher.Result(r.scope(f), state, f.Raw.v, told)
		if err != nil {
			// The catcher's own fault must not come back to the catchers.
			r.catcherFault(f, err)
			return true
		}
		r.leave(f, catcher.Next, outcome, nil)
		return true
	}
	return false
}

func textOrNull(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// giveUp ends the frame with a failure that nothing of its own caught.
func (r *Run) giveUp(f *frame, why *failure) {
	r.letGo(f)
	f.Phase = failed
	r.touch(f)
	if f.parent == nil {
		r.fail(f.Last, &why.Failure)
		return
	}
	r.childFailed(f.parent, f, why)
}

// catcherFault ends the frame because its catcher could not be evaluated: the
// catchers are not asked again.
func (r *Run) catcherFault(f *frame, err error) {
	var fault *asl.Fault
	if errors.As(err, &fault) {
		uncaught := *fault
		uncaught.Catchable = false
		err = &uncaught
	}
	r.fault(f, err)
}

// cutOff aborts the children that still run, as a failure of one of them or of
// the state itself does.
func (r *Run) cutOff(f *frame, at int64) {
	f.begun(func(child *frame) {
		switch child.Phase {
		case done, failed, aborted:
			return
		}
		r.abort(child, at)
		if f.state().Type == asl.Map {
			r.emit(history.MapIterationAborted, at, history.Details{IterationAborted: iteration(f, child)})
		}
	})
}

// abort ends a frame and those below it, the inner ones first.
func (r *Run) abort(f *frame, at int64) {
	r.letGo(f)
	r.cutOff(f, at)
	switch {
	case f.Phase == entering:
	case f.state().Type == asl.Task, f.state().Type == asl.Wait, f.Fan != nil:
		r.emit(history.StateAborted(f.state().Type), at, history.Details{})
	}
	f.Phase = aborted
	r.touch(f)
}
