package ecs

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// defaultCluster is meant where a request names no cluster.
const defaultCluster = "default"

// Capacity providers that every account has.
const (
	fargate     = "FARGATE"
	fargateSpot = "FARGATE_SPOT"
)

// Statuses of clusters and definitions.
const (
	statusActive   = "ACTIVE"
	statusInactive = "INACTIVE"
)

// StrategyItem is one capacity provider of a strategy.
type StrategyItem struct {
	CapacityProvider string `json:"capacityProvider"`
	Weight           int    `json:"weight"`
	Base             int    `json:"base"`
}

// Tag is a tag of a resource.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Cluster is a cluster on the wire.
type Cluster struct {
	ClusterArn                        string         `json:"clusterArn"`
	ClusterName                       string         `json:"clusterName"`
	Status                            string         `json:"status"`
	RegisteredContainerInstancesCount int            `json:"registeredContainerInstancesCount"`
	RunningTasksCount                 int            `json:"runningTasksCount"`
	PendingTasksCount                 int            `json:"pendingTasksCount"`
	ActiveServicesCount               int            `json:"activeServicesCount"`
	Statistics                        []any          `json:"statistics"`
	Tags                              []Tag          `json:"tags"`
	Settings                          []Setting      `json:"settings"`
	CapacityProviders                 []string       `json:"capacityProviders"`
	DefaultCapacityProviderStrategy   []StrategyItem `json:"defaultCapacityProviderStrategy"`
}

// Setting is a setting of a cluster.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type clusterRecord struct{ Cluster }

