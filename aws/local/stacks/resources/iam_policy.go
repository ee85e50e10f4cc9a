package resources

import (
	"context"
	"errors"
	"slices"
	"strings"
)

func putRolePolicy(ctx context.Context, env Env, role, policy, document string) error {
	request := map[string]any{"RoleName": role, "PolicyName": policy, "PolicyDocument": document}
	return failed("Iam", env.Invoke(ctx, "iam", "PutRolePolicy", request, nil))
}

// deleteRolePolicy is content when the policy, or its role, is gone.
func deleteRolePolicy(ctx context.Context, env Env, role, policy string) error {
	err := env.Invoke(ctx, "iam", "DeleteRolePolicy", map[string]any{"RoleName": role, "PolicyName": policy}, nil)
	if missing(err) {
		return nil
	}
	return failed("Iam", err)
}

func liveRolePolicy(ctx context.Context, env Env, role, policy string) (string, error) {
	var found struct{ PolicyDocument string }
	err := env.Invoke(ctx, "iam", "GetRolePolicy", map[string]any{"RoleName": role, "PolicyName": policy}, &found)
	return found.PolicyDocument, err
}

// rolePolicy is one inline policy of a role; its ID is NAME|ROLE.
func rolePolicy() Kind {
	const kind = "AWS::IAM::RolePolicy"
	return checked(Kind{
		Type: kind, Replaces: []string{"PolicyName", "RoleName"},
		Create: func(ctx context.Context, env Env, _ string, p Properties) (Made, error) {
			role, name := str(p, "RoleName"), str(p, "PolicyName")
			id := name + "|" + role
			if _, err := liveRolePolicy(ctx, env, role, name); err == nil {
				return Made{}, exists(kind, "PolicyName", id)
			}
			return Made{ID: id}, putDocument(ctx, env, role, name, p)
		},
		Update: func(ctx context.Context, env Env, id string, _, p Properties) (Made, error) {
			return Made{ID: id}, putDocument(ctx, env, str(p, "RoleName"), str(p, "PolicyName"), p)
		},
		Delete: func(ctx context.Context, env Env, id string, _ Properties) error {
			name, role, _ := strings.Cut(id, "|")
			return deleteRolePolicy(ctx, env, role, name)
		},
		Read: func(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
			name, role, _ := strings.Cut(id, "|")
			return readDocument(ctx, env, role, name, p)
		},
	}, of(texts("PolicyName! RoleName!"), opaque("PolicyDocument")))
}

func putDocument(ctx context.Context, env Env, role, name string, p Properties) error {
	text, err := documentText(p["PolicyDocument"])
	if err != nil {
		return err
	}
	return putRolePolicy(ctx, env, role, name, text)
}

func readDocument(ctx context.Context, env Env, role, name string, p Properties) (Properties, error) {
	text, err := liveRolePolicy(ctx, env, role, name)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("Iam", err)
	}
	live := observed(p, p)
	live["PolicyDocument"] = document(p["PolicyDocument"], text)
	return live, nil
}

var policyShape = of(texts("PolicyName!"), opaque("PolicyDocument!"), words("Roles Groups Users"))

// policy puts one inline policy on several roles. Users and groups are not kept here.
func policy() Kind {
	return checked(Kind{
		Type: "AWS::IAM::Policy",
		Create: func(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
			id := physical(env, logical, Properties{}, "", longestRole)
			if err := putOnRoles(ctx, env, Properties{}, p); err != nil {
				return Made{}, errors.Join(err, takeFromRoles(ctx, env, p, nil))
			}
			return Made{ID: id, Attributes: map[string]any{"Id": id}}, nil
		},
		Update: func(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
			if err := putOnRoles(ctx, env, old, p); err != nil {
				return Made{}, errors.Join(err, putOnRoles(ctx, env, p, old))
			}
			return Made{ID: id, Attributes: map[string]any{"Id": id}}, nil
		},
		Delete: func(ctx context.Context, env Env, _ string, p Properties) error {
			return takeFromRoles(ctx, env, p, nil)
		},
		Read: readPolicy,
	}, policyShape)
}

// putOnRoles puts the policy on its roles, and takes it from those of old that it left.
func putOnRoles(ctx context.Context, env Env, old, p Properties) error {
	if len(textItems(p, "Groups"))+len(textItems(p, "Users")) > 0 || len(textItems(p, "Roles")) == 0 {
		return handled("Local AWS has roles alone: give the policy at least one role, and no groups and users", invalid)
	}
	for _, role := range textItems(p, "Roles") {
		if err := putDocument(ctx, env, role, str(p, "PolicyName"), p); err != nil {
			return err
		}
	}
	var kept []string
	if str(old, "PolicyName") == str(p, "PolicyName") {
		kept = textItems(p, "Roles")
	}
	return takeFromRoles(ctx, env, old, kept)
}

func takeFromRoles(ctx context.Context, env Env, p Properties, kept []string) error {
	var failures error
	for _, role := range textItems(p, "Roles") {
		if !slices.Contains(kept, role) {
			failures = errors.Join(failures, deleteRolePolicy(ctx, env, role, str(p, "PolicyName")))
		}
	}
	return failures
}

// readPolicy tells the document of the first role whose copy is another one.
func readPolicy(ctx context.Context, env Env, _ string, p Properties) (Properties, error) {
	var roles []any
	out := observed(p, p)
	for _, role := range textItems(p, "Roles") {
		live, err := readDocument(ctx, env, role, str(p, "PolicyName"), p)
		if err != nil {
			return nil, err
		}
		if live == nil {
			continue
		}
		roles = append(roles, role)
		if !same(live["PolicyDocument"], p["PolicyDocument"]) {
			out["PolicyDocument"] = live["PolicyDocument"]
		}
	}
	if roles == nil {
		return nil, nil
	}
	out["Roles"] = roles
	return out, nil
}
