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
