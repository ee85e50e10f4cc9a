package logs

import (
	"context"
	"maps"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The limits of a group's tags, in characters and in number.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

func checkTags(tags map[string]string) error {
	var v wire.Violations
	if tags != nil {
		v.Items("tags", len(tags), 1, maxTags)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		v.Length("tags.key", key, 1, maxTagKey)
		v.Length("tags."+key+".member", tags[key], 0, maxTagValue)
	}
	return v.ErrAs(invalidParameter)
}

type tagResourceInput struct {
	ResourceARN string            `json:"resourceArn"`
	Tags        map[string]string `json:"tags"`
}

func (s *Service) tagResource(_ context.Context, in *tagResourceInput) (*none, error) {
	var v wire.Violations
	v.Required("tags", in.Tags != nil)
	if err := v.ErrAs(invalidParameter); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	name, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return s.change(name, func(g *groupRecord) {
		tags := maps.Clone(in.Tags)
		for key, value := range g.Tags {
			if _, replaced := tags[key]; !replaced {
				tags[key] = value
			}
		}
		g.Tags = tags
	})
}

type untagResourceInput struct {
	ResourceARN string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

func (s *Service) untagResource(_ context.Context, in *untagResourceInput) (*none, error) {
	var v wire.Violations
	v.Items("tagKeys", len(in.TagKeys), 1, maxTags)
	if err := v.ErrAs(invalidParameter); err != nil {
		return nil, err
	}
	name, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return s.change(name, func(g *groupRecord) {
		g.Tags = maps.Clone(g.Tags)
		for _, key := range in.TagKeys {
			delete(g.Tags, key)
		}
	})
}

type listTagsForResourceInput struct {
	ResourceARN string `json:"resourceArn"`
}

type tagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) listTagsForResource(_ context.Context, in *listTagsForResourceInput) (*tagsOutput, error) {
	name, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[name]
	if g == nil {
		return nil, errNoGroup
	}
	out := &tagsOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, g.Tags)
	return out, nil
}

// tagged is the name of the group that a resource's ARN means.
func (s *Service) tagged(arn string) (string, error) {
	var v wire.Violations
	v.Required("resourceArn", arn != "")
	if err := v.ErrAs(invalidParameter); err != nil {
		return "", err
	}
	name, ok := s.nameInARN(arn)
	if !ok {
		return "", errNoGroup
	}
	return name, nil
}
