package stacks

import (
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
	adopt // a resource that exists is imported
	update
	replace
)

// verb is how the statuses of an action begin.
func (a action) verb() string {
	switch a {
	case create:
		return "CREATE"
	case adopt:
		return "IMPORT"
	default:
		return "UPDATE"
	}
}

// AWS: the reasons in the events of a resource.
const (
	reasonInitiated = "Resource creation Initiated"
	reasonReplaced  = "Requested update requires the creation of a new physical resource; hence creating one."
	reasonImporting = "Resource import started."
	reasonImported  = "Resource import completed."
	reasonUser      = "User Initiated"
)

// step is one resource on its way to what the template says.
type step struct {
	action     action
	declared   evaluate.Resource
	properties resources.Properties
	// tags are those that the stack gives it besides.
	tags []tag
	// resource is the one that is there, or what is told of one that is not yet.
	resource *resource
	entry    *entry
}

// decide is what a resource needs to become what its step says.
func (s *Service) decide(st *stack, next *step) action {
	r := next.resource
	switch {
	case r.live():
	case slices.Contains(st.Operation.Imports, next.declared.Logical):
		return adopt
	default:
		return create
	}
	kind := s.opts.Kinds[r.Type]
	for _, name := range kind.Replaces {
		if !same(r.Properties[name], next.properties[name]) {
			return replace
		}
	}
	if !same(r.Properties, next.properties) || !slices.Equal(r.Tags, next.tags) || strings.HasPrefix(r.Status, "UPDATE_") && r.Status != "UPDATE_COMPLETE" && tried(st, r) {
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
	if next.action == create || next.action == adopt {
		next.resource = &resource{Logical: logical, Type: next.declared.Type, Imported: next.action == adopt}
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

// cancelSteps tells that steps that had begun were not carried out.
func (s *Service) cancelSteps(st *stack, steps []*step) {
	for _, next := range steps {
		switch {
		case strings.HasSuffix(next.resource.Status, "_FAILED"):
		case next.action == create:
			s.tellStep(st, next, "_FAILED", "Resource creation cancelled")
		case next.action == adopt:
			s.tellStep(st, next, "_FAILED", "Resource import cancelled")
		default:
			s.tellStep(st, next, "_FAILED", "Resource update cancelled")
		}
	}
}

func (s *Service) carryOutOne(st *stack, next *step) bool {
	kind, env := s.kindOf(st, next.declared.Type)
	r := next.resource
	id, old, wanted := r.ID, tagged(r.Properties, r.Tags), tagged(next.properties, next.tags)
	if next.action == update && next.entry.Before != nil && next.entry.Before.ID == id {
		next.entry.Tried = wanted
		s.save(st)
	}
	s.mu.Unlock()
	ctx, cancel := timed()
	var got resources.Made
	var err error
	switch next.action {
	case update:
		got, err = kind.Update(ctx, env, id, old, wanted)
	case adopt:
		got, err = s.takeIn(ctx, env, kind, next.properties)
	default:
		got, err = kind.Create(ctx, env, r.Logical, wanted)
	}
	cancel()
	s.mu.Lock()
	if err != nil {
		s.tellStep(st, next, "_FAILED", err.Error())
		return false
	}
	s.accept(st, next, got)
	if next.action == adopt && kind.Tagged {
		next.action = update
		s.tellStep(st, next, "_IN_PROGRESS", reasonTagging)
		return s.carryOutOne(st, next)
	}
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
	if next.action != adopt {
		r.Tags = next.tags
	}
	if next.action != update {
		describe(r, next.declared)
		copied := *r
		next.entry.Made = append(next.entry.Made, &copied)
	}
	switch next.action {
	case adopt:
		s.tellStep(st, next, "_COMPLETE", reasonImported)
		return
	case create, replace:
		s.tellStep(st, next, "_IN_PROGRESS", reasonInitiated)
	}
	s.tellStep(st, next, "_COMPLETE", "")
}

// describe takes over what is not a property.
func describe(r *resource, declared evaluate.Resource) {
	r.DeletionPolicy, r.UpdateReplacePolicy = declared.DeletionPolicy, declared.UpdateReplacePolicy
	r.Metadata, r.Needs = declared.Metadata, declared.Needs
}
