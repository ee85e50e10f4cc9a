package stacks

import (
	"context"
	"net/url"
)

// operations are the API's operations by Action.
func (s *Service) operations() map[string]func(context.Context, url.Values) (any, error) {
	return map[string]func(context.Context, url.Values) (any, error){
		"ValidateTemplate":   s.validateTemplate,
		"GetTemplate":        s.getTemplate,
		"GetTemplateSummary": s.getTemplateSummary,

		"CreateChangeSet":   s.createChangeSet,
		"DescribeChangeSet": s.describeChangeSet,
		"ListChangeSets":    s.listChangeSets,
		"ExecuteChangeSet":  s.executeChangeSet,
		"DeleteChangeSet":   s.deleteChangeSet,

		"CreateStack":                 s.createStack,
		"UpdateStack":                 s.updateStack,
		"DeleteStack":                 s.deleteStack,
		"CancelUpdateStack":           s.cancelUpdateStack,
		"ContinueUpdateRollback":      s.continueUpdateRollback,
		"RollbackStack":               s.rollbackStack,
		"UpdateTerminationProtection": s.updateTerminationProtection,

		"DescribeStacks":         s.describeStacks,
		"ListStacks":             s.listStacks,
		"DescribeStackResource":  s.describeStackResource,
		"DescribeStackResources": s.describeStackResources,
		"ListStackResources":     s.listStackResources,
		"DescribeStackEvents":    s.describeStackEvents,
		"DescribeEvents":         s.describeEvents,

		"DetectStackDrift":                  s.detectStackDrift,
		"DescribeStackDriftDetectionStatus": s.describeStackDriftDetectionStatus,
		"DescribeStackResourceDrifts":       s.describeStackResourceDrifts,
	}
}
