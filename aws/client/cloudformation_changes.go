package client

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func (s *stacks) CreateChangeSet(ctx context.Context, r stack.ChangeSetRequest) (stack.ChangeSet, error) {
	in := &cloudformation.CreateChangeSetInput{
		StackName: &r.Stack, ChangeSetName: &r.Name, ClientToken: &r.Name,
		ChangeSetType: types.ChangeSetTypeUpdate, TemplateBody: aws.String(string(r.Template)),
		// AWS: a template with the SAM transform makes roles, and is expanded.
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityAutoExpand},
	}
	if r.Create {
		in.ChangeSetType = types.ChangeSetTypeCreate
	}
	if r.Adopt {
		in.ImportExistingResources = aws.Bool(true)
	}
	for _, p := range r.Parameters {
		sent := types.Parameter{ParameterKey: aws.String(p.Name)}
		if p.Keep {
			sent.UsePreviousValue = aws.Bool(true)
		} else {
			sent.ParameterValue = aws.String(p.Value)
		}
		in.Parameters = append(in.Parameters, sent)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(r.Tags[key])})
	}
	out, err := s.api.CreateChangeSet(ctx, in)
	if err != nil {
		return stack.ChangeSet{}, err
	}
	return stack.ChangeSet{ID: aws.ToString(out.Id), Name: r.Name, StackID: aws.ToString(out.StackId)}, nil
}

func (s *stacks) DescribeChangeSet(ctx context.Context, id, page string) (stack.ChangeSet, error) {
	out, err := s.api.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{
		ChangeSetName: &id, NextToken: optional(page), IncludePropertyValues: aws.Bool(true),
	})
	if err != nil {
		return stack.ChangeSet{}, err
	}
	set := stack.ChangeSet{
		ID: aws.ToString(out.ChangeSetId), Name: aws.ToString(out.ChangeSetName), StackID: aws.ToString(out.StackId),
		Status: stack.ChangeSetStatus(out.Status),
		Reason: safe.Line(aws.ToString(out.StatusReason)), Created: aws.ToTime(out.CreationTime), Next: aws.ToString(out.NextToken),
	}
	for _, c := range out.Changes {
		if c.ResourceChange != nil {
			set.Changes = append(set.Changes, changeOf(*c.ResourceChange))
		}
	}
	return set, nil
}

func (s *stacks) ListChangeSets(ctx context.Context, name string) ([]stack.ChangeSet, error) {
	var all []stack.ChangeSet
	pages := cloudformation.NewListChangeSetsPaginator(s.api, &cloudformation.ListChangeSetsInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.absent(err, name)
		}
		for _, c := range page.Summaries {
			all = append(all, stack.ChangeSet{
				ID: aws.ToString(c.ChangeSetId), Name: aws.ToString(c.ChangeSetName), StackID: aws.ToString(c.StackId),
				Status: stack.ChangeSetStatus(c.Status),
				Reason: safe.Line(aws.ToString(c.StatusReason)), Created: aws.ToTime(c.CreationTime),
			})
		}
	}
	return all, nil
}

func (s *stacks) ExecuteChangeSet(ctx context.Context, id, token string) error {
	_, err := s.api.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{
		ChangeSetName: &id, ClientRequestToken: optional(token),
		// Else what a failed first deployment made and the template keeps is in the way of the next.
		RetainExceptOnCreate: aws.Bool(true),
	})
	return err
}

// DeleteChangeSet takes a change set that is gone already for deleted.
func (s *stacks) DeleteChangeSet(ctx context.Context, id string) error {
	_, err := s.api.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: &id})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ChangeSetNotFound" {
		return nil
	}
	return err
}

func changeOf(c types.ResourceChange) stack.Change {
	out := stack.Change{
		Logical: aws.ToString(c.LogicalResourceId), Type: aws.ToString(c.ResourceType),
		Physical: safe.Line(aws.ToString(c.PhysicalResourceId)), Action: stack.Action(c.Action),
		Replacement: stack.Replacement(c.Replacement),
		Kept:        c.PolicyAction == types.PolicyActionRetain || c.PolicyAction == types.PolicyActionReplaceAndRetain,
	}
	for _, d := range c.Details {
		if d.Target != nil {
			out.Properties = append(out.Properties, propertyOf(d))
		}
	}
	if len(out.Properties) == 0 {
		out.Properties = wholeProperties(c)
	}
	return out
}

var recreations = map[types.RequiresRecreation]stack.Replacement{
	types.RequiresRecreationNever: stack.Never, types.RequiresRecreationAlways: stack.Always,
	types.RequiresRecreationConditionally: stack.Conditional,
}

func propertyOf(d types.ResourceChangeDetail) stack.PropertyChange {
	path := aws.ToString(d.Target.Path)
	if path == "" {
		// Where the values are not asked for, or not known, there is no path.
		path = string(d.Target.Attribute)
		if name := aws.ToString(d.Target.Name); name != "" {
			path += "/" + name
		}
		path = "/" + path
	}
	return stack.PropertyChange{
		Path: path, Before: safe.Line(aws.ToString(d.Target.BeforeValue)), After: safe.Line(known(aws.ToString(d.Target.AfterValue))),
		Recreates: recreations[d.Target.RequiresRecreation], Cause: aws.ToString(d.CausingEntity),
	}
}

// known puts into words how AWS writes what it will know once the change is made.
func known(value string) string {
	return strings.ReplaceAll(value, "{{changeSet:KNOWN_AFTER_APPLY}}", "(known after the deployment)")
}
