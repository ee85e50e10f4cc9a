package network

// The network that every local AWS has: a VPC with subnets of each sort, and
// one that nothing can be deployed to.
const (
	VPC = "vpc-00000000000000001"
	// EmptyVPC has no subnets.
	EmptyVPC = "vpc-00000000000000002"
	// PrivateSubnet and SecondPrivateSubnet reach the internet by NAT.
	PrivateSubnet       = "subnet-00000000000000001"
	SecondPrivateSubnet = "subnet-00000000000000002"
	// PublicSubnet has a route to an internet gateway.
	PublicSubnet = "subnet-00000000000000003"
	// IsolatedSubnet has no route out and no endpoints.
	IsolatedSubnet = "subnet-00000000000000004"
)

const (
	gateway = "igw-00000000000000001"
	nat     = "nat-00000000000000001"
)

// tag is a tag of a resource.
type tag struct {
	Key   string `json:"Key" xml:"key"`
	Value string `json:"Value" xml:"value"`
}

func named(name string) []tag { return []tag{{Key: "Name", Value: name}} }

type vpc struct {
	ID        string `xml:"vpcId"`
	Owner     string `xml:"ownerId"`
	State     string `xml:"state"`
	CIDR      string `xml:"cidrBlock"`
	Options   string `xml:"dhcpOptionsId"`
	Tags      []tag  `xml:"tagSet>item"`
	Tenancy   string `xml:"instanceTenancy"`
	IsDefault bool   `xml:"isDefault"`
}

type subnet struct {
	ID        string `xml:"subnetId"`
	ARN       string `xml:"subnetArn"`
	State     string `xml:"state"`
	Owner     string `xml:"ownerId"`
	VPC       string `xml:"vpcId"`
	CIDR      string `xml:"cidrBlock"`
	Free      int    `xml:"availableIpAddressCount"`
	Zone      string `xml:"availabilityZone"`
	ZoneID    string `xml:"availabilityZoneId"`
	IsDefault bool   `xml:"defaultForAz"`
	PublicIPs bool   `xml:"mapPublicIpOnLaunch"`
	Tags      []tag  `xml:"tagSet>item"`
}

type route struct {
	CIDR    string `xml:"destinationCidrBlock,omitempty"`
	Gateway string `xml:"gatewayId,omitempty"`
	NAT     string `xml:"natGatewayId,omitempty"`
	State   string `xml:"state"`
	Origin  string `xml:"origin"`
}

type association struct {
	ID     string `xml:"routeTableAssociationId"`
	Table  string `xml:"routeTableId"`
	Subnet string `xml:"subnetId,omitempty"`
	Main   bool   `xml:"main"`
	State  string `xml:"associationState>state"`
}

type routeTable struct {
	ID           string        `xml:"routeTableId"`
	VPC          string        `xml:"vpcId"`
	Owner        string        `xml:"ownerId"`
	Routes       []route       `xml:"routeSet>item"`
	Associations []association `xml:"associationSet>item"`
	Tags         []tag         `xml:"tagSet>item"`
}

func (s *Service) vpcs() []vpc {
	one := func(id, cidr, name string) vpc {
		return vpc{
			ID: id, Owner: s.opts.Account, State: "available", CIDR: cidr, Options: "dopt-00000000000000001",
			Tenancy: "default", Tags: named(name),
		}
	}
	return []vpc{one(VPC, "10.0.0.0/16", "local"), one(EmptyVPC, "10.1.0.0/16", "empty")}
}

func (s *Service) subnets() []subnet {
	one := func(id, cidr, zone, name string) subnet {
		return subnet{
			ID: id, ARN: "arn:aws:ec2:" + s.opts.Region + ":" + s.opts.Account + ":subnet/" + id, State: "available",
			Owner: s.opts.Account, VPC: VPC, CIDR: cidr, Free: 251, Zone: s.opts.Region + zone, ZoneID: "local-az-" + zone,
			PublicIPs: id == PublicSubnet, Tags: named(name),
		}
	}
	return []subnet{
		one(PrivateSubnet, "10.0.1.0/24", "a", "private-a"), one(SecondPrivateSubnet, "10.0.2.0/24", "b", "private-b"),
		one(PublicSubnet, "10.0.3.0/24", "a", "public-a"), one(IsolatedSubnet, "10.0.4.0/24", "b", "isolated-b"),
	}
}

// routeTables are one of the private and one of the public subnets, and the
// VPCs' main ones, which the isolated subnet falls to.
func (s *Service) routeTables() []routeTable {
	inside := func(cidr string) route {
		return route{CIDR: cidr, Gateway: "local", State: "active", Origin: "CreateRouteTable"}
	}
	one := func(id, vpc, cidr, name string) routeTable {
		return routeTable{ID: id, VPC: vpc, Owner: s.opts.Account, Routes: []route{inside(cidr)}, Tags: named(name)}
	}
	of := func(table *routeTable, id, subnet string) {
		table.Associations = append(table.Associations, association{
			ID: id, Table: table.ID, Subnet: subnet, Main: subnet == "", State: "associated",
		})
	}
	private := one("rtb-00000000000000001", VPC, "10.0.0.0/16", "private")
	private.Routes = append(private.Routes, route{CIDR: "0.0.0.0/0", NAT: nat, State: "active", Origin: "CreateRoute"})
	of(&private, "rtbassoc-00000000000000001", PrivateSubnet)
	of(&private, "rtbassoc-00000000000000002", SecondPrivateSubnet)
	public := one("rtb-00000000000000002", VPC, "10.0.0.0/16", "public")
	public.Routes = append(public.Routes, route{CIDR: "0.0.0.0/0", Gateway: gateway, State: "active", Origin: "CreateRoute"})
	of(&public, "rtbassoc-00000000000000003", PublicSubnet)
	main := one("rtb-00000000000000003", VPC, "10.0.0.0/16", "main")
	of(&main, "rtbassoc-00000000000000004", "")
	empty := one("rtb-00000000000000004", EmptyVPC, "10.1.0.0/16", "empty")
	of(&empty, "rtbassoc-00000000000000005", "")
	return []routeTable{private, public, main, empty}
}
