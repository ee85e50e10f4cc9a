package stacks

import (
	"slices"
	"strings"
)

// cleanup deletes what an update left behind. CloudFormation gives up on what
// it cannot delete, and the update is complete all the same.
func (s *Service) cleanup(st *stack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	policies := map[*resource]string{}
	var doomed []*resource
	for _, e := range st.Journal {
		current := st.Resources[e.Logical]
		for _, r := range append([]*resource{e.Before}, e.Made...) {
			if r.live() && (current == nil || r.ID != current.ID) {
				doomed = append(doomed, r)
				if current != nil {
					policies[r] = current.UpdateReplacePolicy
				}
			}
		}
	}
	for _, logical := range st.Operation.Removed {
		if r := st.Resources[logical]; r.live() {
			doomed = append(doomed, r)
			policies[r] = r.DeletionPolicy
		}
	}
	if _, err := s.removeAll(st, doomed, true, func(r *resource) bool { return strings.HasPrefix(policies[r], "Retain") }); err != nil {
		return err
	}
	for _, logical := range st.Operation.Removed {
		delete(st.Resources, logical)
	}
	s.end(st, "UPDATE_COMPLETE", "")
	return nil
}

// enterDelete begins to delete the stack. The caller holds the lock.
func (s *Service) enterDelete(st *stack, reason string) {
	st.Operation.DeleteNext = false
	s.enter(st, phaseDelete, "DELETE_IN_PROGRESS", reason)
}

// deletion deletes all that the stack has.
func (s *Service) deletion(st *stack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok, err := s.removeAll(st, everything(st), false, func(r *resource) bool {
		return strings.HasPrefix(r.DeletionPolicy, "Retain") || slices.Contains(st.Operation.Retain, r.Logical)
	})
	if err != nil {
		return err
	}
	if !ok {
		s.end(st, "DELETE_FAILED", failures(st))
		return nil
	}
	for _, logical := range logicals(st) {
		if r := st.Resources[logical]; r.ID == "" && r.Status != "DELETE_COMPLETE" {
			s.setResource(st, r, "DELETE_COMPLETE", "")
		}
	}
	s.dropChangeSets(st, "")
	st.Deleted = s.opts.Clock.Now()
	s.end(st, "DELETE_COMPLETE", "")
	return nil
}

// everything are the live resources of a stack, also those that an unfinished
// update replaced or made.
func everything(st *stack) []*resource {
	var out []*resource
	add := func(r *resource) {
		if r.live() && !slices.ContainsFunc(out, func(o *resource) bool { return o.Type == r.Type && o.ID == r.ID }) {
			out = append(out, r)
		}
	}
	for _, logical := range logicals(st) {
		add(st.Resources[logical])
	}
	for _, e := range st.Journal {
		add(e.Before)
		for _, r := range e.Made {
			add(r)
		}
	}
	return out
}

// removeAll deletes resources, each before those that it needs. keep tells of a
// resource that its policy retains it. What a resource needs stays when its
// own deletion fails, unless all are left behind where they cannot be deleted.
// ok tells whether all are gone. The lock is free during calls.
func (s *Service) removeAll(st *stack, doomed []*resource, leaveBehind bool, keep func(*resource) bool) (ok bool, err error) {
	blocked := map[string]bool{}
	ok = true
	for _, r := range removalOrder(doomed) {
		if s.closing {
			return false, errHalted
		}
		if keep(r) {
			s.setResource(st, r, "DELETE_SKIPPED", "")
			continue
		}
		// A cleanup that was interrupted has given some up already.
		gaveUp := leaveBehind && r.Status == "DELETE_FAILED"
		if !gaveUp && !blocked[r.Logical] && s.remove(st, r) {
			continue
		}
		if st.Operation.Force {
			s.setResource(st, r, "DELETE_SKIPPED", r.Reason)
			continue
		}
		if ok = false; leaveBehind {
			continue
		}
		for _, need := range r.Needs {
			blocked[need] = true
		}
	}
	return ok, nil
}

// remove deletes one resource.
func (s *Service) remove(st *stack, r *resource) bool {
	s.setResource(st, r, "DELETE_IN_PROGRESS", "")
	kind, env := s.kindOf(st, r.Type)
	id, properties := r.ID, r.Properties
	s.mu.Unlock()
	ctx, cancel := timed()
	err := kind.Delete(ctx, env, id, properties)
	cancel()
	s.mu.Lock()
	if err != nil {
		s.setResource(st, r, "DELETE_FAILED", err.Error())
		return false
	}
	s.setResource(st, r, "DELETE_COMPLETE", "")
	return true
}

// removalOrder puts each resource before those that it needs. Resources of
// several templates may need each other in a circle: then the order is as given.
func removalOrder(doomed []*resource) []*resource {
	var order []*resource
	seen := map[*resource]bool{}
	var visit func(r *resource)
	visit = func(r *resource) {
		if seen[r] {
			return
		}
		seen[r] = true
		for _, other := range doomed {
			if slices.Contains(r.Needs, other.Logical) {
				visit(other)
			}
		}
		order = append(order, r)
	}
	for _, r := range doomed {
		visit(r)
	}
	slices.Reverse(order)
	return order
}
