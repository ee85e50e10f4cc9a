package network_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

const region = "us-east-1"

// serve is EC2 over HTTP, on the records of a folder.
func serve(t *testing.T, dir string) (*ec2.Client, func()) {
	t.Helper()
	records, err := store.Open(dir)
	noError(t, err)
	service, err := network.New(network.Options{Store: records, Account: "123456789012", Region: region})
	noError(t, err)
	router := wiretest.Router()
	router.RegisterQuery(service.API())
	server := httptest.NewServer(router)
	return ec2.NewFromConfig(wiretest.Config(server.URL)), func() {
		server.Close()
		noError(t, errors.Join(service.Close(), records.Close()))
	}
}

func newClient(t *testing.T) *ec2.Client {
	t.Helper()
	client, stop := serve(t, t.TempDir())
	t.Cleanup(stop)
	return client
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func where(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

func TestVPCsAreFilteredAndNamed(t *testing.T) {
	client := newClient(t)
	tests := map[string]struct {
		in   ec2.DescribeVpcsInput
		want []string
	}{
		"all":           {ec2.DescribeVpcsInput{}, []string{network.VPC, network.EmptyVPC}},
		"by id":         {ec2.DescribeVpcsInput{VpcIds: []string{network.EmptyVPC}}, []string{network.EmptyVPC}},
		"by state":      {ec2.DescribeVpcsInput{Filters: where("state", "pending")}, nil},
		"by name":       {ec2.DescribeVpcsInput{Filters: where("tag:Name", "lo*")}, []string{network.VPC}},
		"by block":      {ec2.DescribeVpcsInput{Filters: where("cidr", "10.1.?.0/16")}, []string{network.EmptyVPC}},
		"none's value":  {ec2.DescribeVpcsInput{Filters: where("is-default", "true")}, nil},
		"one of values": {ec2.DescribeVpcsInput{Filters: where("vpc-id", "x", network.VPC)}, []string{network.VPC}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := client.DescribeVpcs(t.Context(), &test.in)
			noError(t, err)
			var got []string
			for _, v := range out.Vpcs {
				got = append(got, *v.VpcId)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSubnetsReachTheInternetAsTheirNamesSay(t *testing.T) {
	client := newClient(t)
	subnets, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: where("vpc-id", network.VPC)})
	noError(t, err)
	got := map[string]string{}
	for _, s := range subnets.Subnets {
		got[*s.SubnetId] = routeOut(t, client, *s.SubnetId)
	}
	want := map[string]string{
		network.PrivateSubnet: "nat-00000000000000001", network.SecondPrivateSubnet: "nat-00000000000000001",
		network.PublicSubnet: "igw-00000000000000001", network.IsolatedSubnet: "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	endpoints, err := client.DescribeVpcEndpoints(t.Context(), &ec2.DescribeVpcEndpointsInput{Filters: where("vpc-id", network.VPC)})
	if err != nil || len(endpoints.VpcEndpoints) != 0 {
		t.Errorf("endpoints: %v, %v", endpoints, err)
	}
}

// routeOut is where the default route of the subnet's table, or the VPC's main one, leads.
func routeOut(t *testing.T, client *ec2.Client, subnet string) string {
	t.Helper()
	tables, err := client.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{Filters: where("association.subnet-id", subnet)})
	noError(t, err)
	if len(tables.RouteTables) == 0 {
		tables, err = client.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{
			Filters: append(where("association.main", "true"), where("vpc-id", network.VPC)...),
		})
		noError(t, err)
	}
	if len(tables.RouteTables) != 1 {
		t.Fatalf("%d tables", len(tables.RouteTables))
	}
	for _, r := range tables.RouteTables[0].Routes {
		if *r.DestinationCidrBlock == "0.0.0.0/0" {
			return aws.ToString(r.NatGatewayId) + aws.ToString(r.GatewayId)
		}
	}
	return ""
}

func TestASecurityGroupLives(t *testing.T) {
	dir := t.TempDir()
	client, stop := serve(t, dir)
	made, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("task"), Description: aws.String("of tasks"), VpcId: aws.String(network.VPC),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("data")}}}},
	})
	noError(t, err)
	web := types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443),
		IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0"), Description: aws.String("web")}},
	}
	all := types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}
	_, err = client.AuthorizeSecurityGroupEgress(t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: made.GroupId, IpPermissions: []types.IpPermission{web}})
	noError(t, err)
	_, err = client.RevokeSecurityGroupEgress(t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: made.GroupId, IpPermissions: []types.IpPermission{all}})
	noError(t, err)
	stop()

	client, stop = serve(t, dir)
	defer stop()
	found, err := client.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: where("group-name", "task")})
	noError(t, err)
	if len(found.SecurityGroups) != 1 {
		t.Fatalf("%d groups", len(found.SecurityGroups))
	}
	group := found.SecurityGroups[0]
	if *group.GroupId != *made.GroupId || *group.VpcId != network.VPC || *group.Tags[0].Value != "data" || len(group.IpPermissions) != 0 ||
		len(group.IpPermissionsEgress) != 1 || *group.IpPermissionsEgress[0].FromPort != 443 || *group.IpPermissionsEgress[0].IpRanges[0].Description != "web" {
		t.Errorf("after a restart: %+v", group)
	}
	_, err = client.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: made.GroupId})
	noError(t, err)
	_, err = client.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*made.GroupId}})
	refused(t, err, "InvalidGroup.NotFound", "The security group '"+*made.GroupId+"' does not exist")
}

