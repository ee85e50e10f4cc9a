package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// stack is the stack as the command tells it.
func (s *station) stack(t *testing.T, name string) stateView {
	t.Helper()
	o := s.run(t, "stack", "status", "--stack", name, "--output", "json")
	exits0(t, o)
	return decoded[stateView](t, o.out)
}

// inNetwork are the flags that put a stack into the network of local AWS.
func inNetwork(subnets ...string) []string {
	return []string{"--parameter", "VpcId=" + network.VPC, "--parameter", "SubnetIds=" + strings.Join(subnets, ",")}
}

func parameter(v stateView, name string) string {
	for _, p := range v.Parameters {
		if p.Name == name {
			return p.Value.String()
		}
	}
	return ""
}

func TestANewcomerHasAStackThatWorks(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	where := inNetwork(network.PrivateSubnet, network.SecondPrivateSubnet)
	plan := func(args ...string) outcome {
		return s.run(t, append([]string{"stack", "plan", "--stack", "shop", "--exit-code"}, args...)...)
	}

	o := plan()
	exitsWith(t, o, exitFailed)
	has(t, o.out, "these fit: "+network.VPC, network.PrivateSubnet, "--parameter VpcId="+network.VPC)
	o = plan(where...)
	exitsWith(t, o, exitChanges)
	has(t, o.out, "Stack shop will be made", "Permissions (IAM)", "ExecutionRole", "stepdeck --local stack secret set /shop/db/password")
	exitsWith(t, s.run(t, "stack", "status", "--stack", "shop"), exitNotFound)

	o = s.run(t, append([]string{"--read-only", "stack", "plan", "--stack", "shop"}, where...)...)
	exitsWith(t, o, exitDenied)
	has(t, o.out, "stepdeck --local stack secret set /shop/db/password", "Stack shop: not planned.")
	has(t, o.err, "CreateChangeSet", "read-only", "a change set, which AWS has to make", "without --read-only")

	exitsWith(t, s.run(t, append([]string{"stack", "deploy", "--stack", "shop", "--base", "scratch"}, where...)...), exitUsage)
	o = s.run(t, append([]string{"stack", "deploy", "--stack", "shop", "--base", "scratch", "--yes"}, where...)...)
	exits0(t, o)
	has(t, o.err, "CREATE_COMPLETE Repository AWS::ECR::Repository", "image: pushed", "UPDATE_COMPLETE TaskDefinition")
	v := s.stack(t, "shop")
	if v.Status != stack.UpdateComplete || !strings.Contains(v.Image, "/shop@sha256:") || v.Next != "" {
		t.Errorf("stack %s, image %s, next %s", v.Status, v.Image, v.Next)
	}
	o = plan()
	exits0(t, o)
	has(t, o.out, "Stack shop: no changes.")

	for _, name := range []string{"user", "password"} {
		c := s.begin(t, "stack", "secret", "set", name, "--stack", "shop")
		exitsWith(t, c.wait(t), exitUsage)
	}
	for _, name := range []string{"user", "password"} {
		exits0(t, s.given(t, "dump\n", "stack", "secret", "set", name, "--stack", "shop"))
	}
	exits0(t, s.run(t, "start", "shop-run", "drill", "succeed", "--wait"))
	o = s.run(t, "stack", "outputs", "WorkflowArn", "--stack", "shop")
	exits0(t, o)
	is(t, o.out, s.server.MachineARN("shop-run")+"\n")
}

