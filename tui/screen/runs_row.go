package screen

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// runRow is one run of a list with what has been read of it so far.
type runRow struct {
	clock tui.Clock
	run   workflow.Run

	glance  glance
	glanced time.Time // zero: not read yet
	failure *workflow.Failure

	text filter.Text
	why  filter.Text
}

func newRunRow(clock tui.Clock, run workflow.Run) *runRow {
	r := &runRow{clock: clock, run: run}
	r.index()
	return r
}

// become takes what a newer list tells of the run. What was read of it stays
// until it closes or is redriven.
func (r *runRow) become(run workflow.Run) {
	if r.run.Status != run.Status || r.run.RedriveCount != run.RedriveCount {
		r.glance, r.glanced, r.failure = glance{}, time.Time{}, nil
	}
	r.run = run
	r.index()
}

func (r *runRow) learn(g glance, at time.Time) {
	r.glance, r.glanced = g, at
	if g.failure != nil {
		r.failure = g.failure
	}
	r.index()
}

// index makes the texts that filters look at.
func (r *runRow) index() {
	cause := safe.Join("\n", r.reason(), r.errorName())
	r.why = filter.NewText(cause)
	r.text = filter.NewText(r.run.Name, safe.Line(string(r.run.Status)), r.state(), cause, r.glance.overrides)
}

func (r *runRow) state() safe.Text {
	if r.failure != nil {
		return r.failure.State
	}
	return r.glance.where
}

// endedBy is what is said of an end that gave no error and no cause.
var endedBy = map[workflow.Status]string{
	workflow.Failed: "failed without an error", workflow.TimedOut: "timed out", workflow.Aborted: "stopped, no cause given",
}

// reason is why the run failed, in a line; empty for one that did not.
func (r *runRow) reason() safe.Text {
	if r.failure == nil {
		return safe.Text{}
	}
	brief := workflow.ReadCause(r.failure.Cause).Brief().OneLine()
	switch {
	case r.failure.Error.Empty() && brief.Empty():
		return safe.Line(endedBy[r.failure.Status])
	case r.failure.Error.Empty():
		return brief
	case brief.Empty():
		return r.failure.Error
	}
	return inShort(r.failure.Error, brief)
}

// errorName is the error as a filter may ask for it, also where reason leaves it out.
func (r *runRow) errorName() safe.Text {
	if r.failure == nil {
		return safe.Text{}
	}
	return r.failure.Error
}

// told is the column that says where the run is or why it failed, or why that
// could not be read.
func (r *runRow) told() (safe.Text, theme.Role) {
	switch {
	case r.failure != nil && !r.failure.State.Empty():
		return safe.Join(" "+"at ", r.reason(), r.failure.State), theme.Text
	case r.failure != nil:
		return r.reason(), theme.Text
	case r.glance.err != nil:
		return briefly(r.glance.err), theme.Warning
	case !r.glance.where.Empty():
		return r.glance.where, theme.Running
	case r.glanced.IsZero() && r.run.Status != workflow.Succeeded:
		return safe.Line("·"), theme.Dim
	}
	return safe.Text{}, theme.Text
}

// tries counts the attempts of the step that took most, and the redrives.
func (r *runRow) tries() safe.Text {
	var parts []safe.Text
	if r.glance.attempts > 0 {
		parts = append(parts, safe.Count(r.glance.attempts))
	}
	if r.run.RedriveCount > 0 {
		parts = append(parts, safe.Linef("D%d", r.run.RedriveCount))
	}
	return safe.Join(" ", parts...)
}

// statusWords are the statuses that a filter can ask for.
var statusWords = []string{
	string(workflow.Running), string(workflow.Succeeded), string(workflow.Failed), string(workflow.TimedOut),
	string(workflow.Aborted), string(workflow.PendingRedrive),
}

// Text is what words of a filter are looked for in.
func (r *runRow) Text() filter.Text { return r.text }

// Field is what a filter asks for by name.
func (r *runRow) Field(name string) filter.Text {
	switch name {
	case "status":
		return filter.NewText(safe.Line(string(r.run.Status)))
	case "state":
		return filter.NewText(r.state())
	case "cause":
		return r.why
	case "name":
		return filter.NewText(r.run.Name)
	}
	return filter.Text{}
}

// Age is how long ago the run was started.
func (r *runRow) Age() (time.Duration, bool) {
	return r.clock.Now().Sub(r.run.Started), !r.run.Started.IsZero()
}
