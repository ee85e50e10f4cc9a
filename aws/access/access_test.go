package access_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/access"
	"github.com/stepdeck/stepdeck/aws/policy"
)

const (
	account = "123456789012"
	arns    = "arn:aws:"
	here    = ":eu-west-1:" + account + ":"
)

var dumps = access.Target{Stack: "dumps", Account: account, Region: "eu-west-1"}

// policyOf is the role's policy as IAM would read it.
func policyOf(t *testing.T, role access.Role, target access.Target) policy.Policy {
	t.Helper()
	document, err := access.Policy(role, target)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, document)
}

func parsed(t *testing.T, document access.Document) policy.Policy {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse(tree)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

func TestWhatEachRoleMay(t *testing.T) {
	const (
		machine     = arns + "states" + here + "stateMachine:dumps-run"
		run         = arns + "states" + here + "execution:dumps-run:one"
		task        = arns + "ecs" + here + "task/dumps/1"
		stack       = arns + "cloudformation" + here + "stack/dumps/1"
		repository  = arns + "ecr" + here + "repository/dumps"
		taskRole    = arns + "iam::" + account + ":role/dumps-TaskRole-1"
		samMacro    = arns + "cloudformation:eu-west-1:aws:transform/Serverless-2016-10-31"
		taskStream  = arns + "logs" + here + "log-group:/aws/ecs/dumps/task:log-stream:run/job/1"
		otherStream = arns + "logs" + here + "log-group:/aws/ecs/other/task:log-stream:run/job/1"
	)
	through := policy.Context{"aws:CalledVia": {"cloudformation.amazonaws.com"}}
	to := func(service string) policy.Context { return policy.Context{"iam:PassedToService": {service}} }
	const v, o, d, nobody = access.Viewer, access.Operator, access.Deployer, access.Role("")
	for _, c := range []struct {
		lowest           access.Role
		action, resource string
		context          policy.Context
	}{
		{v, "states:ListStateMachines", "*", nil},
		{v, "states:GetExecutionHistory", run, nil},
		{v, "logs:GetLogEvents", taskStream, nil},
		{v, "logs:StartLiveTail", arns + "logs" + here + "log-group:/aws/ecs/dumps/task", nil},
		{v, "ecs:ListTasks", "*", policy.Context{"ecs:cluster": {arns + "ecs" + here + "cluster/dumps"}}},
		{v, "cloudformation:DescribeStacks", stack, nil},
		{v, "ecr:DescribeImages", repository, nil},
		{v, "ec2:DescribeRouteTables", "*", nil},
		{o, "states:StartExecution", machine, nil},
		{o, "states:RedriveExecution", run, nil},
		{o, "states:SendTaskFailure", machine, nil},
		{o, "ecs:StopTask", task, nil},
		{d, "cloudformation:ExecuteChangeSet", stack, nil},
		{d, "cloudformation:ExecuteChangeSet", arns + "cloudformation" + here + "changeSet/stepdeck-20261124-000000-abcdef/1", nil},
		{d, "cloudformation:CreateChangeSet", samMacro, nil},
		{d, "cloudformation:DetectStackResourceDrift", stack, nil},
		{d, "cloudwatch:DescribeAlarms", arns + "cloudwatch" + here + "alarm:*", through},
		{d, "s3:GetReplicationConfiguration", arns + "s3:::dumps-artifacts-" + account + "-eu-west-1", through},
		{d, "ecr:PutImage", repository, nil},
		{d, "ssm:PutParameter", arns + "ssm" + here + "parameter/dumps/db/password", nil},
		{d, "iam:PassRole", taskRole, to("ecs-tasks.amazonaws.com")},
		{d, "iam:CreateRole", taskRole, through},
		{d, "s3:CreateBucket", arns + "s3:::dumps-artifacts-" + account + "-eu-west-1", through},
		{d, "states:UpdateStateMachine", machine, through},

		{nobody, "states:StartExecution", arns + "states" + here + "stateMachine:payroll", nil},
		{nobody, "states:StopExecution", arns + "states:us-east-1:" + account + ":execution:dumps-run:one", nil},
		{nobody, "states:DeleteStateMachine", machine, nil},
		{nobody, "ecs:RunTask", "*", nil},
		{nobody, "ecs:StopTask", arns + "ecs" + here + "task/other/1", nil},
		{nobody, "ecs:ListTasks", "*", policy.Context{"ecs:cluster": {arns + "ecs" + here + "cluster/other"}}},
		{nobody, "logs:GetLogEvents", otherStream, nil},
		{nobody, "cloudformation:DeleteStack", arns + "cloudformation" + here + "stack/other/1", nil},
		{nobody, "cloudformation:ExecuteChangeSet", arns + "cloudformation" + here + "changeSet/release/1", nil},
		{nobody, "ssm:GetParameter", arns + "ssm" + here + "parameter/dumps/db/password", nil},
		{nobody, "ssm:PutParameter", arns + "ssm" + here + "parameter/other/db/password", nil},
		{nobody, "s3:GetObject", arns + "s3:::dumps-artifacts-" + account + "-eu-west-1/dumps/one", through},
		{nobody, "iam:CreateRole", taskRole, nil},
		{nobody, "iam:PassRole", taskRole, to("ec2.amazonaws.com")},
		{nobody, "iam:PassRole", arns + "iam::" + account + ":role/admin", to("ecs-tasks.amazonaws.com")},
		{nobody, "iam:CreateUser", "*", through},
		{nobody, "ecr:DeleteRepository", repository, nil},
	} {
		for _, role := range access.Roles() {
			want := policy.NotAllowed
			if c.lowest != nobody && role.Includes(c.lowest) {
				want = policy.Allowed
			}
			if got := policyOf(t, role, dumps).Allows(c.action, c.resource, c.context); got != want {
				t.Errorf("%s: %s on %s is %v, want it %v", role, c.action, c.resource, got, want)
			}
		}
	}
}

func TestAViewerChangesNothing(t *testing.T) {
	looks := regexp.MustCompile(`:(Describe|List|Get|StartLiveTail)`)
	document, err := access.Policy(access.Viewer, dumps)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range document.Statement {
		for _, action := range s.Action {
			if !looks.MatchString(action) {
				t.Errorf("a viewer may %s", action)
			}
		}
	}
	for _, u := range access.Uses() {
		if u.Role == access.Viewer && u.Changes {
			t.Errorf("a viewer may call %s", u.Operation)
		}
	}
}

func TestARoleMayAllThatALowerOneMay(t *testing.T) {
	for _, target := range []access.Target{{}, dumps, {Stack: "dumps", Region: "cn-north-1"}} {
		for i, role := range access.Roles()[1:] {
			higher := policyOf(t, role, target)
			lower, err := access.Policy(access.Roles()[i], target)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range lower.Statement {
				for _, action := range s.Action {
					for _, resource := range s.Resource {
						if higher.Allows(action, resource, context(s)) != policy.Allowed {
							t.Errorf("%s lacks %s on %s of %s", role, action, resource, access.Roles()[i])
						}
					}
				}
			}
		}
	}
}

// context is a request that a statement's conditions let pass.
func context(s access.Statement) policy.Context {
	c := policy.Context{}
	for _, tests := range s.Condition {
		for key, value := range tests {
			c[key] = []string{value}
		}
	}
	return c
}

func TestAPolicyIsOfItsPartition(t *testing.T) {
	for region, partition := range map[string]string{"eu-west-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn", "eusc-de-east-1": "aws-eusc", "": "aws"} {
		document, err := access.Policy(access.Deployer, access.Target{Region: region})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range document.Statement {
			for _, resource := range s.Resource {
				if resource != "*" && !strings.HasPrefix(resource, "arn:"+partition+":") {
					t.Errorf("in %s a policy is about %s", region, resource)
				}
			}
		}
	}
}

func TestNoARNHasAPlaceholderLeft(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		target := access.Target{
			Stack:   rapid.StringMatching(`([A-Za-z][A-Za-z0-9-]{0,127})?`).Draw(r, "stack"),
			Account: rapid.SampledFrom([]string{"", account}).Draw(r, "account"),
			Region:  rapid.SampledFrom([]string{"", "eu-west-1", "us-gov-east-1", "cn-north-1"}).Draw(r, "region"),
		}
		document, err := access.Policy(rapid.SampledFrom(access.Roles()).Draw(r, "role"), target)
		if err != nil {
			r.Fatal(err)
		}
		text, err := json.Marshal(document)
		if err != nil {
			r.Fatal(err)
		}
		if strings.Contains(string(text), "${") {
			r.Errorf("%s", text)
		}
		whole, parts := map[string]bool{}, map[string]bool{}
		collect(document, whole)
		for _, part := range access.Split(document) {
			if part.Size() > access.ManagedLimit {
				r.Errorf("a part has %d characters", part.Size())
			}
			collect(part, parts)
		}
		if !sameSet(whole, parts) {
			r.Error("the parts together do not allow what the whole does")
		}
	})
}

