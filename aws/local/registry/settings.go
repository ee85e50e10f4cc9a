package registry

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const maxTags = 50

type mutabilityInput struct {
	Registry   string `json:"registryId"`
	Name       string `json:"repositoryName"`
	Mutability string `json:"imageTagMutability"`
}

type mutabilityOutput struct {
	Registry   string `json:"registryId"`
	Name       string `json:"repositoryName"`
	Mutability string `json:"imageTagMutability"`
}

func (s *Service) putImageTagMutability(_ context.Context, in *mutabilityInput) (*mutabilityOutput, error) {
	var v wire.Violations
	v.Enum("imageTagMutability", in.Mutability, mutable, immutable)
	if err := v.ErrAs(invalidParameter); err != nil {
		return nil, err
	}
	err := s.change(in.Registry, in.Name, func(r *repository) { r.Mutability = in.Mutability })
	return &mutabilityOutput{s.opts.Account, in.Name, in.Mutability}, err
}

// change changes a repository and keeps it.
func (s *Service) change(registry, name string, f func(r *repository)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(registry, name)
	if err != nil {
		return err
	}
	f(r)
	return s.keep(r)
}

type scanningInput struct {
	Registry string   `json:"registryId"`
	Name     string   `json:"repositoryName"`
	Scanning scanning `json:"imageScanningConfiguration"`
}

func (s *Service) putImageScanningConfiguration(_ context.Context, in *scanningInput) (*scanningInput, error) {
	err := s.change(in.Registry, in.Name, func(r *repository) { r.ScanOnPush = in.Scanning.OnPush })
	return &scanningInput{s.opts.Account, in.Name, in.Scanning}, err
}

type lifecycleInput struct {
	Registry string `json:"registryId"`
	Name     string `json:"repositoryName"`
	Text     string `json:"lifecyclePolicyText"`
}

func (s *Service) putLifecyclePolicy(_ context.Context, in *lifecycleInput) (*lifecycleInput, error) {
	var policy struct {
		Rules []struct {
			Priority int `json:"rulePriority"`
		} `json:"rules"`
	}
	if err := json.Unmarshal([]byte(in.Text), &policy); err != nil || len(policy.Rules) == 0 {
		return nil, wire.Errorf(invalidParameter, "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: the policy must be JSON with rules'")
	}
	err := s.change(in.Registry, in.Name, func(r *repository) { r.Lifecycle = in.Text })
	return &lifecycleInput{s.opts.Account, in.Name, in.Text}, err
}

func (s *Service) getLifecyclePolicy(_ context.Context, in *lifecycleInput) (*lifecycleInput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Registry, in.Name)
	if err != nil {
		return nil, err
	}
	if r.Lifecycle == "" {
		return nil, wire.Errorf("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", r.Name, s.opts.Account)
	}
	return &lifecycleInput{s.opts.Account, r.Name, r.Lifecycle}, nil
}

func (s *Service) deleteLifecyclePolicy(ctx context.Context, in *lifecycleInput) (*lifecycleInput, error) {
	before, err := s.getLifecyclePolicy(ctx, in)
	if err != nil {
		return nil, err
	}
	return before, s.change(in.Registry, in.Name, func(r *repository) { r.Lifecycle = "" })
}

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type tagsInput struct {
	ARN  string   `json:"resourceArn"`
	Tags []tag    `json:"tags"`
	Keys []string `json:"tagKeys"`
}

type tagsOutput struct {
	Tags []tag `json:"tags"`
}

// nameOf is the repository that an ARN means.
func (s *Service) nameOf(arn string) (string, error) {
	name, ok := strings.CutPrefix(arn, s.arn(""))
	if !ok {
		return "", wire.Errorf(invalidParameter, "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'")
	}
	return name, nil
}

func (s *Service) tagResource(_ context.Context, in *tagsInput) (*struct{}, error) {
	name, err := s.nameOf(in.ARN)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, s.change("", name, func(r *repository) {
		if r.Tags == nil {
			r.Tags = map[string]string{}
		}
		for _, t := range in.Tags {
			r.Tags[t.Key] = t.Value
		}
	})
}

func (s *Service) untagResource(_ context.Context, in *tagsInput) (*struct{}, error) {
	name, err := s.nameOf(in.ARN)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, s.change("", name, func(r *repository) {
		for _, key := range in.Keys {
			delete(r.Tags, key)
		}
	})
}

func (s *Service) listTagsForResource(_ context.Context, in *tagsInput) (*tagsOutput, error) {
	name, err := s.nameOf(in.ARN)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find("", name)
	if err != nil {
		return nil, err
	}
	out := &tagsOutput{Tags: []tag{}}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		out.Tags = append(out.Tags, tag{key, r.Tags[key]})
	}
	return out, nil
}
