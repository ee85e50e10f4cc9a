package ecs_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/ecs"
	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

const (
	image = "registry.example/job:1"
	group = "/stepdeck/jobs"
)

// world is ECS behind HTTP, with the SDK's client before it and recorders of
// events and logs behind it.
type world struct {
	*sdk.Client
	t       *testing.T
	service *ecs.Service
	runner  runner.Runner
	faults  *faults.Set
	logs    *recorder
	dir     string
	close   func()

	mu     sync.Mutex
	events []event
}

type event struct {
	TaskArn, LastStatus, DesiredStatus, StopCode, StoppedReason, StoppedAt, CreatedAt, PlatformFamily string

	Version     int
	Attachments []struct{ Type, Status string }
	Containers  []struct {
		ExitCode *int
		Reason   string
	}
	Overrides struct {
		ContainerOverrides []struct {
			Environment []struct{ Name, Value string }
		}
	}
}

// setup is what a test may change about its world.
type setup struct {
	clock   clock.Clock
	dir     string
	delay   time.Duration
	onEvent func([]byte)
	runner  runner.Runner
	logs    *recorder
}

func newWorld(t *testing.T, with setup) *world {
	t.Helper()
	if with.clock == nil {
		with.clock = clock.Real()
	}
	if with.dir == "" {
		with.dir = t.TempDir()
	}
	if with.delay == 0 {
		with.delay = 3 * time.Millisecond
	}
	if with.logs == nil {
		with.logs = &recorder{groups: []string{group}}
	}
	w := &world{t: t, dir: with.dir, faults: faults.New(with.clock, 1), logs: with.logs}
	if w.runner = with.runner; w.runner == nil {
		w.runner = processes(t)
	}
	records, err := store.Open(with.dir)
	if err != nil {
		t.Fatal(err)
	}
	router := wiretest.Router()
	server := httptest.NewServer(router)
	w.service, err = ecs.New(ecs.Options{
		Account: "123456789012", Region: "us-east-1", Clock: with.clock, Store: records, Faults: w.faults,
		Invoke: w.logs.invoke, Runner: w.runner, Endpoint: server.URL, StartDelay: with.delay, Log: slog.New(slog.DiscardHandler),
		OnChange: func(detail []byte) {
			w.record(detail)
			if with.onEvent != nil {
				with.onEvent(detail)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	router.Register(w.service.API())
	router.Admin = w.service.Metadata()
	w.close = sync.OnceFunc(func() {
		w.service.Close()
		server.Close()
		if err := records.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(w.close)
	w.Client = sdk.NewFromConfig(wiretest.Config(server.URL))
	return w
}

// processes is a runner whose entrypoint runs its first argument as a script.
func processes(t *testing.T) *runner.Process {
	t.Helper()
	dir := t.TempDir()
	entrypoint := filepath.Join(dir, "entrypoint")
	if err := os.WriteFile(entrypoint, []byte("#!/bin/sh\nscript=$1\nshift\neval \"$script\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r, err := runner.NewProcess(runner.ProcessOptions{
		Entrypoint: entrypoint, Scripts: filepath.Join(dir, "scripts"), Dir: t.TempDir(),
		Images: func(name string) bool { return name == image },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (w *world) record(detail []byte) {
	var e event
	if err := json.Unmarshal(detail, &e); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// told are the events of a task so far.
func (w *world) told(arn string) []event {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []event
	for _, e := range w.events {
		if e.TaskArn == arn {
			found = append(found, e)
		}
	}
	return found
}

// cluster makes the cluster that tests run tasks in.
func (w *world) cluster() {
	w.t.Helper()
	_, err := w.CreateCluster(w.t.Context(), &sdk.CreateClusterInput{CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// definition is a job that runs the script and logs.
func definition(script string) *sdk.RegisterTaskDefinitionInput {
	return &sdk.RegisterTaskDefinitionInput{
		Family: aws.String("job"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ExecutionRoleArn:        aws.String("arn:aws:iam::123456789012:role/execution"),
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("main"), Image: aws.String(image), Command: []string{script},
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": group, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "run",
			}},
		}},
	}
}

func (w *world) register(in *sdk.RegisterTaskDefinitionInput) {
	w.t.Helper()
	if _, err := w.RegisterTaskDefinition(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// request is a RunTask that is in order.
func request() *sdk.RunTaskInput {
	return &sdk.RunTaskInput{
		TaskDefinition: aws.String("job"), LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
	}
}

func (w *world) run(in *sdk.RunTaskInput) string {
	w.t.Helper()
	out, err := w.RunTask(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(out.Tasks) != 1 {
		w.t.Fatalf("RunTask gave %d tasks and failures %v", len(out.Tasks), out.Failures)
	}
	return *out.Tasks[0].TaskArn
}

// job registers the script and runs it once.
func (w *world) job(script string) string {
	w.t.Helper()
	w.cluster()
	w.register(definition(script))
	return w.run(request())
}

func (w *world) task(arn string) types.Task {
	w.t.Helper()
	out, err := w.DescribeTasks(w.t.Context(), &sdk.DescribeTasksInput{Tasks: []string{arn}})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(out.Tasks) != 1 {
		w.t.Fatalf("DescribeTasks gave %d tasks and failures %v", len(out.Tasks), out.Failures)
	}
	return out.Tasks[0]
}

// end waits until the task is STOPPED.
func (w *world) end(arn string) types.Task {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	if _, err := w.service.Stopped(ctx, "default", arn); err != nil {
		w.t.Fatalf("%v; the task is %s", err, *w.task(arn).LastStatus)
	}
	return w.task(arn)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

func (w *world) stop(arn, reason string) {
	w.t.Helper()
	if _, err := w.StopTask(w.t.Context(), &sdk.StopTaskInput{Task: &arn, Reason: aws.String(reason)}); err != nil {
		w.t.Fatal(err)
	}
}

// recorder stands for CloudWatch Logs and SSM.
type recorder struct {
	groups     []string
	parameters map[string]string
	// refuse gives the error of a call, or nil; it may be nil itself.
	refuse func(operation string) error

	mu      sync.Mutex
	streams map[string][]string
	batches []int
}

func (r *recorder) invoke(_ context.Context, service, operation string, body []byte) ([]byte, error) {
	if r.refuse != nil {
		if err := r.refuse(operation); err != nil {
			return nil, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if service == "ssm" {
		return r.getParameters(body)
	}
	var in struct {
		LogGroupName, LogStreamName string
		LogEvents                   []struct {
			Timestamp int64
			Message   string
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if !strings.Contains(strings.Join(r.groups, " "), in.LogGroupName) {
		return nil, wire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	if r.streams == nil {
		r.streams = map[string][]string{}
	}
	if operation == "CreateLogStream" {
		r.streams[in.LogStreamName] = []string{}
	}
	size := 0
	for _, e := range in.LogEvents {
		r.streams[in.LogStreamName] = append(r.streams[in.LogStreamName], e.Message)
		size += len(e.Message) + 26
	}
	if len(in.LogEvents) > 10_000 || size > 1<<20 {
		return nil, wire.Errorf("InvalidParameterException", "the batch is too large: %d events, %d bytes", len(in.LogEvents), size)
	}
	r.batches = append(r.batches, len(in.LogEvents))
	return []byte("{}"), nil
}

func (r *recorder) getParameters(body []byte) ([]byte, error) {
	var in struct {
		Names          []string
		WithDecryption bool
	}
	if err := json.Unmarshal(body, &in); err != nil || !in.WithDecryption || len(in.Names) > 10 {
		return nil, wire.Errorf("ValidationException", "not a request for secrets: %s", body)
	}
	type parameter struct{ Name, Value string }
	var out struct{ Parameters []parameter }
	for _, name := range in.Names {
		if value, ok := r.parameters[name]; ok {
			out.Parameters = append(out.Parameters, parameter{name, value})
		}
	}
	return json.Marshal(out)
}

// stream is what a task logged; ok tells whether there is a stream at all.
func (r *recorder) stream(arn string) (lines []string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines, ok = r.streams["run/main/"+arn[strings.LastIndex(arn, "/")+1:]]
	return lines, ok
}

func (r *recorder) text(arn string) string {
	lines, _ := r.stream(arn)
	return strings.Join(lines, "\n")
}
