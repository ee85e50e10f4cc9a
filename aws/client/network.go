package client

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// networks reads VPCs and what is in them.
type networks struct{ api *ec2.Client }

func newNetworks(cfg aws.Config) *networks { return &networks{api: ec2.NewFromConfig(cfg)} }

func (n *networks) VPCs(ctx context.Context) ([]stack.VPC, error) {
	var all []stack.VPC
	pages := ec2.NewDescribeVpcsPaginator(n.api, &ec2.DescribeVpcsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Vpcs {
			all = append(all, stack.VPC{
				ID: aws.ToString(v.VpcId), Name: nameTag(v.Tags), CIDR: aws.ToString(v.CidrBlock), Default: aws.ToBool(v.IsDefault),
			})
		}
	}
	return all, nil
}

func (n *networks) Subnets(ctx context.Context, vpc string) ([]stack.Subnet, error) {
	var all []stack.Subnet
	pages := ec2.NewDescribeSubnetsPaginator(n.api, &ec2.DescribeSubnetsInput{Filters: inVPC(vpc)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Subnets {
			all = append(all, stack.Subnet{
				ID: aws.ToString(s.SubnetId), VPC: aws.ToString(s.VpcId), Zone: aws.ToString(s.AvailabilityZone),
			})
		}
	}
	return all, nil
}

func (n *networks) RouteTables(ctx context.Context, vpc string) ([]stack.RouteTable, error) {
	var all []stack.RouteTable
	pages := ec2.NewDescribeRouteTablesPaginator(n.api, &ec2.DescribeRouteTablesInput{Filters: inVPC(vpc)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.RouteTables {
			all = append(all, routeTableOf(t))
		}
	}
	return all, nil
}

func (n *networks) Endpoints(ctx context.Context, vpc string) ([]stack.Endpoint, error) {
	var all []stack.Endpoint
	pages := ec2.NewDescribeVpcEndpointsPaginator(n.api, &ec2.DescribeVpcEndpointsInput{Filters: inVPC(vpc)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.VpcEndpoints {
			// AWS gives the state with a capital letter or without.
			if !strings.EqualFold(string(e.State), string(types.StateAvailable)) {
				continue
			}
			all = append(all, stack.Endpoint{
				ID: aws.ToString(e.VpcEndpointId), Service: serviceOf(aws.ToString(e.ServiceName)),
				Gateway: e.VpcEndpointType == types.VpcEndpointTypeGateway, PrivateDNS: aws.ToBool(e.PrivateDnsEnabled),
				RouteTables: e.RouteTableIds,
			})
		}
	}
	return all, nil
}

func routeTableOf(t types.RouteTable) stack.RouteTable {
	out := stack.RouteTable{ID: aws.ToString(t.RouteTableId), VPC: aws.ToString(t.VpcId)}
	for _, a := range t.Associations {
		if aws.ToBool(a.Main) {
			out.Main = true
		}
		if a.SubnetId != nil {
			out.Subnets = append(out.Subnets, *a.SubnetId)
		}
	}
	for _, r := range t.Routes {
		out.Routes = append(out.Routes, stack.Route{
			Destination: firstOf(r.DestinationCidrBlock, r.DestinationIpv6CidrBlock, r.DestinationPrefixListId),
			Target: firstOf(r.NatGatewayId, r.TransitGatewayId, r.GatewayId, r.NetworkInterfaceId, r.InstanceId,
				r.VpcPeeringConnectionId, r.LocalGatewayId, r.CarrierGatewayId, r.CoreNetworkArn, r.EgressOnlyInternetGatewayId),
			Blackhole: r.State == types.RouteStateBlackhole,
		})
	}
	return out
}

// serviceOf takes the service out of com.amazonaws.REGION.SERVICE, which
// China's partition puts cn. before.
func serviceOf(name string) string {
	parts := strings.SplitN(strings.TrimPrefix(name, "cn."), ".", 4)
	return parts[len(parts)-1]
}

func inVPC(vpc string) []types.Filter {
	if vpc == "" {
		return nil
	}
	return []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}}
}

func nameTag(tags []types.Tag) safe.Text {
	for _, t := range tags {
		if aws.ToString(t.Key) == "Name" {
			return safe.Line(aws.ToString(t.Value))
		}
	}
	return safe.Text{}
}

func firstOf(values ...*string) string {
	for _, v := range values {
		if aws.ToString(v) != "" {
			return *v
		}
	}
	return ""
}
