package client

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// eventOf flattens an event: of the details exactly one group is set, by the event's type.
func eventOf(e types.HistoryEvent) workflow.Event {
	out := workflow.Event{
		ID: e.Id, Previous: e.PreviousEventId, Type: workflow.EventType(e.Type), Time: aws.ToTime(e.Timestamp),
	}
	fillRun(&out, e)
	fillState(&out, e)
	fillTask(&out, e)
	fillTaskEnd(&out, e)
	fillLambda(&out, e)
	fillActivity(&out, e)
	fillMap(&out, e)
	return out
}

func fillRun(out *workflow.Event, e types.HistoryEvent) {
	if d := e.ExecutionStartedEventDetails; d != nil {
		out.Input = aws.ToString(d.Input)
	}
	if d := e.ExecutionSucceededEventDetails; d != nil {
		out.Output = aws.ToString(d.Output)
	}
	if d := e.ExecutionFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.ExecutionTimedOutEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.ExecutionAbortedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.ExecutionRedrivenEventDetails; d != nil {
		out.RedriveCount = int(aws.ToInt32(d.RedriveCount))
	}
}

func fillState(out *workflow.Event, e types.HistoryEvent) {
	if d := e.StateEnteredEventDetails; d != nil {
		out.State, out.Input = safe.Line(aws.ToString(d.Name)), aws.ToString(d.Input)
	}
	if d := e.StateExitedEventDetails; d != nil {
		out.State, out.Output = safe.Line(aws.ToString(d.Name)), aws.ToString(d.Output)
	}
	if d := e.EvaluationFailedEventDetails; d != nil {
		out.State, out.Location = safe.Line(aws.ToString(d.State)), safe.Line(aws.ToString(d.Location))
		fail(out, d.Error, d.Cause)
	}
}

func fillTask(out *workflow.Event, e types.HistoryEvent) {
	if d := e.TaskScheduledEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		out.Region, out.Parameters = aws.ToString(d.Region), aws.ToString(d.Parameters)
		limits(out, d.TimeoutInSeconds, d.HeartbeatInSeconds)
	}
	if d := e.TaskStartedEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
	}
	if d := e.TaskStartFailedEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		fail(out, d.Error, d.Cause)
	}
	if d := e.TaskSubmittedEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		out.Output = aws.ToString(d.Output)
	}
	if d := e.TaskSubmitFailedEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		fail(out, d.Error, d.Cause)
	}
}

func fillTaskEnd(out *workflow.Event, e types.HistoryEvent) {
	if d := e.TaskSucceededEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		out.Output = aws.ToString(d.Output)
	}
	if d := e.TaskFailedEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		fail(out, d.Error, d.Cause)
	}
	if d := e.TaskTimedOutEventDetails; d != nil {
		resource(out, d.ResourceType, d.Resource)
		fail(out, d.Error, d.Cause)
	}
}

func fillLambda(out *workflow.Event, e types.HistoryEvent) {
	if d := e.LambdaFunctionScheduledEventDetails; d != nil {
		out.Resource, out.Input = aws.ToString(d.Resource), aws.ToString(d.Input)
		limits(out, d.TimeoutInSeconds, nil)
	}
	if d := e.LambdaFunctionScheduleFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.LambdaFunctionStartFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.LambdaFunctionSucceededEventDetails; d != nil {
		out.Output = aws.ToString(d.Output)
	}
	if d := e.LambdaFunctionFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.LambdaFunctionTimedOutEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
}

func fillActivity(out *workflow.Event, e types.HistoryEvent) {
	if d := e.ActivityScheduledEventDetails; d != nil {
		out.Resource, out.Input = aws.ToString(d.Resource), aws.ToString(d.Input)
		limits(out, d.TimeoutInSeconds, d.HeartbeatInSeconds)
	}
	if d := e.ActivityScheduleFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.ActivitySucceededEventDetails; d != nil {
		out.Output = aws.ToString(d.Output)
	}
	if d := e.ActivityFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
	if d := e.ActivityTimedOutEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
}

func fillMap(out *workflow.Event, e types.HistoryEvent) {
	if d := e.MapStateStartedEventDetails; d != nil {
		out.Length = int(d.Length)
	}
	for _, d := range []*types.MapIterationEventDetails{
		e.MapIterationStartedEventDetails, e.MapIterationSucceededEventDetails,
		e.MapIterationFailedEventDetails, e.MapIterationAbortedEventDetails,
	} {
		if d != nil {
			out.State, out.Index = safe.Line(aws.ToString(d.Name)), int(d.Index)
		}
	}
	if d := e.MapRunStartedEventDetails; d != nil {
		out.MapRunARN = aws.ToString(d.MapRunArn)
	}
	if d := e.MapRunRedrivenEventDetails; d != nil {
		out.MapRunARN, out.RedriveCount = aws.ToString(d.MapRunArn), int(aws.ToInt32(d.RedriveCount))
	}
	if d := e.MapRunFailedEventDetails; d != nil {
		fail(out, d.Error, d.Cause)
	}
}

func fail(out *workflow.Event, name, cause *string) {
	out.Error, out.Cause = safe.Line(aws.ToString(name)), safe.Block(aws.ToString(cause))
}

func resource(out *workflow.Event, kind, name *string) {
	out.ResourceType, out.Resource = aws.ToString(kind), aws.ToString(name)
}

func limits(out *workflow.Event, timeout, heartbeat *int64) {
	out.Timeout = time.Duration(aws.ToInt64(timeout)) * time.Second
	out.Heartbeat = time.Duration(aws.ToInt64(heartbeat)) * time.Second
}
