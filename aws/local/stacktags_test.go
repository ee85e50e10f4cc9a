package local_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// tagCall is how a service is asked for the tags of a resource.
type tagCall struct {
	service, operation string
	request            func(arnFront, id string) map[string]any
	// system tells that AWS shows CloudFormation's own tags there too.
	system bool
}

var tagCalls = map[string]tagCall{
	"AWS::ECR::Repository": {"ecr", "ListTagsForResource", func(front, id string) map[string]any {
		return map[string]any{"resourceArn": fmt.Sprintf(front, "ecr") + "repository/" + id}
	}, false},
	"AWS::ECS::Cluster": {"ecs", "ListTagsForResource", func(front, id string) map[string]any {
		return map[string]any{"resourceArn": fmt.Sprintf(front, "ecs") + "cluster/" + id}
	}, true},
	"AWS::ECS::TaskDefinition": {"ecs", "ListTagsForResource", func(_, id string) map[string]any {
		return map[string]any{"resourceArn": id}
	}, false},
	"AWS::EC2::SecurityGroup": {"ec2", "DescribeSecurityGroups", func(_, id string) map[string]any {
		return map[string]any{"GroupId": []string{id}}
	}, true},
	"AWS::IAM::Role": {"iam", "ListRoleTags", func(_, id string) map[string]any {
		return map[string]any{"RoleName": id}
	}, false},
	"AWS::Logs::LogGroup": {"logs", "ListTagsForResource", func(front, id string) map[string]any {
		return map[string]any{"resourceArn": fmt.Sprintf(front, "logs") + "log-group:" + id}
	}, true},
	"AWS::StepFunctions::StateMachine": {"states", "ListTagsForResource", func(_, id string) map[string]any {
		return map[string]any{"resourceArn": id}
	}, true},
}

// tagsIn are the tags in an answer: a map, or a list of pairs, somewhere below its top.
func tagsIn(answer map[string]any) map[string]string {
	found := map[string]string{}
	for name, inner := range answer {
		items, _ := inner.([]any)
		members, _ := inner.(map[string]any)
		switch isTags := strings.EqualFold(name, "tags"); {
		case isTags && members != nil:
			for key, value := range members {
				found[key] = fmt.Sprint(value)
			}
		case members != nil:
			maps.Copy(found, tagsIn(members))
		default:
			for _, item := range items {
				pair, _ := item.(map[string]any)
				if isTags {
					found[fmt.Sprint(cmp.Or(pair["key"], pair["Key"]))] = fmt.Sprint(cmp.Or(pair["value"], pair["Value"]))
				} else {
					maps.Copy(found, tagsIn(pair))
				}
			}
		}
	}
	return found
}

// tagged are the tags, by name, that each resource of the stack that has some is told to have.
func (w *world) tagged(t *testing.T, client *cloudformation.Client) (resources []types.StackResource, tags []map[string]string) {
	t.Helper()
	out, err := client.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &shippedtest.Stack})
	if err != nil {
		t.Fatal(err)
	}
	front := "arn:aws:%s:" + w.server.Region() + ":" + local.Account + ":"
	for _, r := range out.StackResources {
		call, known := tagCalls[*r.ResourceType]
		if !known {
			continue
		}
		var answer map[string]any
		if err := w.server.Invoke(t.Context(), call.service, call.operation, call.request(front, *r.PhysicalResourceId), &answer); err != nil {
			t.Fatal(err)
		}
		resources, tags = append(resources, r), append(tags, tagsIn(answer))
	}
	return resources, tags
}

func TestTheTagsOfTheStackAreOnItsResources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := cloudformation.NewFromConfig(w.config)
	check := func(stage string) {
		t.Helper()
		resources, tags := w.tagged(t, client)
		seen := map[string]bool{}
		for i, r := range resources {
			seen[*r.ResourceType] = true
			want := map[string]string{"stepdeck:stack": shippedtest.Stack}
			if stage != "" {
				want["stage"] = stage
			}
			if tagCalls[*r.ResourceType].system {
				want["aws:cloudformation:stack-name"], want["aws:cloudformation:stack-id"] = shippedtest.Stack, *r.StackId
				want["aws:cloudformation:logical-id"] = *r.LogicalResourceId
			}
			for _, key := range []string{"stepdeck:stack", "stage", "aws:cloudformation:stack-name", "aws:cloudformation:stack-id", "aws:cloudformation:logical-id"} {
				if got := tags[i][key]; got != want[key] {
					t.Errorf("%s has %s=%q, want %q", *r.LogicalResourceId, key, got, want[key])
				}
			}
			if tags[i]["project"] != "dumps" {
				t.Errorf("%s lost the template's own tag: %v", *r.LogicalResourceId, tags[i])
			}
		}
		if diff := gocmp.Diff(slices.Sorted(maps.Keys(tagCalls)), slices.Sorted(maps.Keys(seen))); diff != "" {
			t.Errorf("the types of the stack with tags: %s", diff)
		}
	}
	check("")
	w.retag(t, client, map[string]string{"stepdeck:stack": shippedtest.Stack, "stage": "live"})
	check("live")
	w.retag(t, client, map[string]string{"stepdeck:stack": shippedtest.Stack})
	check("")
}

// retag gives the stack other tags, and nothing else that is new.
func (w *world) retag(t *testing.T, client *cloudformation.Client, tags map[string]string) {
	t.Helper()
	described, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &shippedtest.Stack})
	if err != nil {
		t.Fatal(err)
	}
	in := &cloudformation.UpdateStackInput{
		StackName: &shippedtest.Stack, UsePreviousTemplate: aws.Bool(true),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityAutoExpand},
	}
	for _, p := range described.Stacks[0].Parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: p.ParameterKey, UsePreviousValue: aws.Bool(true)})
	}
	for key, value := range tags {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	if _, err := client.UpdateStack(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	shippedtest.Eventually(t, "the end of the update", func() error {
		described, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &shippedtest.Stack})
		if err == nil && described.Stacks[0].StackStatus != types.StackStatusUpdateComplete {
			err = fmt.Errorf("the stack is %s", described.Stacks[0].StackStatus)
		}
		return err
	})
}
