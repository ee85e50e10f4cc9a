//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// TestTheAWSCLIDeploysTheStack takes the template and its definitions as they
// lie in the repository. The SAM CLI is not among the tools of these tests.
func TestTheAWSCLIDeploysTheStack(t *testing.T) {
	t.Parallel()
	c := tool{url: "http://127.0.0.1:1", words: []string{"aws"}}
	c.needs(t, "an AWS CLI that knows --retain-except-on-create", "cloudformation", "execute-change-set",
		"--change-set-name", "any", "--retain-except-on-create", "--generate-cli-skeleton", "output")
	s := newStation(t)
	c.url = s.server.URL()
	// The second stack has a repository of its own, and runs the image of the first.
	image := s.stack(t, stack.DefaultName).Image
	packaged := filepath.Join(t.TempDir(), "packaged.yaml")
	c.run(t, "s3", "mb", "s3://packages")
	c.run(t, "cloudformation", "package", "--template-file", "../../infra/template.yaml", "--s3-bucket", "packages", "--output-template-file", packaged)
	// What deploy does itself, it waits for in steps of half a minute.
	deploy := c.run(t, "cloudformation", "deploy", "--no-execute-changeset", "--stack-name", "plain", "--template-file", packaged,
		"--s3-bucket", "packages", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides", "VpcId="+network.VPC,
		"SubnetIds="+network.PrivateSubnet+","+network.SecondPrivateSubnet, "ImageUri="+image)
	_, changeSet, _ := strings.Cut(deploy, "--change-set-name ")
	c.run(t, "cloudformation", "execute-change-set", "--change-set-name", strings.Fields(changeSet)[0], "--retain-except-on-create")
	id := c.settles(t, "plain", "CREATE_COMPLETE")

	for _, name := range []string{"user", "password"} {
		c.run(t, "ssm", "put-parameter", "--name", "/plain/db/"+name, "--value", "dump", "--type", "SecureString")
	}
	machine := c.run(t, "cloudformation", "describe-stacks", "--stack-name", "plain", "--output", "text",
		"--query", "Stacks[0].Outputs[?OutputKey=='WorkflowArn'].OutputValue")
	if machine != s.server.MachineARN("plain-run") {
		t.Fatalf("the machine is %s", machine)
	}
	exits0(t, s.run(t, "start", "plain-run", "drill", "succeed", "--wait"))

	if found := c.drift(t, "plain"); found != "IN_SYNC" {
		t.Errorf("untouched, the stack is %s", found)
	}
	c.run(t, "logs", "put-retention-policy", "--log-group-name", "/aws/ecs/plain/task", "--retention-in-days", "1")
	if found := c.drift(t, "plain"); found != "DRIFTED" {
		t.Errorf("changed by hand, the stack is %s", found)
	}
	differs := c.run(t, "cloudformation", "describe-stack-resource-drifts", "--stack-name", "plain", "--output", "text",
		"--stack-resource-drift-status-filters", "MODIFIED", "--query", "StackResourceDrifts[].[LogicalResourceId,PropertyDifferences[0].PropertyPath]")
	is(t, differs, "TaskLogs\t/RetentionInDays")

	c.run(t, "cloudformation", "delete-stack", "--stack-name", "plain")
	c.settles(t, id, "DELETE_COMPLETE")
	is(t, c.run(t, "ecr", "describe-repositories", "--repository-names", "plain", "--query", "repositories[].repositoryName", "--output", "text"), "plain")
}

// settles waits for the status that a stack ends in, and gives the stack's ID.
func (c tool) settles(t *testing.T, name, status string) string {
	t.Helper()
	var id string
	shippedtest.Eventually(t, "the stack "+name+" to be "+status, func() error {
		out := c.run(t, "cloudformation", "describe-stacks", "--stack-name", name, "--query", "Stacks[0].[StackId,StackStatus]", "--output", "text")
		found, now, _ := strings.Cut(out, "\t")
		if id = found; now != status {
			return fmt.Errorf("it is %s", now)
		}
		return nil
	})
	return id
}

// drift detects how a stack's resources differ from its template.
func (c tool) drift(t *testing.T, name string) string {
	t.Helper()
	detection := c.run(t, "cloudformation", "detect-stack-drift", "--stack-name", name, "--query", "StackDriftDetectionId", "--output", "text")
	var found string
	shippedtest.Eventually(t, "the drift of "+name, func() error {
		out := c.run(t, "cloudformation", "describe-stack-drift-detection-status", "--stack-drift-detection-id", detection,
			"--query", "[DetectionStatus,StackDriftStatus]", "--output", "text")
		status, drift, _ := strings.Cut(out, "\t")
		if found = drift; status != "DETECTION_COMPLETE" {
			return fmt.Errorf("the detection is %s", status)
		}
		return nil
	})
	return found
}