func TestARunOutlivesTheDeploymentThatReplacesItsTask(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	running := func(attempts int) {
		t.Helper()
		shippedtest.Eventually(t, fmt.Sprintf("task %d of the run to work", attempts), func() error {
			tasks := s.show(t, "old").Tasks
			if len(tasks) != attempts || tasks[attempts-1].Status != "RUNNING" {
				return fmt.Errorf("tasks %+v", tasks)
			}
			return nil
		})
	}
	exits0(t, s.run(t, "start", shippedtest.Machine, "drill", "hang", "--name", "old"))
	running(1)
	o := s.run(t, "stack", "deploy", "--parameter", "TaskMemory=1024", "--yes")
	exits0(t, o)
	has(t, o.err, "Memory: 512 → 1024 (by TaskMemory) (replaces)", "replaced; the old one is kept in AWS", "1 live task, on revision dumps-task:2")
	if got := parameter(s.stack(t, "dumps"), "TaskMemory"); got != "1024" {
		t.Errorf("TaskMemory %s", got)
	}
	running(1)
	// Its next attempt takes the revision that the run began with.
	exits0(t, s.run(t, "token", "fail", "old", "--error", "TaskFailedToStart", "--stop-task", "--yes"))
	running(2)
	exits0(t, s.run(t, "stop", "old", "--stop-task", "--yes"))
}

func TestAFailedUpdateIsRolledBackAndToldWhy(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	s.faults(t, `[{"kind":"denied","service":"ecs","operation":"RegisterTaskDefinition"}]`)
	o := s.run(t, "stack", "deploy", "--parameter", "TaskMemory=1024", "--yes")
	exitsWith(t, o, exitFailed)
	has(t, o.err, "everything is as it was: TaskDefinition:", "RegisterTaskDefinition", "next: ", "stepdeck --local iam deployer")
	s.faults(t, `[]`)
	v := s.stack(t, "dumps")
	if v.Status != stack.UpdateRollbackComplete || parameter(v, "TaskMemory") != "512" || v.Failure == nil || v.Failure.Resource != "TaskDefinition" {
		t.Errorf("stack %s, memory %s, failure %+v", v.Status, parameter(v, "TaskMemory"), v.Failure)
	}
	exits0(t, s.run(t, "stack", "deploy", "--parameter", "TaskMemory=1024", "--yes"))
}

func TestAnInterruptedDeploymentGoesOnAndIsWatchedAgain(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	s.faults(t, `[{"kind":"latency","service":"ecs","operation":"RegisterTaskDefinition","delayMillis":2000}]`)
	c := s.begin(t, "stack", "deploy", "--parameter", "TaskMemory=1024", "--yes")
	shippedtest.Eventually(t, "the deployment to begin", func() error { return sees(c.err.String(), "UPDATE_IN_PROGRESS TaskDefinition") })
	c.interrupt()
	o := c.wait(t)
	exitsWith(t, o, exitInterrupted)
	has(t, o.err, "The operation on stack dumps goes on in AWS", "stepdeck --local stack status --watch --stack dumps")
	o = s.run(t, "stack", "deploy", "--parameter", "TaskMemory=2048", "--yes")
	exitsWith(t, o, exitFailed)
	has(t, o.err, "stack dumps is in UPDATE_IN_PROGRESS: AWS is at work on it", "stack status --watch")
	o = s.run(t, "stack", "status", "--watch", "--output", "json")
	exits0(t, o)
	if v := decoded[stateView](t, o.out); v.Status != stack.UpdateComplete || parameter(v, "TaskMemory") != "1024" {
		t.Errorf("stack %s, memory %s", v.Status, parameter(v, "TaskMemory"))
	}
}

func TestAFailedFirstDeploymentIsCleared(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	deploy := append([]string{"stack", "deploy", "--stack", "shop", "--yes", "--parameter", "ImageUri="}, inNetwork(network.PrivateSubnet)...)
	s.faults(t, `[{"kind":"denied","service":"ecs","operation":"RegisterTaskDefinition"}]`)
	o := s.run(t, deploy...)
	exitsWith(t, o, exitFailed)
	has(t, o.err, "what was made is undone: TaskDefinition:", "stepdeck --local stack delete --stack shop")
	s.faults(t, `[]`)
	plan := s.run(t, append([]string{"stack", "plan", "--stack", "shop"}, inNetwork(network.PrivateSubnet)...)...)
	exitsWith(t, plan, exitFailed)
	has(t, plan.err, "stack shop is in ROLLBACK_COMPLETE", "stepdeck --local stack delete --stack shop")
	exits0(t, s.run(t, deploy...))
	if v := s.stack(t, "shop"); v.Status != stack.CreateComplete || v.Image != "" {
		t.Errorf("stack %s, image %q", v.Status, v.Image)
	}
}

