package ecs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of tags. AWS: TagResource.
const (
	mostTags     = 50
	mostTagKey   = 128
	mostTagValue = 256
)

func checkTags(tags []Tag) error {
	if len(tags) > mostTags {
		return invalid("The maximum number of tags for a resource is %d.", mostTags)
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "" || utf8.RuneCountInString(t.Key) > mostTagKey:
			return invalid("A tag's key must have 1 to %d characters.", mostTagKey)
		case utf8.RuneCountInString(t.Value) > mostTagValue:
			return invalid("The value of tag '%s' must have at most %d characters.", t.Key, mostTagValue)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return invalid("Tag keys must not begin with 'aws:', as '%s' does.", t.Key)
		case seen[t.Key]:
			return invalid("Duplicate tag keys found: '%s'.", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// checkStackTags is checkTags for what a stack may have: CloudFormation, which calls from
// inside, gives tags of its own.
func checkStackTags(ctx context.Context, tags []Tag) error {
	if wire.CallFrom(ctx).AccessKey == "" {
		tags = withoutSystem(tags)
	}
	return checkTags(tags)
}

// withoutSystem leaves CloudFormation's own tags out, which do not count.
func withoutSystem(tags []Tag) []Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool { return strings.HasPrefix(t.Key, "aws:cloudformation:") })
}

// mergeTags is old with added over it, sorted by key.
func mergeTags(old, added []Tag) []Tag {
	merged := slices.DeleteFunc(slices.Clone(old), func(t Tag) bool {
		return slices.ContainsFunc(added, func(a Tag) bool { return a.Key == t.Key })
	})
	merged = append(merged, added...)
	slices.SortFunc(merged, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
	return merged
}

type tagResourceInput struct {
	ResourceArn string   `json:"resourceArn"`
	Tags        []Tag    `json:"tags"`
	TagKeys     []string `json:"tagKeys"`
}

type emptyOutput struct{}

func (s *Service) tagResource(ctx context.Context, in *tagResourceInput) (*emptyOutput, error) {
	if err := checkStackTags(ctx, in.Tags); err != nil {
		return nil, err
	}
	return s.retag(in.ResourceArn, func(tags []Tag) []Tag { return mergeTags(tags, in.Tags) })
}

func (s *Service) untagResource(_ context.Context, in *tagResourceInput) (*emptyOutput, error) {
	return s.retag(in.ResourceArn, func(tags []Tag) []Tag {
		return slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	})
}

func (s *Service) retag(arn string, change func([]Tag) []Tag) (*emptyOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.tagged(arn)
	if err != nil {
		return nil, err
	}
	old := *r.tags
	changed := change(old)
	if len(withoutSystem(changed)) > mostTags {
		return nil, invalid("The maximum number of tags for a resource is %d.", mostTags)
	}
	*r.tags = changed
	if err := r.store(); err != nil {
		*r.tags = old
		return nil, err
	}
	return &emptyOutput{}, nil
}

type listTagsInput struct {
	ResourceArn string `json:"resourceArn"`
}

type listTagsOutput struct {
	Tags []Tag `json:"tags"`
}

func (s *Service) listTags(_ context.Context, in *listTagsInput) (*listTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &listTagsOutput{orEmpty(slices.Clone(*r.tags))}, nil
}

// taggedResource is where a resource's tags are and how they are kept.
type taggedResource struct {
	tags  *[]Tag
	store func() error
}

// tagged finds what has the ARN. The caller holds s.mu.
func (s *Service) tagged(arn string) (taggedResource, error) {
	s.purge()
	if c := s.clusters[nameOf("cluster", arn)]; c != nil && c.ClusterArn == arn {
		return taggedResource{&c.Tags, func() error { return s.storeCluster(c) }}, nil
	}
	if d := s.definition(arn); d != nil && d.TaskDefinitionArn == arn {
		return taggedResource{&d.Tags, func() error { return s.storeDefinition(d) }}, nil
	}
	if t := s.tasks[arn[strings.LastIndexByte(arn, '/')+1:]]; t != nil && t.TaskArn == arn {
		return taggedResource{&t.Tags, func() error { return s.storeTask(t) }}, nil
	}
	if !strings.HasPrefix(arn, "arn:aws:ecs:") {
		return taggedResource{}, invalid("Invalid ARN: '%s' is not the ARN of a cluster, a task definition or a task.", arn)
	}
	return taggedResource{}, wire.Errorf(resourceNotFound, "The specified resource could not be found: %s", arn)
}
