package engine

import (
	"context"
	"errors"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
	"github.com/stepdeck/stepdeck/aws/local/states/tasks"
)

// schedule plans one attempt of a Task state: it evaluates what the service is
// to get, with a new token, and how long it may take.
func (r *Run) schedule(f *frame) {
	state := f.state()
	ref, ok := tasks.Parse(state.Resource)
	if !ok {
		r.fault(f, &asl.Fault{
			Name: asl.ErrRuntime, HasCause: true, Prefix: true,
			Cause: "The resource '" + state.Resource + "' is not one that local AWS can call.",
		})
		return
	}
	f.Task = &openTask{}
	if ref.HasToken() {
		f.Task.Token = r.engine.tokens.issue()
	}
	scheduled, err := r.plan(f, ref)
	if err != nil {
		f.Task = nil
		r.fault(f, err)
		return
	}
	r.step(f, history.TaskScheduled, history.Details{TaskScheduled: scheduled})
	f.Phase = calling
	r.touch(f)
	r.push(f)
}

// plan evaluates the fields of the attempt into f.Task and its event.
func (r *Run) plan(f *frame, ref tasks.Ref) (*history.Schedule, error) {
	state, sc := f.state(), r.scope(f)
	arguments, err := state.Arguments(sc, f.Raw.v)
	if err != nil {
		return nil, err
	}
	parameters, err := ref.Parameters(arguments)
	if err != nil {
		return nil, err
	}
	f.Task.Parameters = value{parameters}
	scheduled := &history.Schedule{Task: ref.Event(), Region: r.engine.region, Parameters: jsonv.Text(parameters)}
	if seconds, set, err := state.Timeout(sc, f.Raw.v); err != nil {
		return nil, err
	} else if set {
		f.Task.Seconds, scheduled.TimeoutInSeconds = seconds, seconds
	}
	if seconds, set, err := state.Heartbeat(sc, f.Raw.v); err != nil {
		return nil, err
	} else if set {
		f.Task.HeartbeatSeconds, scheduled.HeartbeatInSeconds = seconds, seconds
	}
	credentials, err := state.Credentials(sc, f.Raw.v)
	if err != nil {
		return nil, err
	}
	if o, ok := credentials.(*jsonv.Object); ok {
		role, _ := o.Get("RoleArn")
		arn, _ := role.(string)
		scheduled.TaskCredentials = &history.Credentials{RoleARN: arn}
	}
	return scheduled, nil
}

// begin starts a scheduled attempt: its clocks run from here.
func (r *Run) begin(f *frame) {
	ref := f.ref()
	event := ref.Event()
	r.step(f, history.TaskStarted, history.Details{TaskStarted: &event})
	if r.record.Closed() {
		return
	}
	now := r.engine.now()
	if s := f.Task.Seconds; s > 0 {
		f.Task.Due = now.Add(time.Duration(s) * time.Second)
	}
	if s := f.Task.HeartbeatSeconds; s > 0 {
		f.Task.HeartbeatDue = now.Add(time.Duration(s) * time.Second)
	}
	if f.Task.Token != "" {
		r.engine.tokens.hold(f.Task.Token, holder{r, f})
	}
	r.armTask(f)
	r.call(f)
}

// ref is the resource of the frame's state; schedule has checked it.
func (f *frame) ref() tasks.Ref {
	ref, _ := tasks.Parse(f.state().Resource)
	return ref
}

// call asks the service in a goroutine of its own.
func (r *Run) call(f *frame) {
	task, ref, e := f.Task, f.ref(), r.engine
	e.spawn(func() {
		output, err := e.services.Submit(e.calls, ref, task.Parameters.v)
		taken := false
		r.locked(func() {
			if f.Task == task && f.Phase == calling {
				taken = true
				r.called(f, ref, output, err)
			}
		})
		if !taken && err == nil && ref.Pattern == tasks.Sync {
			e.cancelJob(ref, output)
		}
	})
}

// called goes on after the service has answered.
func (r *Run) called(f *frame, ref tasks.Ref, output any, err error) {
	var failed *tasks.Failure
	switch {
	case errors.As(err, &failed):
		eventType, details := history.TaskFailed, history.Details{TaskFailed: told(ref, failed)}
		if ref.Pattern != tasks.RequestResponse {
			eventType, details = history.TaskSubmitFailed, history.Details{TaskSubmitFailed: told(ref, failed)}
		}
		r.taskFailed(f, eventType, details, failed)
	case errors.Is(err, context.Canceled) && r.engine.isClosed():
		// The engine closed: the call is made again when the run is resumed.
	case err != nil:
		r.closeToken(f)
		r.fault(f, err)
	case ref.Pattern == tasks.RequestResponse:
		r.taskSucceeded(f, jsonv.Text(output))
	default:
		r.submitted(f, ref, output)
	}
}

func (r *Run) submitted(f *frame, ref tasks.Ref, output any) {
	r.step(f, history.TaskSubmitted, history.Details{TaskSubmitted: &history.TaskOutput{
		Task: ref.Event(), Output: jsonv.Text(output), OutputDetails: &history.Data{},
	}})
	f.Phase, f.Task.Submitted = open, value{output}
	r.touch(f)
	if answer := f.Task.Answer; answer != nil {
		r.settle(f, *answer)
		return
	}
	r.watch(f)
}

// watch waits in a goroutine for the job of a Sync task.
func (r *Run) watch(f *frame) {
	task, ref, e := f.Task, f.ref(), r.engine
	if ref.Pattern != tasks.Sync {
		return
	}
	e.spawn(func() {
		output, err := e.services.Wait(e.waits, ref, task.Submitted.v)
		r.locked(func() {
			if f.Task == task && f.Phase == open {
				r.jobEnded(f, ref, output, err)
			}
		})
	})
}

func (r *Run) jobEnded(f *frame, ref tasks.Ref, output any, err error) {
	var failed *tasks.Failure
	switch {
	case err == nil:
		r.taskSucceeded(f, jsonv.Text(output))
		return
	case errors.Is(err, context.Canceled):
		return
	case !errors.As(err, &failed):
		failed = &tasks.Failure{Name: asl.ErrTaskFailed, Cause: err.Error()}
	}
	r.taskFailed(f, history.TaskFailed, history.Details{TaskFailed: told(ref, failed)}, failed)
}

func told(ref tasks.Ref, failed *tasks.Failure) *history.TaskFailure {
	return &history.TaskFailure{Task: ref.Event(), Error: &failed.Name, Cause: &failed.Cause}
}

// cancelJob stops what a Sync task started (AWS: best effort).
func (e *Engine) cancelJob(ref tasks.Ref, submitted any) {
	if err := e.services.Cancel(e.calls, ref, submitted); err != nil {
		e.log.Warn("a job could not be stopped", "resource", ref.Resource, "error", err)
	}
}
