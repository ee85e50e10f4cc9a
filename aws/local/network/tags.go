package network

import (
	"cmp"
	"context"
	"slices"
)

type tagsInput struct {
	Resources []string `json:"ResourceId"`
	Tags      []tag    `json:"Tag"`
}

func (s *Service) createTags(_ context.Context, in *tagsInput) (*done, error) {
	return s.retag(in, func(tags []tag) []tag { return mergeTags(tags, in.Tags) })
}

func (s *Service) deleteTags(_ context.Context, in *tagsInput) (*done, error) {
	return s.retag(in, func(tags []tag) []tag {
		return slices.DeleteFunc(slices.Clone(tags), func(t tag) bool {
			return slices.ContainsFunc(in.Tags, func(gone tag) bool { return gone.Key == t.Key })
		})
	})
}

func (s *Service) retag(in *tagsInput, change func([]tag) []tag) (*done, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range in.Resources {
		before := s.groups[id]
		if before == nil {
			return nil, noGroup(id)
		}
		after := *before
		after.Tags = change(before.Tags)
		if err := s.keep(&after); err != nil {
			return nil, err
		}
	}
	return &done{true}, nil
}

// mergeTags is old with added in place of those with their key, in order of the keys.
func mergeTags(old, added []tag) []tag {
	merged := slices.DeleteFunc(slices.Clone(old), func(t tag) bool {
		return slices.ContainsFunc(added, func(a tag) bool { return a.Key == t.Key })
	})
	merged = append(merged, added...)
	slices.SortFunc(merged, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	return merged
}
