package engine

import (
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// phase is what a frame does next, or waits for.
type phase string

const (
	entering phase = "entering" // its state is to be entered
	ready    phase = "ready"    // its state is entered and to be carried out
	calling  phase = "calling"  // its task calls the service
	open     phase = "open"     // its task is submitted and waits for its end
	waiting  phase = "waiting"  // its Wait state waits
	backoff  phase = "backoff"  // its state is to be tried again
	fanned   phase = "fanned"   // its Parallel or Map state waits for children
	done     phase = "done"     // it has its output
	failed   phase = "failed"   // its state failed and nothing caught it
	aborted  phase = "aborted"  // it was cut off
)

// frame is where one machine, branch or iteration stands.
type frame struct {
	saved
	path     string
	parent   *frame
	machine  *asl.Machine
	vars     *asl.Vars
	children []*frame // by index; nil where not begun
	items    []any    // of a Map state; nil: to be evaluated
	stop     func() bool
	// turn changes whenever the frame moves on, so that what was meant for an
	// earlier moment finds itself late.
	turn   int
	queued bool
	dirty  bool
}

// saved is the part of a frame that the store keeps.
type saved struct {
	Phase phase
	State string
	Raw   value
	Vars  *jsonv.Object
	// Last is the latest event of this frame, which the next one points at.
	Last int64
	// Entered is the event of entering the state, 0 before that; EnteredAfter is
	// the one before it.
	Entered, EnteredAfter int64
	EnteredAt             time.Time
	// Tried counts the retries by retrier, RetryCount all of them.
	Tried      []int64   `json:",omitempty"`
	RetryCount int64     `json:",omitempty"`
	Until      time.Time // of waiting and backoff
	Task       *openTask `json:",omitempty"`
	Fan        *fan      `json:",omitempty"`
	Item       *item     `json:",omitempty"`
	Output     value
	// Restart says that a redrive must begin all children anew.
	Restart bool `json:",omitempty"`
}

// openTask is one attempt of a Task state.
type openTask struct {
	Token            string `json:",omitempty"`
	Parameters       value
	Submitted        value
	Seconds          int64     `json:",omitempty"` // TimeoutSeconds
	HeartbeatSeconds int64     `json:",omitempty"`
	Due              time.Time // zero: none
	HeartbeatDue     time.Time // zero: none
	// Answer came before the call of the service had returned.
	Answer *Answer `json:",omitempty"`
}

// fan is the children of a Parallel or Map state.
type fan struct {
	// ID is the event that started them; it sets their records apart from
	// those of an earlier attempt.
	ID    int64
	Total int
	Next  int // the first child not begun
	Width int // how many may run at once; 0 means all
}

// item is what an iteration of a Map state works on.
type item struct {
	Index int
	Value value
}

func (f *frame) state() *asl.State { return f.machine.States[f.State] }

func (f *frame) childPath(index int) string {
	return fmt.Sprintf("%s/%08d.%08d", f.path, f.Fan.ID, index)
}

// newChild makes the frame of a branch or an iteration.
func (f *frame) newChild(machine *asl.Machine, index int) *frame {
	vars := asl.NewVars(f.vars)
	child := &frame{path: f.childPath(index), parent: f, machine: machine, vars: vars}
	child.saved = saved{Phase: entering, State: machine.StartAt, Vars: vars.Own(), Last: f.Fan.ID}
	f.children[index] = child
	return child
}

// childMachine is what the children of the frame's state carry out.
func (f *frame) childMachine(index int) *asl.Machine {
	if s := f.state(); s.Type == asl.Parallel {
		return s.Branches[index]
	}
	return f.state().Processor
}

// begun calls do with every child that has begun, in order.
func (f *frame) begun(do func(*frame)) {
	for _, child := range f.children {
		if child != nil {
			do(child)
		}
	}
}

// running is how many children have begun and not ended.
func (f *frame) running() int {
	n := 0
	f.begun(func(child *frame) {
		switch child.Phase {
		case done, failed, aborted:
		default:
			n++
		}
	})
	return n
}