func collect(document access.Document, into map[string]bool) {
	for _, s := range document.Statement {
		into[fmt.Sprint(s)] = true
	}
}

func sameSet(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return len(a) == len(b)
}

func TestNamesThatCloudFormationShortensAreCovered(t *testing.T) {
	long := "a-stack-with-a-rather-long-name-of-its-own"
	p := policyOf(t, access.Deployer, access.Target{Stack: long})
	role := "arn:aws:iam::" + account + ":role/" + long[:24] + "-TaskRole-ABC"
	if p.Allows("iam:DeleteRole", role, policy.Context{"aws:CalledVia": {"cloudformation.amazonaws.com"}}) != policy.Allowed {
		t.Errorf("%s cannot be deleted", role)
	}
}

func TestWhatCannotBeARoleOrATarget(t *testing.T) {
	for _, c := range []struct {
		role   access.Role
		target access.Target
		words  string
	}{
		{"admin", dumps, `role "admin"`},
		{access.Viewer, access.Target{Stack: "a*"}, `stack "a*"`},
		{access.Viewer, access.Target{Stack: strings.Repeat("x", 129)}, "128 at most"},
		{access.Viewer, access.Target{Account: "12"}, "twelve digits"},
		{access.Viewer, access.Target{Region: "Frankfurt"}, "eu-west-1"},
	} {
		if _, err := access.Policy(c.role, c.target); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v %v: %v, want it to say %s", c.role, c.target, err, c.words)
		}
	}
}

