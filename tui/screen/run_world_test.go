package screen

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

const (
	worldMachine = "arn:aws:states:eu-west-1:123456789012:stateMachine:dumps"
	worldCluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
)

var worldToken = "AQCAAAAAKgAAAAMAAAAA" + strings.Repeat("x7/+Q", 120) + "Z3n9=="

// world is an account with one run, as far as its screens ask for it. It is
// AWS in memory behind the ports.
type world struct {
	mu         sync.Mutex
	run        workflow.Run
	definition string
	events     []workflow.Event
	tasks      map[string]workflow.Task
	logs       map[string][]workflow.LogLine // by stream
	page       int                           // events a page; 0: 1000
	fail       map[string]error
	calls      []string
	held       chan struct{} // history calls beyond the first wait for it, when set
	below      *world        // has the run that the run waits for, if it is there
}

func newWorld(status workflow.Status) *world {
	now := time.Now().UTC()
	w := &world{tasks: map[string]workflow.Task{}, logs: map[string][]workflow.LogLine{}, fail: map[string]error{}, definition: dumpMachine}
	w.run = workflow.Run{
		ARN: workflow.RunARNOf(worldMachine, "2026-11-23-orders"), MachineARN: worldMachine, Name: safe.Line("2026-11-23-orders"),
		Status: status, Started: now.Add(-41*time.Minute - 12*time.Second), Input: `{"args":["dump","orders"],"memory":512}`,
	}
	if status.Closed() {
		w.run.Stopped = now
	}
	return w
}

const dumpMachine = `{"StartAt":"Check","States":{
	"Check":{"Type":"Pass","Next":"Run"},
	"Run":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken","TimeoutSeconds":7200,
		"Retry":[{"ErrorEquals":["States.TaskFailed"],"MaxAttempts":2,"IntervalSeconds":60}],
		"Catch":[{"ErrorEquals":["Expected"],"Next":"Report"}],"Next":"Done"},
	"Report":{"Type":"Pass","Next":"Done"},
	"Done":{"Type":"Succeed"}}}`

// console opens the run's screen, as a list would: with what a list knows.
func (w *world) console(o theme.Options) *Console {
	return &Console{
		Service: ops.New(ops.Ports{Machines: w, Runs: w, Histories: w, Tasks: w, TaskDefinitions: w, Logs: w}, "me@host"),
		Env:     &tui.Env{Theme: theme.New(o), Clock: utcClock{}},
	}
}

// utcClock is the bubble's clock, in a zone that is the same on every machine.
type utcClock struct{}

func (utcClock) Now() time.Time                         { return time.Now().UTC() }
func (utcClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (w *world) listed() workflow.Run {
	r := w.run
	r.Input, r.Output, r.Error, r.Cause, r.RedriveStatus = "", "", safe.Text{}, safe.Text{}, ""
	return r
}

func (w *world) open(t testing.TB, tab Tab, o theme.Options, width, height int) *tuitest.Driver {
	t.Helper()
	c := w.console(o)
	return tuitest.Drive(t, tui.Options{Home: newRun(c, w.listed(), tab), Env: c.Env, FixedTheme: true, Theme: o}, width, height)
}

// event writes an event a second after the last one and returns its id.
func (w *world) event(previous int64, kind workflow.EventType, edits ...func(*workflow.Event)) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := int64(len(w.events) + 1)
	at := w.run.Started.Add(time.Duration(id) * time.Second)
	if n := len(w.events); n > 0 && w.events[n-1].Time.After(at) {
		at = w.events[n-1].Time.Add(time.Second)
	}
	e := workflow.Event{ID: id, Previous: previous, Type: kind, Time: at}
	for _, edit := range edits {
		edit(&e)
	}
	w.events = append(w.events, e)
	return id
}

func ofState(state string) func(*workflow.Event) {
	return func(e *workflow.Event) { e.State = safe.Line(state) }
}

func because(name, cause string) func(*workflow.Event) {
	return func(e *workflow.Event) { e.Error, e.Cause = safe.Block(name), safe.Block(cause) }
}

// later moves an event from its second on.
func later(d time.Duration) func(*workflow.Event) {
	return func(e *workflow.Event) { e.Time = e.Time.Add(d) }
}

