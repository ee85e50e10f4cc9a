package check

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

// reports are the calls that answer a token.
var reports = []string{"states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"}

// role gives what a role of the template may do; false when the template does not have it, or its policies cannot be
// read, which other tools say.
func (c *checker) role(n *yaml.Node) (logical string, p policy.Policy, ok bool) {
	logical = expand.Reference(n)
	if r, found := c.expander.Resource(logical); !found || r.Type != "AWS::IAM::Role" {
		return logical, policy.Policy{}, false
	}
	p, err := c.expander.Policy(logical)
	return logical, p, err == nil
}

func deniedReports(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		definition, ok := m.TaskDefinition(s)
		if !ok {
			return
		}
		n := template.Field(definition.Properties, "TaskRoleArn")
		logical, p, ok := c.role(n)
		if n == nil {
			c.at(name(definition), "%s has no TaskRoleArn, so the job cannot answer its token; give it a role with states:SendTask*", definition.Name)
		}
		if !ok {
			return
		}
		if missing := denied(p, reports, m.ARN()); len(missing) > 0 {
			c.at(c.policyOf(logical, "states:"), "%s may not call %s on %s, so the run hangs after the job has ended; allow it on !Ref %s, in a policy of its own",
				logical, strings.Join(missing, ", "), m.Name, m.Name)
		}
	})
}

// denied lists the actions that a policy does not allow.
func denied(p policy.Policy, actions []string, resource string) []string {
	var missing []string
	for _, action := range actions {
		if p.Allows(action, resource, nil) != policy.Allowed {
			missing = append(missing, action)
		}
	}
	return missing
}

// policyOf is the statement of a role that speaks of a service, or else the role.
func (c *checker) policyOf(role, service string) *yaml.Node {
	for _, document := range c.expander.Documents(role) {
		for _, statement := range template.Items(template.Field(document.Node, "Statement")) {
			for _, action := range template.Items(template.Field(statement, "Action")) {
				if strings.HasPrefix(action.Value, service) {
					return statement
				}
			}
		}
	}
	r, _ := c.expander.Resource(role)
	return name(r)
}

// executions calls a function with the execution role of every task definition.
func (c *checker) executions(visit func(r template.Resource, logical string, p policy.Policy)) {
	c.each(func(r template.Resource) {
		if logical, p, ok := c.role(template.Field(r.Properties, "ExecutionRoleArn")); ok {
			visit(r, logical, p)
		}
	}, "AWS::ECS::TaskDefinition")
}

func deniedPulls(c *checker) {
	c.executions(func(_ template.Resource, logical string, p policy.Policy) {
		c.each(func(repository template.Resource) {
			missing := denied(p, []string{"ecr:GetAuthorizationToken"}, "*")
			missing = append(missing, denied(p, []string{"ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"},
				c.expander.ARN(repository.Name))...)
			if len(missing) > 0 {
				c.at(c.policyOf(logical, "ecr:"), "%s may not call %s, so no task can pull its image from %s; allow it", logical, strings.Join(missing, ", "), repository.Name)
			}
		}, "AWS::ECR::Repository")
	})
}

// secretActions are what ECS calls for a secret, by the service in its ARN.
var secretActions = map[string]string{"ssm": "ssm:GetParameters", "secretsmanager": "secretsmanager:GetSecretValue"}

func deniedSecrets(c *checker) {
	c.executions(func(r template.Resource, logical string, p policy.Policy) {
		for _, container := range template.Items(template.Field(r.Properties, "ContainerDefinitions")) {
			for _, secret := range template.Items(template.Field(container, "Secrets")) {
				arn := c.expander.Text(template.Field(secret, "ValueFrom"))
				parts := strings.SplitN(arn, ":", 6)
				if len(parts) != 6 {
					continue
				}
				action := secretActions[parts[2]]
				if action != "" && p.Allows(action, arn, nil) != policy.Allowed {
					c.at(c.policyOf(logical, parts[2]+":"), "%s may not call %s on %s, so no task starts; allow it on exactly the names under Secrets", logical, action, parts[5])
				}
			}
		}
	})
}

