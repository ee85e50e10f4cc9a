package workflow

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Outcome tells how a step or an attempt ended.
type Outcome string

// The outcomes. Caught: failed, and a catcher took over. HeartbeatLost occurs
// for attempts only; AWS writes it as a plain time-out.
const (
	StillOpen      Outcome = "open"
	DidSucceed     Outcome = "succeeded"
	WasCaught      Outcome = "caught"
	DidFail        Outcome = "failed"
	DidTimeOut     Outcome = "timed out"
	HeartbeatLost  Outcome = "heartbeat lost"
	WasAborted     Outcome = "aborted"
	NeverSubmitted Outcome = "not submitted"
)

// Bad reports whether the outcome is an end without success.
func (o Outcome) Bad() bool { return o != StillOpen && o != DidSucceed }

// Step is one visit to a state. A redrive continues the step it failed in.
type Step struct {
	Index  int `json:"index"`  // place in the list of steps
	Parent int `json:"parent"` // index of the Parallel or Map step around it, or -1
	Branch int `json:"branch"` // branch in order of start, or Map iteration, within Parent

	State     safe.Text `json:"state"`
	Type      string    `json:"type"` // Task, Wait, Choice, …
	Outcome   Outcome   `json:"outcome"`
	Entered   time.Time `json:"entered,omitzero"`
	Ended     time.Time `json:"ended,omitzero"` // zero while open
	EnteredID int64     `json:"enteredEvent"`   // 0 when that event is not loaded
	ExitedID  int64     `json:"exitedEvent"`    // 0 unless the state was exited
	LastID    int64     `json:"lastEvent"`

	Input     string    `json:"input,omitempty"`  // raw JSON
	Output    string    `json:"output,omitempty"` // raw JSON
	Error     safe.Text `json:"error,omitzero"`
	Cause     safe.Text `json:"cause,omitzero"`
	Items     int       `json:"items,omitempty"` // of a Map
	MapRunARN string    `json:"mapRunArn,omitempty"`
	Attempts  []Attempt `json:"attempts,omitempty"`

	generation int64 // start event of Parent's try that this step belongs to
	started    int64 // latest start event, for Parallel and Map
	failed     bool  // the try that started last has failed, for Parallel and Map
	branches   int   // branches begun since started
}

// Open reports whether the step has not ended.
func (s *Step) Open() bool { return s.Outcome == StillOpen }

// Waiting reports whether the step stands between two attempts.
func (s *Step) Waiting() bool {
	last := s.LastAttempt()
	return s.Open() && last != nil && last.Outcome.Bad()
}

// LastAttempt returns the latest attempt, or nil.
func (s *Step) LastAttempt() *Attempt {
	if len(s.Attempts) == 0 {
		return nil
	}
	return &s.Attempts[len(s.Attempts)-1]
}

// Attempt is one try of a task. A retry or a redrive makes the next one.
type Attempt struct {
	Number     int `json:"number"`     // from 1 within the step
	Redrive    int `json:"redrive"`    // the redrive it belongs to, 0 before any
	RetryCount int `json:"retryCount"` // retries before it since entry or redrive

	ScheduledID int64     `json:"scheduledEvent"`
	EndedID     int64     `json:"endedEvent,omitempty"`
	Scheduled   time.Time `json:"scheduled,omitzero"`
	Started     time.Time `json:"started,omitzero"`
	Submitted   time.Time `json:"submitted,omitzero"`
	Ended       time.Time `json:"ended,omitzero"` // zero while open
	Outcome     Outcome   `json:"outcome"`
	Error       safe.Text `json:"error,omitzero"`
	Cause       safe.Text `json:"cause,omitzero"`

	ResourceType string        `json:"resourceType,omitempty"`
	Resource     string        `json:"resource,omitempty"`
	Timeout      time.Duration `json:"timeout,omitempty"`
	Heartbeat    time.Duration `json:"heartbeat,omitempty"`
	TaskARN      string        `json:"taskArn,omitempty"`
	ClusterARN   string        `json:"clusterArn,omitempty"`
	// DefinitionARN is the task definition's, from the answer to RunTask.
	DefinitionARN string `json:"definitionArn,omitempty"`

	Parameters string `json:"-"` // raw JSON sent, holds the token
	Response   string `json:"-"` // raw JSON answered on submission, holds the token
	Output     string `json:"output,omitempty"`
}

// Open reports whether nothing has answered the attempt yet.
func (a *Attempt) Open() bool { return a.Outcome == StillOpen }

// Callback reports whether the attempt waits for its token to be answered.
func (a *Attempt) Callback() bool { return strings.HasSuffix(a.Resource, ".waitForTaskToken") }

// Began is when the attempt's clocks began to run (AWS: at TaskStarted).
func (a *Attempt) Began() time.Time {
	if a.Started.IsZero() {
		return a.Scheduled
	}
	return a.Started
}

// Deadline is when the attempt times out, or zero when it has no timeout of its own.
func (a *Attempt) Deadline() time.Time {
	if a.Timeout <= 0 || a.Began().IsZero() {
		return time.Time{}
	}
	return a.Began().Add(a.Timeout)
}

// timeoutSlack is how much earlier than its timeout an attempt may be seen to
// time out, from the rounding of event times.
const timeoutSlack = time.Second

// timedOut tells a lost heartbeat from a timeout by arithmetic, because the
// history writes States.Timeout for both.
func (a *Attempt) timedOut(at time.Time, name string) Outcome {
	if name == "States.HeartbeatTimeout" {
		return HeartbeatLost
	}
	if a.Heartbeat <= 0 {
		return DidTimeOut
	}
	if a.Timeout <= 0 || at.Sub(a.Began()) < a.Timeout-timeoutSlack {
		return HeartbeatLost
	}
	return DidTimeOut
}