// submit writes an attempt up to its submission, with its task.
func (w *world) submit(previous int64, task string) int64 {
	id := w.event(previous, workflow.TaskScheduled, func(e *workflow.Event) {
		e.ResourceType, e.Resource, e.Region, e.Timeout = "ecs", "runTask.waitForTaskToken", "eu-west-1", 2*time.Hour
		e.Parameters = `{"Cluster":"main","Overrides":{"ContainerOverrides":[{"Name":"job","Environment":[{"Name":"TASK_TOKEN","Value":"` + worldToken + `"}]}]}}`
	})
	id = w.event(id, workflow.TaskStarted)
	w.tasks[worldTask(task)] = workflow.Task{
		ARN: worldTask(task), ClusterARN: worldCluster, DefinitionARN: "arn:aws:ecs:eu-west-1:123456789012:task-definition/dump:7",
		LastStatus: "RUNNING", DesiredStatus: "RUNNING", CPU: "256", Memory: "512", CapacityProvider: "FARGATE_SPOT", PlatformVersion: "1.4.0",
		PrivateIP: "10.0.1.17", SubnetID: "subnet-0a1b2c3d", AvailabilityZone: "eu-west-1b", Created: w.events[id-1].Time, Started: w.events[id-1].Time.Add(30 * time.Second),
		Containers: []workflow.Container{{Name: safe.Line("job"), Image: safe.Line("123456789012.dkr.ecr.eu-west-1.amazonaws.com/dump:v7"), Digest: "sha256:9f2ab4", LastStatus: "RUNNING"}},
		Overrides:  []workflow.ContainerOverride{{Name: "job", Command: []string{"dump", "orders"}, Environment: []workflow.EnvVar{{Name: "TASK_TOKEN", Value: worldToken}, {Name: "DB", Value: "orders"}}}},
	}
	return w.event(id, workflow.TaskSubmitted, func(e *workflow.Event) {
		e.ResourceType, e.Resource = "ecs", "runTask.waitForTaskToken"
		e.Output = fmt.Sprintf(`{"Failures":[],"Tasks":[{"ClusterArn":%q,"TaskArn":%q,"TaskDefinitionArn":"arn:aws:ecs:eu-west-1:123456789012:task-definition/dump:7"}]}`, worldCluster, worldTask(task))
	})
}

// stopTask lets ECS stop a task.
func (w *world) stopTask(task, code, reason string, exit int, containerReason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tasks[worldTask(task)]
	t.LastStatus, t.DesiredStatus, t.StopCode, t.StoppedReason = "STOPPED", "STOPPED", code, safe.Line(reason)
	t.Stopped = w.events[len(w.events)-1].Time.Add(time.Minute)
	t.Containers[0].ExitCode, t.Containers[0].LastStatus, t.Containers[0].Reason = &exit, "STOPPED", safe.Line(containerReason)
	w.tasks[worldTask(task)] = t
}

// write lets a container write lines, a second apart.
func (w *world) write(task string, lines ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	stream := worldStream(task)
	for _, raw := range lines {
		at := w.tasks[worldTask(task)].Started.Add(time.Duration(len(w.logs[stream])) * time.Second)
		w.logs[stream] = append(w.logs[stream], workflow.LogLine{Time: at, Ingested: at, Text: safe.Line(raw), Raw: raw})
	}
}

func worldTask(id string) string   { return "arn:aws:ecs:eu-west-1:123456789012:task/main/" + id }
func worldStream(id string) string { return "run/job/" + id }

// close ends the run.
func (w *world) close(status workflow.Status, name, cause string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.run.Status, w.run.Stopped = status, w.events[len(w.events)-1].Time
	w.run.Error, w.run.Cause = safe.Line(name), safe.Block(cause)
}

func (w *world) call(name string) (unlock func(), err error) {
	w.mu.Lock()
	w.calls = append(w.calls, name)
	return w.mu.Unlock, w.fail[name]
}

// asked is how often AWS was called so.
func (w *world) asked(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, c := range w.calls {
		if c == name {
			n++
		}
	}
	return n
}

func (w *world) ListMachines(context.Context, string) (ops.MachinePage, error) {
	return ops.MachinePage{}, nil
}

func (w *world) DescribeMachine(context.Context, string) (workflow.MachineDetail, error) {
	return w.detail(), nil
}

func (w *world) MachineForRun(context.Context, string) (workflow.MachineDetail, error) {
	unlock, err := w.call("MachineForRun")
	defer unlock()
	return w.detail(), err
}

func (w *world) detail() workflow.MachineDetail {
	return workflow.MachineDetail{Machine: workflow.Machine{ARN: worldMachine, Name: safe.Line("dumps"), Type: workflow.Standard}, Definition: w.definition}
}

