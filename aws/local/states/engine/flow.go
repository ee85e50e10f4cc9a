package engine

import (
	"errors"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
)

// dataLimit bounds inputs, outputs and results in bytes of UTF-8.
const dataLimit = 262_144

// next takes one step of a frame.
func (r *Run) next(f *frame) {
	switch f.Phase {
	case entering:
		r.enter(f)
	case ready:
		r.carryOut(f)
	case calling:
		r.begin(f)
	}
}

// enter writes that the state is entered and carries it out.
func (r *Run) enter(f *frame) {
	if r.record.Doomed {
		r.emit(history.ExecutionAborted, 0, history.Details{Aborted: &history.Failure{}})
		r.end(Aborted, nil)
		return
	}
	state := f.state()
	f.EnteredAfter, f.EnteredAt = f.Last, r.engine.now()
	f.Tried, f.RetryCount = make([]int64, len(state.Retry)), 0
	f.Phase = ready
	input := r.record.Input // the first state's is told as it was sent
	if f.parent != nil || f.Last != 0 {
		input = jsonv.Text(f.Raw.v)
	}
	r.step(f, history.StateEntered(state.Type), history.Details{StateEntered: &history.Entry{
		Name: state.Name, Input: input, InputDetails: &history.Data{},
	}})
	f.Entered = f.Last
	if !r.record.Closed() {
		r.carryOut(f)
	}
}

func (r *Run) carryOut(f *frame) {
	state := f.state()
	switch state.Type {
	case asl.Pass, asl.Succeed:
		outcome, err := state.PassResult(r.scope(f), f.Raw.v)
		r.leave(f, state.Next, outcome, err)
	case asl.Choice:
		next, outcome, err := state.Choose(r.scope(f), f.Raw.v)
		r.leave(f, next, outcome, err)
	case asl.Wait:
		r.startWait(f)
	case asl.Fail:
		r.failState(f)
	case asl.Task:
		r.schedule(f)
	case asl.Parallel, asl.Map:
		r.fanOut(f)
	}
}

func (r *Run) startWait(f *frame) {
	until, err := f.state().WaitUntil(r.scope(f), f.Raw.v, r.engine.now())
	if err != nil {
		r.fault(f, err)
		return
	}
	f.Phase, f.Until = waiting, until
	r.touch(f)
	if !until.After(r.engine.now()) {
		r.leaveWait(f)
		return
	}
	r.at(f, until, func() { r.wake(f) })
}

func (r *Run) leaveWait(f *frame) {
	state := f.state()
	outcome, err := state.PassResult(r.scope(f), f.Raw.v)
	r.leave(f, state.Next, outcome, err)
}

func (r *Run) failState(f *frame) {
	name, cause, err := f.state().Failure(r.scope(f), f.Raw.v)
	if err != nil {
		r.fault(f, err)
		return
	}
	r.giveUp(f, &failure{Failure: history.Failure{Error: name, Cause: cause}, catchable: true})
}

// leave ends the state with its outcome, or with the fault that evaluating it met.
func (r *Run) leave(f *frame, next string, outcome asl.Outcome, err error) {
	if err != nil {
		r.fault(f, err)
		return
	}
	state := f.state()
	text := jsonv.Text(outcome.Output)
	if len(text) > dataLimit {
		f.Restart = true
		r.fault(f, tooLarge(state.Name))
		return
	}
	f.moved()
	exit := &history.Exit{Name: state.Name, Output: text, OutputDetails: &history.Data{}}
	if outcome.Assigned != nil {
		f.vars.Set(outcome.Assigned)
		exit.AssignedVariables, exit.AssignedVariablesDetails = variables(outcome.Assigned), &history.Data{}
	}
	r.step(f, history.StateExited(state.Type), history.Details{StateExited: exit})
	f.Task, f.Fan, f.children, f.items = nil, nil, nil, nil
	r.touch(f)
	if next != "" {
		f.Phase, f.State, f.Raw, f.Entered = entering, next, value{outcome.Output}, 0
		r.push(f)
		return
	}
	f.Phase, f.Raw, f.Output = done, value{}, value{outcome.Output}
	if f.parent == nil {
		r.succeed(f, outcome.Output)
		return
	}
	r.childDone(f.parent, f)
}

func variables(assigned *jsonv.Object) map[string]string {
	texts := map[string]string{}
	for _, name := range assigned.Keys() {
		v, _ := assigned.Get(name)
		texts[name] = jsonv.Text(v)
	}
	return texts
}

func tooLarge(what string) *asl.Fault {
	return &asl.Fault{
		Name: asl.ErrDataLimitExceeded, HasCause: true,
		Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", what),
	}
}

// fault ends the state because it could not be evaluated.
func (r *Run) fault(f *frame, err error) {
	var fault *asl.Fault
	if !errors.As(err, &fault) {
		fault = &asl.Fault{Name: asl.ErrRuntime, Cause: err.Error(), HasCause: true, Prefix: true}
	}
	state := f.state()
	cause := fault.Cause
	if fault.Prefix {
		cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", state.Name, f.Entered, cause)
	}
	why := &failure{Failure: history.Failure{Error: &fault.Name}, catchable: fault.Catchable}
	if fault.HasCause {
		why.Cause = &cause
	}
	if fault.Evaluation != nil {
		// An expression that fails before the state did anything is told as
		// caused by what came before the state, except in a Wait state.
		if f.Last == f.Entered && state.Type != asl.Wait {
			f.Last = f.EnteredAfter
		}
		r.step(f, history.EvaluationFailed, history.Details{Evaluation: &history.Evaluated{
			Error: fault.Name, Cause: cause, Location: fault.Evaluation.Location, State: fault.Evaluation.State,
		}})
	}
	r.stateFailed(f, why)
}
