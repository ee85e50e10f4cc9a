package tasks

import (
	"context"
	"errors"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// callLimit bounds one call of a service.
const callLimit = time.Minute

// Services are the ways to the services that tasks call.
type Services struct {
	// Invoke calls an operation of local AWS; its errors are *wire.Error.
	Invoke func(ctx context.Context, service, operation string, body []byte) ([]byte, error)
	// TaskStopped waits until an ECS task is STOPPED and returns its description.
	TaskStopped func(ctx context.Context, cluster, taskARN string) ([]byte, error)
	// RunEnded waits until a run has ended and returns what DescribeExecution answers.
	RunEnded func(ctx context.Context, runARN string) ([]byte, error)
	Clock    clock.Clock
}

// Parameters are the task's arguments as they are scheduled: checked, and with
// what the integration adds by itself. An error is an *asl.Fault.
func (r Ref) Parameters(arguments any) (any, error) {
	o, ok := arguments.(*jsonv.Object)
	if !ok {
		return nil, &asl.Fault{
			Name: asl.ErrRuntime, Cause: "The Parameters '" + jsonv.Text(arguments) + "' could not be used to start the Task: [The parameters must be an object]",
			HasCause: true, Prefix: true,
		}
	}
	if r.sdk {
		return o, nil
	}
	for _, key := range o.Keys() {
		if !r.supports(key) {
			return nil, unsupported(key)
		}
	}
	if r.service == "ecs" && r.Pattern == Sync {
		o = jsonv.Clone(o).(*jsonv.Object)
		o.Set("StartedBy", "AWS Step Functions")
	}
	return o, nil
}

// Submit calls the service. An error of the service is a *Failure; any other
// means that ctx ended.
func (s Services) Submit(ctx context.Context, r Ref, parameters any) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	answer, err := s.call(ctx, r, r.operation, r.request(parameters))
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, r.failure(err)
	}
	return r.answer(answer, s.Clock.Now())
}

func (s Services) call(ctx context.Context, r Ref, operation string, request any) (string, error) {
	answer, err := s.Invoke(ctx, r.service, operation, []byte(jsonv.Text(request)))
	return string(answer), err
}

// Wait returns the result of a Sync task once it has ended. An error is a
// *Failure, or means that ctx ended.
func (s Services) Wait(ctx context.Context, r Ref, submitted any) (any, error) {
	if r.service == "ecs" {
		return s.waitTask(ctx, submitted)
	}
	return s.waitRun(ctx, r, submitted)
}

// Cancel stops what a Sync task started, as far as that goes.
func (s Services) Cancel(ctx context.Context, r Ref, submitted any) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	operation, request := "StopExecution", jsonv.NewObject("executionArn", text(submitted, "ExecutionArn"))
	if r.service == "ecs" {
		cluster, arn := startedTask(submitted)
		operation, request = "StopTask", jsonv.NewObject("cluster", cluster, "task", arn, "reason", "Task stopped by AWS Step Functions")
	}
	_, err := s.call(ctx, r, operation, request)
	return err
}

// text is a member of an object, empty when there is no such text.
func text(v any, key string) string {
	o, _ := v.(*jsonv.Object)
	value, _ := o.Get(key)
	s, _ := value.(string)
	return s
}
