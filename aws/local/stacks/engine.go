package stacks

import (
	"context"
	"errors"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// errHalted ends a phase that Recover goes on with.
var errHalted = errors.New("local AWS is stopping")

// begin makes op the stack's operation, tells its first status, and starts it.
// The caller holds the lock.
func (s *Service) begin(st *stack, op operation, status string) {
	op.ID = ids.UUID()
	if st.Status != "" && op.Type != opDelete {
		st.Updated = s.opts.Clock.Now()
	}
	st.Operation = op
	st.Past = append(st.Past, past{ID: op.ID, Type: op.Type})
	s.setStatus(st, status, reasonUser)
	s.start(st)
}

// start runs a stack's operation in a goroutine that Close waits for. The
// caller holds the lock.
func (s *Service) start(st *stack) {
	if s.closing {
		return
	}
	s.running.Add(1)
	id := st.Operation.ID
	go func() {
		defer s.running.Done()
		s.run(st, id)
	}()
}

// run takes an operation through its phases until none is left or local AWS
// stops. Once it has ended, another may begin before run looks again.
func (s *Service) run(st *stack, id string) {
	phases := map[phase]func(*stack) error{
		phaseForward: s.forward, phaseCleanup: s.cleanup,
		phaseRollback: s.rollback, phaseRollbackCleanup: s.rollbackCleanup, phaseDelete: s.deletion,
	}
	for {
		s.mu.Lock()
		next, over := phases[st.Operation.Phase], s.closing || st.Operation.ID != id
		s.mu.Unlock()
		if next == nil || over || next(st) != nil {
			return
		}
	}
}

// enter changes the phase. The caller holds the lock.
func (s *Service) enter(st *stack, next phase, status, reason string) {
	st.Operation.Phase = next
	s.setStatus(st, status, reason)
}

// end is the end of an operation. The caller holds the lock.
func (s *Service) end(st *stack, status, reason string) {
	stable := !strings.HasSuffix(status, "_FAILED")
	if stable {
		st.Journal = nil
	}
	if cs := s.changeSets[st.Operation.ChangeSet]; cs != nil && st.Operation.Type != opDelete {
		cs.Execution = executeComplete
		if strings.Contains(status, "ROLLBACK") || !stable {
			cs.Execution = executeFailed
		}
		s.saveChangeSet(cs)
	}
	s.enter(st, phaseIdle, status, reason)
}

// kindOf is the kind of a resource and where it works.
func (s *Service) kindOf(st *stack, kind string) (resources.Kind, resources.Env) {
	env := s.env
	env.StackName, env.StackID = st.Name, st.ID
	return s.opts.Kinds[kind], env
}

// timed is the context of one call of a kind: its owner is the service, which
// waits for it in Close.
func timed() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), callLimit)
}

// evaluation is a deployment's template in the stack's scope.
func (s *Service) evaluation(st *stack, d deployment, known func(logical, attribute string) (any, error)) (*evaluate.Template, *evaluate.Evaluation, error) {
	document, err := evaluate.Document([]byte(d.Processed))
	if err != nil {
		return nil, nil, err
	}
	t, err := evaluate.New(document)
	if err != nil {
		return nil, nil, err
	}
	e, err := t.In(evaluate.Scope{
		Region: s.opts.Region, Account: s.opts.Account, Partition: s.env.Partition,
		StackName: st.Name, StackID: st.ID, NotificationARNs: d.NotificationARNs,
		Parameters: d.Parameters, Resource: known,
	})
	return t, e, err
}

// made gives what the stack's resources say of themselves.
func made(st *stack) func(logical, attribute string) (any, error) {
	return func(logical, attribute string) (any, error) {
		r := st.Resources[logical]
		if !r.live() {
			return nil, &evaluate.Invalid{Message: "Resource " + logical + " was not made"}
		}
		return sayOf(r, attribute)
	}
}

// sayOf is what Ref or Fn::GetAtt gives of a resource.
func sayOf(r *resource, attribute string) (any, error) {
	if attribute == "" {
		return r.ID, nil
	}
	value, ok := r.Attributes[attribute]
	if !ok {
		return nil, &evaluate.Invalid{Message: "Template error: resource " + r.Logical + " does not support attribute type " + attribute + " in Fn::GetAtt"}
	}
	return value, nil
}
