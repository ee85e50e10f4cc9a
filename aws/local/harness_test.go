package local_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/transport"
)

// rig has the entrypoint and the deployed stack of all tests.
var rig shippedtest.Rig

func TestMain(m *testing.M) { os.Exit(rig.Run(m.Run)) }

// world is a local AWS and the SDK's clients on it.
type world struct {
	server *local.Server
	config aws.Config
	http   *http.Client
	states *sfn.Client
	ecs    *ecs.Client
	logs   *cloudwatchlogs.Client
	bucket *s3.Client
	params *ssm.Client
}

// open serves from a folder, which has the stack when it was new; the caller closes.
func open(t *testing.T, dir string) *world {
	t.Helper()
	again := store.In(dir)
	if !again {
		rig.Deploy(t, dir)
	}
	server, err := local.Start(t.Context(), local.Options{Dir: dir, Steprun: rig.Steprun()})
	if err != nil {
		t.Fatal(err)
	}
	if again { // as the program does
		shippedtest.Up(t, server.URL())
	}
	url, client := server.URL(), &http.Client{Transport: &http.Transport{}}
	config := aws.Config{
		Region: server.Region(), BaseEndpoint: &url, HTTPClient: transport.Exact(client),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		// What is refused is refused for good.
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	return &world{
		server: server, config: config, http: client,
		states: sfn.NewFromConfig(config), ecs: ecs.NewFromConfig(config), logs: cloudwatchlogs.NewFromConfig(config),
		bucket: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		params: ssm.NewFromConfig(config),
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := open(t, t.TempDir())
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t *testing.T) {
	t.Helper()
	w.http.CloseIdleConnections()
	if err := w.server.Close(); err != nil {
		t.Error(err)
	}
}

// start starts a run of the shipped machine with the words as its job.
func (w *world) start(t *testing.T, words ...string) string {
	t.Helper()
	input, err := json.Marshal(map[string]any{"args": words})
	if err != nil {
		t.Fatal(err)
	}
	machine, text := w.server.MachineARN(shippedtest.Machine), string(input)
	started, err := w.states.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine, Input: &text})
	if err != nil {
		t.Fatal(err)
	}
	return *started.ExecutionArn
}

func (w *world) describe(t *testing.T, run string) *sfn.DescribeExecutionOutput {
	t.Helper()
	got, err := w.states.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &run})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// end waits until the run has closed.
func (w *world) end(t *testing.T, run string) *sfn.DescribeExecutionOutput {
	t.Helper()
	var told *sfn.DescribeExecutionOutput
	shippedtest.Eventually(t, "the end of "+run, func() error {
		if told = w.describe(t, run); told.Status == types.ExecutionStatusRunning {
			return fmt.Errorf("it is %s", told.Status)
		}
		return nil
	})
	return told
}

func (w *world) history(t *testing.T, run string) []types.HistoryEvent {
	t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(w.states, &sfn.GetExecutionHistoryInput{ExecutionArn: &run})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// count is how many events of a type a history has.
func count(events []types.HistoryEvent, kind types.HistoryEventType) int {
	n := 0
	for _, event := range events {
		if event.Type == kind {
			n++
		}
	}
	return n
}

// log is all that the tasks have written, sorted by time.
func (w *world) log(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	group := shippedtest.LogGroup
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(w.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.Events {
			text.WriteString(*event.Message + "\n")
		}
	}
	return text.String()
}

// post sends a body as it is and returns the status and the answer.
func (w *world) post(t *testing.T, target, version, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, w.server.URL(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-"+version)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/any/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := w.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
