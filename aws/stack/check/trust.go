package check

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

func unboundReports(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		definition, _ := m.TaskDefinition(s)
		logical, p, ok := c.role(template.Field(definition.Properties, "TaskRoleArn"))
		if !ok {
			return
		}
		at := strings.LastIndexByte(m.ARN(), ':')
		for _, foreign := range []string{"foreign", c.expander.StackName + "-foreign", m.ARN()[at+1:] + "-foreign"} {
			if slices.ContainsFunc(reports, func(action string) bool {
				return p.Allows(action, m.ARN()[:at+1]+foreign, nil) == policy.Allowed
			}) {
				c.at(c.policyOf(logical, "states:"), "%s may answer tokens of other machines too; name the machine alone by !Ref %s", logical, m.Name)
				return
			}
		}
	})
}

// statements calls a function with every statement of every identity policy of the template.
func (c *checker) statements(visit func(statement *yaml.Node, p policy.Statement)) {
	for _, r := range c.template.Resources() {
		// A policy that stands apart is shown with its role.
		if r.Type != "AWS::IAM::Role" && r.Type != "AWS::Serverless::StateMachine" {
			continue
		}
		for _, document := range c.expander.Documents(r.Name) {
			for _, node := range template.Items(template.Field(document.Node, "Statement")) {
				value := c.expander.Value(node)
				parsed, err := policy.Parse(map[string]any{"Statement": value})
				if err == nil && len(parsed.Statements) == 1 {
					visit(node, parsed.Statements[0])
				}
			}
		}
	}
}

func wideActions(c *checker) {
	c.statements(func(node *yaml.Node, s policy.Statement) {
		for _, action := range s.Actions {
			if !s.Deny && (action == "*" || strings.HasSuffix(action, ":*")) {
				c.at(node, "the role may do %s; name the actions that are called", action)
			}
		}
		if len(s.NotActions) > 0 && !s.Deny {
			c.at(node, "the role may do everything but some actions; name the actions that are called")
		}
	})
}

func openPassRoles(c *checker) {
	c.statements(func(node *yaml.Node, s policy.Statement) {
		if s.Deny || !slices.ContainsFunc(s.Actions, func(a string) bool { return strings.EqualFold(a, "iam:PassRole") }) {
			return
		}
		bound := slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool { return strings.EqualFold(c.Key, "iam:PassedToService") })
		if !bound || slices.Contains(s.Resources, "*") {
			c.at(node, "the role can be passed to any service, or any role can; name the roles, and the service in iam:PassedToService")
		}
	})
}

func openTrusts(c *checker) {
	c.each(func(r template.Resource) {
		document := template.Field(r.Properties, "AssumeRolePolicyDocument")
		trust, err := c.expander.Trust(r.Name)
		if err != nil {
			return
		}
		nodes := template.Items(template.Field(document, "Statement"))
		for i, s := range trust.Statements {
			service := slices.ContainsFunc(s.Principals, func(p policy.Principal) bool { return p.Kind == "Service" })
			bound := slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool { return strings.EqualFold(c.Key, "aws:SourceAccount") })
			if service && !s.Deny && !bound {
				c.at(nodes[min(i, len(nodes)-1)], "%s can be taken for another account's work (confused deputy); add the condition aws:SourceAccount, and aws:SourceArn where it is known", r.Name)
			}
		}
	}, "AWS::IAM::Role")
}

func namedRoles(c *checker) {
	fields := []string{"RoleName", "ManagedPolicyName", "UserName", "GroupName"}
	c.each(func(r template.Resource) {
		for key := range template.Pairs(r.Properties) {
			if slices.Contains(fields, key.Value) {
				c.at(key, "IAM names are global: the same stack in a second region collides, and a replacement fails; leave %s out", key.Value)
			}
		}
	}, "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::User", "AWS::IAM::Group")
}
