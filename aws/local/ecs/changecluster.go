package ecs

import (
	"context"
	"slices"
)

type updateClusterInput struct {
	clusterInput
	Settings []Setting `json:"settings"`
}

// updateCluster changes the settings that the request names.
func (s *Service) updateCluster(_ context.Context, in *updateClusterInput) (*clusterOutput, error) {
	return s.changeCluster(in.Cluster, func(c *Cluster) {
		c.Settings = slices.DeleteFunc(slices.Clone(c.Settings), func(old Setting) bool {
			return slices.ContainsFunc(in.Settings, func(set Setting) bool { return set.Name == old.Name })
		})
		c.Settings = append(c.Settings, in.Settings...)
	})
}

type putProvidersInput struct {
	clusterInput
	CapacityProviders               []string       `json:"capacityProviders"`
	DefaultCapacityProviderStrategy []StrategyItem `json:"defaultCapacityProviderStrategy"`
}

// putCapacityProviders sets both lists anew. AWS: PutClusterCapacityProviders.
func (s *Service) putCapacityProviders(_ context.Context, in *putProvidersInput) (*clusterOutput, error) {
	if err := checkProviders(in.CapacityProviders); err != nil {
		return nil, err
	}
	if err := checkStrategy(in.DefaultCapacityProviderStrategy, in.CapacityProviders); err != nil {
		return nil, err
	}
	return s.changeCluster(in.Cluster, func(c *Cluster) {
		c.CapacityProviders = orEmpty(in.CapacityProviders)
		c.DefaultCapacityProviderStrategy = orEmpty(in.DefaultCapacityProviderStrategy)
	})
}

// checkProviders refuses providers that no account has.
func checkProviders(providers []string) error {
	for _, provider := range providers {
		if provider != fargate && provider != fargateSpot {
			return invalid("The specified capacity provider '%s' was not found. Specify a valid name or ARN and try again.", provider)
		}
	}
	return nil
}

// changeCluster keeps a changed copy of an active cluster in its place.
func (s *Service) changeCluster(nameOrARN string, change func(*Cluster)) (*clusterOutput, error) {
	if nameOrARN == "" {
		return nil, invalid("Cluster can not be blank.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(nameOrARN)
	if err != nil {
		return nil, err
	}
	changed := *c
	change(&changed.Cluster)
	if err := s.storeCluster(&changed); err != nil {
		return nil, err
	}
	s.clusters[changed.ClusterName] = &changed
	return &clusterOutput{s.counted(&changed)}, nil
}
