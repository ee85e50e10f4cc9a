package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/transport"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// patience is for what a loaded machine does in seconds.
const patience = time.Minute

// asStepdeck makes the test binary behave as stepdeck, so that the tests run it as a process.
const asStepdeck = "STEPDECK_TEST_AS_STEPDECK"

// rig has the shipped stack and the programs.
var rig shippedtest.Rig

func TestMain(m *testing.M) {
	if os.Getenv(asStepdeck) != "" {
		main()
	}
	os.Exit(rig.Run(func() int {
		if err := install(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}))
}

// clients are the AWS SDK's own.
type clients struct {
	states *sfn.Client
	bucket *s3.Client
	params *ssm.Client
}

// configFor is for the clients of any service at local AWS.
func configFor(url string) aws.Config {
	return aws.Config{
		Region: local.DefaultRegion, BaseEndpoint: &url, HTTPClient: transport.Exact(http.DefaultClient),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
}

func newClients(url string) clients {
	config := configFor(url)
	return clients{
		states: sfn.NewFromConfig(config),
		bucket: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		params: ssm.NewFromConfig(config),
	}
}

// describe is the run as AWS tells it.
func (c clients) describe(t *testing.T, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	got, err := c.states.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// history is all of a run's events.
func (c clients) history(t *testing.T, arn string) []types.HistoryEvent {
	t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(c.states, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// attempts are the ways in which the run's tasks ended, in order.
func (c clients) attempts(t *testing.T, arn string) []string {
	t.Helper()
	var ends []string
	for _, event := range c.history(t, arn) {
		switch event.Type {
		case types.HistoryEventTypeTaskSucceeded:
			ends = append(ends, "succeeded")
		case types.HistoryEventTypeTaskFailed:
			ends = append(ends, *event.TaskFailedEventDetails.Error)
		}
	}
	return ends
}

// station is local AWS with a console on it, both in this process.
type station struct {
	clients
	server *local.Server
	app    app
}

func newStation(t *testing.T) *station {
	t.Helper()
	return startStation(t, local.Options{})
}

func startStation(t *testing.T, o local.Options) *station {
	t.Helper()
	state := t.TempDir()
	o.Dir = filepath.Join(state, "local", "state")
	server := rig.Start(t, o)
	s := &station{clients: newClients(server.URL()), server: server, app: app{state: state, now: time.Now}}
	if err := s.app.writeAddress(server); err != nil {
		t.Fatal(err)
	}
	return s
}

// run executes a command line with --local to its end.
func (s *station) run(t *testing.T, args ...string) outcome {
	t.Helper()
	return s.begin(t, args...).wait(t)
}

// begin executes a command line with --local.
func (s *station) begin(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	r := &command{interrupt: cancel, done: make(chan struct{})}
	a := s.app
	a.in, a.out, a.err = strings.NewReader(""), &r.out, &r.err
	go func() {
		defer close(r.done)
		r.code = a.execute(ctx, append([]string{"--local"}, args...))
	}()
	return r
}

// faults puts rules in force over HTTP, as a user does.
func (s *station) faults(t *testing.T, rules string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPut, s.server.URL()+"/_local/faults", strings.NewReader(rules))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("faults: %s %s %v", answer.Status, text, err)
	}
}

// config is for clients of services that few tests need.
func (s *station) config() aws.Config { return configFor(s.server.URL()) }

// arn is the ARN of a run of the shipped machine.
func (s *station) arn(name string) string {
	return strings.Replace(s.server.MachineARN(shippedtest.Machine), ":stateMachine:", ":execution:", 1) + ":" + name
}

// tokens are the open tokens as the command tells them.
func (s *station) tokens(t *testing.T) []tokenView {
	t.Helper()
	o := s.run(t, "tokens", "--output", "json")
	exits0(t, o)
	return decoded[[]tokenView](t, o.out)
}

// show is a run as the command tells it.
func (s *station) show(t *testing.T, name string) shown {
	t.Helper()
	o := s.run(t, "run", "show", name, "--output", "json")
	exits0(t, o)
	return decoded[shown](t, o.out)
}

// shown is what the tests read of a run's JSON.
type shown struct {
	Status       workflow.Status
	RedriveCount int
	Output       string
	Tasks        []struct{ Status string }
}

func decoded[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

// command is a command line under way.
type command struct {
	out, err  transcript
	code      int
	interrupt func()
	done      chan struct{}
}

// until waits for words on standard output.
func (c *command) until(t *testing.T, words string) {
	t.Helper()
	shippedtest.Eventually(t, fmt.Sprintf("%q on standard output", words), func() error {
		if text := c.out.String(); !strings.Contains(text, words) {
			return fmt.Errorf("it has %q, standard error %q", text, c.err.String())
		}
		return nil
	})
}

func (c *command) wait(t *testing.T) outcome {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(2 * patience):
		t.Fatalf("the command does not end; it said %s\n%s", c.out.String(), c.err.String())
	}
	return outcome{c.code, c.out.String(), c.err.String()}
}

// transcript is a buffer that is read while it is written.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
