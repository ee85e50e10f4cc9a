package resources

import (
	"context"
	"errors"
	"maps"
	"slices"
)

const roleType = "AWS::IAM::Role"

// longestRole bounds names of roles.
const longestRole = 64

var roleShape = of(
	texts("RoleName Path Description PermissionsBoundary"), numbers("MaxSessionDuration"), opaque("AssumeRolePolicyDocument!"),
	words("ManagedPolicyArns"), lists("Policies", of(texts("PolicyName!"), opaque("PolicyDocument!"))), tagged(),
)

func role() Kind {
	return checked(Kind{
		Type: roleType, Replaces: []string{"RoleName", "Path"},
		Create: createRole, Update: updateRole, Delete: deleteRole, Read: readRole,
	}, roleShape)
}

func createRole(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	trust, err := documentText(p["AssumeRolePolicyDocument"])
	if err != nil {
		return Made{}, err
	}
	name := physical(env, logical, p, "RoleName", longestRole)
	request := map[string]any{"RoleName": name, "AssumeRolePolicyDocument": trust, "MaxSessionDuration": str(p, "MaxSessionDuration"), "Tags": p["Tags"]}
	for _, property := range []string{"Path", "Description", "PermissionsBoundary"} {
		request[property] = str(p, property)
	}
	if err := env.Invoke(ctx, "iam", "CreateRole", request, nil); err != nil {
		return Made{}, failed("Iam", err)
	}
	if err := grant(ctx, env, name, Properties{}, p); err != nil {
		return Made{}, errors.Join(err, removeRole(ctx, env, name))
	}
	return roleMade(ctx, env, name)
}

func roleMade(ctx context.Context, env Env, name string) (Made, error) {
	var found struct {
		Role struct {
			ARN string `json:"Arn"`
			ID  string `json:"RoleId"`
		}
	}
	if err := env.Invoke(ctx, "iam", "GetRole", map[string]any{"RoleName": name}, &found); err != nil {
		return Made{}, failed("Iam", err)
	}
	return Made{ID: name, Attributes: map[string]any{"Arn": found.Role.ARN, "RoleId": found.Role.ID}}, nil
}

// inlinePolicies are the role's own policies as texts, by name.
func inlinePolicies(p Properties) (map[string]string, error) {
	out := map[string]string{}
	items, _ := p["Policies"].([]any)
	for _, item := range items {
		members, _ := item.(map[string]any)
		document, err := documentText(members["PolicyDocument"])
		if err != nil {
			return nil, err
		}
		out[str(members, "PolicyName")] = document
	}
	return out, nil
}

func textItems(p Properties, name string) []string {
	var out []string
	items, _ := p[name].([]any)
	for _, item := range items {
		if plain, ok := scalar(item); ok {
			out = append(out, plain)
		}
	}
	return out
}

// grant turns the policies of old into those of p.
func grant(ctx context.Context, env Env, name string, old, p Properties) error {
	before, errBefore := inlinePolicies(old)
	after, errAfter := inlinePolicies(p)
	if err := errors.Join(errBefore, errAfter); err != nil {
		return err
	}
	for _, policy := range slices.Sorted(maps.Keys(after)) {
		if err := putRolePolicy(ctx, env, name, policy, after[policy]); err != nil {
			return err
		}
	}
	for _, policy := range slices.Sorted(maps.Keys(before)) {
		if _, kept := after[policy]; kept {
			continue
		}
		if err := deleteRolePolicy(ctx, env, name, policy); err != nil {
			return err
		}
	}
	attached, wanted := textItems(old, "ManagedPolicyArns"), textItems(p, "ManagedPolicyArns")
	return errors.Join(
		managed(ctx, env, name, "AttachRolePolicy", wanted, attached), managed(ctx, env, name, "DetachRolePolicy", attached, wanted))
}

// managed calls the operation for the policies that are not among the others.
func managed(ctx context.Context, env Env, name, operation string, policies, others []string) error {
	for _, arn := range policies {
		if slices.Contains(others, arn) {
			continue
		}
		err := env.Invoke(ctx, "iam", operation, map[string]any{"RoleName": name, "PolicyArn": arn}, nil)
		if err != nil && (operation != "DetachRolePolicy" || !missing(err)) {
			return failed("Iam", err)
		}
	}
	return nil
}

