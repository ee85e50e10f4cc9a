package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// action is what a step does to a resource.
type action int

const (
	leave action = iota
	create
	update
	replace
)

// verb is how the statuses of an action begin.
func (a action) verb() string {
	if a == create {
		return "CREATE"
	}
	return "UPDATE"
}

// AWS: the reasons in the events of a resource.
const (
	reasonInitiated = "Resource creation Initiated"
	reasonReplaced  = "Requested update requires the creation of a new physical resource; hence creating one."
	reasonUser      = "User Initiated"
)

// step is one resource on its way to what the template says.
type step struct {
	action     action
	declared   evaluate.Resource
	properties resources.Properties
	// resource is the one that is there, or what is told of one that is not yet.
	resource *resource
	entry    *entry
}

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
		var err error
		next.properties, err = e.Properties(logical)
		if next.action = s.decide(st, next); next.action == leave && err == nil {
			continue
		}
		s.journal(st, next)
		reason := ""
		if next.action == replace {
			reason = reasonReplaced
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

// decide is what a resource needs to become what its step says.
func (s *Service) decide(st *stack, next *step) action {
	r := next.resource
	if !r.live() {
		return create
	}
	kind := s.opts.Kinds[r.Type]
	for _, name := range kind.Replaces {
		if !same(r.Properties[name], next.properties[name]) {
			return replace
		}
	}
	if !same(r.Properties, next.properties) || strings.HasPrefix(r.Status, "UPDATE_") && r.Status != "UPDATE_COMPLETE" && tried(st, r) {
		return update
	}
	return leave
}

// tried tells whether an update of the resource was begun and not taken back.
func tried(st *stack, r *resource) bool {
	return slices.ContainsFunc(st.Journal, func(e *entry) bool {
		return e.Logical == r.Logical && e.Before != nil && e.Before.ID == r.ID && e.Tried != nil
	})
}

// journal notes the last stable state of a step's resource before it changes.
func (s *Service) journal(st *stack, next *step) {
	logical := next.declared.Logical
	at := slices.IndexFunc(st.Journal, func(e *entry) bool { return e.Logical == logical })
	if at < 0 {
		e := &entry{Logical: logical}
		if next.resource.live() {
			before := *next.resource
			e.Before = &before
		}
		at = len(st.Journal)
		st.Journal = append(st.Journal, e)
	}
	next.entry = st.Journal[at]
	if next.action == create {
		next.resource = &resource{Logical: logical, Type: next.declared.Type}
		st.Resources[logical] = next.resource
	}
}

// tellStep tells a status with the properties that are tried.
func (s *Service) tellStep(st *stack, next *step, status, reason string) {
	r := next.resource
	r.Status, r.Reason, r.Updated = next.action.verb()+status, reason, s.opts.Clock.Now()
	s.tellOf(st, r, next.properties)
	s.save(st)
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

// cancelSteps tells that steps that had begun were not carried out.
func (s *Service) cancelSteps(st *stack, steps []*step) {
	for _, next := range steps {
		switch {
		case strings.HasSuffix(next.resource.Status, "_FAILED"):
		case next.action == create:
			s.tellStep(st, next, "_FAILED", "Resource creation cancelled")
		default:
			s.tellStep(st, next, "_FAILED", "Resource update cancelled")
		}
	}
}

func (s *Service) carryOutOne(st *stack, next *step) bool {
	kind, env := s.kindOf(st, next.declared.Type)
	r := next.resource
	id, old := r.ID, r.Properties
	if next.action == update && next.entry.Before != nil && next.entry.Before.ID == id {
		next.entry.Tried = next.properties
		s.save(st)
	}
	s.mu.Unlock()
	ctx, cancel := timed()
	var got resources.Made
	var err error
	if next.action == update {
		got, err = kind.Update(ctx, env, id, old, next.properties)
	} else {
		got, err = kind.Create(ctx, env, next.declared.Logical, next.properties)
	}
	cancel()
	s.mu.Lock()
	if err != nil {
		s.tellStep(st, next, "_FAILED", err.Error())
		return false
	}
	s.accept(st, next, got)
	return true
}

// accept records what a step made.
func (s *Service) accept(st *stack, next *step, got resources.Made) {
	r := next.resource
	if next.action == replace {
		r = &resource{Logical: next.declared.Logical, Type: next.declared.Type}
		st.Resources[r.Logical], next.resource = r, r
	}
	if got.ID != "" {
		r.ID = got.ID
	}
	r.Properties, r.Attributes, r.Needs = next.properties, got.Attributes, next.declared.Needs
	if next.action != update {
		describe(r, next.declared)
		copied := *r
		next.entry.Made = append(next.entry.Made, &copied)
		s.tellStep(st, next, "_IN_PROGRESS", reasonInitiated)
	}
	s.tellStep(st, next, "_COMPLETE", "")
}

// describe takes over what is not a property.
func describe(r *resource, declared evaluate.Resource) {
	r.DeletionPolicy, r.UpdateReplacePolicy = declared.DeletionPolicy, declared.UpdateReplacePolicy
	r.Metadata, r.Needs = declared.Metadata, declared.Needs
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
	st.Updated = s.opts.Clock.Now()
	if st.Operation.Type == opCreate {
		st.Updated = st.Created
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
	for _, verb := range []string{"create", "update", "delete"} {
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
