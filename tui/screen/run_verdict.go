package screen

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// evidenceWidth is the width of the labels of evidence.
const evidenceWidth = 12

// verdictPage is why the run ended as it did, or where it stands: a sentence, the
// evidence under it, and what can be done next.
func (r *runScreen) verdictPage(w int, now time.Time) []sheetLine {
	var out []sheetLine
	out = append(out, r.sentence(w, now)...)
	out = append(out, nil)
	evidence := slices.Concat(r.errorEvidence(w), r.taskEvidence(w), r.logEvidence(w), r.historyEvidence(w), r.rawCause(w), r.outputEvidence(w))
	if len(evidence) > 0 {
		out = append(append(out, evidence...), nil)
	}
	return append(out, r.next(w)...)
}

func (r *runScreen) sentence(w int, now time.Time) []sheetLine {
	text, role := r.headline(now)
	var out []sheetLine
	for _, l := range wrapText(text, max(10, w-2)) {
		out = append(out, sheetLine{said(theme.Text, " "), {Text: l, Role: role}})
	}
	return out
}

// headline is the verdict in a sentence.
func (r *runScreen) headline(now time.Time) (safe.Text, theme.Role) {
	d := &r.data
	_, cause := d.errorText()
	name, _ := d.errorText()
	reason := workflow.ReadCause(cause).Reason.Or(name)
	where := safe.Text{}
	if d.failure != nil {
		where = d.failure.State
	}
	switch {
	case d.run.Status.Bad() && reason.Empty() && d.problems[partCause] != nil:
		return safe.Line("Why it ended could not be read."), theme.Strong
	case d.run.Status.Bad() && reason.Empty() && d.failure == nil:
		return safe.Line("Reading why it ended" + r.console.Env.Theme.Glyph(theme.GlyphEllipsis)), theme.Dim
	case d.run.Status.Bad() && reason.Empty():
		return safe.Linef("%s: AWS gives no error and no cause.", where.Or(safe.Line("The run"))), theme.Strong
	case d.run.Status.Bad():
		return safe.Join(": ", where.Or(safe.Line("The run")), reason), theme.Strong
	case d.run.Status.Closed():
		return safe.Linef("The run succeeded in %s.", safe.Duration(d.run.Duration(now))), theme.Strong
	default:
		return d.standing(now), theme.Strong
	}
}

// standing is where a running run is.
func (d *runData) standing(now time.Time) safe.Text {
	if len(d.open) == 0 {
		for i := range slices.Backward(d.steps) {
			if s := &d.steps[i]; s.Open() && s.Waiting() {
				a := s.LastAttempt()
				return safe.Join(" ", safe.Linef("%s waits for its next attempt. Attempt %d failed:", s.State, a.Number), workflow.ReadCause(a.Cause).Brief().Or(a.Error))
			} else if s.Open() {
				return safe.Linef("%s since %s.", s.State, safe.Duration(now.Sub(s.Entered)))
			}
		}
		if len(d.events) == 0 {
			return safe.Line("Reading where it stands.")
		}
		return safe.Line("It is between two states.")
	}
	a, step := d.open[len(d.open)-1].Attempt, d.open[len(d.open)-1].Step
	task := d.task(a)
	if workflow.VerdictOn(task) == workflow.Dead && a.Callback() {
		return safe.Linef("%s is stuck: its task is gone and nothing will answer its token. %s", step.State, task.StopCause())
	}
	text := safe.Linef("%s works since %s", step.State, safe.Duration(now.Sub(a.Began())))
	if task != nil && task.LastStatus != "" {
		text = safe.Linef("%s; its task is %s", text, task.LastStatus)
	}
	if deadline := a.Deadline(); !deadline.IsZero() {
		text = safe.Linef("%s; it times out in %s", text, safe.Duration(deadline.Sub(now)))
	}
	return safe.Linef("%s.", text)
}

func (r *runScreen) errorEvidence(w int) []sheetLine {
	name, _ := r.data.errorText()
	if name.Empty() {
		return nil
	}
	return labelled("   error", evidenceWidth, theme.Failed, name, w)
}

// taskEvidence is what ECS knows of the task that failed.
func (r *runScreen) taskEvidence(w int) []sheetLine {
	a := r.data.culprit()
	if a == nil || !r.data.run.Status.Bad() && !r.data.stuck() {
		return nil
	}
	task := r.data.task(a.Attempt)
	switch {
	case task == nil:
		return nil
	case task.Missing:
		return labelled("   ECS", evidenceWidth, theme.Dim, safe.Linef("has forgotten task %s, as it does after an hour", workflow.TaskID(a.TaskARN)), w)
	}
	parts := []safe.Text{safe.Join(": ", presentTexts(safe.Line(task.StopCode), task.StoppedReason)...).Or(safe.Line(task.LastStatus))}
	for _, c := range task.Containers {
		parts = append(parts, containerEnd(c))
	}
	return labelled("   ECS", evidenceWidth, theme.Text, safe.Join("   ", parts...), w)
}