func updateRole(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	if err := inPlace(ctx, env, id, old, p, changeRole); err != nil {
		return Made{}, err
	}
	return roleMade(ctx, env, id)
}

func changeRole(ctx context.Context, env Env, id string, old, p Properties) error {
	trust, err := documentText(p["AssumeRolePolicyDocument"])
	if err != nil {
		return err
	}
	set, gone := tagLists(old, p)
	for _, step := range []struct {
		operation string
		request   map[string]any
	}{
		{"UpdateRole", map[string]any{"Description": str(p, "Description"), "MaxSessionDuration": or(p, "MaxSessionDuration", "3600")}},
		{"UpdateAssumeRolePolicy", map[string]any{"PolicyDocument": trust}},
		{"TagRole", map[string]any{"Tags": set}},
		{"UntagRole", map[string]any{"TagKeys": gone}},
	} {
		step.request["RoleName"] = id
		if err := env.Invoke(ctx, "iam", step.operation, step.request, nil); err != nil {
			return failed("Iam", err)
		}
	}
	return grant(ctx, env, id, old, p)
}

// deleteRole takes the role's own policies along; one that another resource
// has put there keeps it from going, as in AWS.
func deleteRole(ctx context.Context, env Env, id string, p Properties) error {
	err := grant(ctx, env, id, p, Properties{})
	if err == nil {
		err = removeRole(ctx, env, id)
	}
	if gone := env.Invoke(ctx, "iam", "GetRole", map[string]any{"RoleName": id}, nil); missing(gone) {
		return nil
	}
	return err
}

func removeRole(ctx context.Context, env Env, name string) error {
	err := env.Invoke(ctx, "iam", "DeleteRole", map[string]any{"RoleName": name}, nil)
	if missing(err) {
		return nil
	}
	return failed("Iam", err)
}

func readRole(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	var found struct{ Role map[string]any }
	err := env.Invoke(ctx, "iam", "GetRole", map[string]any{"RoleName": id}, &found)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("Iam", err)
	}
	live := maps.Clone(found.Role)
	live["AssumeRolePolicyDocument"] = document(p["AssumeRolePolicyDocument"], str(live, "AssumeRolePolicyDocument"))
	live["PermissionsBoundary"] = found.Role["PermissionsBoundaryArn"]
	if live["Tags"] == nil {
		live["Tags"] = []any{}
	}
	if live["Policies"], err = livePolicies(ctx, env, id, p); err != nil {
		return nil, err
	}
	var attached struct {
		AttachedPolicies []struct{ PolicyArn string }
	}
	if err := env.Invoke(ctx, "iam", "ListAttachedRolePolicies", map[string]any{"RoleName": id}, &attached); err != nil {
		return nil, failed("Iam", err)
	}
	arns := []any{}
	for _, one := range attached.AttachedPolicies {
		arns = append(arns, one.PolicyArn)
	}
	live["ManagedPolicyArns"] = arns
	out := observed(p, live)
	for name, value := range map[string]any{"Policies": live["Policies"], "AssumeRolePolicyDocument": live["AssumeRolePolicyDocument"]} {
		if p[name] != nil {
			out[name] = value // nothing of a policy's text is the service's own
		}
	}
	return out, nil
}

// livePolicies are those of the template that are there. Others may be
// resources of their own, and are no drift of this one.
func livePolicies(ctx context.Context, env Env, id string, p Properties) ([]any, error) {
	out := []any{}
	items, _ := p["Policies"].([]any)
	for _, item := range items {
		members, _ := item.(map[string]any)
		text, err := liveRolePolicy(ctx, env, id, str(members, "PolicyName"))
		if missing(err) {
			continue
		}
		if err != nil {
			return nil, failed("Iam", err)
		}
		out = append(out, map[string]any{"PolicyName": members["PolicyName"], "PolicyDocument": document(members["PolicyDocument"], text)})
	}
	return out, nil
}
