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
	return append(found, n.check(inside, public)...)
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

// check tells why tasks in the subnets do not get to AWS, or have an address
// that is of no use: once for all subnets that are alike.
func (n network) check(subnets []Subnet, public bool) []Finding {
	type kind struct{ way, missing string }
	var kinds []kind
	alike := map[kind][]string{}
	for _, s := range subnets {
		k := kind{n.wayOut(s.ID), strings.Join(n.missing(s.ID), ", ")}
		if alike[k] == nil {
			kinds = append(kinds, k)
		}
		alike[k] = append(alike[k], s.ID)
	}
	var found []Finding
	for _, k := range kinds {
		which := strings.Join(alike[k], ", ")
		toInternet := strings.HasPrefix(k.way, "igw-")
		switch {
		case public && k.way != "" && !toInternet:
			found = append(found, warning(publicParameter,
				safe.Linef("a public address does nothing in %s: the way out is private (%s)", which, k.way),
				safe.Linef("give --parameter %s=DISABLED", publicParameter)))
		case k.way != "" && (public || !toInternet) || k.missing == "":
		case toInternet:
			found = append(found, blocker(subnetsParameter,
				safe.Linef("an internet gateway (%s) is the way out of %s, and takes no task without a public address", k.way, which),
				safe.Linef("give --parameter %s=ENABLED, or subnets behind a NAT gateway", publicParameter)))
		default:
			found = append(found, blocker(subnetsParameter,
				safe.Linef("there is no route out of %s, and the VPC lacks the endpoints %s", which, k.missing),
				safe.Line("make those endpoints (interface endpoints with private DNS names, for S3 a gateway in the subnet's route table), or choose other subnets")))
		}
	}
	return found
}
