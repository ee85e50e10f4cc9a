package stacks

import (
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// rollback takes what was changed back to the last stable state, in the order
// in which it was changed.
func (s *Service) rollback(st *stack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range st.Journal {
		if e.Before == nil || e.Restored {
			continue
		}
		if s.closing {
			return errHalted
		}
		if !s.restore(st, e) {
			s.end(st, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: ["+e.Logical+"]. ")
			return nil
		}
	}
	s.enter(st, phaseRollbackCleanup, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
	return nil
}

// restore brings one resource back. The lock is free during the call.
func (s *Service) restore(st *stack, e *entry) bool {
	r := *e.Before
	st.Resources[e.Logical] = &r
	var err error
	switch {
	case slices.Contains(st.Operation.Skip, e.Logical):
	case e.Tried != nil:
		s.setResource(st, &r, "UPDATE_IN_PROGRESS", "")
		var got resources.Made
		if got, err = s.takeBack(st, e); err == nil {
			r.Attributes = got.Attributes
		}
	}
	if err != nil {
		s.setResource(st, &r, "UPDATE_FAILED", err.Error())
		return false
	}
	e.Restored = true
	s.setResource(st, &r, "UPDATE_COMPLETE", "")
	return true
}

func (s *Service) takeBack(st *stack, e *entry) (resources.Made, error) {
	kind, env := s.kindOf(st, e.Before.Type)
	s.mu.Unlock()
	defer s.mu.Lock()
	ctx, cancel := timed()
	defer cancel()
	return kind.Update(ctx, env, e.Before.ID, e.Tried, tagged(e.Before.Properties, e.Before.Tags))
}

// rollbackCleanup deletes what was made since the last stable state. A stack
// that never had one cannot end well when that fails; else CloudFormation
// leaves behind what it cannot delete.
func (s *Service) rollbackCleanup(st *stack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	policies := map[*resource]string{}
	var doomed []*resource
	for _, e := range st.Journal {
		for _, r := range s.madeIn(st, e) {
			if r.Imported {
				s.letGo(st, r)
				continue
			}
			doomed = append(doomed, r)
			if e.Before == nil && !st.Operation.RetainExceptOnCreate {
				policies[r] = r.DeletionPolicy
			}
		}
	}
	ok, err := s.removeAll(st, doomed, st.stable(), func(r *resource) bool { return policies[r] == "Retain" })
	if err != nil {
		return err
	}
	s.forgetNew(st)
	switch {
	case st.stable():
		s.end(st, "UPDATE_ROLLBACK_COMPLETE", "")
	case ok:
		s.end(st, "ROLLBACK_COMPLETE", "")
	default:
		s.end(st, "ROLLBACK_FAILED", failures(st))
	}
	return nil
}

// madeIn are the resources that an entry made and that are not its last stable
// one. The one that the stack has now stands for itself.
func (s *Service) madeIn(st *stack, e *entry) []*resource {
	var out []*resource
	for _, m := range e.Made {
		if current := st.Resources[e.Logical]; current != nil && current.ID == m.ID {
			m = current
		}
		if m.live() {
			out = append(out, m)
		}
	}
	return out
}

// forgetNew tells of resources that never came to be that they are gone. A
// stable stack does not list what it did not have before.
func (s *Service) forgetNew(st *stack) {
	for _, e := range st.Journal {
		r := st.Resources[e.Logical]
		if e.Before != nil || r == nil {
			continue
		}
		if r.ID == "" && r.Status != "DELETE_COMPLETE" {
			s.setResource(st, r, "DELETE_COMPLETE", "")
		}
		if st.stable() {
			delete(st.Resources, e.Logical)
		}
	}
}
