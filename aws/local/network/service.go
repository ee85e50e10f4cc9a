// Package network is the EC2 of local AWS, as far as networks go: one VPC laid
// out once and for all, and security groups.
package network

import (
	"errors"
	"fmt"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// groupBucket keeps the security groups.
const groupBucket = "ec2/groups"

// Options are what a Service works with. All are needed.
type Options struct {
	Store *store.Store
	// Account and Region stand in ARNs and zones.
	Account, Region string
}

// Service is EC2. Its methods may be called from several goroutines.
type Service struct {
	opts Options

	mu     sync.Mutex
	groups map[string]*group // by id
}

// New loads the security groups, and makes the default one of each VPC. The
// caller closes it.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Account == "" || opts.Region == "" {
		return nil, errors.New("network: store, account and region must be given")
	}
	s := &Service{opts: opts, groups: map[string]*group{}}
	for i, v := range s.vpcs() {
		id := fmt.Sprintf("sg-%017d", i+1)
		s.groups[id] = s.newGroup(id, "default", "default VPC security group", v.ID)
	}
	err := store.Load(opts.Store, groupBucket, "", func(id string, g *group) error {
		s.groups[id] = g
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load security groups: %w", err)
	}
	return s, nil
}

// Close has nothing to end: no goroutine outlives a call.
func (s *Service) Close() error { return nil }

// API is the service for the router.
func (s *Service) API() wire.QueryService {
	return wire.QueryService{
		Name: "ec2", Version: "2016-11-15", Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", EC2: true,
		Operations: wire.Forms(s.Inside()),
	}
}

// Inside is what stack resources call, in JSON by the names of the Query API.
func (s *Service) Inside() map[string]wire.Handler {
	return map[string]wire.Handler{
		"DescribeVpcs":                  wire.Op(s.describeVPCs),
		"DescribeSubnets":               wire.Op(s.describeSubnets),
		"DescribeRouteTables":           wire.Op(s.describeRouteTables),
		"DescribeVpcEndpoints":          wire.Op(s.describeEndpoints),
		"DescribeSecurityGroups":        wire.Op(s.describeGroups),
		"CreateSecurityGroup":           wire.Op(s.createGroup),
		"DeleteSecurityGroup":           wire.Op(s.deleteGroup),
		"AuthorizeSecurityGroupEgress":  wire.Op(s.authorizeEgress),
		"AuthorizeSecurityGroupIngress": wire.Op(s.authorizeIngress),
		"RevokeSecurityGroupEgress":     wire.Op(s.revokeEgress),
		"RevokeSecurityGroupIngress":    wire.Op(s.revokeIngress),
		"CreateTags":                    wire.Op(s.createTags),
		"DeleteTags":                    wire.Op(s.deleteTags),
	}
}
