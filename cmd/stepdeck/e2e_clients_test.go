//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// tool is another program that speaks to AWS.
type tool struct {
	url string
	// words are what every command line begins with.
	words []string
}

func (c tool) command(words ...string) *exec.Cmd {
	words = append(append([]string{}, c.words...), words...)
	cmd := exec.Command(words[0], words[1:]...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+c.url, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_DISABLE_HOST_PREFIX_INJECTION=true", "AWS_PAGER=")
	return cmd
}

func (c tool) run(t *testing.T, words ...string) string {
	t.Helper()
	cmd := c.command(words...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, out, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// needs leaves the test out where a command of the tool fails, because it is missing or too old.
func (c tool) needs(t *testing.T, what string, words ...string) {
	t.Helper()
	if out, err := c.command(words...).CombinedOutput(); err != nil {
		t.Skipf("left out: a session with %s: %v %s", what, err, out)
	}
}

func TestBoto3RunsAWholeSession(t *testing.T) {
	t.Parallel()
	c := tool{url: "http://127.0.0.1:1", words: []string{"python3", "../../.ci/clients.py"}}
	c.needs(t, "a boto3 that knows redrive_execution and start_live_tail", "--check")
	c.url = newStation(t).server.URL()
	has(t, c.run(t), "the whole session is as on AWS")
}

func TestTheAWSCLIRunsAWholeSession(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := tool{url: s.server.URL(), words: []string{"aws"}}
	c.needs(t, "an AWS CLI that knows redrive-execution", "stepfunctions", "redrive-execution", "--generate-cli-skeleton")
	const definition = `{"StartAt":"Ask","States":{"Ask":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken",
		"Parameters":{"Cluster":"dumps","TaskDefinition":"dumps-task","LaunchType":"FARGATE",
			"NetworkConfiguration":{"AwsvpcConfiguration":{"Subnets":["subnet-00000000000000001"]}},
			"Overrides":{"ContainerOverrides":[{"Name":"job","Command":["drill","hang"],
				"Environment":[{"Name":"ASKED","Value.$":"$$.Task.Token"}]}]}},"End":true}}}`
	machine := c.run(t, "stepfunctions", "create-state-machine", "--name", "asking", "--definition", definition,
		"--role-arn", "arn:aws:iam::123456789012:role/session", "--query", "stateMachineArn", "--output", "text")
	start := func() string {
		return c.run(t, "stepfunctions", "start-execution", "--state-machine-arn", machine, "--query", "executionArn", "--output", "text")
	}
	run := start()
	c.run(t, "stepfunctions", "send-task-failure", "--task-token", c.token(t, run, 1), "--error", "NotYet", "--cause", "ask again")
	if status := s.describe(t, run).Status; status != types.ExecutionStatusFailed {
		t.Fatalf("the run is %s", status)
	}
	c.run(t, "stepfunctions", "redrive-execution", "--execution-arn", run)
	c.run(t, "stepfunctions", "send-task-success", "--task-token", c.token(t, run, 2), "--task-output", `{"answer":42}`)
	if out := c.run(t, "stepfunctions", "describe-execution", "--execution-arn", run, "--query", "[status,output,redriveCount]", "--output", "text"); out != "SUCCEEDED\t{\"answer\":42}\t1" {
		t.Errorf("the redriven run is %s", out)
	}

	t.Run("live tail", func(t *testing.T) { c.tailsLive(t, start) })
	second := start()
	c.token(t, second, 1)
	shippedtest.Eventually(t, "the log of the task", func() error {
		out := c.run(t, "logs", "filter-log-events", "--log-group-name", "/aws/ecs/dumps/task", "--filter-pattern", `"hang: begins"`,
			"--query", "length(events)", "--output", "text")
		if out < "3" {
			return fmt.Errorf("%s tasks have begun", out)
		}
		return nil
	})
	c.run(t, "stepfunctions", "stop-execution", "--execution-arn", second, "--error", "Enough")
	if run := s.describe(t, second); run.Status != types.ExecutionStatusAborted || *run.Error != "Enough" {
		t.Errorf("the stopped run is %s", run.Status)
	}
}

// tailsLive watches the log of a run that start starts.
func (c tool) tailsLive(t *testing.T, start func() string) {
	c.needs(t, "an AWS CLI that knows start-live-tail", "logs", "start-live-tail", "--version")
	var out transcript
	tail := c.command("logs", "start-live-tail", "--log-group-identifiers",
		"arn:aws:logs:us-east-1:123456789012:log-group:/aws/ecs/dumps/task")
	tail.Env = append(tail.Env, "PYTHONUNBUFFERED=1")
	tail.Stdout, tail.Stderr = &out, &out
	if err := tail.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = tail.Process.Kill()
		_ = tail.Wait() // it was killed
	})
	run := start()
	shippedtest.Eventually(t, "the lines of the live tail", func() error {
		if text := out.String(); !strings.Contains(text, "drill: hang: ") {
			return fmt.Errorf("it shows %q", text)
		}
		return nil
	})
	c.run(t, "stepfunctions", "stop-execution", "--execution-arn", run)
}

// token waits for the nth token of a run and takes it out of the history.
func (c tool) token(t *testing.T, run string, nth int) string {
	t.Helper()
	var token string
	shippedtest.Eventually(t, "a token", func() error {
		var outputs []string
		text := c.run(t, "stepfunctions", "get-execution-history", "--execution-arn", run, "--output", "json",
			"--query", "events[?type=='TaskSubmitted'].taskSubmittedEventDetails.output")
		if err := json.Unmarshal([]byte(text), &outputs); err != nil || len(outputs) < nth {
			return fmt.Errorf("%d tasks have begun: %w", len(outputs), err)
		}
		var answer struct {
			Tasks []struct {
				Overrides struct {
					ContainerOverrides []struct{ Environment []struct{ Value string } }
				}
			}
		}
		if err := json.Unmarshal([]byte(outputs[nth-1]), &answer); err != nil {
			return err
		}
		token = answer.Tasks[0].Overrides.ContainerOverrides[0].Environment[0].Value
		return nil
	})
	return token
}
