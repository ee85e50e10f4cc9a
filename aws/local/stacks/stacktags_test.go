package stacks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// wearing has a thing with tags of its own, one without, and one that cannot have any.
const wearing = `
Resources:
  Own: {Type: Fake::Tagged, DeletionPolicy: RetainExceptOnCreate, Properties: {Name: my-Own-0, Tags: [{Key: team, Value: mine}, {Key: project, Value: p}]}}
  Bare: {Type: Fake::Tagged, DeletionPolicy: RetainExceptOnCreate, Properties: {Name: my-Bare-0}}
  Never: {Type: Fake::Thing, Properties: {Value: one}}
`

func tagList(pairs ...string) []types.Tag {
	var tags []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return tags
}

// tags are those that a thing was given, but CloudFormation's own.
func (r *rig) tags(id string) (own, system []string) {
	r.t.Helper()
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	items, _ := r.world.live[id]["Tags"].([]any)
	for _, item := range items {
		pair := item.(map[string]any)
		if key := pair["Key"].(string); strings.HasPrefix(key, "aws:") {
			system = append(system, key)
		} else {
			own = append(own, fmt.Sprintf("%s=%s", key, pair["Value"]))
		}
	}
	return own, system
}

// wears checks the tags of the two things.
func (r *rig) wears(own, bare []string) {
	r.t.Helper()
	for id, want := range map[string][]string{"my-Own-0": own, "my-Bare-0": bare} {
		got, system := r.tags(id)
		if diff := cmp.Diff(want, got); diff != "" {
			r.t.Errorf("%s: %s", id, diff)
		}
		if diff := cmp.Diff([]string{"aws:cloudformation:stack-name", "aws:cloudformation:logical-id", "aws:cloudformation:stack-id"}, system); diff != "" {
			r.t.Errorf("%s: %s", id, diff)
		}
	}
}

func createTagged(tags []types.Tag) func(*cloudformation.CreateStackInput) {
	return func(in *cloudformation.CreateStackInput) { in.Tags = tags }
}

func TestAStacksTagsReachItsResources(t *testing.T) {
	r := newRig(t)
	r.create(wearing, createTagged(tagList("team", "data", "stage", "test")))
	r.wears([]string{"team=mine", "project=p", "stage=test"}, []string{"stage=test", "team=data"})
	if own, system := r.tags("s-Never-1"); own != nil || system != nil {
		t.Errorf("what has no tags was given %v and %v", own, system)
	}
	if found := r.detect(); found.StackDriftStatus != types.StackDriftStatusInSync {
		t.Errorf("the stack is %s", found.StackDriftStatus)
	}
	r.world.set("my-Own-0", "Tags", []any{map[string]any{"Key": "team", "Value": "other"}, map[string]any{"Key": "stage", "Value": "test"}})
	if found := r.detect(); *found.DriftedStackResourceCount != 1 {
		t.Errorf("%d resources drifted after a change of the template's tags", *found.DriftedStackResourceCount)
	}
}

// tagChange makes the change set that gives the stack other tags and nothing else.
func (r *rig) tagChange(tags []types.Tag) *cloudformation.DescribeChangeSetOutput {
	r.t.Helper()
	made, err := r.client.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("tags"), UsePreviousTemplate: aws.Bool(true), Tags: tags,
	})
	noError(r.t, err)
	out, err := r.client.DescribeChangeSet(r.t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	noError(r.t, err)
	return out
}

func TestAChangeOfTheStacksTagsChangesItsResources(t *testing.T) {
	r := newRig(t)
	r.create(wearing, createTagged(tagList("stage", "test", "team", "data")))
	set := r.tagChange(tagList("stage", "live"))
	var told []string
	for _, c := range set.Changes {
		change := c.ResourceChange
		line := fmt.Sprint(*change.LogicalResourceId, " ", change.Action, " ", change.Replacement, " ", change.Scope)
		for _, d := range change.Details {
			line += fmt.Sprint(" ", d.Target.Attribute, " ", d.Target.RequiresRecreation, " ", d.Evaluation, " ", d.ChangeSource)
		}
		told = append(told, line)
	}
	want := []string{
		"Bare Modify False [Tags] Tags Never Static DirectModification",
		"Own Modify False [Tags] Tags Never Static DirectModification",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	r.execute(set)
	r.wears([]string{"team=mine", "project=p", "stage=live"}, []string{"stage=live"})

	same := r.tagChange(tagList("stage", "live"))
	if same.Status != types.ChangeSetStatusFailed || !strings.Contains(*same.StatusReason, "didn't contain changes") {
		t.Errorf("the same tags once more: %s, %s", same.Status, aws.ToString(same.StatusReason))
	}
}

func TestTheOrderOfTagsIsNoChange(t *testing.T) {
	r := newRig(t)
	r.create(wearing, createTagged(tagList("stage", "test", "team", "data")))
	if set := r.tagChange(tagList("team", "data", "stage", "test")); len(set.Changes) > 0 || set.Status != types.ChangeSetStatusFailed {
		t.Errorf("the change set is %s with %d changes", set.Status, len(set.Changes))
	}
}

func TestARollbackBringsTheTagsBack(t *testing.T) {
	r := newRig(t)
	r.create(wearing, createTagged(tagList("stage", "test")))
	r.world.fail["update Never"] = 1
	stack := r.update(strings.Replace(wearing, "Thing, Properties: {Value: one}", "Thing, DependsOn: [Own, Bare], Properties: {Value: two}", 1),
		func(in *cloudformation.UpdateStackInput) { in.Tags = tagList("stage", "live") })
	if stack.StackStatus != types.StackStatusUpdateRollbackComplete {
		t.Fatalf("the stack is %s", stack.StackStatus)
	}
	r.wears([]string{"team=mine", "project=p", "stage=test"}, []string{"stage=test"})
	if found := r.detect(); found.StackDriftStatus != types.StackDriftStatusInSync {
		t.Errorf("the stack is %s", found.StackDriftStatus)
	}
}

func TestWhatIsImportedIsTagged(t *testing.T) {
	r := newRig(t)
	r.world.give("my-Own-0")
	made, err := r.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: aws.String("adopt"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(wearing),
		ImportExistingResources: aws.Bool(true), Tags: tagList("stage", "test"),
	})
	noError(t, err)
	r.execute(&cloudformation.DescribeChangeSetOutput{ChangeSetId: made.Id, StackId: made.StackId})
	r.wears([]string{"team=mine", "project=p", "stage=test"}, []string{"stage=test"})
	events := slices.DeleteFunc(r.events("s"), func(line string) bool { return !strings.HasPrefix(line, "Own ") })
	want := []string{
		"Own IMPORT_IN_PROGRESS Resource import started.", "Own IMPORT_COMPLETE Resource import completed.",
		"Own UPDATE_IN_PROGRESS Apply stack-level tags to imported resource if applicable.", "Own UPDATE_COMPLETE",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
}
