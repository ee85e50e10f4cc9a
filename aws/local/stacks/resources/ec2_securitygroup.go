package resources

import (
	"context"
	"slices"
	"strings"
)

const securityGroupType = "AWS::EC2::SecurityGroup"

// longestGroup bounds names of security groups.
const longestGroup = 255

func ruleShape(peer string) shape {
	return of(texts("IpProtocol! FromPort ToPort CidrIp CidrIpv6 Description "+peer+"SecurityGroupId "+peer+"PrefixListId"),
		texts(map[bool]string{true: "SourceSecurityGroupName SourceSecurityGroupOwnerId", false: ""}[peer == "Source"]))
}

var securityGroupShape = of(
	texts("GroupDescription! GroupName VpcId"), tagged(),
	lists("SecurityGroupEgress", ruleShape("Destination")), lists("SecurityGroupIngress", ruleShape("Source")),
)

// everywhere is the rule that a group of a VPC begins with.
var everywhere = map[string]any{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}

func securityGroup() Kind {
	return checked(Kind{
		Type: securityGroupType, Replaces: []string{"GroupDescription", "GroupName", "VpcId"}, SystemTags: true,
		Create: createGroup, Update: updateGroup, Delete: deleteGroup, Read: readGroup,
	}, securityGroupShape)
}

func createGroup(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	request := map[string]any{
		"GroupName": physical(env, logical, p, "GroupName", longestGroup), "GroupDescription": p["GroupDescription"], "VpcId": p["VpcId"],
		"TagSpecification": []any{map[string]any{"ResourceType": "security-group", "Tag": p["Tags"]}},
	}
	var made struct {
		ID string `json:"GroupId"`
	}
	if err := env.Invoke(ctx, "ec2", "CreateSecurityGroup", request, &made); err != nil {
		return Made{}, failed("Ec2", err)
	}
	if err := changeRules(ctx, env, made.ID, Properties{"SecurityGroupEgress": []any{everywhere}}, p); err != nil {
		return Made{}, takeBack(ctx, err, env, "ec2", "DeleteSecurityGroup", map[string]any{"GroupId": made.ID})
	}
	return groupMade(p, made.ID), nil
}

func groupMade(p Properties, id string) Made {
	return Made{ID: id, Attributes: map[string]any{"GroupId": id, "Id": id, "VpcId": str(p, "VpcId")}}
}

func updateGroup(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	if err := inPlace(ctx, env, id, old, p, changeGroup); err != nil {
		return Made{}, err
	}
	return groupMade(p, id), nil
}

func changeGroup(ctx context.Context, env Env, id string, old, p Properties) error {
	if err := changeRules(ctx, env, id, old, p); err != nil {
		return err
	}
	return changeGroupTags(ctx, env, id, old, p)
}

