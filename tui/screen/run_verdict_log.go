package screen

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

const (
	// tailSpan is how far before the end of the attempt its log is read at first,
	// and tailKept how many of its last lines are looked at.
	tailSpan = 10 * time.Minute
	tailKept = 1000
	// tailLines is how many of the last lines the verdict shows.
	tailLines = 5
)

// logTail is the end of the log of the attempt in question.
type logTail struct {
	task       string
	lines      []tailLine // of all containers, as they were read
	notice     safe.Text  // why there may be no lines
	definition *workflow.TaskDefinition
}

// tailLine is a line with its place among those of its container, from 1.
type tailLine struct {
	workflow.LogLine
	container string
	number    int
}

// stream is where the task's first container that writes a log does so.
func (t *logTail) stream() workflow.LogRef {
	if t.definition == nil {
		return workflow.LogRef{}
	}
	for _, c := range t.definition.Containers {
		if ref, ok := t.definition.LogOf(c.Name, t.task); ok {
			return ref
		}
	}
	return workflow.LogRef{}
}

// logs are the lines by container.
func (t *logTail) logs() []triage.Log {
	var logs []triage.Log
	for _, l := range t.lines {
		i := slices.IndexFunc(logs, func(log triage.Log) bool { return log.Container == l.container })
		if i < 0 {
			i = len(logs)
			logs = append(logs, triage.Log{Container: l.container, TaskARN: t.task})
		}
		logs[i].Lines = append(logs[i].Lines, l.LogLine)
	}
	return logs
}

// loadTail reads the last lines before the end, unless the cause has them.
func (r *runScreen) loadTail() tea.Cmd {
	d := &r.data
	_, cause := d.errorText()
	a := d.culprit()
	if a == nil || !d.run.Status.Closed() && !d.stuck() || len(workflow.ReadCause(cause).Tail) > 0 {
		return nil
	}
	ended := a.Ended
	if task := d.task(a.Attempt); ended.IsZero() && task != nil {
		ended = task.Stopped
	}
	if ended.IsZero() {
		ended = d.run.Stopped
	}
	request := ops.TailRequest{RunARN: d.run.ARN, Attempt: a.number}
	if !ended.IsZero() {
		request.Since = ended.Add(-tailSpan)
	}
	tail := logTail{task: a.TaskARN}
	definition := a.DefinitionARN
	return tui.Load(r.scope, askTail, loadLimit, func(ctx context.Context) (logTail, error) {
		err := tail.read(r.console.Tail(ctx, request))
		if len(tail.lines) == 0 && err == nil && !request.Since.IsZero() {
			request.Since = time.Time{}
			err = tail.read(r.console.Tail(ctx, request))
		}
		if d, known := r.console.TaskDefinition(ctx, definition); known == nil && definition != "" {
			tail.definition = &d
		}
		return tail, err
	})
}

// read reads a tail to its end and keeps the last lines.
func (t *logTail) read(items <-chan ops.TailItem) (err error) {
	t.lines = nil
	for item := range items {
		switch {
		case item.Err != nil:
			err = item.Err
		case !item.Notice.Empty():
			t.notice = item.Notice
		default:
			t.lines = append(t.lines[max(0, len(t.lines)+1-tailKept):], tailLine{LogLine: item.Line, container: item.Container})
		}
	}
	counts := map[string]int{}
	for i := range t.lines {
		counts[t.lines[i].container]++
		t.lines[i].number = counts[t.lines[i].container]
	}
	return err
}

// takeTail keeps the lines that are known when reading them again failed.
func (r *runScreen) takeTail(msg tui.Loaded[logTail]) {
	r.settle(partTail, msg.Err)
	if msg.Err == nil || len(msg.Value.lines) > 0 {
		r.data.tail = msg.Value
	}
	r.data.diagnose(r.now())
}

// telling is the line of the run's own job that the diagnosis names.
func (d *runData) telling() *triage.Fact {
	for i := range d.diagnosis.Evidence {
		if f := &d.diagnosis.Evidence[i]; f.Line > 0 && f.RunARN == "" {
			return f
		}
	}
	return nil
}

// logEvidence is the end of what the job wrote, from the log or from the cause,
// with the line that tells most, were it further up.
func (r *runScreen) logEvidence(w int) []sheetLine {
	d := &r.data
	if len(d.ofChild()) > 0 || !d.run.Status.Bad() && !d.stuck() && d.diagnosis.Kind != triage.SuspiciousSuccess {
		return nil
	}
	told := d.telling()
	lines, from := r.tailTexts()
	var out []sheetLine
	show := func(l shownLine, role theme.Role) {
		label := ""
		if len(out) == 0 {
			label = "   log"
		}
		out = append(out, labelled(label, evidenceWidth, role, l.text, w)...)
	}
	isTold := func(l shownLine) bool {
		return told != nil && told.Source == from && told.Line == l.number && (told.Container == l.container || from == triage.FromHistory)
	}
	first := max(0, len(lines)-tailLines)
	if at := slices.IndexFunc(lines, isTold); at >= 0 && at < first {
		first++
		show(lines[at], theme.Strong)
		out = append(out, labelled("", evidenceWidth, theme.Dim, safe.Line(r.console.Env.Theme.Glyph(theme.GlyphEllipsis)), w)...)
	}
	for _, l := range lines[first:] {
		role := theme.Text
		if isTold(l) {
			role = theme.Strong
		}
		show(l, role)
	}
	if len(out) == 0 && !d.tail.notice.Empty() {
		return labelled("   log", evidenceWidth, theme.Dim, d.tail.notice, w)
	}
	return out
}

// shownLine is a line of the job's output as it is drawn, with its place.
type shownLine struct {
	text      safe.Text
	container string
	number    int
}

// tailTexts are the lines of the log with their times, or else those that the
// cause brought along.
func (r *runScreen) tailTexts() (lines []shownLine, from triage.Source) {
	d := &r.data
	several := len(d.tail.logs()) > 1
	for _, l := range d.tail.lines {
		text := safe.Linef("%s  %s", l.Time.In(r.zone()).Format(time.TimeOnly), l.Text)
		if several {
			text = safe.Linef("%s  %s: %s", l.Time.In(r.zone()).Format(time.TimeOnly), safe.Line(l.container), l.Text)
		}
		lines = append(lines, shownLine{text, l.container, l.number})
	}
	if len(lines) > 0 {
		return lines, triage.FromLog
	}
	_, cause := d.errorText()
	for i, l := range workflow.ReadCause(cause).Tail {
		lines = append(lines, shownLine{text: l, number: i + 1})
	}
	return lines, triage.FromHistory
}

// failedAt is the moment that the log is opened at: the line that tells most,
// else the last before the failure, else the failure itself; zero for a run that
// did not fail.
func (r *runScreen) failedAt() time.Time {
	d := &r.data
	told := d.telling()
	switch {
	case d.run.Status == workflow.Running && !d.stuck():
		return time.Time{}
	case told != nil && told.Source == triage.FromLog && !told.Time.IsZero() && (d.run.Status.Bad() || d.stuck() || told.Decisive):
		return told.Time
	case !d.run.Status.Bad():
		return time.Time{}
	case len(d.tail.lines) > 0:
		return d.tail.lines[len(d.tail.lines)-1].Time
	case d.failure != nil && d.culprit() != nil && !d.culprit().Ended.IsZero():
		return d.culprit().Ended
	}
	return time.Time{}
}
