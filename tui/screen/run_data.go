package screen

import (
	"cmp"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// part is a piece of a run that is read by itself and can fail by itself.
type part string

// The parts, in the order in which their problems are shown.
const (
	partRun     part = "run"
	partCause   part = "cause"
	partHistory part = "history"
	partMachine part = "definition"
	partTasks   part = "tasks"
	partTail    part = "log"
	partChild   part = "child run"
)

var parts = []part{partRun, partCause, partHistory, partMachine, partTasks, partTail, partChild}

// runData is what has been read of a run so far.
type runData struct {
	run        workflow.Run
	events     []workflow.Event // oldest first
	steps      []workflow.Step
	whole      bool // the history was read to its end
	loaded     int  // events read while the history is on its way
	missing    int  // events known to be missing
	machine    *workflow.MachineDetail
	definition *workflow.Definition
	tasks      map[string]workflow.Task // by ARN
	failure    *workflow.Failure
	tail       logTail
	childARN   string           // of the run that this one failed or waits with
	child      *triage.Evidence // of that run; nil: not read, or none
	all        []attempt        // in the order in which they were scheduled
	open       []workflow.OpenAttempt
	diagnosis  triage.Diagnosis // of all the above
	problems   map[part]error
	read       time.Time
}

// settle notes how reading a part went.
func (d *runData) settle(p part, err error) {
	if err == nil {
		delete(d.problems, p)
		return
	}
	d.problems[p] = err
}

// setHistory takes events and steps as far as they are loaded.
func (d *runData) setHistory(events []workflow.Event, steps []workflow.Step, missing int) {
	d.events, d.steps, d.missing, d.loaded = events, steps, missing, len(events)
	d.whole = missing == 0 && len(events) > 0
	d.all, d.open = attemptsOf(steps), workflow.OpenAttempts(steps)
	d.failure = nil
	if f, ok := workflow.FailureOf(newest(events)); ok && d.run.Status.Bad() {
		d.failure = &f
	}
}

// newest are enough of the last events to tell a failure by.
func newest(events []workflow.Event) []workflow.Event {
	const enough = 1000
	return events[max(0, len(events)-enough):]
}

// attempt is an attempt with its place among those of the run that started a
// task, as the log counts them.
type attempt struct {
	*workflow.Attempt
	step   *workflow.Step
	number int // from 1; 0 for an attempt without a task
}

// attemptsOf are all attempts in the order in which they were scheduled.
func attemptsOf(steps []workflow.Step) []attempt {
	var all []attempt
	for i := range steps {
		for j := range steps[i].Attempts {
			all = append(all, attempt{Attempt: &steps[i].Attempts[j], step: &steps[i]})
		}
	}
	slices.SortStableFunc(all, func(a, b attempt) int {
		return cmp.Or(a.Scheduled.Compare(b.Scheduled), cmp.Compare(a.ScheduledID, b.ScheduledID))
	})
	n := 0
	for i := range all {
		if all[i].TaskARN != "" {
			n++
			all[i].number = n
		}
	}
	return all
}

// tasked are the attempts that started a task.
func (d *runData) tasked() []attempt {
	var tasked []attempt
	for _, a := range d.all {
		if a.number > 0 {
			tasked = append(tasked, a)
		}
	}
	return tasked
}

// culprit is the attempt that the diagnosis is about, else the one that the run
// failed in, or the last one that started a task; nil when there is none, and
// when a child run is what the diagnosis is about.
func (d *runData) culprit() *attempt {
	if len(d.ofChild()) > 0 {
		return nil
	}
	tasked := d.tasked()
	for i := range tasked {
		if tasked[i].TaskARN == d.diagnosis.TaskARN {
			return &tasked[i]
		}
	}
	if d.failure != nil {
		for i := range slices.Backward(tasked) {
			if a := &tasked[i]; a.EndedID != 0 && a.EndedID <= d.failure.EventID && a.step.State == d.failure.State {
				return a
			}
		}
	}
	if len(tasked) == 0 {
		return nil
	}
	return &tasked[len(tasked)-1]
}

// task is the attempt's task, or nil when it is not known.
func (d *runData) task(a *workflow.Attempt) *workflow.Task {
	if t, ok := d.tasks[a.TaskARN]; ok && a.TaskARN != "" {
		return &t
	}
	return nil
}

// stuck reports whether an open token of the run itself waits for a task that is gone.
func (d *runData) stuck() bool {
	for _, open := range d.open {
		if !d.run.Status.Closed() && open.Attempt.Callback() && workflow.VerdictOn(d.task(open.Attempt)) == workflow.Dead {
			return true
		}
	}
	return false
}

// errorText is the error and cause of the run, as far as they are known: from
// the history at first, then from the run itself.
func (d *runData) errorText() (name, cause safe.Text) {
	if d.failure != nil {
		return d.failure.Error.Or(d.run.Error), d.failure.Cause.Or(d.run.Cause)
	}
	return d.run.Error, d.run.Cause
}

// event finds an event by its id.
func (d *runData) event(id int64) (workflow.Event, bool) {
	i, ok := slices.BinarySearchFunc(d.events, id, func(e workflow.Event, id int64) int { return cmp.Compare(e.ID, id) })
	if !ok {
		return workflow.Event{}, false
	}
	return d.events[i], true
}

// standsAt is the state that the run failed in or stands in, or was in last.
func (d *runData) standsAt() safe.Text {
	if d.failure != nil && !d.failure.State.Empty() {
		return d.failure.State
	}
	if len(d.open) > 0 {
		return d.open[len(d.open)-1].Step.State
	}
	for i := len(d.steps) - 1; i >= 0; i-- {
		if d.steps[i].Open() || i == 0 || len(d.steps[i].Attempts) > 0 {
			return d.steps[i].State
		}
	}
	return safe.Text{}
}
