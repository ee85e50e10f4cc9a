package stacks

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// changeSet is a change set as it is kept. The one that was executed last
// stays, to be found by its ID.
type changeSet struct {
	ID, Name, StackID, StackName, Type, Description string
	Created                                         time.Time
	Status, Reason, Execution                       string
	OnFailure                                       string
	// ImportExisting takes resources that exist under the names in the template into the stack.
	ImportExisting bool
	// OperationID is the operation that made the change set, ExecutionID the one that executed it.
	OperationID, ExecutionID string
	// Token makes a repeated request give the same change set.
	Token      string
	Deployment deployment
	Changes    []change
}

// The states of a change set. AWS: ChangeSetStatus and ExecutionStatus.
const (
	creating          = "CREATE_IN_PROGRESS"
	created           = "CREATE_COMPLETE"
	changeSetFailed   = "FAILED"
	executeNot        = "UNAVAILABLE"
	executeAvailable  = "AVAILABLE"
	executeInProgress = "EXECUTE_IN_PROGRESS"
	executeComplete   = "EXECUTE_COMPLETE"
	executeFailed     = "EXECUTE_FAILED"
	executeObsolete   = "OBSOLETE"
)

// AWS: the reason of a change set without changes.
const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

const reviewing = "REVIEW_IN_PROGRESS"

func (cs *changeSet) executed() bool {
	return slices.Contains([]string{executeInProgress, executeComplete, executeFailed}, cs.Execution)
}

func (s *Service) saveChangeSet(cs *changeSet) { s.put(changeSetBucket, cs.ID, cs) }

// dropChangeSets forgets a stack's change sets but the one kept.
func (s *Service) dropChangeSets(st *stack, kept string) {
	for id, cs := range s.changeSets {
		if cs.StackID == st.ID && id != kept {
			delete(s.changeSets, id)
			s.drop(changeSetBucket, id)
		}
	}
}

type createdChangeSet struct {
	ID      string `xml:"Id"`
	StackID string `xml:"StackId"`
}

func (s *Service) createChangeSet(ctx context.Context, values url.Values) (any, error) {
	f, err := s.formOf(ctx, values)
	if err != nil {
		return nil, err
	}
	cs := &changeSet{
		Name: f.Get("ChangeSetName"), StackName: f.Get("StackName"), Type: f.Get("ChangeSetType"),
		Description: f.Get("Description"), OnFailure: f.Get("OnStackFailure"), Token: f.Get("ClientToken"), OperationID: ids.UUID(),
		ImportExisting: f.yes("ImportExistingResources"), Status: creating, Execution: executeNot,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.changeSetStack(cs)
	if err != nil {
		return nil, err
	}
	var before *stack
	if cs.Type == "UPDATE" {
		before = st
	}
	if other := s.existing(st, cs.Name); other != nil {
		if cs.Token != "" && other.Token == cs.Token {
			return createdChangeSet{ID: other.ID, StackID: other.StackID}, nil
		}
		return nil, wire.Errorf("AlreadyExistsException", "ChangeSet %s cannot be created due to a mismatch with existing attribute Template", cs.Name)
	}
	target, problem := s.read(f, before, false)
	var transform *transformError
	if problem != nil && !errors.As(problem, &transform) {
		return nil, problem
	}
	if st == nil {
		st = s.newStack(cs.StackName)
		st.Operation = operation{ID: cs.OperationID, Type: opChangeSet}
		s.setStatus(st, reviewing, reasonUser)
	}
	cs.ID, cs.StackID, cs.StackName, cs.Created = s.arn("changeSet", cs.Name), st.ID, st.Name, s.opts.Clock.Now()
	cs.Deployment = target
	st.Past = append(st.Past, past{ID: cs.OperationID, Type: opChangeSet})
	s.save(st)
	s.changeSets[cs.ID] = cs
	s.fill(ctx, cs, st, problem)
	if s.changeSets[cs.ID] == nil {
		return nil, noChangeSet(cs.ID) // deleted while it was filled
	}
	s.saveChangeSet(cs)
	return createdChangeSet{ID: cs.ID, StackID: st.ID}, nil
}

// fill works out the changes of a new change set. The lock is free while it
// looks for resources to import.
func (s *Service) fill(ctx context.Context, cs *changeSet, st *stack, problem error) {
	var changes []change
	var unchanged bool
	if problem == nil {
		changes, unchanged, problem = s.plan(st, cs.Deployment)
	}
	if problem == nil && cs.ImportExisting {
		problem = s.findExisting(ctx, st, changes)
	}
	switch {
	case problem != nil:
		cs.Status, cs.Reason = changeSetFailed, problem.Error()
	case unchanged:
		cs.Status, cs.Reason = changeSetFailed, noChanges
	default:
		cs.Status, cs.Execution, cs.Changes = created, executeAvailable, changes
	}
}

// changeSetStack checks a request for a change set and gives its stack; nil
// is one that is not there yet.
func (s *Service) changeSetStack(cs *changeSet) (*stack, error) {
	if cs.Type == "" {
		cs.Type = "UPDATE"
	}
	if cs.Type == "IMPORT" {
		return nil, refuse("local AWS does not import resources into a stack: use ChangeSetType CREATE or UPDATE")
	}
	var v wire.Violations
	v.Enum("changeSetType", cs.Type, "CREATE", "UPDATE", "IMPORT")
	if cs.OnFailure != "" {
		v.Enum("onStackFailure", cs.OnFailure, failRollback, failNothing, failDelete)
	}
	if err := errors.Join(v.ErrAs("ValidationError"), checkName("changeSetName", cs.Name)); err != nil {
		return nil, err
	}
	st := s.find(cs.StackName)
	switch {
	case cs.Type == "UPDATE":
		if st == nil || !st.Deleted.IsZero() {
			return nil, refuse("Stack [%s] does not exist", cs.StackName)
		}
		if err := updatable(st); err != nil {
			return nil, err
		}
		if cs.OnFailure == failDelete {
			return nil, refuse("OnStackFailure cannot be set to DELETE when ChangeSetType is UPDATE")
		}
	case st != nil && st.Status != reviewing:
		return nil, refuse("Stack [%s] already exists and cannot be created again with the changeSet [%s].", st.Name, cs.Name)
	case st == nil:
		if err := checkName("stackName", cs.StackName); err != nil {
			return nil, err
		}
		return nil, nil
	}
	return st, nil
}

// existing is the stack's change set of a name that was not executed; nil: there is none.
func (s *Service) existing(st *stack, name string) *changeSet {
	for _, cs := range s.changeSets {
		if st != nil && cs.StackID == st.ID && cs.Name == name && !cs.executed() {
			return cs
		}
	}
	return nil
}

// updatable refuses an update in a state that allows none.
func updatable(st *stack) error {
	switch st.Status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED":
		return nil
	}
	return refuse("Stack:%s is in %s state and can not be updated.", st.ID, st.Status)
}

