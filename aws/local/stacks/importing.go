package stacks

import (
	"context"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// importUndone is the state of a resource that a rollback gave back.
const importUndone = "IMPORT_ROLLBACK_COMPLETE"

// addition is a resource that a change set adds.
type addition struct {
	properties resources.Properties
	policy     string
}

// findExisting makes imports of the additions that exist under the name that
// the template gives them. AWS: ImportExistingResources; a resource belongs to
// one stack, and only one that its stack retains is imported. The lock is free
// during calls.
func (s *Service) findExisting(ctx context.Context, st *stack, changes []change) error {
	var deletable []string
	for i := range changes {
		c := &changes[i]
		if c.added == nil {
			continue
		}
		kind, env := s.kindOf(st, c.Type)
		id := nameOf(kind, c.added.properties)
		if id == "" {
			continue
		}
		if owner := s.ownerOf(c.Type, id); owner != nil {
			return fmt.Errorf("%s already exists in stack %s", id, owner.ID)
		}
		s.mu.Unlock()
		live, err := existing(ctx, env, kind, id, c.added.properties)
		s.mu.Lock()
		switch {
		case err != nil:
			return fmt.Errorf("look for the resource %s to import: %w", c.Logical, err)
		case live && !strings.HasPrefix(c.added.policy, "Retain"):
			deletable = append(deletable, fmt.Sprintf("%s ({%s=%s})", c.Logical, kind.Name, id))
		case live:
			c.Action, c.Physical = "Import", id
		}
	}
	if len(deletable) > 0 {
		return &evaluate.Invalid{Message: "CloudFormation is attempting to import some resources because they already exist in your account. " +
			"The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. " +
			"The affected resources are " + strings.Join(deletable, ", ")}
	}
	return nil
}

// nameOf is the physical ID that the properties give; empty where they give
// none, or where it is known only later.
func nameOf(kind resources.Kind, p resources.Properties) string {
	if kind.Name == "" || p[kind.Name] == nil || evaluate.IsUnknown(p[kind.Name]) {
		return ""
	}
	return evaluate.Text(p[kind.Name])
}

// ownerOf is the stack that has a resource; nil: none has.
func (s *Service) ownerOf(kind, id string) *stack {
	for _, st := range s.stacks {
		for _, r := range st.Resources {
			if st.Deleted.IsZero() && r.Type == kind && r.ID == id && r.live() {
				return st
			}
		}
	}
	return nil
}

func existing(ctx context.Context, env resources.Env, kind resources.Kind, id string, p resources.Properties) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	live, err := kind.Read(ctx, env, id, p)
	return live != nil, err
}

// imports are the logical IDs of what a change set imports.
func (cs *changeSet) imports() []string {
	var logicals []string
	for _, c := range cs.Changes {
		if c.Action == "Import" {
			logicals = append(logicals, c.Logical)
		}
	}
	return logicals
}

// takeIn is the resource that a step imports, as it is. It may be gone, or in
// another stack, since the change set was made. The caller does not hold the lock.
func (s *Service) takeIn(ctx context.Context, env resources.Env, kind resources.Kind, p resources.Properties) (resources.Made, error) {
	id := nameOf(kind, p)
	s.mu.Lock()
	owner := s.ownerOf(kind.Type, id)
	s.mu.Unlock()
	if owner != nil {
		return resources.Made{}, fmt.Errorf("%s already exists in stack %s", id, owner.ID)
	}
	live, err := existing(ctx, env, kind, id, p)
	if err != nil {
		return resources.Made{}, err
	}
	if !live {
		return resources.Made{}, &evaluate.Invalid{Message: fmt.Sprintf("Resource of type '%s' with identifier '%s' was not found.", kind.Type, id)}
	}
	return kind.Existing(ctx, env, id)
}

// letGo gives a resource back that was imported. The caller holds the lock.
func (s *Service) letGo(st *stack, r *resource) {
	s.setResource(st, r, "IMPORT_ROLLBACK_IN_PROGRESS", "")
	s.setResource(st, r, importUndone, "")
}
