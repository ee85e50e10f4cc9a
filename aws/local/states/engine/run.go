package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// longestRun and longestExpress end a run that nothing else ended (AWS:
// "maximum execution time").
const (
	longestRun     = 365 * 24 * time.Hour
	longestExpress = 5 * time.Minute
)

// Run is one execution. Its methods may be called from several goroutines.
type Run struct {
	engine *Engine

	mu      sync.Mutex
	record  Record
	machine *asl.Machine
	name    string // the machine's
	input   any
	root    *frame // nil for a closed run whose tree is in the store
	queue   []*frame
	stop    func() bool // of the deadline's timer

	events []history.Event // not written yet
	dirty  []*frame        // not written yet
	ended  chan struct{}   // closed with the run; a redrive makes a new one
}

// Prepare makes a run that Begin starts. The record needs everything that does
// not come from carrying it out; the input must be JSON text.
func (e *Engine) Prepare(record Record, machineName string, machine *asl.Machine) (*Run, error) {
	input, err := jsonv.Parse(record.Input)
	if err != nil {
		return nil, fmt.Errorf("read the input: %w", err)
	}
	record.Status, record.StartDate = Running, e.now()
	vars := asl.NewVars(nil)
	root := &frame{machine: machine, vars: vars}
	root.saved = saved{Phase: entering, State: machine.StartAt, Raw: value{input}, Vars: vars.Own()}
	return &Run{engine: e, record: record, machine: machine, name: machineName, input: input, root: root, ended: make(chan struct{})}, nil
}

// Begin starts a run that Prepare made. It returns when every frame waits for
// something.
func (r *Run) Begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.Closed() || r.record.Events > 0 {
		return nil
	}
	r.touch(r.root)
	r.emit(history.ExecutionStarted, 0, history.Details{Started: &history.Start{
		Input: r.record.Input, InputDetails: &history.Data{}, RoleARN: r.record.RoleARN,
	}})
	r.setDeadline()
	r.push(r.root)
	return r.advance()
}

// Load makes the run of a record that was kept. An open run knows its tokens
// at once but stands still until Resume.
func (e *Engine) Load(record Record, machineName string, machine *asl.Machine) (*Run, error) {
	r := &Run{engine: e, record: record, machine: machine, name: machineName, ended: make(chan struct{})}
	if record.Closed() {
		close(r.ended)
		return r, nil
	}
	if err := r.loadTree(); err != nil {
		return nil, err
	}
	r.each(r.root, func(f *frame) {
		if f.Task != nil && f.Task.Token != "" {
			e.tokens.hold(f.Task.Token, holder{r, f})
		}
	})
	return r, nil
}

func (r *Run) loadTree() error {
	input, err := jsonv.Parse(r.record.Input)
	if err != nil {
		return fmt.Errorf("read the input: %w", err)
	}
	root, err := r.engine.journal.loadFrames(r.record.Seq, r.machine)
	if err != nil {
		return err
	}
	if root == nil {
		return fmt.Errorf("run %s has no frames in the store", r.record.ARN)
	}
	r.input, r.root = input, root
	return nil
}

// Resume goes on with a loaded run that is open: waits and deadlines with what
// is left of them, calls that were cut off from their beginning.
func (r *Run) Resume() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.Closed() {
		return nil
	}
	r.armDeadline()
	r.each(r.root, r.resumeFrame)
	return r.advance()
}

// Record is a copy of what is known of the run.
func (r *Run) Record() Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.record
}

// Ended is closed once the run has ended.
func (r *Run) Ended() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// each calls do with the frame and all those below it, the outer ones first.
func (r *Run) each(f *frame, do func(*frame)) {
	do(f)
	f.begun(func(child *frame) { r.each(child, do) })
}

// now is the present with the precision that the API shows.
func (e *Engine) now() time.Time { return e.clock.Now().UTC().Truncate(time.Millisecond) }

// touch marks a frame as changed since it was last written.
func (r *Run) touch(f *frame) {
	if !f.dirty {
		f.dirty = true
		r.dirty = append(r.dirty, f)
	}
}

// push lets a frame take its next step when its turn comes.
func (r *Run) push(f *frame) {
	if !f.queued {
		f.queued = true
		r.queue = append(r.queue, f)
	}
}

// emit adds an event and returns its id; 0 when the run has ended. The last
// event that fits ends the run.
func (r *Run) emit(eventType string, previous int64, details history.Details) int64 {
	if r.record.Closed() {
		return 0
	}
	if r.record.Events == history.Limit-1 && details.Failed == nil && details.Succeeded == nil && details.Aborted == nil && details.TimedOut == nil {
		r.overflow()
		return 0
	}
	r.record.Events++
	r.events = append(r.events, history.Event{
		Timestamp: wire.Seconds(r.engine.now()), Type: eventType, ID: r.record.Events, PreviousEventID: previous, Details: details,
	})
	return r.record.Events
}

// step emits an event of a frame, caused by the frame's latest.
func (r *Run) step(f *frame, eventType string, details history.Details) {
	if id := r.emit(eventType, f.Last, details); id != 0 {
		f.Last = id
		r.touch(f)
	}
}

// advance lets frames step until each waits for something, and writes what changed.
func (r *Run) advance() error {
	for len(r.queue) > 0 && !r.record.Closed() {
		f := r.queue[0]
		r.queue = r.queue[1:]
		f.queued = false
		r.next(f)
	}
	r.queue = nil
	return r.flush()
}

func (r *Run) flush() error {
	events, frames := r.events, r.dirty
	r.events, r.dirty = nil, nil
	for _, f := range frames {
		f.dirty = false
	}
	if r.record.Express {
		return nil
	}
	if err := r.engine.journal.write(r.record, frames, events); err != nil {
		return fmt.Errorf("keep run %s: %w", r.record.ARN, err)
	}
	if r.record.Status == Succeeded {
		if err := r.engine.journal.dropFrames(r.record.Seq); err != nil {
			return fmt.Errorf("tidy run %s: %w", r.record.ARN, err)
		}
	}
	return nil
}

// locked runs f on an open run, as a timer or a finished call does, and goes
// on from there. Nobody waits for it, so that an error goes to the log.
func (r *Run) locked(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record.Closed() {
		return
	}
	f()
	if err := r.advance(); err != nil {
		r.engine.log.Error("a run could not be kept", "run", r.record.ARN, "error", err)
	}
}