func (w *world) ListRuns(context.Context, ops.RunQuery) (ops.RunPage, error) {
	return ops.RunPage{}, nil
}

func (w *world) DescribeRun(ctx context.Context, arn string) (workflow.Run, error) {
	switch {
	case arn == w.run.ARN:
	case w.below != nil:
		return w.below.DescribeRun(ctx, arn)
	default:
		return workflow.Run{}, &ops.Problem{Kind: ops.NotFound, Title: safe.Linef("run %s does not exist", workflow.RunName(arn))}
	}
	unlock, err := w.call("DescribeRun")
	defer unlock()
	return w.run, err
}

// hold lets every history call but the first wait for release.
func (w *world) hold() { w.held = make(chan struct{}) }

func (w *world) release() { close(w.held) }

func (w *world) History(ctx context.Context, q ops.HistoryQuery) (ops.HistoryPage, error) {
	if q.RunARN != w.run.ARN && w.below != nil {
		return w.below.History(ctx, q)
	}
	first := w.asked("History") == 0
	w.note("History")
	if w.held != nil && !first {
		select {
		case <-w.held:
		case <-ctx.Done():
			return ops.HistoryPage{}, ctx.Err()
		}
	}
	return w.history(q)
}

func (w *world) note(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, name)
}

func (w *world) history(q ops.HistoryQuery) (ops.HistoryPage, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.fail["History"]; err != nil {
		return ops.HistoryPage{}, err
	}
	events := slices.Clone(w.events)
	if q.Reverse {
		slices.Reverse(events)
	}
	size := w.page
	if size == 0 || q.Limit > 0 && q.Limit < size {
		size = max(q.Limit, 1)
		if q.Limit == 0 {
			size = 1000
		}
	}
	from, _ := strconv.Atoi(q.Page)
	to := min(len(events), from+size)
	page := ops.HistoryPage{Events: events[from:to]}
	if to < len(events) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

func (w *world) DescribeTasks(_ context.Context, _ string, arns []string) ([]workflow.Task, error) {
	unlock, err := w.call("DescribeTasks")
	defer unlock()
	var out []workflow.Task
	for _, arn := range arns {
		t, ok := w.tasks[arn]
		if !ok {
			t = workflow.Task{ARN: arn, Missing: true}
		}
		t.Containers = slices.Clone(t.Containers)
		out = append(out, t)
	}
	return out, err
}

func (w *world) ListTasks(context.Context, ops.TaskQuery) (ops.TaskPage, error) {
	return ops.TaskPage{}, nil
}

func (w *world) StopTask(_ context.Context, _, arn, _ string) error {
	unlock, err := w.call("StopTask " + workflow.TaskID(arn))
	defer unlock()
	t := w.tasks[arn]
	t.LastStatus, t.DesiredStatus, t.StopCode, t.Stopped = "STOPPED", "STOPPED", "UserInitiated", time.Now()
	w.tasks[arn] = t
	return err
}

func (w *world) DescribeTaskDefinition(_ context.Context, arn string) (workflow.TaskDefinition, error) {
	unlock, err := w.call("DescribeTaskDefinition")
	defer unlock()
	return workflow.TaskDefinition{ARN: arn, Containers: []workflow.ContainerDefinition{{Name: "job", LogDriver: "awslogs", LogGroup: "/dumps", LogPrefix: "run"}}}, err
}

func (w *world) LogPage(_ context.Context, q ops.LogQuery) (ops.LogPage, error) {
	unlock, err := w.call("LogPage")
	defer unlock()
	lines, ok := w.logs[q.Ref.Stream]
	if err == nil && !ok {
		err = &ops.Problem{Kind: ops.NotFound, Title: safe.Line("The specified log stream does not exist.")}
	}
	if err != nil {
		return ops.LogPage{}, err
	}
	from, _ := strconv.Atoi(q.Page)
	to := min(from+1000, len(lines))
	page := ops.LogPage{Next: strconv.Itoa(to)}
	for _, l := range lines[from:to] {
		if !l.Time.Before(q.Since) {
			page.Lines = append(page.Lines, l)
		}
	}
	return page, nil
}

// LiveTail is refused as it is without the permission, so that logs are read page by page.
func (w *world) LiveTail(context.Context, []workflow.LogRef) (ops.LiveTail, error) {
	return nil, &ops.Problem{Kind: ops.Denied, Title: safe.Line("not authorized to perform: logs:StartLiveTail")}
}
