package scale_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// world is local AWS with a counter of calls before it.
type world struct {
	*local.Server
	counter *counter
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server := rig.Start(t, local.Options{Seed: 3})
	return &world{Server: server, counter: newCounter(t, server.URL())}
}

// counter forwards calls and counts them. It ends each connection, because one
// at rest would hold the time of a bubble.
type counter struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string]int
}

func newCounter(t *testing.T, endpoint string) *counter {
	t.Helper()
	c := &counter{calls: map[string]int{}}
	proxy := shippedtest.Proxy(t, endpoint)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		c.mu.Lock()
		c.calls[operation]++
		c.mu.Unlock()
		w.Header().Set("Connection", "close")
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

// reset forgets the calls so far.
func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.calls)
}

func (c *counter) count(operation string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[operation]
}

// service is the use cases on a session of their own.
func (w *world) service(t *testing.T) *ops.Service {
	t.Helper()
	s, err := session.Open(t.Context(), session.Options{
		Local: true, Region: w.Region(), Endpoint: w.counter.URL, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "journal")),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ops.New(client.New(s), "robot@test")
}

func (w *world) fault(rules ...faults.Rule) { w.Faults().Replace(rules) }

func call[T any](t *testing.T, w *world, service, operation string, request object) T {
	t.Helper()
	var answer T
	if err := w.Invoke(t.Context(), service, operation, request, &answer); err != nil {
		t.Error(err)
	}
	return answer
}

// machine creates a machine and returns its ARN.
func (w *world) machine(t *testing.T, name string, definition object) string {
	t.Helper()
	text, err := json.Marshal(definition)
	if err != nil {
		t.Fatal(err)
	}
	return call[struct{ StateMachineArn string }](t, w, "states", "CreateStateMachine", object{
		"name": name, "definition": string(text), "roleArn": "arn:aws:iam::" + local.Account + ":role/" + name,
	}).StateMachineArn
}

func (w *world) start(t *testing.T, machine, name string, input object) string {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Error(err)
	}
	return call[struct{ ExecutionArn string }](t, w, "states", "StartExecution", object{
		"stateMachineArn": w.MachineARN(machine), "name": name, "input": string(text),
	}).ExecutionArn
}

// described is what the tests read of a run.
type described struct {
	Status       workflow.Status
	RedriveCount int
}

func (w *world) describe(t *testing.T, arn string) described {
	t.Helper()
	return call[described](t, w, "states", "DescribeExecution", object{"executionArn": arn})
}

// settle waits until no run of the machine is running.
func (w *world) settle(t *testing.T, machine string) {
	t.Helper()
	shippedtest.Eventually(t, "all runs of "+machine+" end", func() error {
		running := call[struct{ Executions []struct{ Name string } }](t, w, "states", "ListExecutions", object{
			"stateMachineArn": w.MachineARN(machine), "statusFilter": "RUNNING",
		})
		if n := len(running.Executions); n > 0 {
			return fmt.Errorf("%d run", n)
		}
		return nil
	})
}

// stopped is how many tasks ECS reports STOPPED, of up to a hundred.
func (w *world) stopped(t *testing.T) int {
	t.Helper()
	arns := call[struct{ TaskArns []string }](t, w, "ecs", "ListTasks", object{"cluster": shippedtest.Cluster, "desiredStatus": "STOPPED"}).TaskArns
	if len(arns) == 0 {
		return 0
	}
	n := 0
	for _, task := range call[struct{ Tasks []struct{ LastStatus string } }](t, w, "ecs", "DescribeTasks", object{"cluster": shippedtest.Cluster, "tasks": arns}).Tasks {
		if task.LastStatus == "STOPPED" {
			n++
		}
	}
	return n
}

// submitted waits until the run waits for its task.
func (w *world) submitted(t *testing.T, arn string) {
	t.Helper()
	shippedtest.Eventually(t, arn+" has a task", func() error {
		newest := call[struct{ Events []struct{ Type string } }](t, w, "states", "GetExecutionHistory", object{"executionArn": arn, "reverseOrder": true, "maxResults": 1})
		if kind := newest.Events[0].Type; kind != "TaskSubmitted" {
			return fmt.Errorf("its newest event is %s", kind)
		}
		return nil
	})
}

// atOnce does a job so many times, several at once.
func atOnce(n int, do func(i int)) {
	const workers = 8
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := worker; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}
