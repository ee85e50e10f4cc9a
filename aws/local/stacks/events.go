package stacks

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// stackType is the type that a stack's own events have.
const stackType = "AWS::CloudFormation::Stack"

// setStatus changes a stack's status and tells it. The caller holds the lock.
func (s *Service) setStatus(st *stack, status, reason string) {
	st.Status, st.Reason = status, reason
	s.tell(st, event{Logical: st.Name, Physical: st.ID, Type: stackType, Status: status, Reason: reason})
	s.save(st)
}

// setResource changes a resource's status and tells it. The caller holds the lock.
func (s *Service) setResource(st *stack, r *resource, status, reason string) {
	r.Status, r.Reason, r.Updated = status, reason, s.opts.Clock.Now()
	s.tellOf(st, r, r.Properties)
	s.save(st)
}

// tellOf tells a resource's status with the properties that were tried.
func (s *Service) tellOf(st *stack, r *resource, tried resources.Properties) {
	text, err := json.Marshal(tried)
	if err != nil || tried == nil {
		text = []byte("{}")
	}
	s.tell(st, event{Logical: r.Logical, Physical: r.ID, Type: r.Type, Status: r.Status, Reason: r.Reason, Properties: string(text)})
}

func (s *Service) tell(st *stack, e event) {
	st.Events++
	e.Number, e.At = st.Events, s.opts.Clock.Now()
	e.ID = ids.UUID()
	if e.Type != stackType {
		e.ID = e.Logical + "-" + e.Status + "-" + e.ID
	}
	e.OperationID, e.Operation, e.Token = st.Operation.ID, st.Operation.Type, st.Operation.Token
	s.put(eventBucket, eventKey(st.ID, e.Number), e)
}

// eventsKey is what the keys of a stack's events begin with.
func eventsKey(stackID string) string { return stackID + "\x00" }

func eventKey(stackID string, number int) string {
	return fmt.Sprintf("%s%09d", eventsKey(stackID), number)
}

// eventsBefore calls f with a stack's events of a smaller number, newest first, until it
// returns store.ErrEnough.
func (s *Service) eventsBefore(st *stack, number int, f func(event) error) error {
	return s.opts.Store.Back(eventBucket, eventsKey(st.ID), eventKey(st.ID, number), func(_ string, text []byte) error {
		var e event
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		return f(e)
	})
}

func failed(e event) bool { return strings.HasSuffix(e.Status, "_FAILED") }