func changeGroupTags(ctx context.Context, env Env, id string, old, p Properties) error {
	set, gone := tagLists(old, p)
	if len(set) > 0 {
		if err := env.Invoke(ctx, "ec2", "CreateTags", map[string]any{"ResourceId": []any{id}, "Tag": set}, nil); err != nil {
			return failed("Ec2", err)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	var tags []any
	for _, key := range gone {
		tags = append(tags, map[string]any{"Key": key})
	}
	return failed("Ec2", env.Invoke(ctx, "ec2", "DeleteTags", map[string]any{"ResourceId": []any{id}, "Tag": tags}, nil))
}

// changeRules revokes what is gone before it authorizes what is new, which may
// differ in the description alone. What is so already is no error.
func changeRules(ctx context.Context, env Env, id string, old, p Properties) error {
	for _, side := range []string{"Egress", "Ingress"} {
		before, after := rulesOf(old, side), rulesOf(p, side)
		err := eachRule(ctx, env, id, "RevokeSecurityGroup"+side, without(before, after), "InvalidPermission.NotFound")
		if err == nil {
			err = eachRule(ctx, env, id, "AuthorizeSecurityGroup"+side, without(after, before), "InvalidPermission.Duplicate")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func eachRule(ctx context.Context, env Env, id, operation string, rules []any, already string) error {
	for _, rule := range rules {
		request := map[string]any{"GroupId": id, "IpPermissions": []any{permission(rule)}}
		if err := env.Invoke(ctx, "ec2", operation, request, nil); err != nil && codeOf(err) != already {
			return failed("Ec2", err)
		}
	}
	return nil
}

// rulesOf are the rules of a side; a group without egress rules lets everything out.
func rulesOf(p Properties, side string) []any {
	rules, given := p["SecurityGroup"+side].([]any)
	if side == "Egress" && (!given || len(rules) == 0) {
		return []any{everywhere}
	}
	return rules
}

func without(rules, others []any) []any {
	return slices.DeleteFunc(slices.Clone(rules), func(rule any) bool {
		return slices.ContainsFunc(others, func(other any) bool { return same(permission(rule), permission(other)) })
	})
}

// permission is a rule as EC2 takes it.
func permission(rule any) map[string]any {
	r, _ := rule.(map[string]any)
	out := map[string]any{"IpProtocol": str(r, "IpProtocol")}
	if str(r, "IpProtocol") != "-1" {
		out["FromPort"], out["ToPort"] = str(r, "FromPort"), str(r, "ToPort")
	}
	for name, value := range r {
		group, member := peerOf(name)
		if group == "" {
			continue
		}
		peer := map[string]any{member: value}
		if description := str(r, "Description"); description != "" {
			peer["Description"] = description
		}
		out[group] = []any{peer}
	}
	return out
}

// peerOf is where EC2 has what a rule of a template names.
func peerOf(name string) (group, member string) {
	switch {
	case name == "CidrIp":
		return "IpRanges", "CidrIp"
	case name == "CidrIpv6":
		return "Ipv6Ranges", "CidrIpv6"
	case strings.HasSuffix(name, "SecurityGroupId"):
		return "Groups", "GroupId"
	case strings.HasSuffix(name, "PrefixListId"):
		return "PrefixListIds", "PrefixListId"
	}
	return "", ""
}

func deleteGroup(ctx context.Context, env Env, id string, _ Properties) error {
	err := env.Invoke(ctx, "ec2", "DeleteSecurityGroup", map[string]any{"GroupId": id}, nil)
	if missing(err) {
		return nil
	}
	return failed("Ec2", err)
}

func readGroup(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	var found struct {
		SecurityGroups []struct {
			Name        string `json:"GroupName"`
			Description string
			VPC         string `json:"VpcId"`
			Ingress     []any  `json:"IpPermissions"`
			Egress      []any  `json:"IpPermissionsEgress"`
			Tags        []any
		}
	}
	err := env.Invoke(ctx, "ec2", "DescribeSecurityGroups", map[string]any{"GroupId": []any{id}}, &found)
	if missing(err) || err == nil && len(found.SecurityGroups) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, failed("Ec2", err)
	}
	live := found.SecurityGroups[0]
	return observed(p, Properties{
		"GroupName": live.Name, "GroupDescription": live.Description, "VpcId": live.VPC, "Tags": live.Tags,
		"SecurityGroupEgress":  liveRules(live.Egress, "Destination"),
		"SecurityGroupIngress": liveRules(live.Ingress, "Source"),
	}), nil
}

// liveRules are rules of EC2 in the words of templates, one for each peer.
func liveRules(permissions []any, side string) []any {
	out := []any{}
	for _, one := range permissions {
		p, _ := one.(map[string]any)
		for group, names := range map[string][2]string{
			"IpRanges": {"CidrIp", "CidrIp"}, "Ipv6Ranges": {"CidrIpv6", "CidrIpv6"},
			"Groups": {"GroupId", side + "SecurityGroupId"}, "PrefixListIds": {"PrefixListId", side + "PrefixListId"},
		} {
			peers, _ := p[group].([]any)
			for _, peer := range peers {
				members, _ := peer.(map[string]any)
				rule := map[string]any{"IpProtocol": p["IpProtocol"], names[1]: members[names[0]]}
				for name, value := range map[string]any{"FromPort": p["FromPort"], "ToPort": p["ToPort"], "Description": members["Description"]} {
					if value != nil {
						rule[name] = value
					}
				}
				out = append(out, rule)
			}
		}
	}
	return out
}
