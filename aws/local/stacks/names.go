package stacks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// AWS: the names of stacks and change sets.
const longestName = 128

var namePattern = regexp.MustCompile(`[a-zA-Z][-a-zA-Z0-9]*`)

func checkName(member, name string) error {
	var v wire.Violations
	v.Length(member, name, 1, longestName)
	if name != "" {
		v.Pattern(member, name, namePattern)
	}
	return v.ErrAs("ValidationError")
}

func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:%s:cloudformation:%s:%s:%s/%s/%s", s.env.Partition, s.opts.Region, s.opts.Account, kind, name, ids.UUID())
}

// find is the stack of a name or an ID; one that was deleted is found by its ID only.
func (s *Service) find(name string) *stack {
	if st := s.stacks[name]; st != nil {
		return st
	}
	for _, st := range s.stacks {
		if st.Name == name && st.Deleted.IsZero() {
			return st
		}
	}
	return nil
}

// need is find with CloudFormation's error.
func (s *Service) need(name string) (*stack, error) {
	if name == "" {
		return nil, refuse("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")
	}
	if st := s.find(name); st != nil {
		return st, nil
	}
	return nil, refuse("Stack with id %s does not exist", name)
}

// live is the stack of a name or an ID that was not deleted.
func (s *Service) live(name string) (*stack, error) {
	st := s.find(name)
	if st == nil || !st.Deleted.IsZero() {
		return nil, refuse("Stack [%s] does not exist", name)
	}
	return st, nil
}

// changeSetOf finds a change set by its ID, or by its name and its stack's.
func (s *Service) changeSetOf(name, stackName string) (*changeSet, error) {
	if cs := s.changeSets[name]; cs != nil {
		return cs, nil
	}
	if strings.HasPrefix(name, "arn:") {
		return nil, noChangeSet(name)
	}
	if stackName == "" {
		return nil, refuse("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	st := s.find(stackName)
	if st == nil {
		return nil, refuse("Stack [%s] does not exist", stackName)
	}
	if cs := s.existing(st, name); cs != nil {
		return cs, nil
	}
	return nil, noChangeSet(name)
}

func noChangeSet(name string) error {
	return &wire.Error{Code: "ChangeSetNotFound", Message: "ChangeSet [" + name + "] does not exist", Status: 404}
}

// logicals are a stack's logical IDs in order of the alphabet.
func logicals(st *stack) []string { return slices.Sorted(maps.Keys(st.Resources)) }