// template is what a template says of types.
type template struct {
	Resources map[string]struct {
		Type string `yaml:"Type"`
	} `yaml:"Resources"`
}

func TestTheDeployerMayMakeWhatTheTemplateHas(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "infra", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed template
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, r := range parsed.Resources {
		kind := r.Type
		if kind == "AWS::Serverless::StateMachine" {
			kind = "AWS::StepFunctions::StateMachine"
		}
		used[kind] = true
	}
	for kind := range used {
		if access.Kinds()[kind] == nil {
			t.Errorf("the template has a %s, which is not in the table", kind)
		}
	}
	for kind := range access.Kinds() {
		if !used[kind] {
			t.Errorf("the table has a %s, which the template has not", kind)
		}
	}
}

func TestTheTableHasEveryCallAndNoOther(t *testing.T) {
	called := map[access.Call]string{}
	for _, folder := range []string{"../client", "../session", "../stack", "../image", "../../cmd/stepdeck"} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, call := range callsIn(t, path) {
				called[call] = path
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var listed []access.Call
	for _, u := range access.Uses() {
		if slices.Contains(listed, u.Call) {
			t.Errorf("%v is in the table twice", u.Call)
		}
		listed = append(listed, u.Call)
		if called[u.Call] == "" {
			t.Errorf("the table has %v, which nothing calls", u.Call)
		}
	}
	for call, path := range called {
		if !slices.Contains(listed, call) {
			t.Errorf("%s calls %v, which is not in the table", path, call)
		}
	}
}
