package access

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Resource is what an action is allowed on.
type Resource struct {
	// Words name it in the docs.
	Words string
	// of is the ARN up to where the name begins; empty where AWS knows no resource for an
	// action ("Service Authorization Reference": no resource types).
	of string
	// names are the names of the stack's own, ${Stack} standing for the stack's name and
	// ${Prefix} for what CloudFormation makes of it in a name that it makes up.
	names []string
}

const inRegion = ":${Region}:${Account}:"

var (
	everything = Resource{Words: "everything"}

	machines = Resource{"the stack's machines", "arn:${Partition}:states" + inRegion + "stateMachine:", []string{"${Stack}-*"}}
	runs     = Resource{"their runs", "arn:${Partition}:states" + inRegion + "execution:", []string{"${Stack}-*:*"}}

	cluster = Resource{"the stack's cluster", "arn:${Partition}:ecs" + inRegion + "cluster/", []string{"${Stack}"}}
	// Revisions are told by the end of their ARN.
	definitions = Resource{"the stack's task definitions", "arn:${Partition}:ecs" + inRegion + "task-definition/", []string{"${Stack}-task:*"}}
	tasks       = Resource{"the cluster's tasks", "arn:${Partition}:ecs" + inRegion + "task/", []string{"${Stack}/*"}}

	// Calls name a group by its ARN with and without ":*" at the end, and streams below it.
	taskLog   = Resource{"the tasks' log group", "arn:${Partition}:logs" + inRegion + "log-group:", []string{"/aws/ecs/${Stack}/task", "/aws/ecs/${Stack}/task:*"}}
	logGroups = Resource{"the stack's log groups", "arn:${Partition}:logs" + inRegion + "log-group:", []string{"/aws/ecs/${Stack}/*", "/aws/vendedlogs/states/${Stack}*"}}

	stack = Resource{"the stack", "arn:${Partition}:cloudformation" + inRegion + "stack/", []string{"${Stack}/*"}}
	// A call that names a change set by its ARN may be about that ARN instead of the stack's.
	changeSets = Resource{"change sets made by stepdeck", "arn:${Partition}:cloudformation" + inRegion + "changeSet/", []string{"stepdeck-*/*"}}
	// The SAM transform is a macro of AWS itself that a change set must be allowed to use.
	transform = Resource{"AWS's SAM transform", "arn:${Partition}:cloudformation:${Region}:aws:transform/Serverless-2016-10-31", []string{""}}

	repository = Resource{"the stack's repository", "arn:${Partition}:ecr" + inRegion + "repository/", []string{"${Stack}"}}
	secrets    = Resource{"the parameters `/STACK/…`", "arn:${Partition}:ssm" + inRegion + "parameter/", []string{"${Stack}/*"}}
	keys       = Resource{"the account's keys", "arn:${Partition}:kms" + inRegion + "key/", []string{"*"}}

	roles     = Resource{"the stack's roles", "arn:${Partition}:iam::${Account}:role/", []string{"${Prefix}-*"}}
	buckets   = Resource{"the stack's bucket", "arn:${Partition}:s3:::", []string{"${Stack}-artifacts-*"}}
	queues    = Resource{"the stack's queue", "arn:${Partition}:sqs" + inRegion, []string{"${Prefix}-*"}}
	rules     = Resource{"the stack's rule", "arn:${Partition}:events" + inRegion + "rule/", []string{"${Prefix}-*"}}
	schedules = Resource{"the stack's schedule", "arn:${Partition}:scheduler" + inRegion + "schedule/default/", []string{"${Prefix}-*"}}
	alarms    = Resource{"the stack's alarms", "arn:${Partition}:cloudwatch" + inRegion + "alarm:", []string{"${Prefix}-*"}}
	groups    = Resource{"security groups", "arn:${Partition}:ec2" + inRegion + "security-group/", []string{"*"}}
	networks  = Resource{"networks", "arn:${Partition}:ec2" + inRegion + "vpc/", []string{"*"}}
)

// Target says for whose stack a policy is. The zero Target is every stack of every account
// and region of the commercial partition.
type Target struct {
	// Stack is the stack's name; empty allows all resources of the kinds that are used.
	Stack string
	// Account is twelve digits; empty is whatever account the policy is in.
	Account string
	// Region also tells the partition; empty is every region.
	Region string
}

var (
	// AWS: CloudFormation stack names have at most 128 characters.
	stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	account   = regexp.MustCompile(`^[0-9]{12}$`)
	region    = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)
)

// Check reports what cannot stand in an ARN.
func (t Target) Check() error {
	var problems []error
	for _, field := range []struct {
		name, value, rule string
		form              *regexp.Regexp
	}{
		{"stack", t.Stack, "a letter, then letters, digits and hyphens, 128 at most", stackName},
		{"account", t.Account, "twelve digits", account},
		{"region", t.Region, "a name such as eu-west-1", region},
	} {
		if field.value != "" && !field.form.MatchString(field.value) {
			problems = append(problems, fmt.Errorf("%s %q: it must be %s", field.name, field.value, field.rule))
		}
	}
	return errors.Join(problems...)
}

// Partition is the part of AWS that the region is in.
func (t Target) Partition() string {
	switch {
	case strings.HasPrefix(t.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(t.Region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(t.Region, "eusc-"):
		return "aws-eusc"
	default:
		return "aws"
	}
}

// generatedPrefix is how much of a stack's name is sure to stand in a name that CloudFormation
// makes up: "stack-logicalId-random", each part cut where a service allows 64 characters.
const generatedPrefix = 24

// fill puts the target into a pattern.
func (t Target) fill(pattern string) string {
	orAll := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	prefix := t.Stack
	if len(prefix) > generatedPrefix {
		prefix = prefix[:generatedPrefix]
		pattern = strings.ReplaceAll(pattern, "${Prefix}-*", "${Prefix}*")
	}
	return strings.NewReplacer(
		"${Partition}", t.Partition(), "${Region}", orAll(t.Region), "${Account}", orAll(t.Account),
		"${Stack}", t.Stack, "${Prefix}", prefix,
	).Replace(pattern)
}

// arns are the resource's ARNs for a target, "*" where there are none.
func (r Resource) arns(t Target) []string {
	switch {
	case r.of == "":
		return []string{"*"}
	case t.Stack == "" && !slices.Equal(r.names, []string{""}):
		return []string{t.fill(r.of) + "*"}
	}
	var arns []string
	for _, name := range r.names {
		arns = append(arns, t.fill(r.of+name))
	}
	return arns
}
