package infra_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

const (
	here        = "us-east-1:123456789012:"
	runMachine  = "arn:aws:states:" + here + "stateMachine:dumps-run"
	ownCluster  = "arn:aws:ecs:" + here + "cluster/dumps"
	ownTask     = "arn:aws:ecs:" + here + "task/dumps/0123456789abcdef"
	ownRevision = "arn:aws:ecs:" + here + "task-definition/dumps-task:7"
	ownTaskRole = "arn:aws:iam::123456789012:role/dumps-TaskRole-0SAMPLE0"
	ownObject   = "arn:aws:s3:::dumps-artifacts-123456789012-us-east-1/dumps/x"
)

func TestWhatRolesMayNotDo(t *testing.T) {
	toTasks := policy.Context{"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}
	inOwn := policy.Context{"ecs:cluster": {ownCluster}}
	inOther := policy.Context{"ecs:cluster": {"arn:aws:ecs:" + here + "cluster/other"}}
	_, expander := deployed(t, full)
	for _, c := range []struct {
		role, action, resource string
		context                policy.Context
		want                   policy.Decision
	}{
		{"TaskRole", "states:SendTaskSuccess", runMachine, nil, policy.Allowed},
		{"TaskRole", "states:SendTaskSuccess", "arn:aws:states:" + here + "stateMachine:other", nil, policy.NotAllowed},
		{"TaskRole", "states:SendTaskFailure", runMachine + "-2", nil, policy.NotAllowed},
		{"TaskRole", "states:SendTaskHeartbeat", "arn:aws:states:eu-west-1:123456789012:stateMachine:dumps-run", nil, policy.NotAllowed},
		{"TaskRole", "states:SendTaskSuccess", "arn:aws:states:us-east-1:210987654321:stateMachine:dumps-run", nil, policy.NotAllowed},
		{"TaskRole", "states:StartExecution", runMachine, nil, policy.NotAllowed},
		{"TaskRole", "s3:PutObject", ownObject, nil, policy.Allowed},
		{"TaskRole", "s3:PutObject", "arn:aws:s3:::other/dumps/x", nil, policy.NotAllowed},
		{"TaskRole", "s3:PutObject", "arn:aws:s3:::dumps-artifacts-123456789012-us-east-1-other/x", nil, policy.NotAllowed},
		{"TaskRole", "s3:DeleteObject", ownObject, nil, policy.NotAllowed},
		{"TaskRole", "s3:DeleteObjectVersion", ownObject, nil, policy.NotAllowed},
		{"TaskRole", "s3:PutBucketPolicy", "arn:aws:s3:::dumps-artifacts-123456789012-us-east-1", nil, policy.NotAllowed},
		{"TaskRole", "s3:ListAllMyBuckets", "*", nil, policy.NotAllowed},
		{"TaskRole", "ssm:GetParameters", "arn:aws:ssm:" + here + "parameter/dumps/db/password", nil, policy.NotAllowed},
		{"TaskRole", "iam:PassRole", ownTaskRole, toTasks, policy.NotAllowed},
		{"TaskRole", "ecs:RunTask", ownRevision, inOwn, policy.NotAllowed},

		{"ExecutionRole", "ssm:GetParameters", "arn:aws:ssm:" + here + "parameter/dumps/db/password", nil, policy.Allowed},
		{"ExecutionRole", "ssm:GetParameters", "arn:aws:ssm:" + here + "parameter/dumps/db/other", nil, policy.NotAllowed},
		{"ExecutionRole", "ssm:GetParameters", "arn:aws:ssm:" + here + "parameter/dumps/db/passwords", nil, policy.NotAllowed},
		{"ExecutionRole", "ssm:PutParameter", "arn:aws:ssm:" + here + "parameter/dumps/db/password", nil, policy.NotAllowed},
		{"ExecutionRole", "ssm:GetParametersByPath", "arn:aws:ssm:" + here + "parameter/dumps/db", nil, policy.NotAllowed},
		{"ExecutionRole", "kms:Decrypt", sampleKey, policy.Context{"kms:ViaService": {"s3.us-east-1.amazonaws.com"}}, policy.NotAllowed},
		{"ExecutionRole", "kms:Decrypt", sampleKey, nil, policy.NotAllowed},
		{"ExecutionRole", "ecr:BatchGetImage", "arn:aws:ecr:" + here + "repository/other", nil, policy.NotAllowed},
		{"ExecutionRole", "ecr:PutImage", "arn:aws:ecr:" + here + "repository/dumps", nil, policy.NotAllowed},
		{"ExecutionRole", "logs:PutLogEvents", "arn:aws:logs:" + here + "log-group:/aws/ecs/other/task:log-stream:x", nil, policy.NotAllowed},
		{"ExecutionRole", "s3:GetObject", ownObject, nil, policy.NotAllowed},

		{"WorkflowRole", "ecs:RunTask", ownRevision, inOwn, policy.Allowed},
		{"WorkflowRole", "ecs:RunTask", ownRevision, inOther, policy.NotAllowed},
		{"WorkflowRole", "ecs:RunTask", ownRevision, nil, policy.NotAllowed},
		{"WorkflowRole", "ecs:RunTask", "arn:aws:ecs:" + here + "task-definition/other:1", inOwn, policy.NotAllowed},
		{"WorkflowRole", "ecs:RunTask", "arn:aws:ecs:" + here + "task-definition/dumps-task-2:1", inOwn, policy.NotAllowed},
		{"WorkflowRole", "ecs:StopTask", ownTask, inOwn, policy.Allowed},
		{"WorkflowRole", "ecs:StopTask", "arn:aws:ecs:" + here + "task/other/0123456789abcdef", inOther, policy.NotAllowed},
		{"WorkflowRole", "ecs:StopTask", ownTask, inOther, policy.NotAllowed},
		{"WorkflowRole", "ecs:TagResource", ownTask, policy.Context{"ecs:CreateAction": {"RunTask"}}, policy.Allowed},
		{"WorkflowRole", "ecs:TagResource", ownTask, nil, policy.NotAllowed},
		{"WorkflowRole", "iam:PassRole", ownTaskRole, toTasks, policy.Allowed},
		{"WorkflowRole", "iam:PassRole", ownTaskRole, policy.Context{"iam:PassedToService": {"lambda.amazonaws.com"}}, policy.NotAllowed},
		{"WorkflowRole", "iam:PassRole", ownTaskRole, nil, policy.NotAllowed},
		{"WorkflowRole", "iam:PassRole", "arn:aws:iam::123456789012:role/admin", toTasks, policy.NotAllowed},
		{"WorkflowRole", "states:ListExecutions", "arn:aws:states:" + here + "stateMachine:other", nil, policy.NotAllowed},
		{"WorkflowRole", "states:GetExecutionHistory", "arn:aws:states:" + here + "execution:other:1", nil, policy.NotAllowed},
		{"WorkflowRole", "states:GetExecutionHistory", "arn:aws:states:" + here + "execution:dumps-run-2:1", nil, policy.NotAllowed},
		{"WorkflowRole", "states:StartExecution", runMachine, nil, policy.NotAllowed},
		{"WorkflowRole", "states:SendTaskSuccess", runMachine, nil, policy.NotAllowed},

		{"ReaperRole", "states:SendTaskFailure", runMachine, nil, policy.Allowed},
		{"ReaperRole", "states:SendTaskFailure", "arn:aws:states:" + here + "stateMachine:other", nil, policy.NotAllowed},
		{"ReaperRole", "states:SendTaskSuccess", runMachine, nil, policy.NotAllowed},
		{"ReaperRuleRole", "states:StartExecution", runMachine, nil, policy.NotAllowed},
		{"ScheduleRole", "states:StartExecution", "arn:aws:states:" + here + "stateMachine:dumps-reap", nil, policy.NotAllowed},
		{"ScheduleRole", "states:StopExecution", runMachine, nil, policy.NotAllowed},
	} {
		allowed, err := expander.Policy(c.role)
		if err != nil {
			t.Fatal(err)
		}
		if got := allowed.Allows(c.action, c.resource, c.context); got != c.want {
			t.Errorf("%s: %s on %s with %v is %v, want %v", c.role, c.action, c.resource, c.context, got, c.want)
		}
	}
}

func TestNoRoleHasPowerOverTheAccount(t *testing.T) {
	for role, allowed := range roles(t) {
		for _, action := range []string{
			"iam:CreateUser", "iam:AttachRolePolicy", "iam:PutRolePolicy", "sts:AssumeRole", "kms:CreateGrant", "s3:DeleteBucket",
			"ecs:RegisterTaskDefinition", "ecs:ExecuteCommand", "states:UpdateStateMachine", "logs:DeleteLogGroup", "secretsmanager:GetSecretValue",
		} {
			for _, resource := range []string{"*", ownTaskRole, ownTask, runMachine, ownObject, sampleKey} {
				if got := allowed.Allows(action, resource, nil); got != policy.NotAllowed {
					t.Errorf("%s: %s on %s is %v", role, action, resource, got)
				}
			}
		}
	}
}

func TestWhoMayTakeARole(t *testing.T) {
	const account, other = "123456789012", "210987654321"
	machine := func(name string) string { return "arn:aws:states:" + here + "stateMachine:" + name }
	_, expander := deployed(t, full)
	for _, c := range []struct {
		role, service, account, source string
		want                           policy.Decision
	}{
		{"TaskRole", "ecs-tasks", account, "arn:aws:ecs:" + here + "task/dumps/1", policy.Allowed},
		{"TaskRole", "ecs-tasks", other, "arn:aws:ecs:us-east-1:" + other + ":task/dumps/1", policy.NotAllowed},
		{"TaskRole", "ecs-tasks", account, "arn:aws:ecs:eu-west-1:123456789012:task/dumps/1", policy.NotAllowed},
		{"TaskRole", "ec2", account, "arn:aws:ecs:" + here + "task/dumps/1", policy.NotAllowed},
		{"ExecutionRole", "ecs-tasks", account, "arn:aws:ecs:" + here + "task/dumps/1", policy.Allowed},
		{"ExecutionRole", "ecs-tasks", other, "arn:aws:ecs:" + here + "task/dumps/1", policy.NotAllowed},
		{"WorkflowRole", "states", account, machine("dumps-run"), policy.Allowed},
		{"WorkflowRole", "states", account, machine("other"), policy.NotAllowed},
		{"WorkflowRole", "states", other, machine("dumps-run"), policy.NotAllowed},
		{"ReaperRole", "states", account, machine("dumps-reap"), policy.Allowed},
		{"ReaperRole", "states", account, machine("dumps-run"), policy.NotAllowed},
		{"ReaperRuleRole", "events", account, "arn:aws:events:" + here + "rule/dumps-reap", policy.Allowed},
		{"ReaperRuleRole", "events", account, "arn:aws:events:" + here + "rule/other", policy.NotAllowed},
		{"ScheduleRole", "scheduler", account, "arn:aws:scheduler:" + here + "schedule-group/default", policy.Allowed},
		{"ScheduleRole", "scheduler", other, "arn:aws:scheduler:" + here + "schedule-group/default", policy.NotAllowed},
		{"ScheduleRole", "events", account, "arn:aws:scheduler:" + here + "schedule-group/default", policy.NotAllowed},
	} {
		trust, err := expander.Trust(c.role)
		if err != nil {
			t.Fatal(err)
		}
		who := policy.Principal{Kind: "Service", ID: c.service + ".amazonaws.com"}
		context := policy.Context{"aws:SourceAccount": {c.account}, "aws:SourceArn": {c.source}}
		if got := trust.Trusts(who, "sts:AssumeRole", context); got != c.want {
			t.Errorf("%s taken by %s for %s (%s) is %v, want %v", c.role, c.service, c.account, c.source, got, c.want)
		}
		if got := trust.Trusts(policy.Principal{Kind: "AWS", ID: "arn:aws:iam::" + other + ":root"}, "sts:AssumeRole", context); got != policy.NotAllowed {
			t.Errorf("%s taken by another account is %v", c.role, got)
		}
	}
}

func TestWhoMayUseBucketAndQueue(t *testing.T) {
	stack, expander := deployed(t, full)
	of := func(name string) policy.Policy {
		r, _ := stack.Resource(name)
		parsed, err := policy.Parse(expander.Value(template.Field(r.Properties, "PolicyDocument")))
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	events := policy.Principal{Kind: "Service", ID: "events.amazonaws.com"}
	from := func(rule string) policy.Context {
		return policy.Context{"aws:SourceArn": {"arn:aws:events:" + here + "rule/" + rule}}
	}
	letters := of("ReaperDeadLettersPolicy")
	if got := letters.Trusts(events, "sqs:SendMessage", from("dumps-reap")); got != policy.Allowed {
		t.Errorf("a dead letter of the reaper's rule is %v", got)
	}
	if got := letters.Trusts(events, "sqs:SendMessage", from("other")); got != policy.NotAllowed {
		t.Errorf("a dead letter of another rule is %v", got)
	}
	if got := letters.Trusts(events, "sqs:ReceiveMessage", from("dumps-reap")); got != policy.NotAllowed {
		t.Errorf("reading dead letters is %v", got)
	}
	plain := policy.Context{"aws:SecureTransport": {"false"}}
	if got := of("ArtifactsPolicy").Allows("s3:GetObject", ownObject, plain); got != policy.Denied {
		t.Errorf("reading the bucket without TLS is %v", got)
	}
}

func TestEveryPartitionHasItsOwnNames(t *testing.T) {
	for _, world := range []expand.World{
		{Partition: "aws-us-gov", Region: "us-gov-west-1"},
		{Partition: "aws-cn", Region: "cn-north-1", URLSuffix: "amazonaws.com.cn"},
	} {
		world.Parameters = full.Parameters
		stack, expander := deployed(t, world)
		for _, r := range stack.Resources() {
			if r.Type == "AWS::Serverless::StateMachine" {
				continue
			}
			var look func(value any)
			look = func(value any) {
				switch v := value.(type) {
				case map[string]any:
					for _, member := range v {
						look(member)
					}
				case []any:
					for _, member := range v {
						look(member)
					}
				case string:
					given := v == sampleKey || v == full.Parameters["AlarmTopicArn"]
					if strings.HasPrefix(v, "arn:") && !strings.HasPrefix(v, "arn:"+world.Partition+":") && !given {
						t.Errorf("%s in %s: %s", r.Name, world.Region, v)
					}
					if strings.HasPrefix(v, "unknown:") {
						t.Errorf("%s: %s was not evaluated", r.Name, v)
					}
				}
			}
			look(expander.Value(r.Properties))
		}
	}
}
