package network

import (
	"context"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type describeVPCsInput struct {
	IDs     []string `json:"VpcId"`
	Filters []filter `json:"Filter"`
}

type vpcsOutput struct {
	VPCs []vpc `xml:"vpcSet>item"`
}

func (s *Service) describeVPCs(_ context.Context, in *describeVPCsInput) (*vpcsOutput, error) {
	found, err := choose(s.vpcs(), in.IDs, in.Filters, func(v vpc) string { return v.ID }, func(v vpc) fields {
		return fields{
			"vpc-id": {v.ID}, "state": {v.State}, "cidr": {v.CIDR}, "cidr-block": {v.CIDR}, "owner-id": {v.Owner},
			"is-default": {truth(v.IsDefault)}, "dhcp-options-id": {v.Options},
		}.tags(v.Tags)
	}, noVPC)
	return &vpcsOutput{found}, err
}

func noVPC(id string) error {
	return wire.Errorf("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
}

type describeSubnetsInput struct {
	IDs     []string `json:"SubnetId"`
	Filters []filter `json:"Filter"`
}

type subnetsOutput struct {
	Subnets []subnet `xml:"subnetSet>item"`
}

func (s *Service) describeSubnets(_ context.Context, in *describeSubnetsInput) (*subnetsOutput, error) {
	found, err := choose(s.subnets(), in.IDs, in.Filters, func(n subnet) string { return n.ID }, func(n subnet) fields {
		return fields{
			"subnet-id": {n.ID}, "vpc-id": {n.VPC}, "state": {n.State}, "cidr": {n.CIDR}, "cidr-block": {n.CIDR},
			"availability-zone": {n.Zone}, "availabilityZone": {n.Zone}, "availability-zone-id": {n.ZoneID}, "owner-id": {n.Owner},
			"default-for-az": {truth(n.IsDefault)}, "map-public-ip-on-launch": {truth(n.PublicIPs)}, "subnet-arn": {n.ARN},
		}.tags(n.Tags)
	}, func(id string) error {
		return wire.Errorf("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
	})
	return &subnetsOutput{found}, err
}

type describeRouteTablesInput struct {
	IDs     []string `json:"RouteTableId"`
	Filters []filter `json:"Filter"`
}

type routeTablesOutput struct {
	Tables []routeTable `xml:"routeTableSet>item"`
}

func (s *Service) describeRouteTables(_ context.Context, in *describeRouteTablesInput) (*routeTablesOutput, error) {
	found, err := choose(s.routeTables(), in.IDs, in.Filters, func(t routeTable) string { return t.ID }, routeTable.fields, func(id string) error {
		return wire.Errorf("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", id)
	})
	return &routeTablesOutput{found}, err
}

func (t routeTable) fields() fields {
	f := fields{"route-table-id": {t.ID}, "vpc-id": {t.VPC}, "owner-id": {t.Owner}}
	for _, a := range t.Associations {
		f.add("association.route-table-association-id", a.ID)
		f.add("association.route-table-id", a.Table)
		f.add("association.main", truth(a.Main))
		f.add("association.subnet-id", a.Subnet)
	}
	for _, r := range t.Routes {
		f.add("route.destination-cidr-block", r.CIDR)
		f.add("route.gateway-id", r.Gateway)
		f.add("route.nat-gateway-id", r.NAT)
		f.add("route.state", r.State)
		f.add("route.origin", r.Origin)
	}
	return f.tags(t.Tags)
}

type describeEndpointsInput struct {
	IDs     []string `json:"VpcEndpointId"`
	Filters []filter `json:"Filter"`
}

type endpointsOutput struct {
	Endpoints []struct{} `xml:"vpcEndpointSet>item"`
}

// endpointFilters are what DescribeVpcEndpoints may be filtered by.
var endpointFilters = []string{"vpc-id", "vpc-endpoint-id", "vpc-endpoint-state", "vpc-endpoint-type", "service-name"}

// describeEndpoints finds none: the local network has no endpoints.
func (s *Service) describeEndpoints(_ context.Context, in *describeEndpointsInput) (*endpointsOutput, error) {
	for _, f := range in.Filters {
		if !slices.Contains(endpointFilters, f.Name) && !isTagFilter(f.Name) {
			return nil, f.unknown()
		}
	}
	if len(in.IDs) > 0 {
		return nil, wire.Errorf("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist", in.IDs[0])
	}
	return &endpointsOutput{}, nil
}
