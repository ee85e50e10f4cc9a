package ecs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// definition finds a revision, or the family's newest active one when none is
// named; nil when there is none. The caller holds s.mu.
func (s *Service) definition(name string) *definitionRecord {
	family, revision, ok := familyRevision(name)
	revisions := s.definitions[family]
	switch {
	case !ok || revision > len(revisions):
		return nil
	case revision > 0:
		return revisions[revision-1]
	}
	for _, d := range slices.Backward(revisions) {
		if d.Status == statusActive {
			return d
		}
	}
	return nil
}

type describeDefinitionInput struct {
	TaskDefinition string   `json:"taskDefinition"`
	Include        []string `json:"include"`
}

// describeTaskDefinition also gives revisions that are INACTIVE, when they are
// named by their number. AWS: DescribeTaskDefinition.
func (s *Service) describeTaskDefinition(_ context.Context, in *describeDefinitionInput) (*definitionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.definition(in.TaskDefinition)
	if d == nil {
		return nil, client("Unable to describe task definition.")
	}
	out := &definitionOutput{TaskDefinition: d.TaskDefinition}
	if slices.Contains(in.Include, "TAGS") {
		out.Tags = d.Tags
	}
	return out, nil
}

type definitionInput struct {
	TaskDefinition string `json:"taskDefinition"`
}

func (s *Service) deregisterTaskDefinition(_ context.Context, in *definitionInput) (*definitionOutput, error) {
	if _, revision, ok := familyRevision(in.TaskDefinition); !ok || revision == 0 {
		return nil, client("Invalid revision: a task definition is deregistered by family:revision or ARN, not '%s'.", in.TaskDefinition)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.definition(in.TaskDefinition)
	if d == nil {
		return nil, client("The specified task definition does not exist. Specify a valid account, family, revision and try again.")
	}
	if d.Status == statusActive {
		gone := *d
		gone.Status, gone.DeregisteredAt = statusInactive, wire.SecondsOf(s.clock.Now())
		if err := s.storeDefinition(&gone); err != nil {
			return nil, err
		}
		*d = gone
	}
	return &definitionOutput{TaskDefinition: d.TaskDefinition}, nil
}

type listDefinitionsInput struct {
	listInput
	FamilyPrefix string `json:"familyPrefix"`
	Status       string `json:"status"`
	Sort         string `json:"sort"`
}

type listDefinitionsOutput struct {
	TaskDefinitionArns []string `json:"taskDefinitionArns"`
	NextToken          *string  `json:"nextToken,omitempty"`
}

// listTaskDefinitions lists by family and number. The prefix is a whole family
// name. AWS: ListTaskDefinitions.
func (s *Service) listTaskDefinitions(_ context.Context, in *listDefinitionsInput) (*listDefinitionsOutput, error) {
	status, order := cmp.Or(in.Status, statusActive), cmp.Or(in.Sort, "ASC")
	if !slices.Contains([]string{statusActive, statusInactive, "DELETE_IN_PROGRESS"}, status) {
		return nil, invalid("status must be one of [ACTIVE, INACTIVE, DELETE_IN_PROGRESS], not '%s'", status)
	}
	if order != "ASC" && order != "DESC" {
		return nil, invalid("sort must be ASC or DESC, not '%s'", order)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []keyed
	for family, revisions := range s.definitions {
		if in.FamilyPrefix != "" && in.FamilyPrefix != family {
			continue
		}
		for _, d := range revisions {
			if d.Status == status {
				all = append(all, keyed{definitionKey(d), d.TaskDefinitionArn})
			}
		}
	}
	arns, next, err := page(all, order == "DESC", in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &listDefinitionsOutput{arns, next}, nil
}

type listFamiliesInput struct {
	listInput
	FamilyPrefix string `json:"familyPrefix"`
	Status       string `json:"status"`
}

type listFamiliesOutput struct {
	Families  []string `json:"families"`
	NextToken *string  `json:"nextToken,omitempty"`
}

// listFamilies lists families; a family is ACTIVE as long as one revision is.
// AWS: ListTaskDefinitionFamilies.
func (s *Service) listFamilies(_ context.Context, in *listFamiliesInput) (*listFamiliesOutput, error) {
	status := cmp.Or(in.Status, "ALL")
	if !slices.Contains([]string{statusActive, statusInactive, "ALL"}, status) {
		return nil, invalid("status must be one of [ACTIVE, INACTIVE, ALL], not '%s'", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []keyed
	for family := range s.definitions {
		has := statusInactive
		if s.definition(family) != nil {
			has = statusActive
		}
		if strings.HasPrefix(family, in.FamilyPrefix) && (status == "ALL" || status == has) {
			all = append(all, keyed{family, family})
		}
	}
	families, next, err := page(all, false, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &listFamiliesOutput{families, next}, nil
}

func definitionKey(d *definitionRecord) string {
	return d.Family + ":" + numberKey(int64(d.Revision))
}

func (s *Service) storeDefinition(d *definitionRecord) error {
	if err := s.options.Store.Put(definitionBucket, definitionKey(d), d); err != nil {
		return fmt.Errorf("keep task definition %s:%d: %w", d.Family, d.Revision, err)
	}
	return nil
}
