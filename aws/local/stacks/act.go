package stacks

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type startedOperation struct {
	StackID     string `xml:"StackId"`
	OperationID string `xml:"OperationId,omitempty"`
}

func (s *Service) createStack(ctx context.Context, values url.Values) (any, error) {
	f, err := s.formOf(ctx, values)
	if err != nil {
		return nil, err
	}
	name := f.Get("StackName")
	if err := checkName("stackName", name); err != nil {
		return nil, err
	}
	onFailure, err := failureOf(f)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(name) != nil {
		return nil, wire.Errorf("AlreadyExistsException", "Stack [%s] already exists", name)
	}
	target, err := s.read(f, nil, true)
	if err != nil {
		return nil, asRequestError(err)
	}
	st := s.newStack(name)
	if _, _, err := s.plan(st, target); err != nil {
		delete(s.stacks, st.ID)
		return nil, asRefusal(err)
	}
	st.Protected = f.yes("EnableTerminationProtection")
	s.begin(st, operation{
		Type: opCreate, Token: f.Get("ClientRequestToken"), Phase: phaseForward, Target: target,
		OnFailure: onFailure, RetainExceptOnCreate: f.yes("RetainExceptOnCreate"),
	}, "CREATE_IN_PROGRESS")
	return startedOperation{StackID: st.ID, OperationID: st.Operation.ID}, nil
}

// failureOf is what a failure does. AWS: DisableRollback or OnFailure, not both.
func failureOf(f form) (string, error) {
	switch onFailure := f.Get("OnFailure"); {
	case onFailure != "" && f.Has("DisableRollback"):
		return "", refuse("Either DisableRollback or OnFailure can be specified, not both.")
	case onFailure != "":
		var v wire.Violations
		v.Enum("onFailure", onFailure, failRollback, failNothing, failDelete)
		return onFailure, v.ErrAs("ValidationError")
	case f.yes("DisableRollback"):
		return failNothing, nil
	default:
		return failRollback, nil
	}
}

// asRequestError is a template's fault as an operation without a change set tells it.
func asRequestError(err error) error {
	var transform *transformError
	if errors.As(err, &transform) {
		return refuse("%s", transform.Error())
	}
	return err
}

func (s *Service) updateStack(ctx context.Context, values url.Values) (any, error) {
	f, err := s.formOf(ctx, values)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.live(f.Get("StackName"))
	if err != nil {
		return nil, err
	}
	if err := updatable(st); err != nil {
		return nil, err
	}
	target, err := s.read(f, st, true)
	if err != nil {
		return nil, asRequestError(err)
	}
	_, unchanged, err := s.plan(st, target)
	if err != nil {
		return nil, asRefusal(err)
	}
	if unchanged {
		return nil, refuse("No updates are to be performed.")
	}
	onFailure := failRollback
	if f.yes("DisableRollback") {
		onFailure = failNothing
	}
	for _, cs := range s.changeSets {
		if cs.StackID == st.ID && cs.Execution == executeAvailable {
			cs.Execution = executeObsolete
			s.saveChangeSet(cs)
		}
	}
	s.begin(st, operation{
		Type: opUpdate, Token: f.Get("ClientRequestToken"), Phase: phaseForward, Target: target,
		OnFailure: onFailure, RetainExceptOnCreate: f.yes("RetainExceptOnCreate"),
	}, "UPDATE_IN_PROGRESS")
	return startedOperation{StackID: st.ID, OperationID: st.Operation.ID}, nil
}

func (s *Service) deleteStack(_ context.Context, values url.Values) (any, error) {
	f := form{Values: values}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Get("StackName") == "" {
		return nil, refuse("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")
	}
	st := s.find(f.Get("StackName"))
	if st == nil || !st.Deleted.IsZero() {
		return struct{}{}, nil
	}
	op := operation{
		Type: opDelete, Token: f.Get("ClientRequestToken"), Phase: phaseDelete, Target: st.current(),
		Retain: f.texts("RetainResources"), Force: f.Get("DeletionMode") == "FORCE_DELETE_STACK",
	}
	switch {
	case st.Protected:
		return nil, refuse("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.Name)
	case (len(op.Retain) > 0 || op.Force) && st.Status != "DELETE_FAILED":
		return nil, refuse("Invalid operation on stack [%s]. RetainResources and FORCE_DELETE_STACK can be specified only for a stack in the DELETE_FAILED state.", st.ID)
	case st.Operation.Phase == phaseDelete:
		return struct{}{}, nil
	case st.Operation.Type == opCreate && st.Operation.Phase == phaseForward:
		st.Operation.DeleteNext = true
		s.save(st)
		return struct{}{}, nil
	case st.Operation.under():
		return nil, refuse("Stack [%s] cannot be deleted while in status %s", st.ID, st.Status)
	}
	s.begin(st, op, "DELETE_IN_PROGRESS")
	return struct{}{}, nil
}

func (s *Service) cancelUpdateStack(_ form, st *stack) (any, error) {
	if st.Status != "UPDATE_IN_PROGRESS" {
		return nil, refuse("CancelUpdateStack cannot be called from current stack status")
	}
	st.Operation.Canceled = true
	s.save(st)
	return struct{}{}, nil
}

func (s *Service) continueUpdateRollback(f form, st *stack) (any, error) {
	if st.Status != "UPDATE_ROLLBACK_FAILED" {
		return nil, refuse("Stack:%s is in %s state and can not be rolled back.", st.ID, st.Status)
	}
	skip := f.texts("ResourcesToSkip")
	for _, logical := range skip {
		if r := st.Resources[logical]; r == nil || r.Status != "UPDATE_FAILED" {
			return nil, refuse("Resource [%s] cannot be skipped: only resources in the UPDATE_FAILED state can be.", logical)
		}
	}
	s.begin(st, operation{
		Type: opContinue, Token: f.Get("ClientRequestToken"), Phase: phaseRollback, Target: st.Operation.Target, Skip: skip,
	}, "UPDATE_ROLLBACK_IN_PROGRESS")
	return struct{}{}, nil
}

func (s *Service) rollbackStack(f form, st *stack) (any, error) {
	if !slices.Contains([]string{"CREATE_FAILED", "UPDATE_FAILED"}, st.Status) {
		return nil, refuse("RollbackStack operation is not allowed when stack is in %s state. Stack must be in CREATE_FAILED or UPDATE_FAILED state.", st.Status)
	}
	op := operation{
		Type: opRollback, Token: f.Get("ClientRequestToken"), Phase: phaseRollback, Target: st.Operation.Target,
		RetainExceptOnCreate: f.yes("RetainExceptOnCreate"),
	}
	status := "UPDATE_ROLLBACK_IN_PROGRESS"
	if !st.stable() {
		op.Phase, status = phaseRollbackCleanup, "ROLLBACK_IN_PROGRESS"
	}
	s.begin(st, op, status)
	return startedOperation{StackID: st.ID, OperationID: st.Operation.ID}, nil
}

type protectedStack struct {
	StackID string `xml:"StackId"`
}

func (s *Service) updateTerminationProtection(f form, st *stack) (any, error) {
	st.Protected = f.yes("EnableTerminationProtection")
	s.save(st)
	return protectedStack{StackID: st.ID}, nil
}
