package ops_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

const (
	prefix  = "arn:aws:states:eu-west-1:123456789012:stateMachine:"
	cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
)

var token = "AQCAAAAAKgAAAAMAAAAA" + strings.Repeat("x7/+Q", 120) + "Z3n9=="

// account is AWS in memory, as far as the ports tell of it.
type account struct {
	mu        sync.Mutex
	machines  []workflow.Machine
	details   map[string]workflow.MachineDetail // by machine ARN
	runs      []workflow.Run
	histories map[string][]workflow.Event
	tasks     map[string]workflow.Task
	logs      map[string]*logStream // by stream name

	pageSize int              // of every list; 0: all at once
	fail     map[string]error // by call
	calls    []string
	sent     []string // what mutating calls carried
	about    []string // what the answers to tokens said they are about
	liveErr  error
}

func newAccount() *account {
	return &account{
		details: map[string]workflow.MachineDetail{}, histories: map[string][]workflow.Event{},
		tasks: map[string]workflow.Task{}, logs: map[string]*logStream{}, fail: map[string]error{},
	}
}

func (a *account) service() *ops.Service {
	return ops.New(ops.Ports{
		Machines: a, Runs: a, Histories: a, Starter: a, Stopper: a, Redriver: a, Tokens: a, Tasks: a, TaskDefinitions: a, Logs: a,
	}, "me@host")
}

// call notes the call and locks the account until the returned func is called.
func (a *account) call(name string, sent ...string) (unlock func(), err error) {
	a.mu.Lock()
	a.calls = append(a.calls, name)
	if len(sent) > 0 {
		a.sent = append(a.sent, name+" "+strings.Join(sent, " | "))
	}
	return a.mu.Unlock, a.fail[name]
}

func (a *account) count(name string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, c := range a.calls {
		if c == name {
			n++
		}
	}
	return n
}

func (a *account) addMachine(name string, kind workflow.MachineType) string {
	arn := prefix + name
	a.machines = append(a.machines, workflow.Machine{ARN: arn, Name: safe.Line(name), Type: kind})
	a.details[arn] = workflow.MachineDetail{Machine: a.machines[len(a.machines)-1], Definition: `{"StartAt":"Run","States":{"Run":{"Type":"Task","End":true}}}`}
	return arn
}

func (a *account) addRun(machineARN, name string, status workflow.Status, started time.Time) *workflow.Run {
	r := workflow.Run{ARN: workflow.RunARNOf(machineARN, name), MachineARN: machineARN, Name: safe.Line(name), Status: status, Started: started}
	if status.Closed() {
		r.Stopped = started.Add(time.Hour)
	}
	a.runs = append(a.runs, r)
	return &a.runs[len(a.runs)-1]
}

// submit gives a run a history with an attempt that waits for its token.
func (a *account) submit(runARN, task string, at time.Time) {
	h := a.histories[runARN]
	n := int64(len(h))
	add := func(e workflow.Event) {
		n++
		e.ID, e.Time = n, at
		h = append(h, e)
	}
	if n == 0 {
		add(workflow.Event{Type: workflow.ExecutionStarted})
		add(workflow.Event{Type: "TaskStateEntered", State: safe.Line("Run")})
	}
	add(workflow.Event{Previous: n, Type: workflow.TaskScheduled, ResourceType: "ecs", Resource: "runTask.waitForTaskToken", Parameters: `{"Overrides":{"Environment":[{"Name":"TASK_TOKEN","Value":"` + token + `"}]}}`})
	add(workflow.Event{Previous: n, Type: workflow.TaskSubmitted, Output: fmt.Sprintf(`{"Tasks":[{"ClusterArn":%q,"TaskArn":%q,"TaskDefinitionArn":"arn:def:1"}]}`, cluster, taskARN(task))})
	a.histories[runARN] = h
	a.tasks[taskARN(task)] = workflow.Task{ARN: taskARN(task), ClusterARN: cluster, LastStatus: "RUNNING", Created: at}
}

// event appends an event that follows the last one.
func (a *account) event(runARN string, kind workflow.EventType, errorName string, at time.Time) {
	n := int64(len(a.histories[runARN]))
	a.histories[runARN] = append(a.histories[runARN], workflow.Event{ID: n + 1, Previous: n, Type: kind, Error: safe.Line(errorName), Time: at})
}

func taskARN(id string) string { return "arn:aws:ecs:eu-west-1:123456789012:task/main/" + id }

func (a *account) page(page string, n int) (from, to int, next string) {
	from, _ = strconv.Atoi(page)
	if to = n; a.pageSize > 0 && from+a.pageSize < n {
		to = from + a.pageSize
		next = strconv.Itoa(to)
	}
	return from, to, next
}

func (a *account) ListMachines(_ context.Context, page string) (ops.MachinePage, error) {
	unlock, err := a.call("ListMachines")
	defer unlock()
	from, to, next := a.page(page, len(a.machines))
	return ops.MachinePage{Machines: a.machines[from:to], Next: next}, err
}

func (a *account) DescribeMachine(_ context.Context, arn string) (workflow.MachineDetail, error) {
	unlock, err := a.call("DescribeMachine")
	defer unlock()
	return a.details[arn], err
}

