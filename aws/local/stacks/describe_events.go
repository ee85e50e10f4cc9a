package stacks

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type describedEvent struct {
	ID         string `xml:"EventId"`
	StackID    string `xml:"StackId"`
	StackName  string
	Operation  string `xml:"OperationId,omitempty"`
	Logical    string `xml:"LogicalResourceId"`
	Physical   string `xml:"PhysicalResourceId"`
	Type       string `xml:"ResourceType"`
	Timestamp  string
	Status     string `xml:"ResourceStatus"`
	Reason     string `xml:"ResourceStatusReason,omitempty"`
	Properties string `xml:"ResourceProperties,omitempty"`
	Token      string `xml:"ClientRequestToken,omitempty"`
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
	events, next, err := s.eventPage(st, values.Get("NextToken"), func(event) bool { return true })
	if err != nil {
		return nil, err
	}
	out := describedEvents{NextToken: next}
	for _, e := range events {
		out.Events.Items = append(out.Events.Items, describedEvent{
			ID: e.ID, StackID: st.ID, StackName: st.Name, Operation: e.OperationID, Logical: e.Logical, Physical: e.Physical,
			Type: e.Type, Timestamp: at(e.At), Status: e.Status, Reason: e.Reason, Properties: e.Properties, Token: e.Token,
		})
	}
	return out, nil
}

// eventPage is a page of the events that keep is true for, newest first. The
// token is the number of the event that the page comes after, so that new
// events do not move the pages behind it.
func (s *Service) eventPage(st *stack, token string, keep func(event) bool) (cut []event, next string, err error) {
	before := st.Events + 1
	if token != "" {
		if _, err := fmt.Sscanf(token, "before-%d", &before); err != nil {
			return nil, "", refuse("NextToken is invalid")
		}
	}
	all, err := s.eventsOf(st)
	if err != nil {
		return nil, "", err
	}
	for _, e := range slices.Backward(all) {
		if e.Number >= before || !keep(e) {
			continue
		}
		if len(cut) == pageSize {
			return cut, fmt.Sprintf("before-%d", cut[len(cut)-1].Number), nil
		}
		cut = append(cut, e)
	}
	return cut, "", nil
}

type describedOperationEvent struct {
	ID            string `xml:"EventId"`
	StackID       string `xml:"StackId"`
	Operation     string `xml:"OperationId,omitempty"`
	OperationType string `xml:",omitempty"`
	// OperationStatus is told by the events of the stack itself.
	OperationStatus string `xml:",omitempty"`
	Kind            string `xml:"EventType"`
	Logical         string `xml:"LogicalResourceId"`
	Physical        string `xml:"PhysicalResourceId,omitempty"`
	Type            string `xml:"ResourceType"`
	Timestamp       string
	StartTime       string `xml:",omitempty"`
	EndTime         string `xml:",omitempty"`
	Status          string `xml:"ResourceStatus"`
	Reason          string `xml:"ResourceStatusReason,omitempty"`
	Properties      string `xml:"ResourceProperties,omitempty"`
	Token           string `xml:"ClientRequestToken,omitempty"`
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
	events, next, err := s.eventPage(st, f.Get("NextToken"), func(e event) bool {
		return (len(ids) == 0 || slices.Contains(ids, e.OperationID)) && (!onlyFailed || failed(e))
	})
	if err != nil {
		return nil, err
	}
	out := describedOperationEvents{NextToken: next}
	for _, e := range events {
		out.Events.Items = append(out.Events.Items, e.described(st))
	}
	return out, nil
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
	out := describedOperationEvent{
		ID: e.ID, StackID: st.ID, Operation: e.OperationID, OperationType: e.Operation, Kind: e.kind(),
		Logical: e.Logical, Physical: e.Physical, Type: e.Type, Timestamp: at(e.At), Status: e.Status, Reason: e.Reason,
		Properties: e.Properties, Token: e.Token,
	}
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
