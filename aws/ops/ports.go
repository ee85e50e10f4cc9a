// Package ops holds the use cases: list, show, start, stop, redrive, tail,
// resolve a token. They speak to AWS through the ports declared here.
package ops

import (
	"context"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// MachinePage is one page of machines. Next is empty on the last page.
type MachinePage struct {
	Machines []workflow.Machine
	Next     string
}

// Machines reads state machines.
type Machines interface {
	// ListMachines returns the page that token page names; "" is the first.
	ListMachines(ctx context.Context, page string) (MachinePage, error)
	DescribeMachine(ctx context.Context, machineARN string) (workflow.MachineDetail, error)
	// MachineForRun returns the definition that the run uses, which a later
	// update does not change (AWS: DescribeStateMachineForExecution, 1 call/s).
	MachineForRun(ctx context.Context, runARN string) (workflow.MachineDetail, error)
}

// RunQuery asks for one page of a machine's runs, newest first.
type RunQuery struct {
	MachineARN string
	MapRunARN  string          // instead of MachineARN: the children of a Map Run
	Status     workflow.Status // empty: all
	Limit      int             // 1…1000; 0: the port's default
	Page       string          // empty: the first
}

// RunPage is one page of runs. Next is empty on the last page.
type RunPage struct {
	Runs []workflow.Run
	Next string
}

// Runs reads runs.
type Runs interface {
	ListRuns(ctx context.Context, q RunQuery) (RunPage, error)
	DescribeRun(ctx context.Context, runARN string) (workflow.Run, error)
}

// HistoryQuery asks for one page of a run's events.
type HistoryQuery struct {
	RunARN  string
	Reverse bool   // newest first
	Limit   int    // 1…1000; 0: 1000
	Page    string // empty: the first
}

// HistoryPage is one page of events in the order asked for.
type HistoryPage struct {
	Events []workflow.Event
	Next   string
}

// Histories reads execution histories with their payloads.
type Histories interface {
	History(ctx context.Context, q HistoryQuery) (HistoryPage, error)
}

// StartRequest is what StartExecution takes.
type StartRequest struct {
	MachineARN string
	Name       string
	Input      string
}

// Starter starts runs. Starting the same name and input again while it runs
// returns the same run (AWS: StartExecution is idempotent by name).
type Starter interface {
	StartRun(ctx context.Context, r StartRequest) (runARN string, started time.Time, err error)
}

// Stopper stops runs. It does not stop their tasks.
type Stopper interface {
	StopRun(ctx context.Context, runARN, errorName, cause string) (time.Time, error)
}

// Redriver redrives runs. The same clientToken within 15 minutes is the same redrive.
type Redriver interface {
	RedriveRun(ctx context.Context, runARN, clientToken string) (time.Time, error)
}

// Tokens answers task tokens. Tokens are one-shot: answering a closed one
// fails with a Problem of kind Conflict.
type Tokens interface {
	FailToken(ctx context.Context, t workflow.Token, errorName, cause string) error
	SucceedToken(ctx context.Context, t workflow.Token, output string) error
	HeartbeatToken(ctx context.Context, t workflow.Token) error
}

// TaskQuery asks for the ARNs of a cluster's tasks.
type TaskQuery struct {
	Cluster string
	Family  string // empty: any
	Stopped bool   // tasks that stopped instead of live ones
	Page    string
}

// TaskPage is one page of task ARNs.
type TaskPage struct {
	ARNs []string
	Next string
}

// Tasks reads and stops ECS tasks.
type Tasks interface {
	// DescribeTasks describes up to 100 tasks of one cluster. A task that ECS
	// has forgotten is returned with Missing set.
	DescribeTasks(ctx context.Context, cluster string, taskARNs []string) ([]workflow.Task, error)
	ListTasks(ctx context.Context, q TaskQuery) (TaskPage, error)
	StopTask(ctx context.Context, cluster, taskARN, reason string) error
}

// TaskDefinitions reads ECS task definitions, which never change once registered.
type TaskDefinitions interface {
	DescribeTaskDefinition(ctx context.Context, arn string) (workflow.TaskDefinition, error)
}

// LogQuery asks for one page of a stream, oldest first, reading forward.
type LogQuery struct {
	Ref   workflow.LogRef
	Since time.Time // zero: from the head
	Page  string    // empty: the first
}

// LogPage is one page of lines. Next is always set; it equals the page asked
// for when the end has been reached (AWS: GetLogEvents).
type LogPage struct {
	Lines []workflow.LogLine
	Next  string
}

// LiveLine is a line of a live tail with the stream it came from.
type LiveLine struct {
	Stream string
	workflow.LogLine
}

// LiveUpdate is what a live tail delivers about every second. The first one
// after the session began has Started set and no lines.
type LiveUpdate struct {
	Started bool
	Lines   []LiveLine
	Sampled bool // CloudWatch left lines out: over 500 a second
}

// LiveTail is an open live tail session. Updates is closed when it ends;
// then Err tells why (nil after Close). The caller must Close it.
type LiveTail interface {
	Updates() <-chan LiveUpdate
	Err() error
	Close() error
}

// Logs reads container logs.
type Logs interface {
	// LogPage fails with a Problem of kind NotFound while the stream does not exist.
	LogPage(ctx context.Context, q LogQuery) (LogPage, error)
	// LiveTail follows streams of one group. All refs have the same Group.
	LiveTail(ctx context.Context, refs []workflow.LogRef) (LiveTail, error)
}

// Ports are all that the use cases need of AWS.
type Ports struct {
	Machines        Machines
	Runs            Runs
	Histories       Histories
	Starter         Starter
	Stopper         Stopper
	Redriver        Redriver
	Tokens          Tokens
	Tasks           Tasks
	TaskDefinitions TaskDefinitions
	Logs            Logs
}
