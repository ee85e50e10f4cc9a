package stacks

import (
	"context"
	"net/url"
)

// answer is an operation of the API.
type answer = func(context.Context, url.Values) (any, error)

// operations are the API's operations by Action.
func (s *Service) operations() map[string]answer {
	return map[string]answer{
		"ValidateTemplate":   s.validateTemplate,
		"GetTemplate":        s.getTemplate,
		"GetTemplateSummary": s.getTemplateSummary,

		"CreateChangeSet":   s.createChangeSet,
		"DescribeChangeSet": s.ofChangeSet(s.describeChangeSet),
		"ListChangeSets":    s.ofStack(s.live, s.listChangeSets),
		"ExecuteChangeSet":  s.ofChangeSet(s.executeChangeSet),
		"DeleteChangeSet":   s.deleteChangeSet,

		"CreateStack":                 s.createStack,
		"UpdateStack":                 s.updateStack,
		"DeleteStack":                 s.deleteStack,
		"CancelUpdateStack":           s.ofStack(s.live, s.cancelUpdateStack),
		"ContinueUpdateRollback":      s.ofStack(s.live, s.continueUpdateRollback),
		"RollbackStack":               s.ofStack(s.live, s.rollbackStack),
		"UpdateTerminationProtection": s.ofStack(s.live, s.updateTerminationProtection),

		"DescribeStacks":         s.describeStacks,
		"ListStacks":             s.listStacks,
		"DescribeStackResource":  s.ofStack(s.need, s.describeStackResource),
		"DescribeStackResources": s.describeStackResources,
		"ListStackResources":     s.ofStack(s.need, s.listStackResources),
		"DescribeStackEvents":    s.describeStackEvents,
		"DescribeEvents":         s.describeEvents,

		"DetectStackDrift":                  s.ofStack(s.live, s.detectStackDrift),
		"DescribeStackDriftDetectionStatus": s.describeStackDriftDetectionStatus,
		"DescribeStackResourceDrifts":       s.ofStack(s.need, s.describeStackResourceDrifts),
	}
}

// ofStack is an operation on the stack that find gives for the request's StackName. It runs
// with the lock held.
func (s *Service) ofStack(find func(name string) (*stack, error), run func(form, *stack) (any, error)) answer {
	return func(_ context.Context, values url.Values) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		st, err := find(values.Get("StackName"))
		if err != nil {
			return nil, err
		}
		return run(form{Values: values}, st)
	}
}

// ofChangeSet is ofStack for the change set that a request names.
func (s *Service) ofChangeSet(run func(form, *changeSet) (any, error)) answer {
	return func(_ context.Context, values url.Values) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		cs, err := s.changeSetOf(values.Get("ChangeSetName"), values.Get("StackName"))
		if err != nil {
			return nil, err
		}
		return run(form{Values: values}, cs)
	}
}