func TestDriftIsFoundByProperty(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	o := s.run(t, "stack", "drift", "--exit-code")
	exits0(t, o)
	has(t, o.out, "Stack dumps: IN_SYNC")
	_, err := cloudwatchlogs.NewFromConfig(s.config()).PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: aws.String(shippedtest.LogGroup), RetentionInDays: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	o = s.run(t, "stack", "drift", "--exit-code")
	exitsWith(t, o, exitChanges)
	has(t, o.out, "± TaskLogs  AWS::Logs::LogGroup  MODIFIED", "RetentionInDays: 30 → 1", "Stack dumps: DRIFTED. Different: 1, as in the template: ")
}

func TestDeletingKeepsWhatHoldsResults(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	o := s.run(t, "stack", "delete")
	exitsWith(t, o, exitUsage)
	has(t, o.err, "kept: Artifacts AWS::S3::Bucket "+shippedtest.Bucket, "kept: Repository AWS::ECR::Repository", "--yes")
	exits0(t, s.run(t, "stack", "delete", "--yes"))
	exitsWith(t, s.run(t, "stack", "status"), exitNotFound)
	exitsWith(t, s.run(t, "start", shippedtest.Machine), exitNotFound)

	again := s.run(t, append([]string{"stack", "deploy", "--yes", "--parameter", "ImageUri="}, inNetwork(network.PrivateSubnet)...)...)
	exitsWith(t, again, exitFailed)
	has(t, again.err, "already", "--adopt")
}

func TestAStackOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	_, err := cloudformation.NewFromConfig(s.config()).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("theirs"), TemplateBody: aws.String(`{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		append([]string{"plan"}, inNetwork(network.PrivateSubnet)...), append([]string{"deploy", "--yes"}, inNetwork(network.PrivateSubnet)...),
		{"delete", "--yes"},
		{"status"},
		{"drift"},
		{"outputs"},
	} {
		o := s.run(t, append([]string{"stack", args[0], "--stack", "theirs"}, args[1:]...)...)
		exitsWith(t, o, exitFailed)
		has(t, o.err, "stack theirs is not one of stepdeck", "somebody else made it", "choose another name with --stack")
	}
}

func TestPreflightSeesTheNetwork(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	for subnet, wants := range map[string][]string{
		network.IsolatedSubnet: {"no route out of", "ecr.api, ecr.dkr, logs, ssm, states, s3 (gateway)"},
		network.PublicSubnet:   {"internet gateway", "AssignPublicIp=ENABLED"},
	} {
		o := s.run(t, append([]string{"stack", "plan", "--stack", "shop"}, inNetwork(subnet)...)...)
		exitsWith(t, o, exitUsage)
		has(t, o.out, append(wants, subnet, "Stack shop: not planned.")...)
		has(t, o.err, "stack shop: checks that failed: ")

		o = s.run(t, append([]string{"stack", "deploy", "--stack", "shop", "--yes"}, inNetwork(subnet)...)...)
		exitsWith(t, o, exitUsage)
		if strings.Count(o.err, wants[0]) != 1 {
			t.Errorf("what failed is not told once: %s", o.err)
		}
		o = s.run(t, append([]string{"stack", "deploy", "--stack", "shop", "--yes", "-o", "json"}, inNetwork(subnet)...)...)
		has(t, o.err, wants[0])
	}
}

// given executes a command line with a text on its standard input.
func (s *station) given(t *testing.T, text string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	a := s.app
	a.in, a.out, a.err = strings.NewReader(text), &out, &err
	code := a.execute(t.Context(), append([]string{"--local"}, args...))
	return outcome{code, out.String(), err.String()}
}

// sees tells which of the words are missing in a text.
func sees(text string, words ...string) error {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return fmt.Errorf("%q is missing in %s", w, text)
		}
	}
	return nil
}
