package workflow

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// EventType is the type of a history event, in AWS's spelling.
type EventType string

// The event types that carry meaning for steps and attempts. Others are kept
// and shown as they are.
const (
	ExecutionStarted   EventType = "ExecutionStarted"
	ExecutionSucceeded EventType = "ExecutionSucceeded"
	ExecutionFailed    EventType = "ExecutionFailed"
	ExecutionTimedOut  EventType = "ExecutionTimedOut"
	ExecutionAborted   EventType = "ExecutionAborted"
	ExecutionRedriven  EventType = "ExecutionRedriven"

	TaskScheduled    EventType = "TaskScheduled"
	TaskStarted      EventType = "TaskStarted"
	TaskStartFailed  EventType = "TaskStartFailed"
	TaskSubmitted    EventType = "TaskSubmitted"
	TaskSubmitFailed EventType = "TaskSubmitFailed"
	TaskSucceeded    EventType = "TaskSucceeded"
	TaskFailed       EventType = "TaskFailed"
	TaskTimedOut     EventType = "TaskTimedOut"
	TaskStateAborted EventType = "TaskStateAborted"

	ParallelStateStarted   EventType = "ParallelStateStarted"
	ParallelStateSucceeded EventType = "ParallelStateSucceeded"
	ParallelStateFailed    EventType = "ParallelStateFailed"
	MapStateStarted        EventType = "MapStateStarted"
	MapStateSucceeded      EventType = "MapStateSucceeded"
	MapStateFailed         EventType = "MapStateFailed"
	MapIterationStarted    EventType = "MapIterationStarted"
	MapIterationSucceeded  EventType = "MapIterationSucceeded"
	MapIterationFailed     EventType = "MapIterationFailed"
	MapIterationAborted    EventType = "MapIterationAborted"
	MapRunStarted          EventType = "MapRunStarted"
	EvaluationFailed       EventType = "EvaluationFailed"
	FailStateEntered       EventType = "FailStateEntered"
)

// Event is one entry of a run's history, its details flattened. Which fields
// are set depends on Type.
type Event struct {
	ID       int64     `json:"id"`       // 1-based, dense
	Previous int64     `json:"previous"` // the causal predecessor; 0 for the first state and for aborts and time-outs
	Type     EventType `json:"type"`
	Time     time.Time `json:"time"`

	State        safe.Text     `json:"state,omitzero"` // state entered, exited, failed to evaluate, or the Map an iteration belongs to
	ResourceType string        `json:"resourceType,omitempty"`
	Resource     string        `json:"resource,omitempty"`
	Region       string        `json:"region,omitempty"`
	Timeout      time.Duration `json:"timeout,omitempty"`   // zero: not set
	Heartbeat    time.Duration `json:"heartbeat,omitempty"` // zero: not set

	Error    safe.Text `json:"error,omitzero"`
	Cause    safe.Text `json:"cause,omitzero"`
	Location safe.Text `json:"location,omitzero"` // field whose JSONata failed

	// Input, Output and Parameters are raw JSON. Parameters of TaskScheduled and
	// Output of TaskSubmitted hold the task token: use MaskTokens before showing them.
	Input      string `json:"input,omitempty"`
	Output     string `json:"output,omitempty"`
	Parameters string `json:"parameters,omitempty"`

	RedriveCount int    `json:"redriveCount,omitempty"`
	Index        int    `json:"index,omitempty"`  // Map iteration, from 0
	Length       int    `json:"length,omitempty"` // items of a Map
	MapRunARN    string `json:"mapRunArn,omitempty"`
}
