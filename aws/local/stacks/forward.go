package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
)

// forward makes and changes resources, layer by layer, as the operation's
// template says.
func (s *Service) forward(st *stack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, e, err := s.evaluation(st, st.Operation.Target, made(st))
	if err != nil {
		s.fail(st, err.Error()+". ")
		return nil
	}
	layers, err := e.Layers()
	if err != nil {
		s.fail(st, err.Error()+". ")
		return nil
	}
	for _, layer := range layers {
		steps, ok := s.prepare(st, t, e, layer)
		if ok {
			ok, err = s.carryOut(st, steps)
		}
		if err != nil {
			return err
		}
		if !ok {
			s.fail(st, "")
			return nil
		}
	}
	if st.Outputs, err = e.Outputs(); err != nil {
		s.fail(st, err.Error()+". ")
		return nil
	}
	s.succeed(st, t, slices.Concat(layers...))
	return nil
}

// prepare finds what is to be done in one layer and tells its begin. It fails
// on properties that cannot be resolved.
func (s *Service) prepare(st *stack, t *evaluate.Template, e *evaluate.Evaluation, layer []string) ([]*step, bool) {
	var steps []*step
	ok := true
	for _, logical := range layer {
		next := &step{declared: t.Resources[logical], resource: st.Resources[logical]}
		next.tags = s.tagsOf(st, next.declared, st.Operation.Target)
		var err error
		next.properties, err = e.Properties(logical)
		if next.action = s.decide(st, next); next.action == leave && err == nil {
			continue
		}
		s.journal(st, next)
		reason := ""
		switch next.action {
		case replace:
			reason = reasonReplaced
		case adopt:
			reason = reasonImporting
		}
		s.tellStep(st, next, "_IN_PROGRESS", reason)
		if err != nil {
			s.tellStep(st, next, "_FAILED", err.Error())
			ok = false
			continue
		}
		steps = append(steps, next)
	}
	if !ok {
		s.cancelSteps(st, steps)
	}
	return steps, ok
}

// carryOut does the steps of a layer. It stops at the first that fails, or
// when the operation is canceled: then ok is false. The lock is free during calls.
func (s *Service) carryOut(st *stack, steps []*step) (ok bool, err error) {
	for i, next := range steps {
		if s.closing {
			return false, errHalted
		}
		if st.Operation.Canceled || st.Operation.DeleteNext || !s.carryOutOne(st, next) {
			s.cancelSteps(st, steps[i:])
			return false, nil
		}
	}
	return !st.Operation.Canceled && !st.Operation.DeleteNext, nil
}

// succeed ends the way forward.
func (s *Service) succeed(st *stack, t *evaluate.Template, active []string) {
	for _, logical := range active {
		describe(st.Resources[logical], t.Resources[logical])
	}
	st.Operation.Removed = nil
	for _, logical := range logicals(st) {
		if !slices.Contains(active, logical) {
			st.Operation.Removed = append(st.Operation.Removed, logical)
		}
	}
	st.Deployed = st.Operation.Target
	if st.Operation.Type == opCreate {
		s.end(st, "CREATE_COMPLETE", "")
		return
	}
	s.enter(st, phaseCleanup, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
}

// fail ends the way forward where it cannot go on: why is empty where the
// resources tell it.
func (s *Service) fail(st *stack, why string) {
	if why == "" {
		why = failures(st)
	}
	op := &st.Operation
	switch {
	case op.DeleteNext:
		s.enterDelete(st, reasonUser)
	case op.Type == opCreate && op.OnFailure == failDelete:
		s.enterDelete(st, why+"Delete requested by user.")
	case op.Type == opCreate && op.OnFailure == failNothing:
		s.end(st, "CREATE_FAILED", why)
	case op.Canceled && st.stable():
		s.enter(st, phaseRollback, "UPDATE_ROLLBACK_IN_PROGRESS", reasonUser)
	case op.OnFailure == failNothing:
		s.end(st, "UPDATE_FAILED", why)
	case !st.stable():
		s.enter(st, phaseRollbackCleanup, "ROLLBACK_IN_PROGRESS", why+"Rollback requested by user.")
	default:
		s.enter(st, phaseRollback, "UPDATE_ROLLBACK_IN_PROGRESS", why)
	}
}

// stable tells whether there is a state to go back to.
func (st *stack) stable() bool { return st.Deployed.Processed != "" }

// failures names the resources that failed, as CloudFormation does.
func failures(st *stack) string {
	var text strings.Builder
	for _, verb := range []string{"create", "update", "delete", "import"} {
		var names []string
		for _, logical := range logicals(st) {
			if st.Resources[logical].Status == strings.ToUpper(verb)+"_FAILED" {
				names = append(names, logical)
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(&text, "The following resource(s) failed to %s: [%s]. ", verb, strings.Join(names, ", "))
		}
	}
	return text.String()
}