var clusterName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,255}$`)

type createClusterInput struct {
	ClusterName                     string         `json:"clusterName"`
	Tags                            []Tag          `json:"tags"`
	Settings                        []Setting      `json:"settings"`
	CapacityProviders               []string       `json:"capacityProviders"`
	DefaultCapacityProviderStrategy []StrategyItem `json:"defaultCapacityProviderStrategy"`
}

type clusterOutput struct {
	Cluster Cluster `json:"cluster"`
}

func (s *Service) createCluster(ctx context.Context, in *createClusterInput) (*clusterOutput, error) {
	name := in.ClusterName
	if name == "" {
		name = defaultCluster
	}
	if !clusterName.MatchString(name) {
		return nil, invalid("Cluster name must be 1 to 255 letters, numbers, hyphens and underscores: %s", name)
	}
	if err := checkProviders(in.CapacityProviders); err != nil {
		return nil, err
	}
	if err := checkStrategy(in.DefaultCapacityProviderStrategy, in.CapacityProviders); err != nil {
		return nil, err
	}
	if err := checkStackTags(ctx, in.Tags); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clusters[name]; c != nil && c.Status == statusActive {
		return &clusterOutput{s.counted(c)}, nil
	}
	record := &clusterRecord{Cluster{
		ClusterArn: s.arn("cluster", name), ClusterName: name, Status: statusActive,
		Statistics: []any{}, Tags: orEmpty(in.Tags), Settings: in.Settings,
		CapacityProviders:               orEmpty(in.CapacityProviders),
		DefaultCapacityProviderStrategy: orEmpty(in.DefaultCapacityProviderStrategy),
	}}
	if len(record.Settings) == 0 {
		record.Settings = []Setting{{Name: "containerInsights", Value: "disabled"}}
	}
	if err := s.storeCluster(record); err != nil {
		return nil, err
	}
	s.clusters[name] = record
	return &clusterOutput{s.counted(record)}, nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// counted is the cluster with the numbers of its tasks. The caller holds s.mu.
func (s *Service) counted(c *clusterRecord) Cluster {
	out := c.Cluster
	for _, t := range s.tasks {
		switch {
		case t.ClusterArn != c.ClusterArn || t.LastStatus == statusStopped:
		case t.StartedAt == nil:
			out.PendingTasksCount++
		default:
			out.RunningTasksCount++
		}
	}
	return out
}

// cluster finds an active cluster by name or ARN. The caller holds s.mu.
func (s *Service) cluster(nameOrARN string) (*clusterRecord, error) {
	if nameOrARN == "" {
		nameOrARN = defaultCluster
	}
	c := s.clusters[nameOf("cluster", nameOrARN)]
	switch {
	case c == nil || nameOrARN != c.ClusterName && nameOrARN != c.ClusterArn:
		return nil, wire.Errorf(clusterNotFound, "Cluster not found.")
	case c.Status != statusActive:
		return nil, wire.Errorf(clusterNotFound, "The referenced cluster was inactive.")
	}
	return c, nil
}

type clusterInput struct {
	Cluster string `json:"cluster"`
}

func (s *Service) deleteCluster(_ context.Context, in *clusterInput) (*clusterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Cluster == "" {
		return nil, invalid("Cluster can not be blank.")
	}
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if now := s.counted(c); now.RunningTasksCount+now.PendingTasksCount > 0 {
		return nil, wire.Errorf(clusterContains, "The Cluster cannot be deleted while Tasks are active.")
	}
	gone := *c
	gone.Status = statusInactive
	if err := s.storeCluster(&gone); err != nil {
		return nil, err
	}
	s.clusters[gone.ClusterName] = &gone
	return &clusterOutput{gone.Cluster}, nil
}

type describeClustersInput struct {
	Clusters []string `json:"clusters"`
	Include  []string `json:"include"`
}

type describeClustersOutput struct {
	Clusters []Cluster `json:"clusters"`
	Failures []Failure `json:"failures"`
}

func (s *Service) describeClusters(_ context.Context, in *describeClustersInput) (*describeClustersOutput, error) {
	if len(in.Clusters) > pageLimit {
		return nil, invalid("Clusters cannot have more than %d elements.", pageLimit)
	}
	names := in.Clusters
	if len(names) == 0 {
		names = []string{defaultCluster}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &describeClustersOutput{Clusters: []Cluster{}, Failures: []Failure{}}
	for _, name := range names {
		c := s.clusters[nameOf("cluster", name)]
		if c == nil || name != c.ClusterName && name != c.ClusterArn {
			out.Failures = append(out.Failures, Failure{Arn: s.arn("cluster", nameOf("cluster", name)), Reason: "MISSING"})
			continue
		}
		found := s.counted(c)
		if !slices.Contains(in.Include, "TAGS") {
			found.Tags = []Tag{}
		}
		out.Clusters = append(out.Clusters, found)
	}
	return out, nil
}

type listInput struct {
	NextToken  *string `json:"nextToken"`
	MaxResults *int64  `json:"maxResults"`
}

type listClustersOutput struct {
	ClusterArns []string `json:"clusterArns"`
	NextToken   *string  `json:"nextToken,omitempty"`
}

func (s *Service) listClusters(_ context.Context, in *listInput) (*listClustersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []keyed
	for name, c := range s.clusters {
		if c.Status == statusActive {
			all = append(all, keyed{name, c.ClusterArn})
		}
	}
	arns, next, err := page(all, false, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &listClustersOutput{arns, next}, nil
}

// checkStrategy checks a capacity provider strategy against the providers of
// its cluster. AWS: CapacityProviderStrategyItem.
func checkStrategy(strategy []StrategyItem, providers []string) error {
	if len(strategy) > 20 {
		return invalid("The capacity provider strategy cannot contain more than 20 capacity providers.")
	}
	based, weight := 0, 0
	for _, item := range strategy {
		switch {
		case item.CapacityProvider != fargate && item.CapacityProvider != fargateSpot:
			return invalid("The specified capacity provider '%s' was not found. Specify a valid name or ARN and try again.", item.CapacityProvider)
		case !slices.Contains(providers, item.CapacityProvider):
			return invalid("The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.")
		case item.Weight < 0 || item.Weight > 1000:
			return invalid("The weight of capacity provider '%s' must be between 0 and 1000, not %d.", item.CapacityProvider, item.Weight)
		case item.Base < 0 || item.Base > 100_000:
			return invalid("The base of capacity provider '%s' must be between 0 and 100000, not %d.", item.CapacityProvider, item.Base)
		}
		weight += item.Weight
		if item.Base > 0 {
			based++
		}
	}
	if based > 1 {
		return invalid("The specified capacity provider strategy cannot contain more than one provider with a base value.")
	}
	if len(strategy) > 0 && weight == 0 && based == 0 && len(strategy) > 1 {
		return invalid("The specified capacity provider strategy must contain at least one provider with a weight greater than 0.")
	}
	return nil
}

// choose is the provider of the n-th task that a request starts: the base
// first, then each provider as often as its weight says.
func choose(strategy []StrategyItem, n int) string {
	for _, item := range strategy {
		if n < item.Base {
			return item.CapacityProvider
		}
		n -= item.Base
	}
	total := 0
	for _, item := range strategy {
		total += item.Weight
	}
	if total == 0 {
		return strategy[0].CapacityProvider
	}
	for at := n % total; ; {
		for _, item := range strategy {
			if at < item.Weight {
				return item.CapacityProvider
			}
			at -= item.Weight
		}
	}
}

func (s *Service) storeCluster(c *clusterRecord) error {
	if err := s.options.Store.Put(clusterBucket, c.ClusterName, c); err != nil {
		return fmt.Errorf("keep cluster %s: %w", c.ClusterName, err)
	}
	return nil
}