func deniedLogs(c *checker) {
	c.executions(func(r template.Resource, logical string, p policy.Policy) {
		for _, container := range template.Items(template.Field(r.Properties, "ContainerDefinitions")) {
			group := template.Field(container, "LogConfiguration", "Options", "awslogs-group")
			referred, ok := c.expander.Resource(expand.Reference(group))
			if !ok {
				continue
			}
			stream := strings.TrimSuffix(c.expander.ARN(referred.Name), "*") + "log-stream:run/job/0123456789abcdef"
			if missing := denied(p, []string{"logs:CreateLogStream", "logs:PutLogEvents"}, stream); len(missing) > 0 {
				c.at(c.policyOf(logical, "logs:"), "%s may not call %s on %s, so no task starts; allow it", logical, strings.Join(missing, ", "), referred.Name)
			}
		}
	})
}

func deniedCalls(c *checker) {
	holders := slices.DeleteFunc(slices.Clone(c.machines), func(m machines.Machine) bool {
		return !slices.ContainsFunc(m.States, machines.State.RunsTask)
	})
	for _, m := range c.machines {
		p, err := c.expander.Policy(m.Role())
		if m.Role() == "" || err != nil {
			continue
		}
		for _, call := range m.Calls(holders) {
			if !allowed(p, call) {
				on := ""
				if call.Resource != "" {
					on = " on " + call.Resource
				}
				c.in(m, call.Line, "the role of %s may not call %s%s, which the state %s needs; allow it in %s", m.Name, call.Action, on, call.State, m.Role())
			}
		}
	}
}

// allowed asks for a call whose resource is not known on whatever a statement names.
func allowed(p policy.Policy, call machines.Call) bool {
	if call.Resource != "" {
		return p.Allows(call.Action, call.Resource, call.Context) == policy.Allowed
	}
	for _, s := range p.Statements {
		for _, resource := range s.Resources {
			if p.Allows(call.Action, resource, call.Context) == policy.Allowed {
				return true
			}
		}
	}
	return false
}

func deniedRevisions(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		definition, ok := m.TaskDefinition(s)
		p, err := c.expander.Policy(m.Role())
		if !ok || m.Role() == "" || err != nil {
			return
		}
		newest := c.expander.ARN(definition.Name)
		other := strings.TrimSuffix(newest, ":1") + ":2"
		call := machines.Call{Action: "ecs:RunTask", Context: policy.Context{"ecs:cluster": {m.Cluster(s)}}}
		on := func(arn string) bool { return p.Allows(call.Action, arn, call.Context) == policy.Allowed }
		if on(newest) && !on(other) {
			c.at(c.policyOf(m.Role(), "ecs:"), "the role of %s may run the newest revision of %s alone, so a deployment breaks the retries of running runs; allow its family with :*", m.Name, definition.Name)
		}
	})
}

// deniedResults wants the task role to write where the environment sends results: s3:// and a bucket of the template.
func deniedResults(c *checker) {
	c.containers(func(r template.Resource, container *yaml.Node) {
		logical, p, ok := c.role(template.Field(r.Properties, "TaskRoleArn"))
		if !ok {
			return
		}
		for _, variable := range template.Items(template.Field(container, "Environment")) {
			place, isS3 := strings.CutPrefix(c.expander.Text(template.Field(variable, "Value")), "s3://")
			if !isS3 {
				continue
			}
			bucket, prefix, _ := strings.Cut(place, "/")
			object := "arn:" + c.expander.Partition + ":s3:::" + bucket + "/" + strings.TrimSuffix(prefix, "/") + "/object"
			if missing := denied(p, []string{"s3:PutObject", "s3:AbortMultipartUpload"}, object); len(missing) > 0 {
				c.at(variable, "%s may not call %s below s3://%s, so every result is lost; allow it to the role", logical, strings.Join(missing, ", "), place)
			}
		}
	})
}
