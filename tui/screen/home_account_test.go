package screen

import (
	"cmp"
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
	accountPrefix  = "arn:aws:states:eu-west-1:123456789012:stateMachine:"
	accountCluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
)

var accountToken = "AQCAAAAAKgAAAAMAAAAA" + strings.Repeat("x7/+Q", 120) + "Z3n9=="

// account is AWS in memory behind the ports: machines, runs with histories,
// tasks. It counts calls and keeps what changes carried.
type account struct {
	mu        sync.Mutex
	machines  []workflow.Machine
	runs      map[string][]workflow.Run // by machine ARN, newest first
	histories map[string][]workflow.Event
	tasks     map[string]workflow.Task
	page      int // of machines; 0: all at once
	fail      map[string]error
	failOf    map[string]error // ListRuns by machine name
	pause     time.Duration    // that ListRuns takes
	// historyPause is how long History takes.
	historyPause time.Duration
	calls        []string
	sent         []string
}

func newAccount() *account {
	return &account{
		runs: map[string][]workflow.Run{}, histories: map[string][]workflow.Event{}, tasks: map[string]workflow.Task{},
		fail: map[string]error{}, failOf: map[string]error{},
	}
}

// zuluClock is the bubble's time in UTC, so that screens look the same anywhere.
type zuluClock struct{}

func (zuluClock) Now() time.Time                         { return time.Now().UTC() }
func (zuluClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (a *account) console(look theme.Options) *Console {
	where := tui.Where{Profile: safe.Line("prod"), Account: safe.Line("123456789012"), Region: safe.Line("eu-west-1")}
	return &Console{
		Service: ops.New(ops.Ports{
			Machines: a, Runs: a, Histories: a, Tasks: a, Tokens: a, Starter: a, Stopper: a, Redriver: a, TaskDefinitions: a, Logs: a,
		}, "me@host"),
		Env:      &tui.Env{Theme: theme.New(look), Clock: zuluClock{}, Where: where},
		Place:    Place{Profile: "prod", Account: "123456789012", Region: "eu-west-1"},
		Profiles: []string{"dev", "prod"}, Regions: []string{"eu-west-1", "us-east-1"}, Who: "me@host",
	}
}

// open opens a screen of the account; home is the home screen when nil.
func (a *account) open(t testing.TB, c *Console, first tui.Screen, w, h int) *tuitest.Driver {
	t.Helper()
	return tuitest.Drive(t, tui.Options{
		Home: first, Env: c.Env, Commands: Commands(c), FixedTheme: true, Theme: c.Env.Theme.Options(),
	}, w, h)
}

func (a *account) machine(name string, kind workflow.MachineType) *workflow.Machine {
	m := workflow.Machine{ARN: accountPrefix + name, Name: safe.Line(name), Type: kind}
	a.machines = append(a.machines, m)
	return &m
}

// add adds a run that was started that long ago, with the events of its end.
func (a *account) add(m *workflow.Machine, name string, status workflow.Status, ago, took time.Duration, events ...workflow.Event) workflow.Run {
	r := workflow.Run{ARN: workflow.RunARNOf(m.ARN, name), MachineARN: m.ARN, Name: safe.Line(name), Status: status, Started: time.Now().Add(-ago)}
	if status.Closed() {
		r.Stopped = r.Started.Add(took)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs[m.ARN] = append(a.runs[m.ARN], r)
	slices.SortStableFunc(a.runs[m.ARN], func(x, y workflow.Run) int { return y.Started.Compare(x.Started) })
	a.histories[r.ARN] = number(r.Started, append(begun(), events...))
	return r
}

func number(from time.Time, events []workflow.Event) []workflow.Event {
	for i := range events {
		events[i].ID, events[i].Previous = int64(i+1), int64(i)
		events[i].Time = from.Add(time.Duration(i) * time.Second)
	}
	return events
}

func begun() []workflow.Event {
	return []workflow.Event{
		{Type: workflow.ExecutionStarted, Input: `{"args":["dump","orders"],"memory":512,"cpu":256}`},
		{Type: "TaskStateEntered", State: safe.Line("Dump")},
	}
}

// attempt is a task that waits for its token.
func (a *account) attempt(task, status string) []workflow.Event {
	arn := "arn:aws:ecs:eu-west-1:123456789012:task/main/" + task
	t := workflow.Task{ARN: arn, ClusterARN: accountCluster, LastStatus: status}
	if status == "STOPPED" {
		code := 137
		t.StopCode, t.StoppedReason = "EssentialContainerExited", safe.Line("OutOfMemoryError: Container killed due to memory usage")
		t.Containers = []workflow.Container{{Name: safe.Line("job"), ExitCode: &code, Reason: safe.Line("OutOfMemory")}}
	}
	a.tasks[arn] = t
	return []workflow.Event{
		{Type: workflow.TaskScheduled, ResourceType: "ecs", Resource: "runTask.waitForTaskToken", Timeout: 6 * time.Hour, Parameters: `{"Overrides":{"Environment":[{"Name":"TASK_TOKEN","Value":"` + accountToken + `"}]}}`},
		{Type: workflow.TaskSubmitted, Output: fmt.Sprintf(`{"Tasks":[{"ClusterArn":%q,"TaskArn":%q}]}`, accountCluster, arn)},
	}
}

// failure is how an attempt and its run end badly.
func failure(name, cause string) []workflow.Event {
	return []workflow.Event{
		{Type: workflow.TaskFailed, Error: safe.Line(name), Cause: safe.Block(cause)},
		{Type: workflow.ExecutionFailed, Error: safe.Line(name), Cause: safe.Block(cause)},
	}
}

func (a *account) failed(m *workflow.Machine, name string, ago time.Duration, errorName, cause string) workflow.Run {
	return a.add(m, name, workflow.Failed, ago, 41*time.Minute+12*time.Second, slices.Concat(a.attempt(name, "STOPPED"), failure(errorName, cause))...)
}

func (a *account) note(name string, sent ...string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, name)
	if len(sent) > 0 {
		a.sent = append(a.sent, name+" "+strings.Join(sent, " | "))
	}
	return a.fail[name]
}

// refuse lets a call fail from now on, also while others are under way.
func (a *account) refuse(name string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fail[name] = err
}

// asked is how often AWS was called so; "" counts all calls.
func (a *account) asked(name string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, c := range a.calls {
		if name == "" || c == name {
			n++
		}
	}
	return n
}

func (a *account) changes() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.sent)
}

