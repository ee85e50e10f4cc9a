package screen

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// evidenceWidth is the width of the labels of evidence.
const evidenceWidth = 12

// verdictPage is why the run ended as it did, or where it stands: a sentence, the
// evidence under it, and what can be done next. Evidence that would push that
// out of h lines comes after it.
func (r *runScreen) verdictPage(w, h int, now time.Time) []sheetLine {
	out := append(r.sentence(w, now), nil)
	evidence := slices.Concat(r.errorEvidence(w), r.childEvidence(w), r.taskEvidence(w), r.logEvidence(w), r.historyEvidence(w), r.gaps(w), r.rawCause(w), r.outputEvidence(w))
	next := r.next(w)
	if len(evidence) == 0 {
		return append(out, next...)
	}
	room := h - len(out) - len(next) - 1
	if room >= len(evidence) || room < leastEvidence+1 || r.unfolded {
		return slices.Concat(out, evidence, []sheetLine{nil}, next)
	}
	room-- // for the line that tells of the rest
	return slices.Concat(out, evidence[:room], []sheetLine{nil}, next, []sheetLine{nil}, evidence[room:])
}

// leastEvidence is how many lines of evidence stand above what can be done.
const leastEvidence = 3

func (r *runScreen) sentence(w int, now time.Time) []sheetLine {
	text, role := r.headline(now)
	var out []sheetLine
	for _, l := range wrapText(text, max(10, w-2)) {
		out = append(out, sheetLine{said(theme.Text, " "), {Text: l, Role: role}})
	}
	if doubt := r.data.doubt(); doubt != "" {
		out = append(out, dimLine(safe.Line(" "+doubt)))
	}
	return out
}

// doubt is how far the sentence can be relied on, where that is not fully.
func (d *runData) doubt() string {
	switch {
	case d.failure == nil && d.run.Status.Bad(), d.diagnosis.Kind == triage.StillRunning:
		return ""
	case d.diagnosis.Kind == triage.Unknown:
		return "not recognised: these are the facts as AWS gives them"
	case d.diagnosis.Confidence == triage.Medium || d.diagnosis.Confidence == triage.Low:
		return "confidence: " + string(d.diagnosis.Confidence)
	}
	return ""
}

// headline is the verdict in a sentence.
func (r *runScreen) headline(now time.Time) (safe.Text, theme.Role) {
	d := &r.data
	name, cause := d.errorText()
	reason := workflow.ReadCause(cause).Reason.Or(name)
	where := safe.Line("The run")
	if d.failure != nil {
		where = d.failure.State.Or(where)
	}
	read := d.failure != nil || !reason.Empty()
	switch {
	case d.run.Status.Bad() && !read && d.problems[partCause] != nil:
		return safe.Line("Why it ended could not be read."), theme.Strong
	case d.run.Status.Bad() && !read:
		return safe.Line("Reading why it ended" + r.console.Env.Theme.Glyph(theme.GlyphEllipsis)), theme.Dim
	case d.recognised():
		return d.diagnosis.Sentence, theme.Strong
	case d.run.Status.Bad() && reason.Empty():
		return safe.Linef("%s: AWS gives no error and no cause.", where), theme.Strong
	case d.run.Status.Bad():
		return safe.Join(": ", where, reason), theme.Strong
	case d.run.Status.Closed():
		return safe.Linef("The run succeeded in %s.", safe.Duration(d.run.Duration(now))), theme.Strong
	}
	return d.standing(now), theme.Strong
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
	if a == nil || !r.data.run.Status.Bad() && !r.data.recognised() {
		return nil
	}
	task := r.data.task(a.Attempt)
	if task == nil || task.Missing {
		return nil
	}
	reason := task.StoppedReason
	if task.StopCode == "EssentialContainerExited" && strings.EqualFold(reason.String(), "Essential container in task exited") {
		reason = safe.Text{} // the code says the same
	}
	parts := []safe.Text{safe.Join(": ", presentTexts(safe.Line(task.StopCode), reason)...).Or(safe.Line(task.LastStatus))}
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

// historyEvidence is the events that the diagnosis rests on, each with what it
// told that is not in the lines above.
func (r *runScreen) historyEvidence(w int) []sheetLine {
	d := &r.data
	var ids []int64
	texts := map[int64]safe.Text{}
	role := map[int64]theme.Role{}
	for _, f := range d.diagnosis.Evidence {
		if f.Source != triage.FromHistory || f.EventID == 0 || f.RunARN != "" || !d.recognised() {
			continue
		}
		if !slices.Contains(ids, f.EventID) {
			ids = append(ids, f.EventID)
		}
		if f.Decisive {
			role[f.EventID] = theme.Strong
		}
		if f.Line == 0 && f.Text != d.diagnosis.Error && texts[f.EventID].Empty() && !d.toldByECS(f.Text) {
			texts[f.EventID] = f.Text.OneLine().Truncate(2 * w)
		}
	}
	if f := d.failure; f != nil && len(ids) == 0 {
		ids = append(ids, f.EventID)
	}
	var out []sheetLine
	label := "   history"
	for _, id := range ids {
		text := safe.Join("  ", presentTexts(d.nameOf(id), texts[id])...)
		out = append(out, labelled(label, evidenceWidth, cmp.Or(role[id], theme.Text), text, w)...)
		label = ""
	}
	return out
}

// toldByECS reports that the line of ECS has the text already.
func (d *runData) toldByECS(text safe.Text) bool {
	a := d.culprit()
	if a == nil {
		return false
	}
	task := d.task(a.Attempt)
	return task != nil && !task.Missing && strings.Contains(task.StopCause().String(), text.String())
}

// nameOf is an event's type, error and id, as far as it is there.
func (d *runData) nameOf(id int64) safe.Text {
	if e, ok := d.event(id); ok {
		return safe.Linef("%s  #%d", safe.Join(" ", presentTexts(safe.Line(string(e.Type)), e.Error)...), id)
	}
	return safe.Linef("#%d", id)
}

// gaps are what the diagnosis had to do without.
func (r *runScreen) gaps(w int) []sheetLine {
	var out []sheetLine
	label := "   without"
	for _, gap := range r.data.diagnosis.Gaps {
		if gap.Part == triage.FromHistory && len(r.data.events) == 0 {
			continue // the line above the page tells how far the history is read
		}
		out = append(out, labelled(label, evidenceWidth, theme.Warning, gap.Why, w)...)
		label = ""
	}
	return out
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
	key := "enter"
	if r.data.remedy(triage.ActOpenRun) != nil {
		key = tui.BindingOf(tui.KeyFold).Name()
	}
	fold := t.Glyph(theme.GlyphFolded) + " as received, " + safe.Bytes(int64(len(cause.String()))).String() + ": " + key + " unfolds"
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

func presentTexts(texts ...safe.Text) []safe.Text {
	return slices.DeleteFunc(texts, func(t safe.Text) bool { return strings.TrimSpace(t.String()) == "" })
}