func (a *account) MachineForRun(_ context.Context, runARN string) (workflow.MachineDetail, error) {
	unlock, err := a.call("MachineForRun")
	defer unlock()
	return a.details[workflow.MachineARNOf(runARN)], err
}

func (a *account) ListRuns(_ context.Context, q ops.RunQuery) (ops.RunPage, error) {
	unlock, err := a.call("ListRuns")
	defer unlock()
	var fitting []workflow.Run
	for _, r := range a.runs {
		if r.MachineARN == q.MachineARN && (q.Status == "" || r.Status == q.Status) {
			fitting = append(fitting, r)
		}
	}
	slices.SortFunc(fitting, func(x, y workflow.Run) int { return y.Started.Compare(x.Started) })
	from, to, next := a.page(q.Page, len(fitting))
	if q.Limit > 0 && to-from > q.Limit {
		to = from + q.Limit
		next = strconv.Itoa(to)
	}
	return ops.RunPage{Runs: fitting[from:to], Next: next}, err
}

func (a *account) DescribeRun(_ context.Context, arn string) (workflow.Run, error) {
	unlock, err := a.call("DescribeRun")
	defer unlock()
	for _, r := range a.runs {
		if r.ARN == arn && err == nil {
			return r, nil
		}
	}
	if err == nil {
		err = &ops.Problem{Kind: ops.NotFound, Title: safe.Line("Execution Does Not Exist")}
	}
	return workflow.Run{}, err
}

func (a *account) History(_ context.Context, q ops.HistoryQuery) (ops.HistoryPage, error) {
	unlock, err := a.call("History")
	defer unlock()
	events := slices.Clone(a.histories[q.RunARN])
	if q.Reverse {
		slices.Reverse(events)
	}
	from, to, next := a.page(q.Page, len(events))
	return ops.HistoryPage{Events: events[from:to], Next: next}, err
}

func (a *account) StartRun(_ context.Context, r ops.StartRequest) (string, time.Time, error) {
	unlock, err := a.call("StartRun", r.MachineARN, r.Name, r.Input)
	defer unlock()
	return workflow.RunARNOf(r.MachineARN, r.Name), time.Now(), err
}

func (a *account) StopRun(_ context.Context, arn, errorName, cause string) (time.Time, error) {
	unlock, err := a.call("StopRun", workflow.RunName(arn), errorName, cause)
	defer unlock()
	return time.Now(), err
}

func (a *account) RedriveRun(_ context.Context, arn, clientToken string) (time.Time, error) {
	unlock, err := a.call("RedriveRun", workflow.RunName(arn), clientToken)
	defer unlock()
	return time.Now(), err
}

func (a *account) FailToken(ctx context.Context, t workflow.Token, errorName, cause string) error {
	unlock, err := a.call("FailToken", t.String(), errorName, cause)
	defer unlock()
	a.about = append(a.about, ops.Target(ctx))
	return err
}

func (a *account) SucceedToken(ctx context.Context, t workflow.Token, output string) error {
	unlock, err := a.call("SucceedToken", t.String(), output)
	defer unlock()
	a.about = append(a.about, ops.Target(ctx))
	return err
}

func (a *account) HeartbeatToken(ctx context.Context, t workflow.Token) error {
	unlock, err := a.call("HeartbeatToken", t.String())
	defer unlock()
	a.about = append(a.about, ops.Target(ctx))
	return err
}

func (a *account) DescribeTasks(_ context.Context, c string, arns []string) ([]workflow.Task, error) {
	unlock, err := a.call("DescribeTasks")
	defer unlock()
	if len(arns) > 100 || c != cluster {
		return nil, fmt.Errorf("%d tasks of %s in one call", len(arns), c)
	}
	var out []workflow.Task
	for _, arn := range arns {
		t, ok := a.tasks[arn]
		if !ok {
			t = workflow.Task{ARN: arn, Missing: true}
		}
		out = append(out, t)
	}
	return out, err
}

func (a *account) ListTasks(_ context.Context, q ops.TaskQuery) (ops.TaskPage, error) {
	unlock, err := a.call("ListTasks")
	defer unlock()
	var arns []string
	for arn, t := range a.tasks {
		if t.Gone() == q.Stopped {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	from, to, next := a.page(q.Page, len(arns))
	return ops.TaskPage{ARNs: arns[from:to], Next: next}, err
}

func (a *account) StopTask(_ context.Context, _, arn, reason string) error {
	unlock, err := a.call("StopTask", workflow.TaskID(arn), reason)
	defer unlock()
	return err
}

func (a *account) DescribeTaskDefinition(_ context.Context, arn string) (workflow.TaskDefinition, error) {
	unlock, err := a.call("DescribeTaskDefinition")
	defer unlock()
	return workflow.TaskDefinition{ARN: arn, Containers: []workflow.ContainerDefinition{
		{Name: "job", LogDriver: "awslogs", LogGroup: "/group", LogPrefix: "run"}, {Name: "proxy", LogDriver: "awsfirelens"},
	}}, err
}
