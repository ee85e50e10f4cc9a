package machines_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

const stack = `
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}
  Pull: {Type: AWS::IAM::Role, Properties: {RoleName: pull}}
  Work: {Type: AWS::IAM::Role, Properties: {RoleName: work}}
  Job:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: job, ExecutionRoleArn: !GetAtt Pull.Arn, TaskRoleArn: !GetAtt Work.Arn}
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: m
      Role: !GetAtt Work.Arn
      DefinitionUri: m.asl.yaml
      DefinitionSubstitutions: {Cluster: !GetAtt Cluster.Arn, Job: !Ref Job}
  Inside:
    Type: AWS::StepFunctions::StateMachine
    Properties: {StateMachineName: i, RoleArn: !GetAtt Pull.Arn, Definition: {StartAt: S, States: {S: {Type: Pass, End: true}}}}
  Elsewhere: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: {Bucket: b, Key: k}}}
`

func machine(t *testing.T, definition string) []machines.Machine {
	t.Helper()
	parsed, err := template.Parse("stack.yaml", []byte(stack))
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Inline(func(string) ([]byte, error) { return []byte(definition), nil }); err != nil {
		t.Fatal(err)
	}
	return machines.Of(parsed, expand.New(parsed, expand.World{}))
}

func TestStatesOfEveryLevelAreShown(t *testing.T) {
	all := machine(t, `
StartAt: A
QueryLanguage: JSONata
States:
  A: {Type: Map, ItemProcessor: {StartAt: B, States: {B: {Type: Pass, QueryLanguage: JSONPath, End: true}}}, Next: C}
  C:
    Type: Parallel
    Branches:
      - {StartAt: D, States: {D: {Type: Choice, Choices: [{Next: E}], Default: F}, E: {Type: Succeed}, F: {Type: Succeed}}}
    End: true
`)
	if len(all) != 2 {
		t.Fatalf("%d machines have definitions, want M and Inside", len(all))
	}
	var names []string
	for _, s := range all[0].States {
		names = append(names, s.Name)
		if s.JSONata == (s.Name == "B") {
			t.Errorf("%s in JSONata: %v", s.Name, s.JSONata)
		}
	}
	if diff := cmp.Diff([]string{"A", "B", "C", "D", "E", "F"}, names); diff != "" {
		t.Error(diff)
	}
	d := all[0].States[3]
	if diff := cmp.Diff([]string{"F", "E"}, d.Nexts()); diff != "" {
		t.Error(diff)
	}
	if _, ok := all[0].Sibling(d, "A"); ok {
		t.Error("a state of another level is a sibling")
	}
	if s, ok := all[0].Sibling(d, "E"); !ok || s.Line != 9 {
		t.Errorf("E is in line %d", s.Line)
	}
	if all[0].Role() != "Work" || all[1].Role() != "Pull" {
		t.Errorf("the roles are %s and %s", all[0].Role(), all[1].Role())
	}
}

func TestCallsAreWhatTheRoleMustBeAllowed(t *testing.T) {
	const here = "us-east-1:123456789012:"
	runTask := []string{
		"ecs:RunTask arn:aws:ecs:" + here + "task-definition/job:1",
		"iam:PassRole arn:aws:iam::123456789012:role/pull", "iam:PassRole arn:aws:iam::123456789012:role/work",
		"ecs:TagResource arn:aws:ecs:" + here + "task/c/0123456789abcdef",
	}
	for _, c := range []struct {
		state string
		want  []string
	}{
		{"{Type: Pass, End: true}", nil},
		{"{Type: Task, Resource: 'arn:aws:states:::ecs:runTask.waitForTaskToken', Parameters: {Cluster: '${Cluster}', TaskDefinition: '${Job}', PropagateTags: TASK_DEFINITION}, End: true}", runTask},
		{"{Type: Task, Resource: 'arn:aws:states:::ecs:runTask.sync', Parameters: {Cluster: c, TaskDefinition: '${Job}'}, End: true}", slices.Concat(runTask[:3], []string{
			"ecs:DescribeTasks arn:aws:ecs:" + here + "task/c/0123456789abcdef", "ecs:StopTask arn:aws:ecs:" + here + "task/c/0123456789abcdef",
			"events:PutRule ", "events:PutTargets ", "events:DescribeRule ",
		})},
		{"{Type: Task, Resource: 'arn:aws:states:::aws-sdk:ecs:stopTask', Parameters: {Cluster: '${Cluster}'}, End: true}", []string{"ecs:StopTask arn:aws:ecs:" + here + "task/c/0123456789abcdef"}},
		{"{Type: Task, Resource: 'arn:aws-cn:states:::aws-sdk:sfn:listExecutions', End: true}", []string{"states:ListExecutions arn:aws:states:" + here + "stateMachine:m"}},
		{"{Type: Task, Resource: 'arn:aws:states:::aws-sdk:sfn:sendTaskFailure', End: true}", []string{"states:SendTaskFailure arn:aws:states:" + here + "stateMachine:m"}},
		{"{Type: Task, Resource: 'arn:aws:states:::lambda:invoke', End: true}", []string{"lambda:InvokeFunction "}},
		{"{Type: Task, Resource: 'arn:aws:states:::sns:publish', End: true}", []string{"sns:Publish "}},
		{"{Type: Task, Resource: 'arn:aws:lambda:us-east-1:1:function:f', End: true}", nil},
	} {
		all := machine(t, "StartAt: S\nStates:\n  S: "+c.state+"\n")
		var got []string
		for _, call := range all[0].Calls(all[:1]) {
			got = append(got, call.Action+" "+call.Resource)
			if call.State != "S" || call.Line != 3 {
				t.Errorf("%s comes from %s in line %d", call.Action, call.State, call.Line)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.state, diff)
		}
	}
}
