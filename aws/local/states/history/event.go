// Package history holds the events that Step Functions writes for a run, as
// GetExecutionHistory returns them.
package history

import "github.com/stepdeck/stepdeck/aws/local/wire"

// Types of events that the engine writes. The events of states are named by
// StateEntered, StateExited and StateAborted.
const (
	ExecutionStarted   = "ExecutionStarted"
	ExecutionSucceeded = "ExecutionSucceeded"
	ExecutionFailed    = "ExecutionFailed"
	ExecutionAborted   = "ExecutionAborted"
	ExecutionTimedOut  = "ExecutionTimedOut"
	ExecutionRedriven  = "ExecutionRedriven"

	TaskScheduled    = "TaskScheduled"
	TaskStarted      = "TaskStarted"
	TaskSubmitted    = "TaskSubmitted"
	TaskSubmitFailed = "TaskSubmitFailed"
	TaskSucceeded    = "TaskSucceeded"
	TaskFailed       = "TaskFailed"
	TaskTimedOut     = "TaskTimedOut"

	ParallelStateStarted   = "ParallelStateStarted"
	ParallelStateSucceeded = "ParallelStateSucceeded"
	ParallelStateFailed    = "ParallelStateFailed"
	MapStateStarted        = "MapStateStarted"
	MapStateSucceeded      = "MapStateSucceeded"
	MapStateFailed         = "MapStateFailed"
	MapIterationStarted    = "MapIterationStarted"
	MapIterationSucceeded  = "MapIterationSucceeded"
	MapIterationFailed     = "MapIterationFailed"
	MapIterationAborted    = "MapIterationAborted"
	EvaluationFailed       = "EvaluationFailed"
)

// StateEntered is the type of the event for entering a state of the type.
func StateEntered(stateType string) string { return stateType + "StateEntered" }

// StateExited is the type of the event for leaving a state of the type.
func StateExited(stateType string) string { return stateType + "StateExited" }

// StateAborted is the type of the event for a state of the type that is cut off.
func StateAborted(stateType string) string { return stateType + "StateAborted" }

// Limit is the number of events that a history can hold; the last of them ends
// the run (AWS: "maximum execution history size").
const Limit = 25_000

// Event is one entry of a history. At most one of its details is set.
type Event struct {
	Timestamp wire.Seconds `json:"timestamp"`
	Type      string       `json:"type"`
	// ID counts from 1 without gaps.
	ID int64 `json:"id"`
	// PreviousEventID is the event that caused this one; 0 for what comes from
	// outside the run and for the first state entered.
	PreviousEventID int64 `json:"previousEventId"`
	Details
}

// Details are what an event tells besides its type.
type Details struct {
	Started      *Start     `json:"executionStartedEventDetails,omitempty"`
	Succeeded    *Output    `json:"executionSucceededEventDetails,omitempty"`
	Failed       *Failure   `json:"executionFailedEventDetails,omitempty"`
	Aborted      *Failure   `json:"executionAbortedEventDetails,omitempty"`
	TimedOut     *Failure   `json:"executionTimedOutEventDetails,omitempty"`
	Redriven     *Redrive   `json:"executionRedrivenEventDetails,omitempty"`
	StateEntered *Entry     `json:"stateEnteredEventDetails,omitempty"`
	StateExited  *Exit      `json:"stateExitedEventDetails,omitempty"`
	Evaluation   *Evaluated `json:"evaluationFailedEventDetails,omitempty"`

	TaskScheduled    *Schedule    `json:"taskScheduledEventDetails,omitempty"`
	TaskStarted      *Task        `json:"taskStartedEventDetails,omitempty"`
	TaskSubmitted    *TaskOutput  `json:"taskSubmittedEventDetails,omitempty"`
	TaskSubmitFailed *TaskFailure `json:"taskSubmitFailedEventDetails,omitempty"`
	TaskSucceeded    *TaskOutput  `json:"taskSucceededEventDetails,omitempty"`
	TaskFailed       *TaskFailure `json:"taskFailedEventDetails,omitempty"`
	TaskTimedOut     *TaskFailure `json:"taskTimedOutEventDetails,omitempty"`

	MapStarted         *Length    `json:"mapStateStartedEventDetails,omitempty"`
	IterationStarted   *Iteration `json:"mapIterationStartedEventDetails,omitempty"`
	IterationSucceeded *Iteration `json:"mapIterationSucceededEventDetails,omitempty"`
	IterationFailed    *Iteration `json:"mapIterationFailedEventDetails,omitempty"`
	IterationAborted   *Iteration `json:"mapIterationAbortedEventDetails,omitempty"`
}
