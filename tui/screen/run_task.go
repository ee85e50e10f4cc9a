package screen

import (
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// factWidth is the width of the labels of a task.
const factWidth = 14

// taskPage is the tasks of the run's attempts, the newest first.
func (r *runScreen) taskPage(w int, now time.Time) []sheetLine {
	attempts := slices.Clone(r.data.all)
	slices.Reverse(attempts)
	var out []sheetLine
	for i := range attempts {
		a := &attempts[i]
		if a.TaskARN == "" && !strings.HasPrefix(a.ResourceType, "ecs") {
			continue
		}
		out = append(out, r.taskOf(a, w, now)...)
		out = append(out, nil)
	}
	if len(out) > 0 {
		return out
	}
	text := "No attempt of this run has started a task."
	switch {
	case r.data.problems[partHistory] != nil:
		text = "No task is known: the history could not be read."
	case !r.data.whole:
		text = "No task is known yet: the history is still being read."
	}
	return []sheetLine{dimLine(safe.Line(" " + text))}
}

// taskOf is one attempt's task.
func (r *runScreen) taskOf(a *attempt, w int, now time.Time) []sheetLine {
	title := sheetLine{
		{Text: safe.Linef(" %s attempt %d", a.step.State, a.Number), Role: theme.Title},
		{Text: safe.Linef("   %s", a.Outcome), Role: outcomeRole(a.Outcome)},
	}
	if a.Redrive > 0 {
		title = append(title, widget.Span{Text: safe.Linef("   redrive %d", a.Redrive), Role: theme.Warning})
	}
	out := []sheetLine{title}
	fact := func(label string, role theme.Role, value safe.Text) {
		if !value.Empty() {
			out = append(out, labelled("   "+label, factWidth, role, value, w)...)
		}
	}
	if a.TaskARN == "" {
		fact("not started", theme.Failed, safe.Join(": ", presentTexts(a.Error, workflow.ReadCause(a.Cause).Reason)...))
		return out
	}
	fact("task", theme.Text, safe.Line(a.TaskARN))
	task := r.data.task(a.Attempt)
	switch {
	case task == nil && r.data.problems[partTasks] != nil:
		fact("status", theme.Dim, safe.Line("unknown: the tasks could not be read"))
		return out
	case task == nil:
		fact("status", theme.Dim, safe.Line("reading"+r.console.Env.Theme.Glyph(theme.GlyphEllipsis)))
		return out
	case task.Missing:
		fact("status", theme.Dim, safe.Line("MISSING: ECS forgets a stopped task after about an hour"))
		fact("overrides", theme.Text, overridesOf(a.Parameters))
		return out
	}
	fact("status", theme.Text, taskStatus(task))
	fact("stopped", theme.Failed, safe.Join(": ", presentTexts(safe.Line(task.StopCode), task.StoppedReason)...))
	for _, c := range task.Containers {
		fact("container", containerRole(c), containerLine(c))
		fact("", theme.Dim, safe.Join(" ", presentTexts(c.Image, safe.Line(c.Digest))...))
	}
	fact("size", theme.Text, taskSize(task))
	fact("network", theme.Text, safe.Join("  ", presentTexts(safe.Line(task.PrivateIP), safe.Line(task.SubnetID), safe.Line(task.AvailabilityZone))...))
	fact("definition", theme.Text, safe.Line(workflow.TaskID(task.DefinitionARN)))
	fact("times", theme.Text, taskTimes(task, r.zone(), now))
	fact("overrides", theme.Text, taskOverrides(task))
	return out
}

func taskStatus(t *workflow.Task) safe.Text {
	if t.DesiredStatus != "" && t.DesiredStatus != t.LastStatus {
		return safe.Linef("%s, wanted %s", t.LastStatus, t.DesiredStatus)
	}
	return safe.Line(t.LastStatus)
}

func containerLine(c workflow.Container) safe.Text {
	exit := safe.Line("no exit code")
	if c.ExitCode != nil {
		exit = safe.Linef("exit %d", *c.ExitCode)
	}
	return safe.Join("   ", presentTexts(c.Name, safe.Line(c.LastStatus), exit, c.Reason)...)
}

func containerRole(c workflow.Container) theme.Role {
	switch {
	case c.ExitCode != nil && *c.ExitCode != 0, !c.Reason.Empty():
		return theme.Failed
	case c.ExitCode != nil:
		return theme.Succeeded
	default:
		return theme.Text
	}
}

func taskSize(t *workflow.Task) safe.Text {
	var size []safe.Text
	if t.CPU != "" {
		size = append(size, safe.Linef("cpu %s", t.CPU))
	}
	if t.Memory != "" {
		size = append(size, safe.Linef("memory %s MiB", t.Memory))
	}
	launch := t.CapacityProvider
	if launch == "" {
		launch = t.LaunchType
	}
	return safe.Join("  ", append(size, presentTexts(safe.Line(launch), safe.Line(t.PlatformVersion))...)...)
}

// taskTimes are the moments of a task's life, with how long each took.
func taskTimes(t *workflow.Task, zone *time.Location, now time.Time) safe.Text {
	var out []safe.Text
	for _, m := range []struct {
		what string
		at   time.Time
	}{{"created", t.Created}, {"pull", t.PullStarted}, {"pulled", t.PullStopped}, {"started", t.Started}, {"stopping", t.Stopping}, {"stopped", t.Stopped}} {
		if !m.at.IsZero() {
			out = append(out, safe.Linef("%s %s", m.what, m.at.In(zone).Format(time.TimeOnly)))
		}
	}
	if !t.Started.IsZero() {
		end := t.Stopped
		if end.IsZero() {
			end = now
		}
		out = append(out, safe.Linef("ran %s", safe.Duration(end.Sub(t.Started))))
	}
	return safe.Join("  ", out...)
}

// taskOverrides is what the run changed for the containers, tokens masked.
func taskOverrides(t *workflow.Task) safe.Text {
	var out []string
	for _, o := range t.Overrides {
		if len(o.Command) > 0 {
			out = append(out, o.Name+": "+strings.Join(o.Command, " "))
		}
		for _, v := range o.Environment {
			value := workflow.MaskTokens(v.Value)
			if strings.Contains(v.Name, "TOKEN") {
				value = workflow.NewToken(v.Value).String()
			}
			out = append(out, o.Name+": "+v.Name+"="+value)
		}
	}
	return safe.Block(strings.Join(out, "\n"))
}

// overridesOf shows what an attempt asked of ECS, where ECS has forgotten it.
func overridesOf(parameters string) safe.Text { return payload(parameters) }

func outcomeRole(o workflow.Outcome) theme.Role {
	switch o {
	case workflow.StillOpen:
		return theme.Running
	case workflow.DidSucceed:
		return theme.Succeeded
	case workflow.WasCaught:
		return theme.Warning
	case workflow.DidTimeOut, workflow.HeartbeatLost:
		return theme.TimedOut
	case workflow.WasAborted:
		return theme.Aborted
	default:
		return theme.Failed
	}
}
