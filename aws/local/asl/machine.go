// Package asl is the data layer of the Amazon States Language: definitions
// parsed and checked, and the data flow, choices and error matching of one
// state evaluated. It starts nothing and keeps no state between calls.
package asl

import (
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Types of a state.
const (
	Task     = "Task"
	Pass     = "Pass"
	Choice   = "Choice"
	Wait     = "Wait"
	Succeed  = "Succeed"
	Fail     = "Fail"
	Parallel = "Parallel"
	Map      = "Map"
)

// Machine is a state machine, a branch of a Parallel state or the processor of
// a Map state.
type Machine struct {
	Comment        string
	StartAt        string
	States         map[string]*State
	Order          []string // names of States as written
	TimeoutSeconds int64    // 0: none
}

// State is one state of a machine. Its methods evaluate the fields that hold
// paths, templates or expressions; what remains is exported.
type State struct {
	Name, Type  string
	Comment     string
	Next        string // empty: End, or a type without Next
	End         bool
	JSONata     bool
	Resource    string     // Task
	Credentials any        // Task; nil when absent
	Branches    []*Machine // Parallel
	Processor   *Machine   // Map: ItemProcessor, or the older Iterator
	Distributed bool       // Map: ItemProcessor.ProcessorConfig.Mode is DISTRIBUTED
	Retry       []Retrier
	Catch       []Catcher

	fields *jsonv.Object // the state as written
}

// Retrier is one entry of Retry, with defaults filled in.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds int64
	MaxAttempts     int64 // 0: never retried
	BackoffRate     float64
	MaxDelaySeconds int64 // 0: no limit
	FullJitter      bool
}

// Catcher is one entry of Catch.
type Catcher struct {
	ErrorEquals []string
	Next        string

	fields *jsonv.Object
	place  string // "Catch[0]"
}

// Outcome is what a state hands on.
type Outcome struct {
	Output   any
	Assigned *jsonv.Object // variables to set; nil when the state assigns none
}