func TestTwoGroupsThatReferToEachOther(t *testing.T) {
	client := newClient(t)
	create := func(name string) *string {
		out, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name, VpcId: aws.String(network.VPC)})
		noError(t, err)
		return out.GroupId
	}
	task, database := create("task"), create("database")
	rule := []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(3306), ToPort: aws.Int32(3306), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: task}}}}
	_, err := client.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: database, IpPermissions: rule})
	noError(t, err)
	_, err = client.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: task})
	refused(t, err, "DependencyViolation", "resource "+*task+" has a dependent object")
	_, err = client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: database, IpPermissions: rule})
	noError(t, err)
	_, err = client.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: task})
	noError(t, err)
}

func TestWhatEC2Refuses(t *testing.T) {
	client := newClient(t)
	create := func(name, description, vpc string) error {
		_, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &description, VpcId: &vpc})
		return err
	}
	noError(t, create("taken", "first", network.VPC))
	tests := map[string]struct {
		call          func() error
		code, message string
	}{
		"an unknown VPC": {
			func() error {
				_, err := client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{VpcIds: []string{"vpc-0"}})
				return err
			}, "InvalidVpcID.NotFound", "The vpc ID 'vpc-0' does not exist",
		},
		"an unknown subnet": {
			func() error {
				_, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{SubnetIds: []string{network.PublicSubnet, "subnet-0"}})
				return err
			}, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-0' does not exist",
		},
		"an unknown filter": {
			func() error {
				_, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: where("colour", "blue")})
				return err
			}, "InvalidParameterValue", "The filter 'colour' is invalid",
		},
		"an unknown group to delete": {
			func() error {
				_, err := client.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: aws.String("sg-0")})
				return err
			}, "InvalidGroup.NotFound", "The security group 'sg-0' does not exist",
		},
		"a group twice": {
			func() error { return create("taken", "second", network.VPC) },
			"InvalidGroup.Duplicate", "The security group 'taken' already exists for VPC '" + network.VPC + "'",
		},
		"a group in no VPC": {
			func() error { return create("other", "x", "vpc-0") }, "InvalidVpcID.NotFound", "The vpc ID 'vpc-0' does not exist",
		},
		"a reserved name": {
			func() error { return create("sg-mine", "x", network.VPC) },
			"InvalidParameterValue", "Value (sg-mine) for parameter GroupName is invalid. The name is reserved",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { refused(t, test.call(), test.code, test.message) })
	}
	names := []string{}
	out, err := client.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: where("vpc-id", network.VPC)})
	noError(t, err)
	for _, g := range out.SecurityGroups {
		names = append(names, *g.GroupName)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"default", "taken"}) {
		t.Errorf("groups: %v", names)
	}
}

func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("got %v, want %s: %s", err, code, message)
	}
}
