package screen

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// advised is a line of what to do next. One without a key is done elsewhere.
type advised struct {
	id      tui.ID
	text    safe.Text
	useless bool
}

// keyOf are the keys of remedies that the console does itself.
var keyOf = map[triage.Action]tui.ID{
	triage.ActNewRun: tui.KeyClone, triage.ActRedrive: tui.KeyRedrive, triage.ActStopTask: tui.KeyStop,
	triage.ActFailToken: tui.KeyToken, triage.ActSucceedToken: tui.KeyToken, triage.ActOpenLog: tui.KeyLog, triage.ActOpenRun: tui.KeyOpen,
}

// next is what to do: the remedies in their order, then the other keys that
// help now. Why a closed run cannot be stopped is worth no line.
func (r *runScreen) next(w int) []sheetLine {
	list := r.advice()
	for _, a := range r.runActions() {
		covered := slices.ContainsFunc(list, func(l advised) bool { return l.id == a.ID })
		helps := a.Disabled == "" || a.ID == tui.KeyRedrive && r.data.run.Status.Bad()
		if a.ID == tui.KeyNew || covered || !helps || tui.BindingOf(a.ID).Changes && r.scope.ReadOnly {
			continue
		}
		line := advised{a.ID, safe.Line(tui.BindingOf(a.ID).Help), a.Disabled != ""}
		switch {
		case a.Disabled != "":
			line.text = safe.Line(a.Disabled)
		case a.ID == tui.KeyLog:
			line.text = r.logHelp()
		}
		list = append(list, line)
	}
	slices.SortStableFunc(list, func(a, b advised) int {
		switch {
		case a.useless == b.useless:
			return 0
		case a.useless:
			return 1
		}
		return -1
	})
	t, names := r.console.Env.Theme, 0
	for _, a := range list {
		names = max(names, a.name(t).Width()+2)
	}
	var out []sheetLine
	for _, a := range list {
		out = append(out, a.draw(len(out) == 0, t, names, w)...)
	}
	return out
}

// name is the key, or a dot.
func (a advised) name(t *theme.Theme) safe.Text {
	if a.id == "" {
		return safe.Line(t.Glyph(theme.GlyphDot))
	}
	return safe.Line(tui.BindingOf(a.id).Name())
}

// draw is the advice with its key in a column of so many cells.
func (a advised) draw(first bool, t *theme.Theme, names, w int) []sheetLine {
	const indent = 8
	label, name, role, key := safe.Text{}, a.name(t), theme.Text, theme.Key
	if first {
		label = safe.Line(" Next:")
	}
	if a.useless {
		role, key = theme.Dim, theme.Dim
	}
	var out []sheetLine
	for _, l := range wrapText(a.text.OneLine(), max(10, w-indent-names-1)) {
		out = append(out, sheetLine{{Text: label.Pad(indent), Role: theme.Dim}, {Text: name.Pad(names), Role: key}, {Text: l, Role: role}})
		label, name = safe.Text{}, safe.Text{}
	}
	return out
}

// advice is the remedies in words. Those that a read-only console cannot do
// keep their words and lose their key.
func (r *runScreen) advice() []advised {
	d := &r.data
	if d.diagnosis.Kind == triage.StillRunning {
		return nil
	}
	var list []advised
	for _, m := range d.diagnosis.Remedies {
		id := keyOf[m.Action]
		if id != "" && tui.BindingOf(id).Changes && r.scope.ReadOnly || d.elsewhere(&m) {
			id = ""
		}
		text := m.Text
		switch {
		case id == tui.KeyLog:
			text = r.logHelp()
		case m.Action == triage.ActRedrive && !m.Reason.Empty():
			text = safe.Linef("%s: %s", text, m.Reason)
		}
		list = append(list, advised{id, text, m.Useless})
	}
	return list
}

func (r *runScreen) logHelp() safe.Text {
	if at := r.failedAt(); !at.IsZero() {
		return safe.Linef("log at %s", at.In(r.zone()).Format(time.TimeOnly))
	}
	return safe.Line(tui.BindingOf(tui.KeyLog).Help)
}

// remedied are the actions of the verdict's tab, where a remedy makes more of
// one than it does elsewhere.
func (r *runScreen) remedied(a tui.Action) tui.Action {
	d := &r.data
	if r.tab != TabVerdict {
		return a
	}
	switch a.ID {
	case tui.KeyClone:
		if m := d.remedy(triage.ActNewRun); m != nil {
			a.Run = func() tea.Cmd {
				return tui.Push(newForm(r.console, FormSpec{Machine: machineOf(d.run), Like: &d.run, Changes: d.changes(m)}))
			}
		}
	case tui.KeyStop:
		if m := d.remedy(triage.ActStopTask); m != nil && d.run.Status.Closed() {
			a.Disabled, a.Run = "", func() tea.Cmd { return r.stopOrphan(m.TaskARN) }
		}
	}
	return a
}

// openChild shows the run that failed inside this one.
func (r *runScreen) openChild() tea.Cmd {
	m := r.data.remedy(triage.ActOpenRun)
	if m == nil {
		return nil
	}
	child := workflow.Run{ARN: m.RunARN, Name: safe.Line(workflow.RunName(m.RunARN)), MachineARN: workflow.MachineARNOf(m.RunARN)}
	return tui.Push(newRun(r.console, child, TabVerdict))
}

// changes are the values that a remedy sets, where the machine reads them.
func (d *runData) changes(m *triage.Remedy) []inputChange {
	var out []inputChange
	set := func(name, value string) { out = append(out, inputChange{d.pathOf(name), value}) }
	for _, n := range []struct {
		name  string
		value int
	}{{"cpu", m.CPU}, {"memory", m.Memory}, {"timeoutSeconds", m.TimeoutSeconds}} {
		if n.value > 0 {
			set(n.name, strconv.Itoa(n.value))
		}
	}
	if m.Capacity != "" {
		set("capacity", m.Capacity)
	}
	return out
}

// pathOf is where the machine reads a parameter: at the top of the input, unless
// its definition names another place that ends so.
func (d *runData) pathOf(name string) []string {
	if d.definition == nil || slices.Contains(d.definition.InputPaths, name) {
		return []string{name}
	}
	for _, path := range d.definition.InputPaths {
		if parts := strings.Split(path, "."); strings.EqualFold(parts[len(parts)-1], name) {
			return parts
		}
	}
	return []string{name}
}

// stopOrphan asks whether to stop a task that a closed run has left working.
func (r *runScreen) stopOrphan(arn string) tea.Cmd {
	task, run := r.data.tasks[arn], r.data.run
	return tui.Ask(&tui.Confirm{
		Title:   safe.Line("Stop this task?"),
		Targets: []safe.Text{safe.Linef("task %s of %s", workflow.TaskID(arn), run.Name), safe.Line(arn)},
		Note:    []safe.Text{safe.Linef("the run is %s: nothing waits for the task", run.Status)}, Yes: "stop",
		Then: func(res tui.Result) tea.Cmd {
			if !res.OK {
				return nil
			}
			return r.sendStopTask(task)
		},
	})
}

func (r *runScreen) sendStopTask(task workflow.Task) tea.Cmd {
	what := safe.Linef("stop task %s", workflow.TaskID(task.ARN))
	return change(r.scope, task.ARN, what, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, r.console.StopTask(ctx, task, "its run has ended")
	}, func(_ struct{}, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		return tea.Batch(tui.Toast(tui.Done, safe.Linef("task %s is stopped", workflow.TaskID(task.ARN))), r.loadTasks())
	})
}
