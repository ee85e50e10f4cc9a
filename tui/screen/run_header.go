package screen

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// tabNames are the tabs' names in their order.
var tabNames = [...]string{
	TabVerdict: "verdict", TabTimeline: "timeline", TabGraph: "graph", TabEvents: "events",
	TabIO: "input/output", TabTask: "task", TabLog: "log",
}

// header is the run in one line: status, duration, attempts, redrive.
func (r *runScreen) header(w int, now time.Time) sheetLine {
	d, t := &r.data, r.console.Env.Theme
	sign := t.Status(d.run.Status)
	if d.stuck() || d.diagnosis.Stuck { // by a token of its own, or of a child's
		sign = t.Stuck()
	}
	verb := "after"
	if !d.run.Status.Closed() {
		verb = "for"
	}
	out := sheetLine{said(sign.Role, " "+sign.Glyph+" "+sign.Word)}
	if !d.run.Started.IsZero() {
		out = append(out, said(theme.Text, " "+verb+" "+safe.Duration(d.run.Duration(now)).String()))
	}
	for _, fact := range []safe.Text{d.attemptOf(), redriven(d.run), d.redriveUntil(w, now)} {
		if !fact.Empty() {
			out = append(out, said(theme.Text, "   "), said(theme.Dim, fact.String()))
		}
	}
	return out
}

// attemptOf is "attempt 2 of 3" of the step that the run stands or ended in.
func (d *runData) attemptOf() safe.Text {
	if len(d.all) == 0 {
		return safe.Text{}
	}
	last := d.all[len(d.all)-1]
	most := 0
	if d.definition != nil {
		if state, ok := d.definition.State(last.step.State); ok {
			for _, retry := range state.Retries {
				most = max(most, retry.MaxAttempts)
			}
		}
	}
	if most == 0 {
		return safe.Linef("attempt %d", last.RetryCount+1)
	}
	return safe.Linef("attempt %d of %d", last.RetryCount+1, max(most, last.RetryCount)+1)
}

func redriven(run workflow.Run) safe.Text {
	switch run.RedriveCount {
	case 0:
		return safe.Text{}
	case 1:
		return safe.Line("redriven once")
	default:
		return safe.Linef("redriven %d times", run.RedriveCount)
	}
}

// redriveUntil tells whether the run can be redriven, and until when.
func (d *runData) redriveUntil(w int, now time.Time) safe.Text {
	if !d.run.Status.Bad() {
		return safe.Text{}
	}
	kind := workflow.Standard
	if d.machine != nil && d.machine.Type != "" {
		kind = d.machine.Type
	}
	if ok, _ := workflow.CheckRedrive(d.run, kind, len(d.events)+d.missing, now); !ok {
		return safe.Line("no redrive")
	}
	word := "redrive possible until"
	if w < 100 {
		word = "redrive until"
	}
	return safe.Linef("%s %s", word, workflow.RedriveEnds(d.run).In(now.Location()).Format("2 Jan"))
}

// wideTabs is the width from which the tabs stand with two cells between them.
const wideTabs = 80

// tabBar is the names of the tabs, the open one marked by more than colour. The
// smallest window has room for all of them.
func (r *runScreen) tabBar(w int) sheetLine {
	out := sheetLine{said(theme.Text, " ")}
	gap := " "
	if w < wideTabs {
		gap = ""
	}
	for i, name := range tabNames {
		key := safe.Linef("%d", i+1)
		name = shortTab(name, w)
		if Tab(i) == r.tab {
			out = append(out, said(theme.Badge, " "+key.String()+" "+name+" "))
			continue
		}
		out = append(out, said(theme.Key, " "+key.String()), said(theme.Dim, " "+name+gap))
	}
	return out
}

// shortTab shortens the one long name where the bar would not fit.
func shortTab(name string, w int) string {
	if w < wideTabs && name == tabNames[TabIO] {
		return "i/o"
	}
	return name
}

// troubleLines bounds what is told of a part that could not be read.
const troubleLines = 4

// progress tells how far the reading is, or what could not be read; one empty
// line when all is there.
func (r *runScreen) progress(w int) []string {
	t := r.console.Env.Theme
	for _, p := range parts {
		if err := r.data.problems[p]; err != nil {
			what := string(p) + " not read: "
			var out []string
			told := safe.Join("  ", safe.Join("", safe.Line(what), briefly(err)), safe.Line("r tries again"))
			for i, text := range wrap(told, w-3, troubleLines) {
				line := sheetLine{said(theme.Text, "   "), said(theme.Text, text.String())}
				if rest, first := strings.CutPrefix(text.String(), what); first && i == 0 {
					line = sheetLine{said(theme.Warning, " "+t.Glyph(theme.GlyphCatch)+" "+what), said(theme.Text, rest)}
				}
				out = append(out, paintLine(t, line, w))
			}
			return out
		}
	}
	return []string{paintLine(t, r.reading(), w)}
}

// reading is how much of the history has been read, while it is.
func (r *runScreen) reading() sheetLine {
	d := &r.data
	switch {
	case r.scope == nil || d.whole:
		return nil
	case d.loaded > 0 && d.missing > 0:
		return dimLine(safe.Linef(" reading the history: %s of %s events", safe.Count(d.loaded), safe.Count(d.loaded+d.missing)))
	case r.scope.Busy(askHistory) || r.scope.Busy(askFollow) || r.scope.Busy(askCause):
		return dimLine(safe.Line(" reading the history" + r.console.Env.Theme.Glyph(theme.GlyphEllipsis)))
	}
	return nil
}