// containerEnd is how a container ended, in a few words.
func containerEnd(c workflow.Container) safe.Text {
	end := safe.Linef("container %s", c.Name)
	if c.ExitCode != nil {
		end = safe.Linef("exit %d   %s", *c.ExitCode, end)
	}
	return safe.Join(": ", presentTexts(end, c.Reason)...)
}

// logEvidence is the last lines that the job wrote.
func (r *runScreen) logEvidence(w int) []sheetLine {
	_, cause := r.data.errorText()
	var texts []safe.Text
	for _, l := range r.data.tail {
		texts = append(texts, safe.Linef("%s  %s", l.Time.In(r.zone()).Format(time.TimeOnly), l.Text))
	}
	if tail := workflow.ReadCause(cause).Tail; len(texts) == 0 && len(tail) > 0 {
		texts = tail[max(0, len(tail)-tailLines):]
	}
	var out []sheetLine
	label := "   log"
	for _, text := range texts {
		out = append(out, labelled(label, evidenceWidth, theme.Text, text, w)...)
		label = ""
	}
	return out
}

func (r *runScreen) historyEvidence(w int) []sheetLine {
	f := r.data.failure
	if f == nil {
		return nil
	}
	text := safe.Linef("#%d", f.EventID)
	if e, ok := r.data.event(f.EventID); ok {
		text = safe.Linef("%s %s  #%d", e.Type, f.Error, f.EventID)
	}
	return labelled("   history", evidenceWidth, theme.Text, text, w)
}

// outputEvidence is the start of what the run gave.
func (r *runScreen) outputEvidence(w int) []sheetLine {
	const most = 3
	out := labelled("   output", evidenceWidth, theme.Text, payload(r.data.run.Output), w)
	return out[:min(len(out), most)]
}

// rawCause is the cause as AWS gave it, folded, where the sentence left some
// of it out.
func (r *runScreen) rawCause(w int) []sheetLine {
	_, cause := r.data.errorText()
	if len(cause.Lines()) < 2 && !workflow.ReadCause(cause).Structured {
		return nil
	}
	t := r.console.Env.Theme
	fold := t.Glyph(theme.GlyphFolded) + " as received, " + safe.Bytes(int64(len(cause.String()))).String() + ": enter unfolds"
	if !r.unfolded {
		return labelled("   cause", evidenceWidth, theme.Dim, safe.Line(fold), w)
	}
	text := workflow.MaskTokens(cause.String())
	var indented bytes.Buffer
	if json.Indent(&indented, []byte(text), "", "  ") == nil {
		text = indented.String()
	}
	return labelled("   cause", evidenceWidth, theme.Text, safe.Block(text), w)
}

// next are the keys that help now, and last why a run that failed cannot be
// redriven. Why a closed run cannot be stopped is worth no line.
func (r *runScreen) next(w int) []sheetLine {
	actions := slices.DeleteFunc(r.runActions(), func(a tui.Action) bool {
		helps := a.Disabled == "" || a.ID == tui.KeyRedrive && r.data.run.Status.Bad()
		return a.ID == tui.KeyNew || !helps || tui.BindingOf(a.ID).Changes && r.scope.ReadOnly
	})
	slices.SortStableFunc(actions, func(a, b tui.Action) int {
		return cmp.Compare(min(len(a.Disabled), 1), min(len(b.Disabled), 1))
	})
	var out []sheetLine
	for _, a := range actions {
		b := tui.BindingOf(a.ID)
		help := b.Help
		if a.ID == tui.KeyLog && !r.failedAt().IsZero() {
			help = "log at " + r.failedAt().In(r.zone()).Format(time.TimeOnly)
		}
		role, key := theme.Text, theme.Key
		if a.Disabled != "" {
			help, role, key = a.Disabled, theme.Dim, theme.Dim
		}
		label := " "
		if len(out) == 0 {
			label = " Next:"
		}
		out = append(out, sheetLine{
			{Text: safe.Line(label).Pad(8), Role: theme.Dim},
			{Text: safe.Line(b.Name()).Pad(3), Role: key},
			{Text: safe.Line(help).Truncate(max(1, w-11)), Role: role},
		})
	}
	return out
}

// failedAt is the moment that the log is opened at: the last line before the
// failure, else the failure itself; zero for a run that did not fail.
func (r *runScreen) failedAt() time.Time {
	d := &r.data
	switch {
	case len(d.tail) > 0:
		return d.tail[len(d.tail)-1].Time
	case d.failure != nil && d.culprit() != nil && !d.culprit().Ended.IsZero():
		return d.culprit().Ended
	default:
		return time.Time{}
	}
}

func presentTexts(texts ...safe.Text) []safe.Text {
	return slices.DeleteFunc(texts, func(t safe.Text) bool { return strings.TrimSpace(t.String()) == "" })
}
