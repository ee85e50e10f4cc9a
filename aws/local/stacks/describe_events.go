package stacks

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// eventCore is what both descriptions of an event have.
type eventCore struct {
	ID         string `xml:"EventId"`
	StackID    string `xml:"StackId"`
	Operation  string `xml:"OperationId,omitempty"`
	Logical    string `xml:"LogicalResourceId"`
	Type       string `xml:"ResourceType"`
	Timestamp  string
	Status     string `xml:"ResourceStatus"`
	Reason     string `xml:"ResourceStatusReason,omitempty"`
	Properties string `xml:"ResourceProperties,omitempty"`
	Token      string `xml:"ClientRequestToken,omitempty"`
}

func (e event) core(st *stack) eventCore {
	return eventCore{
		ID: e.ID, StackID: st.ID, Operation: e.OperationID, Logical: e.Logical, Type: e.Type, Timestamp: at(e.At),
		Status: e.Status, Reason: e.Reason, Properties: e.Properties, Token: e.Token,
	}
}

type describedEvent struct {
	eventCore
	StackName string
	Physical  string `xml:"PhysicalResourceId"`
}

type describedEvents struct {
	Events    members[describedEvent] `xml:"StackEvents"`
	NextToken string                  `xml:",omitempty"`
}

func (s *Service) describeStackEvents(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := values.Get("StackName")
	st := s.find(name)
	if st == nil {
		return nil, refuse("Stack [%s] does not exist", name)
	}
	events, next, err := eventPage(s, st, values.Get("NextToken"), func(event) bool { return true }, func(e event) describedEvent {
		return describedEvent{eventCore: e.core(st), StackName: st.Name, Physical: e.Physical}
	})
	return describedEvents{Events: events, NextToken: next}, err
}

// eventPage shows a page of the events that keep is true for, newest first. The
// token is the number of the event that the page comes after, so that new
// events do not move the pages behind it.
func eventPage[R any](s *Service, st *stack, token string, keep func(event) bool, show func(event) R) (shown members[R], next string, err error) {
	before, last := st.Events+1, 0
	if token != "" {
		if _, err := fmt.Sscanf(token, "before-%d", &before); err != nil {
			return shown, "", refuse("NextToken is invalid")
		}
	}
	err = s.eventsBefore(st, before, func(e event) error {
		switch {
		case !keep(e):
		case len(shown.Items) == pageSize:
			next = fmt.Sprintf("before-%d", last)
			return store.ErrEnough
		default:
			shown.Items, last = append(shown.Items, show(e)), e.Number
		}
		return nil
	})
	return shown, next, err
}

type describedOperationEvent struct {
	eventCore
	OperationType string `xml:",omitempty"`
	// OperationStatus is told by the events of the stack itself.
	OperationStatus string `xml:",omitempty"`
	Kind            string `xml:"EventType"`
	Physical        string `xml:"PhysicalResourceId,omitempty"`
	StartTime       string `xml:",omitempty"`
	EndTime         string `xml:",omitempty"`
}

type describedOperationEvents struct {
	Events    members[describedOperationEvent] `xml:"OperationEvents"`
	NextToken string                           `xml:",omitempty"`
}

// describeEvents answers by operation, by change set, or by stack.
func (s *Service) describeEvents(_ context.Context, values url.Values) (any, error) {
	f := form{Values: values}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ids, err := s.eventSource(f)
	if err != nil {
		return nil, err
	}
	onlyFailed := f.yes("Filters.FailedEvents")
	events, next, err := eventPage(s, st, f.Get("NextToken"), func(e event) bool {
		return (len(ids) == 0 || slices.Contains(ids, e.OperationID)) && (!onlyFailed || failed(e))
	}, func(e event) describedOperationEvent { return e.described(st) })
	return describedOperationEvents{Events: events, NextToken: next}, err
}

// eventSource is whose events are asked for: a stack, and some of its
// operations or all (none is named).
func (s *Service) eventSource(f form) (st *stack, operations []string, err error) {
	id := f.Get("OperationId")
	if id != "" {
		operations = []string{id}
	}
	switch {
	case f.Get("ChangeSetName") != "":
		cs, err := s.changeSetOf(f.Get("ChangeSetName"), f.Get("StackName"))
		if err != nil {
			return nil, nil, err
		}
		return s.stacks[cs.StackID], []string{cs.OperationID, cs.ExecutionID}, nil
	case f.Get("StackName") != "":
		st, err = s.need(f.Get("StackName"))
		return st, operations, err
	case id == "":
		return nil, nil, refuse("One of StackName, ChangeSetName or OperationId must be specified.")
	}
	for _, st := range s.stacks {
		if slices.ContainsFunc(st.Past, func(p past) bool { return p.ID == id }) {
			return st, operations, nil
		}
	}
	return nil, nil, &wire.Error{Code: "OperationNotFoundException", Message: "Operation [" + id + "] does not exist", Status: 404}
}

func (e event) described(st *stack) describedOperationEvent {
	out := describedOperationEvent{eventCore: e.core(st), OperationType: e.Operation, Kind: e.kind(), Physical: e.Physical}
	if strings.HasSuffix(e.Status, "_IN_PROGRESS") {
		out.StartTime = at(e.At)
	} else {
		out.EndTime = at(e.At)
	}
	if e.Type == stackType {
		out.OperationStatus = e.outcome()
	}
	return out
}

// kind is the event's type. AWS: EventType of DescribeEvents.
func (e event) kind() string {
	switch {
	case e.Type == stackType:
		return "STACK_EVENT"
	case failed(e):
		return "PROVISIONING_ERROR"
	default:
		return "PROGRESS_EVENT"
	}
}

// outcome is what the stack's status says of the operation. A rollback that
// the operation began by itself is its failure.
func (e event) outcome() string {
	switch {
	case strings.HasSuffix(e.Status, "_IN_PROGRESS"):
		return "IN_PROGRESS"
	case failed(e), strings.Contains(e.Status, "ROLLBACK") && (e.Operation == opCreate || e.Operation == opUpdate):
		return "FAILED"
	default:
		return "SUCCEEDED"
	}
}
