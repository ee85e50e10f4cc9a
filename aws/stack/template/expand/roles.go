package expand

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// Document is a policy document of the template.
type Document struct {
	Name string     // of the policy
	Node *yaml.Node // the document
}

// Documents are what a role of the template has: its own policies and those that other resources attach to it. For a
// serverless machine without a role of its own they are the machine's.
func (e *Expander) Documents(role string) []Document {
	var found []Document
	own := e.resources[role]
	for _, item := range template.Items(template.Field(own.Properties, "Policies")) {
		node := template.Field(item, "PolicyDocument")
		if node == nil && template.Field(item, "Statement") != nil {
			node = item
		}
		if node != nil {
			found = append(found, Document{e.Text(template.Field(item, "PolicyName")), node})
		}
	}
	for _, r := range e.template.Resources() {
		switch r.Type {
		case "AWS::IAM::RolePolicy", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy":
		default:
			continue
		}
		targets := template.Items(template.Field(r.Properties, "Roles"))
		if r.Type == "AWS::IAM::RolePolicy" {
			targets = template.Items(template.Field(r.Properties, "RoleName"))
		}
		for _, target := range targets {
			if Reference(target) == role && e.Exists(r) {
				found = append(found, Document{r.Name, template.Field(r.Properties, "PolicyDocument")})
			}
		}
	}
	return found
}

// Policy is everything that a role of the template may do.
func (e *Expander) Policy(role string) (policy.Policy, error) {
	var all []policy.Policy
	for _, document := range e.Documents(role) {
		p, err := policy.Parse(e.Value(document.Node))
		if err != nil {
			return policy.Policy{}, fmt.Errorf("policy %s of %s: %w", document.Name, role, err)
		}
		all = append(all, p)
	}
	return policy.Join(all...), nil
}

// Trust is who may take a role of the template.
func (e *Expander) Trust(role string) (policy.Policy, error) {
	p, err := policy.Parse(e.Value(template.Field(e.resources[role].Properties, "AssumeRolePolicyDocument")))
	if err != nil {
		return policy.Policy{}, fmt.Errorf("trust policy of %s: %w", role, err)
	}
	return p, nil
}

// Reference is the logical name that a node refers to by Ref or GetAtt, or "".
func Reference(n *yaml.Node) string {
	switch name, argument := template.Function(n); name {
	case "Ref":
		return template.Text(argument)
	case "Fn::GetAtt":
		if items := template.Items(argument); len(items) > 0 {
			return template.Text(items[0])
		}
	}
	return ""
}
