package client

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// stacks reads and changes stacks of CloudFormation.
type stacks struct {
	api    *cloudformation.Client
	region string
}

func newStacks(cfg aws.Config) *stacks {
	return &stacks{api: cloudformation.NewFromConfig(cfg), region: cfg.Region}
}

func (s *stacks) DescribeStack(ctx context.Context, name string) (stack.Stack, error) {
	out, err := s.api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return stack.Stack{}, s.absent(err, name)
	}
	if len(out.Stacks) == 0 {
		return stack.Stack{}, s.noStack(name, nil)
	}
	return stackOf(out.Stacks[0]), nil
}

// absent makes a problem of kind NotFound of how CloudFormation says that a
// stack is not there (AWS: ValidationError, by its text alone).
func (s *stacks) absent(err error, name string) error {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist") {
		return s.noStack(name, err)
	}
	return err
}

func (s *stacks) noStack(name string, err error) error {
	return &ops.Problem{
		Kind: ops.NotFound, Title: safe.Linef("there is no stack %s in %s", name, s.region),
		Hint: safe.Linef("make it with: stepdeck stack deploy --stack %s; or check --region and --profile", name), Err: err,
	}
}

func (s *stacks) OriginalTemplate(ctx context.Context, name string) ([]byte, error) {
	out, err := s.api.GetTemplate(ctx, &cloudformation.GetTemplateInput{
		StackName: &name, TemplateStage: types.TemplateStageOriginal,
	})
	if err != nil {
		return nil, s.absent(err, name)
	}
	return []byte(aws.ToString(out.TemplateBody)), nil
}

func (s *stacks) Resources(ctx context.Context, name string) ([]stack.Resource, error) {
	var all []stack.Resource
	pages := cloudformation.NewListStackResourcesPaginator(s.api, &cloudformation.ListStackResourcesInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.absent(err, name)
		}
		for _, r := range page.StackResourceSummaries {
			all = append(all, stack.Resource{
				Logical: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType),
				Physical: safe.Line(aws.ToString(r.PhysicalResourceId)), Status: stack.Status(r.ResourceStatus),
				Reason: safe.Line(aws.ToString(r.ResourceStatusReason)), Updated: aws.ToTime(r.LastUpdatedTimestamp),
			})
		}
	}
	return all, nil
}

func (s *stacks) DeleteStack(ctx context.Context, name, token string, retain []string) error {
	_, err := s.api.DeleteStack(ctx, &cloudformation.DeleteStackInput{
		StackName: &name, ClientRequestToken: optional(token), RetainResources: retain,
	})
	return err
}

func (s *stacks) ContinueRollback(ctx context.Context, name, token string) error {
	_, err := s.api.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{
		StackName: &name, ClientRequestToken: optional(token),
	})
	return err
}

func stackOf(t types.Stack) stack.Stack {
	out := stack.Stack{
		ID: aws.ToString(t.StackId), Name: aws.ToString(t.StackName), Status: stack.Status(t.StackStatus),
		Reason:  safe.Line(aws.ToString(t.StackStatusReason)),
		Created: aws.ToTime(t.CreationTime), Updated: aws.ToTime(t.LastUpdatedTime),
		Protected: aws.ToBool(t.EnableTerminationProtection), Tags: map[string]string{},
	}
	for _, o := range t.Outputs {
		out.Outputs = append(out.Outputs, stack.Output{
			Name: aws.ToString(o.OutputKey), Value: safe.Line(aws.ToString(o.OutputValue)),
			Description: safe.Line(aws.ToString(o.Description)),
		})
	}
	for _, p := range t.Parameters {
		out.Parameters = append(out.Parameters, stack.Pair{
			Name: aws.ToString(p.ParameterKey), Value: safe.Line(aws.ToString(p.ParameterValue)),
		})
	}
	for _, tag := range t.Tags {
		out.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if d := t.DriftInformation; d != nil {
		out.Drift, out.DriftTime = stack.DriftStatus(d.StackDriftStatus), aws.ToTime(d.LastCheckTimestamp)
	}
	return out
}
