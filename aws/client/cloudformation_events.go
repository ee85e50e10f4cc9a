package client

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// Events reads a stack's events by DescribeStackEvents, whose order is sure (AWS:
// reverse chronological; those of DescribeEvents are grouped by operation), and
// what a change set's validation found by DescribeEvents, which alone tells it.
func (s *stacks) Events(ctx context.Context, q stack.EventQuery) (stack.EventPage, error) {
	if q.ChangeSet != "" {
		return s.findings(ctx, q)
	}
	out, err := s.api.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{
		StackName: &q.Stack, NextToken: optional(q.Page),
	})
	if err != nil {
		return stack.EventPage{}, s.absent(err, q.Stack)
	}
	page := stack.EventPage{Next: aws.ToString(out.NextToken), Events: make([]stack.Event, 0, len(out.StackEvents))}
	for _, e := range out.StackEvents {
		page.Events = append(page.Events, stackEvent(e))
	}
	return page, nil
}

func stackEvent(e types.StackEvent) stack.Event {
	out := stack.Event{
		ID: aws.ToString(e.EventId), Time: aws.ToTime(e.Timestamp),
		Logical: aws.ToString(e.LogicalResourceId),
		Type:    aws.ToString(e.ResourceType), Physical: safe.Line(aws.ToString(e.PhysicalResourceId)),
		Status: stack.Status(e.ResourceStatus), Reason: safe.Line(aws.ToString(e.ResourceStatusReason)),
	}
	// The event after it says only that a hook failed, not what the hook found.
	if refusedByHook(e.HookStatus, e.HookFailureMode) {
		out.Status, out.Reason = "", hookReason(e.HookType, e.HookStatusReason)
	}
	return out
}

func refusedByHook(status types.HookStatus, mode types.HookFailureMode) bool {
	failed := status == types.HookStatusHookCompleteFailed || status == types.HookStatusHookFailed
	return failed && mode != types.HookFailureModeWarn
}

func hookReason(hook, reason *string) safe.Text {
	return safe.Linef("hook %s: %s", aws.ToString(hook), aws.ToString(reason))
}

// findings are what kept a change set from being made. An endpoint, or a policy,
// that is older than DescribeEvents tells none.
func (s *stacks) findings(ctx context.Context, q stack.EventQuery) (stack.EventPage, error) {
	out, err := s.api.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{
		ChangeSetName: &q.ChangeSet, NextToken: optional(q.Page), Filters: &types.EventFilter{FailedEvents: aws.Bool(true)},
	})
	if err != nil {
		if withoutOperations(err) {
			return stack.EventPage{}, nil
		}
		return stack.EventPage{}, s.absent(err, q.Stack)
	}
	page := stack.EventPage{Next: aws.ToString(out.NextToken), Events: []stack.Event{}}
	for _, e := range out.OperationEvents {
		if found, ok := finding(e); ok {
			page.Events = append(page.Events, found)
		}
	}
	return page, nil
}

func withoutOperations(err error) bool {
	var api smithy.APIError
	if ops.KindOf(err) == ops.Denied {
		return true
	}
	return errors.As(err, &api) && (api.ErrorCode() == "InvalidAction" || strings.HasPrefix(api.ErrorCode(), "UnknownOperation"))
}

// finding is an event that tells of an error. What is about the operation as a
// whole, or only a warning, is none.
func finding(e types.OperationEvent) (found stack.Event, ok bool) {
	out := stack.Event{
		ID: aws.ToString(e.EventId), Time: aws.ToTime(e.Timestamp),
		Logical: aws.ToString(e.LogicalResourceId),
		Type:    aws.ToString(e.ResourceType), Physical: safe.Line(aws.ToString(e.PhysicalResourceId)),
	}
	if out.Time.IsZero() {
		out.Time = aws.ToTime(e.StartTime)
	}
	switch e.EventType {
	case types.EventTypeValidationError:
		out.Path = safe.Line(aws.ToString(e.ValidationPath))
		out.Reason = safe.Line(aws.ToString(e.ValidationStatusReason)).Or(safe.Line(aws.ToString(e.ResourceStatusReason)))
		return out, e.ValidationFailureMode != types.HookFailureModeWarn
	case types.EventTypeHookInvocationError:
		out.Reason = hookReason(e.HookType, e.HookStatusReason)
		return out, e.HookFailureMode != types.HookFailureModeWarn
	case types.EventTypeProvisioningError:
		out.Status, out.Reason = stack.Status(e.ResourceStatus), safe.Line(aws.ToString(e.ResourceStatusReason))
		return out, true
	default:
		return stack.Event{}, false
	}
}
