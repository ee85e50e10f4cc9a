package expand_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

func parse(t *testing.T, source string) *template.Template {
	t.Helper()
	stack, err := template.Parse("stack.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

const surroundings = `
Parameters:
  Name: {Type: String, Default: shop}
  Nets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Words: {Type: CommaDelimitedList, Default: 'a, b'}
  Many: {Type: Number, Default: 3}
Conditions:
  IsShop: !Equals [!Ref Name, shop]
  IsNot: !Not [!Condition IsShop]
  Both: !And [!Condition IsShop, !Condition IsNot]
  One: !Or [!Condition IsShop, !Condition IsNot]
  Circle: !Not [!Condition Circle]
Resources:
  Store: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${AWS::StackName}-${Name}'}}
  Unnamed: {Type: AWS::S3::Bucket}
  Self: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'x-${Self}'}}
  Run: {Type: AWS::Serverless::StateMachine, Properties: {Name: run}}
  Job: {Type: AWS::ECS::TaskDefinition, Properties: {Family: job}}
  Lines: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /a/b}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
  Group: {Type: AWS::EC2::SecurityGroup}
  Images: {Type: AWS::ECR::Repository, Properties: {RepositoryName: i}}
`

func TestFunctionsGiveWhatTheyWouldWhenDeployed(t *testing.T) {
	for source, want := range map[string]any{
		"!Ref Name":                       "shop",
		"!Ref Words":                      []any{"a", "b"},
		"!Ref Nets":                       []any{"subnet-00000000000000001", "subnet-00000000000000002"},
		"!Ref AWS::Region":                "us-east-1",
		"!Ref Store":                      "dumps-shop",
		"!Ref Unnamed":                    "dumps-unnamed-0sample0",
		"!Ref Self":                       "x-dumps-self-0sample0",
		"!Ref Run":                        "arn:aws:states:us-east-1:123456789012:stateMachine:run",
		"!Ref Job":                        "arn:aws:ecs:us-east-1:123456789012:task-definition/job:1",
		"!Ref Queue":                      "https://sqs.us-east-1.amazonaws.com/123456789012/q",
		"!Ref Gone":                       "unknown:Gone",
		"!GetAtt Store.Arn":               "arn:aws:s3:::dumps-shop",
		"!GetAtt Lines.Arn":               "arn:aws:logs:us-east-1:123456789012:log-group:/a/b:*",
		"!GetAtt Group.GroupId":           "sg-00000000000000001",
		"!GetAtt Images.RepositoryUri":    "123456789012.dkr.ecr.us-east-1.amazonaws.com/i",
		"!GetAtt Queue.QueueName":         "q",
		"!Sub '${Store.Arn}/*'":           "arn:aws:s3:::dumps-shop/*",
		"!Sub ['${A}-${Name}', {A: 1}]":   "1-shop",
		"!Sub '${!Literal}'":              "${!Literal}",
		"!Join ['-', [a, !Ref Name]]":     "a-shop",
		"!Select [1, !Ref Words]":         "b",
		"!Select [2, !Ref Words]":         "unknown:Fn::Select",
		"!Split [',', 'a,b']":             []any{"a", "b"},
		"!If [IsShop, 1, 2]":              1.0,
		"!If [IsNot, 1, 2]":               2.0,
		"!If [Both, yes, no]":             "no",
		"!If [One, yes, no]":              "yes",
		"!If [Circle, yes, no]":           "yes",
		"[a, !Ref AWS::NoValue]":          []any{"a"},
		"{a: !Ref AWS::NoValue, b: true}": map[string]any{"b": true},
		"012":                             "012",
		"!FindInMap [a, b, c]":            "unknown:Fn::FindInMap",
	} {
		stack := parse(t, "Value: "+source+surroundings)
		got := expand.New(stack, expand.World{}).Value(template.Field(stack.Root(), "Value"))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", source, diff)
		}
	}
}

func TestAWorldReplacesSamplesAndDefaults(t *testing.T) {
	stack := parse(t, "Value: !Sub '${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::StackName} ${Name} ${Store.Arn}'"+surroundings)
	world := expand.World{Partition: "aws-cn", Region: "cn-north-1", Account: "1", StackName: "s", Parameters: map[string]string{"Name": "n"}}
	got := expand.New(stack, world).Text(template.Field(stack.Root(), "Value"))
	if want := "aws-cn cn-north-1 1 s n arn:aws-cn:s3:::s-n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestARoleHasItsOwnPoliciesAndThoseAttachedToIt(t *testing.T) {
	statement := func(action string) string {
		return "{Version: '2012-10-17', Statement: {Effect: Allow, Action: '" + action + "', Resource: '*'}}"
	}
	stack := parse(t, `
Conditions:
  Never: !Equals [a, b]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: x.amazonaws.com}}}
      Policies: [{PolicyName: own, PolicyDocument: `+statement("a:Own")+`}]
  Other: {Type: AWS::IAM::Role}
  Apart: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Ref Role, PolicyName: p, PolicyDocument: `+statement("a:Apart")+`}}
  Listed: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Other, !Ref Role], PolicyName: p, PolicyDocument: `+statement("a:Listed")+`}}
  Absent: {Type: AWS::IAM::Policy, Condition: Never, Properties: {Roles: [!Ref Role], PolicyName: p, PolicyDocument: `+statement("a:Absent")+`}}
  Foreign: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Ref Other, PolicyName: p, PolicyDocument: `+statement("a:Foreign")+`}}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {Policies: [`+statement("a:Machine")+`]}}
`)
	expander := expand.New(stack, expand.World{})
	for role, want := range map[string][]string{"Role": {"a:Own", "a:Apart", "a:Listed"}, "Other": {"a:Listed", "a:Foreign"}, "Machine": {"a:Machine"}} {
		allowed, err := expander.Policy(role)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range allowed.Statements {
			got = append(got, s.Actions...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", role, diff)
		}
	}
	trust, err := expander.Trust("Role")
	if err != nil {
		t.Fatal(err)
	}
	if got := trust.Trusts(policy.Principal{Kind: "Service", ID: "x.amazonaws.com"}, "sts:AssumeRole", nil); got != policy.Allowed {
		t.Errorf("the trusted service is %v", got)
	}
	if _, err := expander.Trust("Other"); err == nil {
		t.Error("a role without a trust policy has one")
	}
}
