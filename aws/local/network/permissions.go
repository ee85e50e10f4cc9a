package network

import (
	"context"
	"reflect"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// permission is a rule of a security group. Texts stand for numbers, as they
// come in a form.
type permission struct {
	Protocol string      `json:"IpProtocol" xml:"ipProtocol"`
	From     string      `json:"FromPort,omitempty" xml:"fromPort,omitempty"`
	To       string      `json:"ToPort,omitempty" xml:"toPort,omitempty"`
	Groups   []groupPair `json:"Groups,omitempty" xml:"groups>item"`
	Ranges   []cidrRange `json:"IpRanges,omitempty" xml:"ipRanges>item"`
	V6Ranges []v6Range   `json:"Ipv6Ranges,omitempty" xml:"ipv6Ranges>item"`
	Prefixes []prefix    `json:"PrefixListIds,omitempty" xml:"prefixListIds>item"`
}

type groupPair struct {
	Group       string `json:"GroupId" xml:"groupId"`
	Description string `json:"Description,omitempty" xml:"description,omitempty"`
}

type cidrRange struct {
	CIDR        string `json:"CidrIp" xml:"cidrIp"`
	Description string `json:"Description,omitempty" xml:"description,omitempty"`
}

type v6Range struct {
	CIDR        string `json:"CidrIpv6" xml:"cidrIpv6"`
	Description string `json:"Description,omitempty" xml:"description,omitempty"`
}

type prefix struct {
	ID          string `json:"PrefixListId" xml:"prefixListId"`
	Description string `json:"Description,omitempty" xml:"description,omitempty"`
}

func refers(permissions []permission, id string) bool {
	return slices.ContainsFunc(permissions, func(p permission) bool {
		return slices.ContainsFunc(p.Groups, func(pair groupPair) bool { return pair.Group == id })
	})
}

type permissionsInput struct {
	groupInput
	Permissions []permission `json:"IpPermissions"`
}

type done struct {
	Return bool `json:"Return" xml:"return"`
}

func (s *Service) authorizeEgress(_ context.Context, in *permissionsInput) (*done, error) {
	return s.change(in, func(g *group) (err error) { g.Egress, err = with(g.Egress, in.Permissions); return err })
}

func (s *Service) authorizeIngress(_ context.Context, in *permissionsInput) (*done, error) {
	return s.change(in, func(g *group) (err error) { g.Ingress, err = with(g.Ingress, in.Permissions); return err })
}

func (s *Service) revokeEgress(_ context.Context, in *permissionsInput) (*done, error) {
	return s.change(in, func(g *group) (err error) { g.Egress, err = without(g.Egress, in.Permissions); return err })
}

func (s *Service) revokeIngress(_ context.Context, in *permissionsInput) (*done, error) {
	return s.change(in, func(g *group) (err error) { g.Ingress, err = without(g.Ingress, in.Permissions); return err })
}

func (s *Service) change(in *permissionsInput, apply func(*group) error) (*done, error) {
	if in.ID == "" {
		return nil, wire.Errorf("MissingParameter", "The request must contain the parameter groupName or groupId")
	}
	if len(in.Permissions) == 0 {
		return nil, wire.Errorf("MissingParameter", "The request must contain the parameter IpPermissions")
	}
	for _, p := range in.Permissions {
		if p.Protocol == "" {
			return nil, wire.Errorf("MissingParameter", "The request must contain the parameter IpProtocol")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.groups[in.ID]
	if before == nil {
		return nil, noGroup(in.ID)
	}
	after := *before
	if err := apply(&after); err != nil {
		return nil, err
	}
	return &done{true}, s.keep(&after)
}

// with is the rules and those added.
func with(rules, added []permission) ([]permission, error) {
	rules = slices.Clone(rules)
	for _, p := range added {
		if at(rules, p) >= 0 {
			return nil, wire.Errorf("InvalidPermission.Duplicate", "the specified rule %q already exists", p.text())
		}
		rules = append(rules, p)
	}
	return rules, nil
}

// without is the rules but those revoked, each of which has to be there.
func without(rules, revoked []permission) ([]permission, error) {
	rules = slices.Clone(rules)
	for _, p := range revoked {
		i := at(rules, p)
		if i < 0 {
			return nil, wire.Errorf("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		rules = slices.Delete(rules, i, i+1)
	}
	return rules, nil
}

// at finds a rule; descriptions do not count.
func at(rules []permission, p permission) int {
	return slices.IndexFunc(rules, func(other permission) bool { return reflect.DeepEqual(other.bare(), p.bare()) })
}

// bare is the rule without descriptions, and with the ports that "all" has.
func (p permission) bare() permission {
	out := permission{Protocol: p.Protocol, From: p.From, To: p.To}
	if p.Protocol == "-1" {
		out.From, out.To = "", ""
	}
	for _, one := range p.Groups {
		out.Groups = append(out.Groups, groupPair{Group: one.Group})
	}
	for _, one := range p.Ranges {
		out.Ranges = append(out.Ranges, cidrRange{CIDR: one.CIDR})
	}
	for _, one := range p.V6Ranges {
		out.V6Ranges = append(out.V6Ranges, v6Range{CIDR: one.CIDR})
	}
	for _, one := range p.Prefixes {
		out.Prefixes = append(out.Prefixes, prefix{ID: one.ID})
	}
	return out
}

func (p permission) text() string {
	peer := ""
	switch {
	case len(p.Ranges) > 0:
		peer = p.Ranges[0].CIDR
	case len(p.V6Ranges) > 0:
		peer = p.V6Ranges[0].CIDR
	case len(p.Groups) > 0:
		peer = p.Groups[0].Group
	}
	return "peer: " + peer + ", " + p.Protocol + ", from port: " + p.From + ", to port: " + p.To + ", ALLOW"
}
