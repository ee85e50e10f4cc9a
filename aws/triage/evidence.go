package triage

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Evidence is what is known of a run. Any part may be absent; the diagnosis
// then says what it had to do without.
type Evidence struct {
	Run     workflow.Run
	Machine workflow.MachineDetail // as the run uses it
	// Events may come in any order. The newest page is enough to find the
	// terminal failure. Steps are read from them when nil.
	Events []workflow.Event
	// Failure stands in for the events while they are not there.
	Failure         *workflow.Failure
	Steps           []workflow.Step
	Definition      *workflow.Definition
	Tasks           map[string]workflow.Task           // by ARN
	TaskDefinitions map[string]workflow.TaskDefinition // by ARN
	Logs            []Log
	// Child is the evidence of the run that ChildOf names; nil: not read.
	Child *Evidence
	Gaps  []Gap
	Now   time.Time
}

// Log is the tail of one container's log, oldest line first.
type Log struct {
	Container string
	TaskARN   string // empty: the task of the attempt in question
	Lines     []workflow.LogLine
	// NoStream tells that the stream does not exist: the container never started.
	NoStream bool
}

// Gap is a part of the evidence that could not be read.
type Gap struct {
	Part Source    `json:"part"`
	Why  safe.Text `json:"why"`
}

// Source is where a fact comes from.
type Source string

// The sources of facts and of gaps.
const (
	FromHistory    Source = "history"
	FromECS        Source = "ecs"
	FromLog        Source = "log"
	FromDefinition Source = "definition"
)

// Fact is one piece of evidence with its place, so that it can be looked up.
type Fact struct {
	Source Source    `json:"source"`
	Text   safe.Text `json:"text"`
	// Place says where within the source: an event type, a field, a container.
	Place     safe.Text `json:"place,omitzero"`
	EventID   int64     `json:"event,omitempty"`
	RunARN    string    `json:"run,omitempty"` // whose history it is, if a child's
	TaskARN   string    `json:"taskArn,omitempty"`
	Container string    `json:"container,omitempty"`
	Line      int       `json:"line,omitempty"` // in the log's tail as given, from 1
	Time      time.Time `json:"time,omitzero"`
	// Decisive marks the fact that the kind rests on.
	Decisive bool `json:"decisive,omitempty"`
}
