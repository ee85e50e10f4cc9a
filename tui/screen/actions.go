package screen

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// runChanged is the key of the Tick that a screen gets once an action has
// changed a run, so that it reads its data again.
const runChanged = "run changed"

// step is how an action goes on once its work has come back.
type step struct{ next func() tea.Cmd }

// acted goes on with an action of runActions. Every screen that offers them
// hands its messages here first; ok is false for a message of its own.
func acted(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	loaded, ok := msg.(tui.Loaded[step])
	if !ok || loaded.Value.next == nil {
		return nil, ok
	}
	return loaded.Value.next(), true
}

// look reads something that an action's dialog needs. A later look ends it.
func look[T any](s *tui.Scope, read func(context.Context) (T, error), then func(T, error) tea.Cmd) tea.Cmd {
	return tui.Load(s, "look", loadLimit, func(ctx context.Context) (step, error) {
		value, err := read(ctx)
		return step{func() tea.Cmd { return then(value, err) }}, err
	})
}

// change does what a dialog was agreed to. It names the target and ends, also
// when the screen is left.
func change[T any](s *tui.Scope, target string, what safe.Text, do func(context.Context) (T, error), then func(T, error) tea.Cmd) tea.Cmd {
	return tui.Do(s, "change "+target, what, actionLimit, func(ctx context.Context) (step, error) {
		value, err := do(ctx)
		return step{func() tea.Cmd {
			return tea.Batch(then(value, err), tui.After(s, runChanged, 0))
		}}, err
	})
}

// acting is one run with the screen whose cursor is on it.
type acting struct {
	c   *Console
	s   *tui.Scope
	run workflow.Run
}

// runActions are what can be done with the run under a screen's cursor; run
// gives nil where there is none.
func runActions(c *Console, s *tui.Scope, run func() *workflow.Run) []tui.Action {
	r := run()
	a := acting{c: c, s: s}
	if r != nil {
		a.run = *r
	}
	bind := func(id tui.ID, reason string, do func() tea.Cmd) tui.Action {
		if r == nil {
			reason = "there is no run under the cursor"
		}
		return tui.Action{ID: id, Disabled: reason, Run: do}
	}
	return []tui.Action{
		bind(tui.KeyLog, "", func() tea.Cmd { return tui.Push(newLog(c, a.run)) }),
		bind(tui.KeyNew, "", func() tea.Cmd { return tui.Push(newForm(c, FormSpec{Machine: machineOf(a.run)})) }),
		bind(tui.KeyClone, "", func() tea.Cmd { return tui.Push(newForm(c, FormSpec{Machine: machineOf(a.run), Like: &a.run})) }),
		bind(tui.KeyRedrive, a.noRedrive(), a.redrive),
		bind(tui.KeyStop, a.noStop(), a.stop),
		bind(tui.KeyToken, a.noToken(), a.token),
	}
}

// machineOf is the machine of a run as far as its ARN tells.
func machineOf(r workflow.Run) workflow.Machine {
	arn := r.MachineARN
	if arn == "" {
		arn = workflow.MachineARNOf(r.ARN)
	}
	return workflow.Machine{ARN: arn, Name: safe.Line(workflow.MachineName(arn)), Type: kindOf(r)}
}

// kindOf reads the machine's type off a run's ARN (AWS: those of Express runs
// say so).
func kindOf(r workflow.Run) workflow.MachineType {
	if strings.Contains(r.ARN, ":express:") {
		return workflow.Express
	}
	return workflow.Standard
}

func (a acting) noRedrive() string {
	ok, reason := workflow.CheckRedrive(a.run, kindOf(a.run), 0, a.s.Clock.Now())
	if ok {
		return ""
	}
	return reason.String()
}

func (a acting) noStop() string {
	switch {
	case kindOf(a.run) == workflow.Express:
		return "it is an Express run; only Standard runs can be stopped"
	case a.run.Status.Closed():
		return "it is " + string(a.run.Status) + " already"
	}
	return ""
}

func (a acting) noToken() string {
	switch {
	case kindOf(a.run) == workflow.Express:
		return "it is an Express run; those wait for no token"
	case a.run.Status.Closed():
		return "it is " + string(a.run.Status) + ": no token of it is open"
	}
	return ""
}

// target names the run in a dialog.
func (a acting) target() []safe.Text { return []safe.Text{a.run.Name, safe.Line(a.run.ARN)} }

// refused tells of an action that failed.
func refused(err error) tea.Cmd { return tui.Toast(tui.Fail, briefly(err)) }
