package client

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// eventSource reads events by DescribeEvents, which also tells what validations
// and hooks found. Where that is not known, or not allowed, it reads the older
// DescribeStackEvents.
type eventSource struct {
	api *cloudformation.Client
	old atomic.Bool
}

func (e *eventSource) page(ctx context.Context, q stack.EventQuery) (stack.EventPage, error) {
	if !e.old.Load() {
		page, err := e.operations(ctx, q)
		if err == nil || !withoutOperations(err) {
			return page, err
		}
		// The page tokens of the two calls are not the same: a first page decides.
		if q.Page != "" {
			return stack.EventPage{}, err
		}
		e.old.Store(true)
	}
	if q.ChangeSet != "" {
		return stack.EventPage{}, nil
	}
	return e.events(ctx, q)
}

// withoutOperations recognises an endpoint, or a policy, that is older than DescribeEvents.
func withoutOperations(err error) bool {
	var api smithy.APIError
	if ops.KindOf(err) == ops.Denied {
		return true
	}
	return errors.As(err, &api) && (api.ErrorCode() == "InvalidAction" || strings.HasPrefix(api.ErrorCode(), "UnknownOperation"))
}

func (e *eventSource) operations(ctx context.Context, q stack.EventQuery) (stack.EventPage, error) {
	in := &cloudformation.DescribeEventsInput{NextToken: optional(q.Page)}
	if q.ChangeSet != "" {
		in.ChangeSetName = &q.ChangeSet
	} else {
		in.StackName = &q.Stack
	}
	out, err := e.api.DescribeEvents(ctx, in)
	if err != nil {
		return stack.EventPage{}, err
	}
	page := stack.EventPage{Next: aws.ToString(out.NextToken), Events: make([]stack.Event, 0, len(out.OperationEvents))}
	for _, ev := range out.OperationEvents {
		page.Events = append(page.Events, operationEvent(ev))
	}
	return page, nil
}

func operationEvent(e types.OperationEvent) stack.Event {
	out := stack.Event{
		ID: aws.ToString(e.EventId), Time: instant(e.Timestamp),
		Logical: aws.ToString(e.LogicalResourceId),
		Type:    aws.ToString(e.ResourceType), Physical: safe.Line(aws.ToString(e.PhysicalResourceId)),
		Status: stack.Status(e.ResourceStatus), Reason: safe.Line(aws.ToString(e.ResourceStatusReason)),
	}
	if out.Time.IsZero() {
		out.Time = instant(e.StartTime)
	}
	switch e.EventType {
	case types.EventTypeValidationError:
		out.Status, out.Path = "", safe.Line(aws.ToString(e.ValidationPath))
		out.Reason = safe.Line(aws.ToString(e.ValidationStatusReason)).Or(out.Reason)
	case types.EventTypeHookInvocationError:
		out.Status = ""
		out.Reason = safe.Linef("hook %s: %s", aws.ToString(e.HookType), aws.ToString(e.HookStatusReason))
	}
	return out
}

func (e *eventSource) events(ctx context.Context, q stack.EventQuery) (stack.EventPage, error) {
	out, err := e.api.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{
		StackName: &q.Stack, NextToken: optional(q.Page),
	})
	if err != nil {
		return stack.EventPage{}, err
	}
	page := stack.EventPage{Next: aws.ToString(out.NextToken), Events: make([]stack.Event, 0, len(out.StackEvents))}
	for _, ev := range out.StackEvents {
		page.Events = append(page.Events, stack.Event{
			ID: aws.ToString(ev.EventId), Time: instant(ev.Timestamp),
			Logical: aws.ToString(ev.LogicalResourceId),
			Type:    aws.ToString(ev.ResourceType), Physical: safe.Line(aws.ToString(ev.PhysicalResourceId)),
			Status: stack.Status(ev.ResourceStatus), Reason: safe.Line(aws.ToString(ev.ResourceStatusReason)),
		})
	}
	return page, nil
}