func (s *Service) executeChangeSet(f form, cs *changeSet) (any, error) {
	st := s.stacks[cs.StackID]
	if token := f.Get("ClientRequestToken"); token != "" && cs.executed() && st.Operation.ChangeSet == cs.ID && st.Operation.Token == token {
		return struct{}{}, nil
	}
	if cs.Execution != executeAvailable {
		status := cs.Status
		if cs.Status == created {
			status = cs.Execution
		}
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", cs.ID, status)
	}
	op := operation{
		Type: opUpdate, Token: f.Get("ClientRequestToken"), Phase: phaseForward, Target: cs.Deployment, ChangeSet: cs.ID,
		OnFailure: cs.OnFailure, RetainExceptOnCreate: f.yes("RetainExceptOnCreate"), Imports: cs.imports(),
	}
	if f.yes("DisableRollback") {
		op.OnFailure = failNothing
	}
	status := "UPDATE_IN_PROGRESS"
	if cs.Type == "CREATE" {
		op.Type, status = opCreate, "CREATE_IN_PROGRESS"
	} else if err := updatable(st); err != nil {
		return nil, err
	}
	cs.Execution, st.ChangeSet = executeInProgress, cs.ID
	s.dropChangeSets(st, cs.ID)
	s.begin(st, op, status)
	cs.ExecutionID = st.Operation.ID
	s.saveChangeSet(cs)
	return struct{}{}, nil
}

func (s *Service) deleteChangeSet(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := values.Get("ChangeSetName")
	cs, err := s.changeSetOf(name, values.Get("StackName"))
	var known *wire.Error
	if errors.As(err, &known) && known.Code == "ChangeSetNotFound" && !strings.HasPrefix(name, "arn:") {
		return struct{}{}, nil
	}
	if err != nil {
		return nil, err
	}
	if cs.Execution == executeInProgress {
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in its current status of [%s]", cs.ID, cs.Execution)
	}
	delete(s.changeSets, cs.ID)
	s.drop(changeSetBucket, cs.ID)
	return struct{}{}, nil
}

// newStack is a stack that has nothing yet.
func (s *Service) newStack(name string) *stack {
	s.forgetOld()
	st := &stack{ID: s.arn("stack", name), Name: name, Created: s.opts.Clock.Now(), Resources: map[string]*resource{}, Outputs: []evaluate.Resolved{}}
	s.stacks[st.ID] = st
	return st
}
