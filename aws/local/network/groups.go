package network

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// group is a security group.
type group struct {
	Owner       string       `json:"OwnerId" xml:"ownerId"`
	Name        string       `json:"GroupName" xml:"groupName"`
	ID          string       `json:"GroupId" xml:"groupId"`
	Description string       `json:"Description" xml:"groupDescription"`
	Ingress     []permission `json:"IpPermissions" xml:"ipPermissions>item"`
	Egress      []permission `json:"IpPermissionsEgress" xml:"ipPermissionsEgress>item"`
	Tags        []tag        `json:"Tags" xml:"tagSet>item"`
	VPC         string       `json:"VpcId" xml:"vpcId"`
	ARN         string       `json:"SecurityGroupArn" xml:"securityGroupArn"`
}

// newGroup lets everything out, as a group of a VPC does at first.
func (s *Service) newGroup(id, name, description, vpc string) *group {
	return &group{
		Owner: s.opts.Account, Name: name, ID: id, Description: description, VPC: vpc, ARN: s.groupARN(id),
		Egress: []permission{{Protocol: "-1", Ranges: []cidrRange{{CIDR: "0.0.0.0/0"}}}},
	}
}

func (s *Service) groupARN(id string) string {
	return fmt.Sprintf("arn:aws:ec2:%s:%s:security-group/%s", s.opts.Region, s.opts.Account, id)
}

type describeGroupsInput struct {
	IDs     []string `json:"GroupId"`
	Names   []string `json:"GroupName"`
	Filters []filter `json:"Filter"`
}

type groupsOutput struct {
	Groups []group `json:"SecurityGroups" xml:"securityGroupInfo>item"`
}

func (s *Service) describeGroups(_ context.Context, in *describeGroupsInput) (*groupsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []group
	for _, id := range slices.Sorted(maps.Keys(s.groups)) {
		if g := s.groups[id]; len(in.Names) == 0 || slices.Contains(in.Names, g.Name) {
			all = append(all, *g)
		}
	}
	found, err := choose(all, in.IDs, in.Filters, func(g group) string { return g.ID }, func(g group) fields {
		return fields{
			"group-id": {g.ID}, "group-name": {g.Name}, "vpc-id": {g.VPC}, "description": {g.Description}, "owner-id": {g.Owner},
		}.tags(g.Tags)
	}, noGroup)
	return &groupsOutput{found}, err
}

func noGroup(id string) error {
	return wire.Errorf("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
}

type tagSpecification struct {
	Type string `json:"ResourceType"`
	Tags []tag  `json:"Tag"`
}

type createGroupInput struct {
	Name        string             `json:"GroupName"`
	Description string             `json:"GroupDescription"`
	VPC         string             `json:"VpcId"`
	Tags        []tagSpecification `json:"TagSpecification"`
}

type createGroupOutput struct {
	Return bool   `json:"Return" xml:"return"`
	ID     string `json:"GroupId" xml:"groupId"`
	Tags   []tag  `json:"Tags" xml:"tagSet>item"`
	ARN    string `json:"SecurityGroupArn" xml:"securityGroupArn"`
}

// groupText is what names and descriptions of groups in a VPC may have.
var groupText = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func (s *Service) createGroup(_ context.Context, in *createGroupInput) (*createGroupOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.VPC == "" {
		return nil, wire.Errorf("VPCIdNotSpecified", "No default VPC for this user")
	}
	if !slices.ContainsFunc(s.vpcs(), func(v vpc) bool { return v.ID == in.VPC }) {
		return nil, noVPC(in.VPC)
	}
	for _, g := range s.groups {
		if g.VPC == in.VPC && g.Name == in.Name {
			return nil, wire.Errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", in.Name, in.VPC)
		}
	}
	g := s.newGroup("sg-"+ids.Hex(17), in.Name, in.Description, in.VPC)
	for _, spec := range in.Tags {
		g.Tags = mergeTags(g.Tags, spec.Tags)
	}
	if err := s.keep(g); err != nil {
		return nil, err
	}
	return &createGroupOutput{Return: true, ID: g.ID, Tags: g.Tags, ARN: g.ARN}, nil
}

func (in *createGroupInput) check() error {
	switch {
	case in.Name == "":
		return wire.Errorf("MissingParameter", "The request must contain the parameter GroupName")
	case in.Description == "":
		return wire.Errorf("MissingParameter", "The request must contain the parameter GroupDescription")
	case in.Name == "default" || strings.HasPrefix(in.Name, "sg-"):
		return wire.Errorf("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. The name is reserved", in.Name)
	case !groupText.MatchString(in.Name):
		return wire.Errorf("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.", in.Name)
	case !groupText.MatchString(in.Description):
		return wire.Errorf("InvalidParameterValue", "Value (%s) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.", in.Description)
	}
	return nil
}

type groupInput struct {
	ID string `json:"GroupId"`
}

type deleteGroupOutput struct {
	Return bool   `json:"Return" xml:"return"`
	ID     string `json:"GroupId" xml:"groupId"`
}

func (s *Service) deleteGroup(_ context.Context, in *groupInput) (*deleteGroupOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[in.ID]
	switch {
	case g == nil:
		return nil, noGroup(in.ID)
	case g.Name == "default":
		return nil, wire.Errorf("CannotDelete", "the specified group: %q name: %q cannot be deleted by a user", g.ID, g.Name)
	}
	for _, other := range s.groups {
		if other != g && (refers(other.Ingress, g.ID) || refers(other.Egress, g.ID)) {
			return nil, wire.Errorf("DependencyViolation", "resource %s has a dependent object", g.ID)
		}
	}
	if err := s.opts.Store.Delete(groupBucket, g.ID); err != nil {
		return nil, fmt.Errorf("delete security group %s: %w", g.ID, err)
	}
	delete(s.groups, g.ID)
	return &deleteGroupOutput{Return: true, ID: g.ID}, nil
}

// keep writes a group, and puts it in place of what it was. The caller holds s.mu.
func (s *Service) keep(g *group) error {
	if err := s.opts.Store.Put(groupBucket, g.ID, g); err != nil {
		return fmt.Errorf("keep security group %s: %w", g.ID, err)
	}
	s.groups[g.ID] = g
	return nil
}
