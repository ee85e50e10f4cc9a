package stack

import (
	"context"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// needed are the endpoints that a task uses where no route leads out: the
// image, its layers in S3, the log, the secrets and the callback.
var needed = []string{"ecr.api", "ecr.dkr", "logs", "ssm", "states"}

// s3Gateway is how messages call the one that is a gateway.
const s3Gateway = "s3 (gateway)"

// network checks the VPC, the subnets and their ways to AWS.
func (p preflight) network(ctx context.Context) []Finding {
	vpc, subnets := p.values[vpcParameter], list(p.values[subnetsParameter])
	public := p.values[publicParameter] == "ENABLED"
	if vpc == "" || len(subnets) == 0 {
		return p.fittingNetworks(ctx, vpc, subnets, public)
	}
	all, err := p.service.ports.Network.Subnets(ctx, "")
	if err != nil {
		return []Finding{unchecked(subnetsParameter, err)}
	}
	found, inside := checkSubnets(vpc, subnets, all)
	if len(inside) == 0 {
		return found
	}
	n, err := p.service.loadNetwork(ctx, vpc)
	if err != nil {
		return append(found, unchecked(subnetsParameter, err))
	}
	for _, s := range inside {
		found = append(found, n.check(s, public)...)
	}
	return found
}

// checkSubnets tells of subnets that do not exist or lie in another VPC, and
// returns the others.
func checkSubnets(vpc string, ids []string, all []Subnet) (found []Finding, inside []Subnet) {
	next := safe.Linef("name subnets of %s with --parameter %s=subnet-…,subnet-…", vpc, subnetsParameter)
	if of := subnetIDs(all, vpc); len(of) > 0 {
		next = safe.Linef("those of %s are: %s", vpc, strings.Join(of, ", "))
	}
	for _, id := range ids {
		i := slices.IndexFunc(all, func(s Subnet) bool { return s.ID == id })
		switch {
		case i < 0:
			found = append(found, blocker(subnetsParameter, safe.Linef("there is no subnet %s", id), next))
		case all[i].VPC != vpc:
			found = append(found, blocker(subnetsParameter, safe.Linef("subnet %s belongs to %s, not to %s", id, all[i].VPC, vpc), next))
		default:
			inside = append(inside, all[i])
		}
	}
	return found, inside
}

func subnetIDs(all []Subnet, vpc string) []string {
	var ids []string
	for _, s := range all {
		if s.VPC == vpc {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// network is what a VPC has of ways out.
type network struct {
	tables    []RouteTable
	endpoints []Endpoint
}

func (s *Service) loadNetwork(ctx context.Context, vpc string) (network, error) {
	tables, err := s.ports.Network.RouteTables(ctx, vpc)
	if err != nil {
		return network{}, err
	}
	endpoints, err := s.ports.Network.Endpoints(ctx, vpc)
	return network{tables, endpoints}, err
}

// tableOf is the route table of a subnet: the one that names it, else the main one.
func (n network) tableOf(subnet string) RouteTable {
	var main RouteTable
	for _, t := range n.tables {
		if slices.Contains(t.Subnets, subnet) {
			return t
		}
		if t.Main {
			main = t
		}
	}
	return main
}

// wayOut is where a subnet sends what goes to the internet; empty for nowhere.
func (n network) wayOut(subnet string) string {
	for _, r := range n.tableOf(subnet).Routes {
		if r.Destination == "0.0.0.0/0" && !r.Blackhole {
			return r.Target
		}
	}
	return ""
}

// missing names the endpoints that a task in the subnet lacks, where no route leads out.
func (n network) missing(subnet string) []string {
	table := n.tableOf(subnet).ID
	var out []string
	for _, service := range needed {
		if !slices.ContainsFunc(n.endpoints, func(e Endpoint) bool { return e.Service == service && !e.Gateway && e.PrivateDNS }) {
			out = append(out, service)
		}
	}
	reachesS3 := func(e Endpoint) bool {
		return e.Service == "s3" && (e.Gateway && slices.Contains(e.RouteTables, table) || !e.Gateway && e.PrivateDNS)
	}
	if !slices.ContainsFunc(n.endpoints, reachesS3) {
		out = append(out, s3Gateway)
	}
	return out
}

// reaches reports whether tasks in the subnet get to AWS.
func (n network) reaches(subnet string, public bool) bool {
	way := n.wayOut(subnet)
	return way != "" && (public || !strings.HasPrefix(way, "igw-")) || len(n.missing(subnet)) == 0
}

// check tells why tasks in the subnet do not get to AWS, or have an address that is of no use.
func (n network) check(s Subnet, public bool) []Finding {
	way, missing := n.wayOut(s.ID), n.missing(s.ID)
	toInternet := strings.HasPrefix(way, "igw-")
	switch {
	case public && way != "" && !toInternet:
		return []Finding{warning(publicParameter,
			safe.Linef("subnet %s is private (its way out is %s): a public address does nothing there", s.ID, way),
			safe.Linef("give --parameter %s=DISABLED", publicParameter))}
	case way != "" && (public || !toInternet) || len(missing) == 0:
		return nil
	case toInternet:
		return []Finding{blocker(subnetsParameter,
			safe.Linef("subnet %s goes out by an internet gateway (%s), which takes no task without a public address", s.ID, way),
			safe.Linef("give --parameter %s=ENABLED, or subnets behind a NAT gateway", publicParameter))}
	}
	return []Finding{blocker(subnetsParameter,
		safe.Linef("subnet %s has no route out, and its VPC lacks the endpoints %s", s.ID, strings.Join(missing, ", ")),
		safe.Line("make those endpoints (interface endpoints with private DNS names, for S3 a gateway in the subnet's route table), or choose other subnets"))}
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
