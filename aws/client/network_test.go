package client_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func TestTheNetworkIsRead(t *testing.T) {
	ports, aws := stackPorts(t, map[string][]string{
		"DescribeVpcs": {
			`<vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><isDefault>true</isDefault><tagSet><item><key>Name</key><value>main</value></item></tagSet></item></vpcSet><nextToken>2</nextToken>`,
			`<vpcSet><item><vpcId>vpc-2</vpcId></item></vpcSet>`,
		},
		"DescribeSubnets": {`<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availabilityZone>us-east-1a</availabilityZone><cidrBlock>10.0.0.0/24</cidrBlock><availableIpAddressCount>250</availableIpAddressCount></item></subnetSet>`},
		"DescribeRouteTables": {`<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId>
			<associationSet><item><main>true</main></item><item><main>false</main><subnetId>subnet-1</subnetId></item></associationSet>
			<routeSet><item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state></item>
			<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>blackhole</state></item>
			<item><destinationPrefixListId>pl-1</destinationPrefixListId><gatewayId>vpce-1</gatewayId></item></routeSet></item></routeTableSet>`},
		"DescribeVpcEndpoints": {`<vpcEndpointSet>
			<item><vpcEndpointId>vpce-1</vpcEndpointId><serviceName>com.amazonaws.us-east-1.s3</serviceName><vpcEndpointType>Gateway</vpcEndpointType><state>available</state><routeTableIdSet><item>rtb-1</item></routeTableIdSet></item>
			<item><vpcEndpointId>vpce-2</vpcEndpointId><serviceName>cn.com.amazonaws.cn-north-1.ecr.api</serviceName><vpcEndpointType>Interface</vpcEndpointType><state>Available</state><privateDnsEnabled>true</privateDnsEnabled></item>
			<item><vpcEndpointId>vpce-3</vpcEndpointId><serviceName>com.amazonaws.us-east-1.logs</serviceName><vpcEndpointType>Interface</vpcEndpointType><state>deleting</state></item></vpcEndpointSet>`},
	})
	vpcs, err := ports.Network.VPCs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, vpcs, []stack.VPC{{ID: "vpc-1", Name: safe.Line("main"), CIDR: "10.0.0.0/16", Default: true}, {ID: "vpc-2"}})
	subnets, err := ports.Network.Subnets(t.Context(), "vpc-1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, subnets, []stack.Subnet{{ID: "subnet-1", VPC: "vpc-1", Zone: "us-east-1a"}})
	if got := aws.sent("DescribeSubnets")[0].Get("Filter.1.Value.1"); got != "vpc-1" {
		t.Errorf("subnets of %q were asked for", got)
	}
	tables, err := ports.Network.RouteTables(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, tables, []stack.RouteTable{{
		ID: "rtb-1", VPC: "vpc-1", Main: true, Subnets: []string{"subnet-1"},
		Routes: []stack.Route{
			{Destination: "10.0.0.0/16", Target: "local"}, {Destination: "0.0.0.0/0", Target: "nat-1", Blackhole: true}, {Destination: "pl-1", Target: "vpce-1"},
		},
	}})
	endpoints, err := ports.Network.Endpoints(t.Context(), "vpc-1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, endpoints, []stack.Endpoint{
		{ID: "vpce-1", Service: "s3", Gateway: true, RouteTables: []string{"rtb-1"}}, {ID: "vpce-2", Service: "ecr.api", PrivateDNS: true},
	})
}

func TestSecretsAreLookedUpWithoutTheirValues(t *testing.T) {
	s, aws := opened(t, map[string]string{
		"DescribeParameters": `{"Parameters":[{"Name":"/a/b","Type":"String"},{"Name":"/a","Type":"SecureString","KeyId":"alias/aws/ssm","Version":3,"LastModifiedDate":1}]}`,
		"PutParameter":       `{"Version":4}`,
	})
	secrets := client.Stack(s).Secrets
	got, err := secrets.Secret(t.Context(), "/a")
	if err != nil || got.Type != stack.SecureString {
		t.Errorf("%+v, %v", got, err)
	}
	version, err := secrets.PutSecret(t.Context(), "/a", stack.NewValue("v"), "key")
	if err != nil || version != 4 {
		t.Errorf("%d, %v", version, err)
	}
	equal(t, aws.asked("PutParameter"), map[string]any{"Name": "/a", "Value": "v", "Type": "SecureString", "KeyId": "key", "Overwrite": true})
	if aws.asked("GetParameter") != nil || aws.asked("GetParameters") != nil {
		t.Error("a value was read")
	}
}

func TestASecretThatIsNotThereSaysHowToMakeIt(t *testing.T) {
	s, _ := opened(t, map[string]string{"DescribeParameters": `{"Parameters":[]}`})
	_, err := client.Stack(s).Secrets.Secret(t.Context(), "/shop/db/user")
	if ops.KindOf(err) != ops.NotFound || !strings.Contains(err.Error(), "stepdeck stack secret set /shop/db/user") {
		t.Errorf("got %v", err)
	}
}
