package stack

import (
	"context"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// DefaultVPC stands for the default VPC of the account and region.
const DefaultVPC = "default"

// NetworkIn gives the parameters that put tasks into a VPC, or into DefaultVPC: those of its
// subnets that lead to AWS. Where none does without a public address, they are the public ones,
// whose tasks get such an address.
func (s *Service) NetworkIn(ctx context.Context, vpc string) (map[string]string, error) {
	id, err := s.vpcID(ctx, vpc)
	if err != nil {
		return nil, err
	}
	for _, public := range []bool{false, true} {
		subnets, err := s.fittingSubnets(ctx, id, public)
		if err != nil {
			return nil, err
		}
		if len(subnets) > 0 {
			assign := map[bool]string{false: "DISABLED", true: "ENABLED"}[public]
			return map[string]string{vpcParameter: id, subnetsParameter: strings.Join(ids(subnets), ","), publicParameter: assign}, nil
		}
	}
	return nil, &ops.Problem{
		Kind: ops.Failed, Title: safe.Linef("no subnet of %s leads to AWS", id), Detail: safe.Line("no route goes out, and endpoints are missing"),
		Hint: safe.Line("choose another VPC, or make a subnet with a route to a NAT gateway or an internet gateway"),
	}
}

func (s *Service) vpcID(ctx context.Context, vpc string) (string, error) {
	all, err := s.ports.Network.VPCs(ctx)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(v VPC) bool { return v.ID == vpc || vpc == DefaultVPC && v.Default })
	if at >= 0 {
		return all[at].ID, nil
	}
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = v.ID
	}
	hint := safe.Linef("there are: %s; or check --region and --profile", strings.Join(names, ", "))
	if len(all) == 0 {
		hint = safe.Line("there is no VPC at all: check --region and --profile")
	}
	title := safe.Linef("there is no VPC %s in this account and region", vpc)
	if vpc == DefaultVPC {
		title = safe.Line("this account and region have no default VPC")
	}
	return "", &ops.Problem{Kind: ops.NotFound, Title: title, Hint: hint}
}

// fittingNetworks lists the VPCs and subnets that would do, where none, or only
// one of both, is given.
func (p preflight) fittingNetworks(ctx context.Context, only string, subnets []string, public bool) []Finding {
	subject, missing := vpcParameter, safe.Line("no network is given")
	if only != "" {
		subject, missing = subnetsParameter, safe.Linef("no subnet of %s is given", only)
	}
	vpcs, err := p.service.ports.Network.VPCs(ctx)
	if err != nil {
		return []Finding{blocker(subject, safe.Linef("%s, and those there are could not be listed: %v", missing, err),
			safe.Linef("add %s", networkFlags("vpc-…", "subnet-…")))}
	}
	if only != "" {
		if vpcs = slices.DeleteFunc(slices.Clone(vpcs), func(v VPC) bool { return v.ID != only }); len(vpcs) == 0 {
			return []Finding{blocker(vpcParameter, safe.Linef("there is no VPC %s in this account and region", only), safe.Linef("leave out --parameter %s: those that fit are listed", vpcParameter))}
		}
	} else if len(subnets) > 0 {
		return p.networkOf(ctx, subnets)
	}
	fits, first := p.service.fitting(ctx, vpcs, public)
	with := safe.Line("these fit")
	if len(fits) == 0 && !public {
		fits, first = p.service.fitting(ctx, vpcs, true)
		with = safe.Line("these fit with public addresses")
		first = safe.Linef("%s --parameter %s=ENABLED", first, publicParameter)
	}
	if len(fits) == 0 {
		return []Finding{blocker(subject, safe.Linef("%s, and none there is fits: no subnet leads to AWS", missing),
			safe.Line("make a subnet with a route to a NAT gateway or an internet gateway, or endpoints in its VPC"))}
	}
	return []Finding{blocker(subject, safe.Linef("%s; %s: %s", missing, with, safe.Join("; ", fits...)), first)}
}

// fitting describes the VPCs that have subnets which lead to AWS, and gives the parameters for the first.
func (s *Service) fitting(ctx context.Context, vpcs []VPC, public bool) (fits []safe.Text, first safe.Text) {
	for _, v := range vpcs {
		good, err := s.fittingSubnets(ctx, v.ID, public)
		if err != nil || len(good) == 0 {
			continue
		}
		if len(fits) == 0 {
			first = safe.Linef("add --vpc %s, or choose of them: %s", v.ID, networkFlags(v.ID, strings.Join(ids(good), ",")))
		}
		fits = append(fits, describe(v, good))
	}
	return fits, first
}

// networkOf names the VPC of subnets that are given without one.
func (p preflight) networkOf(ctx context.Context, subnets []string) []Finding {
	all, err := p.service.ports.Network.Subnets(ctx, "")
	next := safe.Linef("add --parameter %s=vpc-…", vpcParameter)
	if err == nil {
		for _, s := range all {
			if s.ID == subnets[0] {
				next = safe.Linef("add --parameter %s=%s", vpcParameter, s.VPC)
			}
		}
	}
	return []Finding{blocker(vpcParameter, safe.Linef("the VPC of %s is not given", strings.Join(subnets, ", ")), next)}
}

func networkFlags(vpc, subnets string) safe.Text {
	return safe.Linef("--parameter %s=%s --parameter %s=%s", vpcParameter, vpc, subnetsParameter, subnets)
}

func (s *Service) fittingSubnets(ctx context.Context, vpc string, public bool) ([]Subnet, error) {
	subnets, err := s.ports.Network.Subnets(ctx, vpc)
	if err != nil || len(subnets) == 0 {
		return nil, err
	}
	n, err := s.loadNetwork(ctx, vpc)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(subnets, func(s Subnet) bool { return !n.reaches(s.ID, public) }), nil
}

func ids(subnets []Subnet) []string {
	out := make([]string, len(subnets))
	for i, s := range subnets {
		out[i] = s.ID
	}
	return out
}

// describe is one VPC with its subnets, for a list.
func describe(v VPC, subnets []Subnet) safe.Text {
	about := []string{v.CIDR}
	if !v.Name.Empty() {
		about = append([]string{v.Name.String()}, about...)
	}
	if v.Default {
		about = append(about, "default")
	}
	parts := make([]string, len(subnets))
	for i, s := range subnets {
		parts[i] = s.ID + " (" + s.Zone + ")"
	}
	return safe.Linef("%s (%s): %s", v.ID, strings.Join(about, ", "), strings.Join(parts, ", "))
}
