package screen

import (
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// View is how the stack is, and below it the open tab.
func (x *stackScreen) View(w, h int) string {
	if x.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	t := x.s.Theme
	alone := x.state == nil && !x.absent
	problem := x.err
	if problem == nil {
		problem = x.refused
	}
	top := append(x.head(w, h), paintLine(t, tabLine(stackTabNames, int(x.tab)), w))
	bottom := append(x.described(w), inPlace(t, problem, w, h, alone)...)
	return stacked(top, bottom, w, h, func(w, h int) string {
		switch {
		case alone && problem != nil:
			return fill(nil, w, h)
		case x.isTable():
			return x.table.View(w, h)
		}
		return x.sheet.view(t, x.page(w), w, h)
	})
}

// tabLine is the names of tabs, the open one marked by more than colour.
func tabLine(names []string, open int) sheetLine {
	line := sheetLine{said(theme.Text, " ")}
	for i, name := range names {
		key := safe.Linef("%d", i+1).String()
		if i == open {
			line = append(line, said(theme.Badge, " "+key+" "+name+" "))
			continue
		}
		line = append(line, said(theme.Key, " "+key), said(theme.Dim, " "+name+" "))
	}
	return line
}

// lowScreen is the height below which what is wrong with a stack leaves its resources room.
const lowScreen = 16

// head is the stack in one line, and what is wrong with it.
func (x *stackScreen) head(w, h int) []string {
	t := x.s.Theme
	most := 3
	if h < lowScreen {
		most = 1
	}
	lines := []string{paintLine(t, x.summary(), w)}
	if x.state == nil {
		return lines
	}
	add := func(role theme.Role, glyph theme.Glyph, text safe.Text) {
		for i, line := range wrap(text, w-3, most) {
			mark := "   "
			if i == 0 {
				mark = " " + t.Paint(role, t.Glyph(glyph)) + " "
			}
			lines = append(lines, mark+t.Paint(role, line.String()))
		}
	}
	if failed := x.state.Last.Failed; failed != nil && x.state.Stack.Status.Failed() {
		reason, next := firstReason(*failed)
		add(theme.Failed, theme.GlyphFailed, reason)
		if !next.Empty() {
			add(theme.Info, theme.GlyphDot, next)
		}
	}
	if way := x.state.Way; way != nil {
		add(theme.Warning, theme.GlyphCatch, safe.Join(" ", way.Sentence, safe.Line(wayKeys[way.Do])))
	}
	return lines
}

// wayKeys are the keys of the ways out.
var wayKeys = map[stack.Remedy]string{
	stack.RemedyWatch:            tui.BindingOf(tui.KeyWatch).Name() + " watches.",
	stack.RemedyDelete:           tui.BindingOf(tui.KeyWayOut).Name() + " deletes it.",
	stack.RemedyContinueRollback: tui.BindingOf(tui.KeyWayOut).Name() + " goes on with the rollback.",
	stack.RemedyDeploy:           tui.BindingOf(tui.KeyWayOut).Name() + " plans a deployment.",
}

// firstReason is the first thing that went wrong, in a sentence, and what to do
// about it where the sentence does not say all.
func firstReason(e stack.Event) (reason, next safe.Text) {
	reason, next = stack.Explain(e)
	return safe.Linef("%s (%s): %s", e.Logical, shortKind(e.Type), reason), next
}

// summary is the status, how old it is, and how the image is.
func (x *stackScreen) summary() sheetLine {
	t := x.s.Theme
	if x.state == nil {
		if x.absent {
			return sheetLine{said(theme.Dim, " "+t.Glyph(theme.GlyphUnknown)+" NOT DEPLOYED"), x.pendingSpan()}
		}
		return sheetLine{said(theme.Dim, " "+t.Glyph(theme.GlyphUnknown)+" not read yet")}
	}
	st := x.state.Stack
	sign := stackSign(t, st.Status)
	line := sheetLine{said(sign.Role, " "+sign.Glyph+" "+sign.Word)}
	at := st.Updated
	if at.IsZero() {
		at = st.Created
	}
	if !at.IsZero() {
		line = append(line, said(theme.Dim, "  changed "+agoText(at, x.s.Clock.Now())))
	}
	if x.s.Busy("plan") {
		line = append(line, said(theme.Running, "   planning"+t.Glyph(theme.GlyphEllipsis)))
	} else {
		line = append(line, x.pendingSpan())
	}
	if st.Drift == stack.Drifted {
		line = append(line, said(theme.Warning, "   "+t.Glyph(theme.GlyphCatch)+" drifted"))
	}
	// What is cut on a narrow terminal comes last.
	return append(line, x.imageSpans()...)
}

func (x *stackScreen) pendingSpan() widget.Span {
	switch n := len(x.pending); n {
	case 0:
		return widget.Span{}
	case 1:
		return said(theme.Mark, "   1 value to deploy")
	default:
		return said(theme.Mark, safe.Linef("   %d values to deploy", n).String())
	}
}

// described is the description of the parameter under the cursor.
func (x *stackScreen) described(w int) []string {
	if x.tab != tabParameters || w >= previewFrom {
		return nil
	}
	row, ok := x.table.Current()
	if !ok {
		return nil
	}
	return []string{" " + x.s.Theme.Paint(theme.Dim, row.note.Truncate(w-1).String())}
}

// page is the open tab where that is no table.
func (x *stackScreen) page(w int) []sheetLine {
	switch x.tab {
	case tabDrift:
		return x.driftPage(w)
	case tabImage:
		return x.imagePage(w)
	}
	if x.state == nil || x.state.Last.Started.IsZero() {
		return []sheetLine{dimLine(safe.Line(" nothing has been done to the stack yet"))}
	}
	return progressPage(x.s.Theme, x.state.Last, x.s.Clock.Now(), w)
}

func (x *stackScreen) driftPage(w int) []sheetLine {
	t := x.s.Theme
	switch {
	case x.s.Busy("drift"):
		return []sheetLine{dimLine(safe.Line(" looking for drift" + t.Glyph(theme.GlyphEllipsis)))}
	case x.driftErr != nil:
		return problemPage(t, x.driftErr, w)
	case x.drift == nil:
		return []sheetLine{dimLine(safe.Line(" d looks for differences between the stack and its template"))}
	}
	lines := []sheetLine{{said(driftRoles[x.drift.Status], " "+string(x.drift.Status)), said(theme.Dim, "  looked at "+agoText(x.drift.Checked, x.s.Clock.Now()))}, {}}
	for _, r := range x.drift.Resources {
		lines = append(lines, sheetLine{
			said(driftRoles[r.Status], " "+safe.Line(string(r.Status)).Pad(12).String()),
			{Text: safe.Line(r.Logical).Pad(24), Role: theme.Strong},
			said(theme.Dim, "  "+shortKind(r.Type)),
		})
		for _, d := range r.Differences {
			lines = append(lines, sheetLine{said(theme.Text, "     "+d.Path)})
			lines = append(lines, labelled("       template", 17, theme.Succeeded, d.Expected.Or(safe.Line("nothing")), w)...)
			lines = append(lines, labelled("       AWS", 17, theme.Failed, d.Actual.Or(safe.Line("nothing")), w)...)
		}
	}
	return lines
}

var driftRoles = map[stack.DriftStatus]theme.Role{
	stack.InSync: theme.Succeeded, stack.Modified: theme.Warning, stack.Deleted: theme.Failed, stack.Drifted: theme.Warning, stack.NotChecked: theme.Dim,
}

// problemPage is a problem as the lines of a page.
func problemPage(t *theme.Theme, err error, w int) []sheetLine {
	title, detail, hint := problemTexts(err)
	lines := []sheetLine{{said(theme.Failed, " "+t.Glyph(theme.GlyphFailed)+" "), {Text: title, Role: theme.Failed}}}
	for _, part := range []struct {
		role theme.Role
		text safe.Text
	}{{theme.Text, detail}, {theme.Info, hint}} {
		if !part.text.Empty() {
			lines = append(lines, labelled("   ", 3, part.role, part.text, w)...)
		}
	}
	return lines
}
