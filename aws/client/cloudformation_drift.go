package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func (s *stacks) DetectDrift(ctx context.Context, name string) (string, error) {
	out, err := s.api.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: &name})
	if err != nil {
		return "", s.absent(err, name)
	}
	return aws.ToString(out.StackDriftDetectionId), nil
}

func (s *stacks) DriftDetection(ctx context.Context, detection string) (stack.DriftDetection, error) {
	out, err := s.api.DescribeStackDriftDetectionStatus(ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{
		StackDriftDetectionId: &detection,
	})
	if err != nil {
		return stack.DriftDetection{}, err
	}
	return stack.DriftDetection{
		Running: out.DetectionStatus == types.StackDriftDetectionStatusDetectionInProgress,
		Failed:  out.DetectionStatus == types.StackDriftDetectionStatusDetectionFailed,
		Reason:  safe.Line(aws.ToString(out.DetectionStatusReason)),
		Status:  stack.DriftStatus(out.StackDriftStatus),
	}, nil
}

func (s *stacks) ResourceDrifts(ctx context.Context, name string) ([]stack.ResourceDrift, error) {
	var all []stack.ResourceDrift
	pages := cloudformation.NewDescribeStackResourceDriftsPaginator(s.api, &cloudformation.DescribeStackResourceDriftsInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.absent(err, name)
		}
		for _, d := range page.StackResourceDrifts {
			all = append(all, driftOf(d))
		}
	}
	return all, nil
}

func driftOf(d types.StackResourceDrift) stack.ResourceDrift {
	out := stack.ResourceDrift{
		Logical: aws.ToString(d.LogicalResourceId), Type: aws.ToString(d.ResourceType),
		Physical: safe.Line(aws.ToString(d.PhysicalResourceId)), Status: stack.DriftStatus(d.StackResourceDriftStatus),
	}
	for _, p := range d.PropertyDifferences {
		if unfilled(d, p) {
			continue
		}
		out.Differences = append(out.Differences, stack.Difference{
			Path: aws.ToString(p.PropertyPath), Kind: string(p.DifferenceType),
			Expected: safe.Line(aws.ToString(p.ExpectedValue)), Actual: safe.Line(aws.ToString(p.ActualValue)),
		})
	}
	if out.Status == stack.Modified && len(d.PropertyDifferences) > 0 && len(out.Differences) == 0 {
		out.Status = stack.InSync
	}
	return out
}