func (a *account) ListMachines(_ context.Context, page string) (ops.MachinePage, error) {
	if err := a.note("ListMachines"); err != nil {
		return ops.MachinePage{}, err
	}
	from, _ := strconv.Atoi(page)
	to := len(a.machines)
	if a.page > 0 {
		to = min(to, from+a.page)
	}
	p := ops.MachinePage{Machines: a.machines[from:to]}
	if to < len(a.machines) {
		p.Next = strconv.Itoa(to)
	}
	return p, nil
}

func (a *account) DescribeMachine(_ context.Context, arn string) (workflow.MachineDetail, error) {
	m := workflow.Machine{ARN: arn, Name: safe.Line(workflow.MachineName(arn)), Type: workflow.Standard}
	const reads = `"Size.$":"$.memory","Overlap.$":"$.overlap","Day.$":"$.day"`
	return workflow.MachineDetail{Machine: m, Definition: `{"StartAt":"Dump","States":{"Dump":{"Type":"Task","Parameters":{` + reads + `},"End":true}}}`}, a.note("DescribeMachine")
}

func (a *account) MachineForRun(_ context.Context, arn string) (workflow.MachineDetail, error) {
	m := workflow.Machine{ARN: workflow.MachineARNOf(arn), Name: safe.Line(workflow.MachineName(arn)), Type: workflow.Standard}
	return workflow.MachineDetail{Machine: m, Definition: `{"StartAt":"Dump","States":{"Dump":{"Type":"Task","End":true}}}`}, a.note("MachineForRun")
}

