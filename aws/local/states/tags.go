package states

import (
	"context"
	"fmt"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// mostTags is how many tags a machine may have.
const mostTags = 50

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func checkTags(v *wire.Violations, tags []tag) {
	for i, t := range tags {
		v.Length(fmt.Sprintf("tags.%d.member.key", i+1), t.Key, 1, 128)
		v.Length(fmt.Sprintf("tags.%d.member.value", i+1), t.Value, 0, 256)
	}
}

// mergeTags is old with the new ones added or in place of those with their key.
func mergeTags(old, added []tag) []tag {
	merged := slices.Clone(old)
	for _, t := range added {
		if i := slices.IndexFunc(merged, func(o tag) bool { return o.Key == t.Key }); i >= 0 {
			merged[i] = t
			continue
		}
		merged = append(merged, t)
	}
	return merged
}

type tagInput struct {
	ARN  *string  `json:"resourceArn"`
	Tags []tag    `json:"tags"`
	Keys []string `json:"tagKeys"`
}

func (s *Service) tagResource(_ context.Context, in *tagInput) (*empty, error) {
	var v wire.Violations
	checkARN(&v, "resourceArn", in.ARN)
	v.Required("tags", in.Tags != nil)
	checkTags(&v, in.Tags)
	if err := v.Err(); err != nil {
		return nil, err
	}
	return &empty{}, s.changeTags(*in.ARN, func(tags []tag) []tag { return mergeTags(tags, in.Tags) })
}

func (s *Service) untagResource(_ context.Context, in *tagInput) (*empty, error) {
	var v wire.Violations
	checkARN(&v, "resourceArn", in.ARN)
	v.Required("tagKeys", in.Keys != nil)
	for i, key := range in.Keys {
		v.Length(fmt.Sprintf("tagKeys.%d.member", i+1), key, 1, 128)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return &empty{}, s.changeTags(*in.ARN, func(tags []tag) []tag {
		return slices.DeleteFunc(slices.Clone(tags), func(t tag) bool { return slices.Contains(in.Keys, t.Key) })
	})
}

func (s *Service) changeTags(arn string, change func([]tag) []tag) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.tagged(arn)
	if err != nil {
		return err
	}
	changed := *m
	changed.Tags = change(m.Tags)
	if len(changed.Tags) > mostTags {
		return wire.Errorf("TooManyTags", "Too many tags: a state machine can have %d of them", mostTags)
	}
	return s.keep(changed, nil)
}

func (s *Service) tagged(arn string) (*machine, error) {
	if err := ofKind(arn, "stateMachine"); err != nil {
		return nil, err
	}
	m, err := s.find(arn)
	if err != nil {
		return nil, wire.Errorf("ResourceNotFound", "Resource not found: '%s'", arn)
	}
	return m, nil
}

type listTagsOutput struct {
	Tags []tag `json:"tags"`
}

func (s *Service) listTags(_ context.Context, in *tagInput) (*listTagsOutput, error) {
	var v wire.Violations
	checkARN(&v, "resourceArn", in.ARN)
	if err := v.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.tagged(*in.ARN)
	if err != nil {
		return nil, err
	}
	return &listTagsOutput{Tags: append([]tag{}, m.Tags...)}, nil
}
