package logs

import (
	"context"
	"fmt"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// retentionDays are the values that PutRetentionPolicy takes.
var retentionDays = []int32{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
	1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

type putRetentionPolicyInput struct {
	LogGroupName    string `json:"logGroupName"`
	RetentionInDays int32  `json:"retentionInDays"`
}

func (s *Service) putRetentionPolicy(_ context.Context, in *putRetentionPolicyInput) (*none, error) {
	if !slices.Contains(retentionDays, in.RetentionInDays) {
		var allowed []string
		for _, days := range retentionDays {
			allowed = append(allowed, fmt.Sprint(days))
		}
		var v wire.Violations
		v.Enum("retentionInDays", fmt.Sprint(in.RetentionInDays), allowed...)
		return nil, v.ErrAs(invalidParameter)
	}
	return s.retain(in.LogGroupName, in.RetentionInDays)
}

func (s *Service) deleteRetentionPolicy(_ context.Context, in *groupInput) (*none, error) {
	return s.retain(in.LogGroupName, 0)
}

// retain sets for how many days a group keeps its events; 0 is for ever.
func (s *Service) retain(groupName string, days int32) (*none, error) {
	if err := checkNames(groupName, nil); err != nil {
		return nil, err
	}
	return s.change(groupName, func(g *groupRecord) { g.Days = days })
}

// change stores a changed record of a group.
func (s *Service) change(groupName string, f func(*groupRecord)) (*none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[groupName]
	if g == nil {
		return nil, errNoGroup
	}
	changed := g.groupRecord
	f(&changed)
	if err := s.opts.Store.Put(groupBucket, g.Name, changed); err != nil {
		return nil, err
	}
	g.groupRecord = changed
	return &none{}, nil
}