func (a *account) ListRuns(ctx context.Context, q ops.RunQuery) (ops.RunPage, error) {
	if a.pause > 0 {
		select {
		case <-time.After(a.pause):
		case <-ctx.Done():
			return ops.RunPage{}, ctx.Err()
		}
	}
	if err := cmp.Or(a.note("ListRuns"), a.failOf[workflow.MachineName(q.MachineARN)]); err != nil {
		return ops.RunPage{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	runs := a.runs[q.MachineARN]
	if q.Status != "" {
		runs = slices.DeleteFunc(slices.Clone(runs), func(r workflow.Run) bool { return r.Status != q.Status })
	}
	from, _ := strconv.Atoi(q.Page)
	to := min(len(runs), from+cmp.Or(q.Limit, 100))
	p := ops.RunPage{Runs: slices.Clone(runs[from:to])}
	if to < len(runs) {
		p.Next = strconv.Itoa(to)
	}
	return p, nil
}

func (a *account) DescribeRun(_ context.Context, arn string) (workflow.Run, error) {
	err := a.note("DescribeRun")
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.runs[workflow.MachineARNOf(arn)] {
		if r.ARN == arn {
			return r, err
		}
	}
	return workflow.Run{}, &ops.Problem{Kind: ops.NotFound, Title: safe.Line("Execution Does Not Exist")}
}

func (a *account) History(_ context.Context, q ops.HistoryQuery) (ops.HistoryPage, error) {
	if err := a.note("History"); err != nil {
		return ops.HistoryPage{}, err
	}
	time.Sleep(a.historyPause)
	a.mu.Lock()
	defer a.mu.Unlock()
	events := slices.Clone(a.histories[q.RunARN])
	if q.Reverse {
		slices.Reverse(events)
	}
	from, _ := strconv.Atoi(q.Page)
	to := min(len(events), from+cmp.Or(q.Limit, 1000))
	p := ops.HistoryPage{Events: events[from:to]}
	if to < len(events) {
		p.Next = strconv.Itoa(to)
	}
	return p, nil
}

func (a *account) DescribeTasks(_ context.Context, cluster string, arns []string) ([]workflow.Task, error) {
	err := a.note("DescribeTasks")
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []workflow.Task
	for _, arn := range arns {
		t, ok := a.tasks[arn]
		if !ok {
			t = workflow.Task{ARN: arn, ClusterARN: cluster, Missing: true}
		}
		out = append(out, t)
	}
	return out, err
}

func (a *account) ListTasks(context.Context, ops.TaskQuery) (ops.TaskPage, error) {
	err := a.note("ListTasks")
	a.mu.Lock()
	defer a.mu.Unlock()
	var p ops.TaskPage
	for arn, t := range a.tasks {
		if t.Live() {
			p.ARNs = append(p.ARNs, arn)
		}
	}
	return p, err
}

func (a *account) StopTask(_ context.Context, _, arn, reason string) error {
	return a.note("StopTask", workflow.TaskID(arn), reason)
}

func (a *account) FailToken(_ context.Context, _ workflow.Token, errorName, cause string) error {
	return a.note("FailToken", errorName, cause)
}

func (a *account) SucceedToken(_ context.Context, _ workflow.Token, output string) error {
	return a.note("SucceedToken", output)
}

func (a *account) HeartbeatToken(context.Context, workflow.Token) error {
	return a.note("HeartbeatToken", "")
}

func (a *account) DescribeTaskDefinition(_ context.Context, arn string) (workflow.TaskDefinition, error) {
	return workflow.TaskDefinition{ARN: arn, Containers: []workflow.ContainerDefinition{{Name: "job", LogDriver: "awslogs", LogGroup: "/dumps", LogPrefix: "run"}}}, a.note("DescribeTaskDefinition")
}

// LogPage is that of streams which were never written.
func (a *account) LogPage(context.Context, ops.LogQuery) (ops.LogPage, error) {
	return ops.LogPage{}, cmp.Or[error](a.note("LogPage"), &ops.Problem{Kind: ops.NotFound, Title: safe.Line("The specified log stream does not exist.")})
}

func (a *account) LiveTail(context.Context, []workflow.LogRef) (ops.LiveTail, error) {
	return nil, &ops.Problem{Kind: ops.Denied, Title: safe.Line("not authorized to perform: logs:StartLiveTail")}
}

func (a *account) StartRun(_ context.Context, r ops.StartRequest) (string, time.Time, error) {
	return workflow.RunARNOf(r.MachineARN, r.Name), time.Now(), a.note("StartRun", r.Name, r.Input)
}

// update changes a run as its list tells it.
func (a *account) update(arn string, change func(*workflow.Run)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	runs := a.runs[workflow.MachineARNOf(arn)]
	for i := range runs {
		if runs[i].ARN == arn {
			change(&runs[i])
		}
	}
}

func (a *account) StopRun(_ context.Context, arn, _, cause string) (time.Time, error) {
	err := a.note("StopRun", workflow.RunName(arn), cause)
	if err == nil {
		a.update(arn, func(r *workflow.Run) { r.Status, r.Stopped = workflow.Aborted, time.Now() })
	}
	return time.Now(), err
}

func (a *account) RedriveRun(_ context.Context, arn, _ string) (time.Time, error) {
	err := a.note("RedriveRun", workflow.RunName(arn))
	if err == nil {
		a.update(arn, func(r *workflow.Run) {
			r.Status, r.Stopped = workflow.Running, time.Time{}
			r.RedriveCount++
		})
	}
	return time.Now(), err
}

// shown fails the test unless all texts are on the screen.
func shown(t testing.TB, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !d.Shows(text) {
			t.Fatalf("%q is not on the screen:\n%s", text, d.Text())
		}
	}
}

// absent fails the test if a text is on the screen.
func absent(t testing.TB, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if d.Shows(text) {
			t.Fatalf("%q is on the screen:\n%s", text, d.Text())
		}
	}
}

// answerDialog waits until the dialog takes keys, and presses them.
func answerDialog(d *tuitest.Driver, keys ...string) {
	for _, k := range keys {
		d.Advance(500 * time.Millisecond)
		d.Press(k)
	}
	d.Advance(500 * time.Millisecond)
}
