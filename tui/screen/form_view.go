package screen

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// The form's layout.
const (
	formFoot = 4 // lines under the fields: rule, help, values, problem
	labelMin = 10
	labelMax = 28
)

// View draws the form in its mode.
func (f *formScreen) View(w, h int) string {
	switch {
	case h <= 0:
		return ""
	case f.form == nil:
		return fill(f.loadingLines(w, h), w, h)
	case f.mode == asPreview:
		return fill(f.previewLines(w, h), w, h)
	}
	head := f.headLines(w, h)
	foot := f.footLines(w)
	if len(head)+len(foot)+1 > h {
		foot = foot[:0]
	}
	if len(head)+1 > h {
		head = head[:0]
	}
	room := h - len(head) - len(foot)
	var body []string
	switch {
	case f.mode == asJSON:
		body = f.jsonLines(w, room)
	case w >= previewFrom:
		left := w / 2
		fields, document := f.fieldLines(left, room), f.jsonText(w-left-3)
		body = strings.Split(widget.Beside(f.look(), strings.Join(fields, "\n"), left, strings.Join(document, "\n"), room), "\n")
	default:
		body = f.fieldLines(w, room)
	}
	lines := append(head, body...)
	for len(lines) < h-len(foot) {
		lines = append(lines, "")
	}
	return fill(append(lines, foot...), w, h)
}

func (f *formScreen) loadingLines(w, h int) []string {
	t := f.look()
	if f.loadErr != nil {
		return f.toldWhy(f.loadErr, w, min(h, 6), safe.Line("r reads it again, as happens every 30 s; esc leaves"))
	}
	return []string{" " + t.Paint(theme.Dim, safe.Linef("reading %s and its last runs %s", f.spec.Machine.Name, t.Glyph(theme.GlyphEllipsis)).Truncate(w-1).String())}
}

func (f *formScreen) look() *theme.Theme {
	if f.scope == nil {
		return f.console.Env.Theme
	}
	return f.scope.Theme
}

// toldWhy is a failure in its place: what, why, and what to do.
func (f *formScreen) toldWhy(err error, w, limit int, next safe.Text) []string {
	t := f.look()
	texts := refusal(err, next)
	var lines []string
	for i, text := range texts {
		mark, role := "   ", theme.Text
		if i == 0 {
			mark, role = " "+t.Paint(theme.Failed, t.Glyph(theme.GlyphFailed))+" ", theme.Failed
		}
		for _, line := range wrap(text, w-3, max(1, limit-len(lines)-(len(texts)-1-i))) {
			lines = append(lines, mark+t.Paint(role, line.String()))
			mark = "   "
		}
	}
	return lines[:min(len(lines), limit)]
}

// headLines say what the form was filled from, and what went wrong.
func (f *formScreen) headLines(w, h int) []string {
	t := f.look()
	size := safe.Linef("%s of %s", safe.Bytes(int64(len(f.input()))), safe.Bytes(workflow.MaxInput))
	title := safe.Linef("%s, %s", f.spec.Machine.Name, f.source).Truncate(max(1, w-size.Width()-4))
	gap := strings.Repeat(" ", max(1, w-title.Width()-size.Width()-2))
	lines := []string{" " + t.Paint(theme.Strong, title.String()) + gap + t.Paint(theme.Dim, size.String())}
	if f.refused != nil {
		lines = append(lines, f.toldWhy(f.refused, w, max(1, min(6, h/3)), safe.Line("nothing typed is lost"))...)
	}
	return append(lines, f.gapLines(w)...)
}

// fieldLines are the rows around the cursor.
func (f *formScreen) fieldLines(w, room int) []string {
	rows := f.rows()
	at := f.rowIndex()
	f.top = max(0, min(f.top, len(rows)-room))
	f.top = max(min(f.top, at), at-room+1)
	label := labelMin
	for _, r := range rows {
		label = max(label, safe.Line(f.rowLabel(r)).Width())
	}
	label = min(label, labelMax, max(1, w/3))
	var lines []string
	for i := f.top; i < min(len(rows), f.top+room); i++ {
		lines = append(lines, f.rowLine(rows[i], i == at, label, w))
	}
	return lines
}

// rowLine is a row: cursor, sign of a problem, label, value.
func (f *formScreen) rowLine(r rowAt, cursor bool, label, w int) string {
	t := f.look()
	gutter, role := " ", theme.Dim
	if cursor {
		gutter, role = t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor)), theme.Cursor
	}
	sign := " "
	switch {
	case f.problem(r) != "":
		sign = t.Paint(theme.Failed, t.Glyph(theme.GlyphFailed))
	case f.secret(r):
		sign = t.Paint(theme.Warning, t.Glyph(theme.GlyphCatch))
	}
	name := safe.Line(f.rowLabel(r))
	if r.kind == rowAdd {
		name = safe.Line("+ add")
	}
	room := max(0, w-label-5)
	value := f.rowValue(r, room)
	if cursor {
		value = f.line.view(t, f.completion(), room)
	}
	return gutter + sign + " " + t.Paint(role, name.TruncateLeft(label).Pad(label).String()) + "  " + value
}

// rowValue is the value of a row without the cursor.
func (f *formScreen) rowValue(r rowAt, w int) string {
	t := f.look()
	text := f.rowText(r)
	switch {
	case text != "":
		return safe.Line(text).Truncate(w).String()
	case r.kind == rowAdd && f.ground.managed:
		return t.Paint(theme.Dim, safe.Line("a variable: NAME=VALUE").Truncate(w).String())
	case r.kind == rowAdd:
		return t.Paint(theme.Dim, safe.Line("a value: path.to.it=VALUE").Truncate(w).String())
	default:
		return t.Paint(theme.Dim, t.Glyph(theme.GlyphDot))
	}
}

func (f *formScreen) secret(r rowAt) bool {
	return r.kind == rowField && f.form.Fields()[r.field].Secret() && f.form.Fields()[r.field].Text != ""
}

// footLines tell of the row under the cursor: what it is, what it takes, and
// what is wrong.
func (f *formScreen) footLines(w int) []string {
	t := f.look()
	lines := []string{t.Paint(theme.Border, strings.Repeat(t.Glyph(theme.GlyphHorizontal), max(0, w)))}
	add := func(role theme.Role, text safe.Text) {
		lines = append(lines, " "+t.Paint(role, text.OneLine().Truncate(max(1, w-2)).String()))
	}
	if f.mode == asJSON {
		add(theme.Dim, safe.Linef("line %d, column %d", f.area.Line()+1, f.area.Column()+1))
		add(f.told(safe.Line("f2 shows the fields, ctrl+s the preview")))
		add(f.foot())
		return lines
	}
	add(theme.Text, f.help())
	add(f.told(f.offer()))
	add(f.foot())
	return lines
}

// told is the notice, while there is one, in the place of a hint.
func (f *formScreen) told(hint safe.Text) (theme.Role, safe.Text) {
	if !f.notice.Empty() {
		return theme.Info, f.notice
	}
	return theme.Dim, hint
}

func (f *formScreen) help() safe.Text {
	switch f.at.kind {
	case rowName:
		return safe.Line("name: up to 80 letters, digits, '-', '_' and '.'; unique for 90 days")
	case rowAdd:
		return safe.Line("add: NAME=VALUE, then enter")
	}
	field := f.form.Fields()[f.at.field]
	help := field.Help
	if help == "" {
		help = "a value of the input"
	}
	return safe.Linef("%s: %s", field.Name(), help)
}

// offer are the values that pgdown and pgup put into the row.
func (f *formScreen) offer() safe.Text {
	options := f.options()
	if len(options) == 0 {
		return safe.Line("enter shows the preview, f2 the JSON")
	}
	lead := "recent"
	if f.form.Fields()[f.at.field].Closed {
		lead = "takes"
	}
	shown := make([]string, len(options))
	for i, o := range options {
		if shown[i] = o; i == f.pick {
			shown[i] = "[" + o + "]"
		}
	}
	from := max(0, min(f.pick-2, len(shown)-1))
	return safe.Linef("pgdown pgup %s: %s", lead, strings.Join(shown[from:], " · "))
}

// foot is the last line: what is wrong here, else elsewhere.
func (f *formScreen) foot() (theme.Role, safe.Text) {
	switch {
	case f.mode == asJSON && f.fault != nil:
		return theme.Failed, safe.Linef("not JSON at line %d, column %d: %s", f.fault.Line, f.fault.Column, f.fault.Reason)
	case f.mode == asFields && f.problem(f.at) != "":
		return theme.Failed, safe.Linef("%s: %s", f.rowLabel(f.at), f.problem(f.at))
	case f.mode == asFields && f.secret(f.at):
		return theme.Warning, safe.Line("looks like a secret: the run's history shows it to everyone who may read it; use the stack's secrets")
	case f.mode == asFields && f.at.kind == rowField && f.form.Fields()[f.at.field].Unlike(f.line.text()):
		return theme.Warning, safe.Line("recent runs gave a number, true or false; this is sent as text")
	case len(f.wrong) > 0:
		return theme.Failed, safe.Linef("%s: %s", f.wrong[0].Field, f.wrong[0].Reason)
	case f.form.Hidden() > 0:
		return theme.Info, safe.Linef("%d more values stand in the JSON alone", f.form.Hidden())
	default:
		return theme.Dim, safe.Text{}
	}
}

// jsonLines are the editor of the JSON.
func (f *formScreen) jsonLines(w, room int) []string {
	f.area.SetWidth(max(1, w))
	f.area.SetHeight(max(1, room))
	lines := strings.Split(f.area.View(), "\n")
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], w, "")
	}
	return lines[:min(len(lines), room)]
}

// jsonText is the JSON in step with the fields, to be read.
func (f *formScreen) jsonText(w int) []string {
	var lines []string
	for _, line := range strings.Split(workflow.EscapeJSON(f.form.Document().Text()), "\n") {
		lines = append(lines, safe.Line(line).Truncate(max(1, w)).String())
	}
	return lines
}

// previewLines are the preview, and on top why the last try did not work.
func (f *formScreen) previewLines(w, h int) []string {
	t := f.look()
	lines := []string{" " + t.Paint(theme.Strong, "Nothing has been sent yet.") + " enter starts this run, esc goes back to the form"}
	switch {
	case f.scope.Busy("start"):
		lines[0] = " " + t.Paint(theme.Running, "starting "+t.Glyph(theme.GlyphEllipsis)) + " the answer of AWS is awaited"
	case f.refused != nil:
		lines = f.toldWhy(f.refused, w, max(1, min(5, h/3)), safe.Line("enter tries again, esc goes back to the form"))
	}
	all := f.preview.lines(t, f.spec.Machine, w)
	f.preview.room = max(0, h-len(lines)-2)
	from := max(0, min(f.preview.top, len(all)-f.preview.room))
	to := min(len(all), from+f.preview.room)
	lines = append(append(lines, ""), all[from:to]...)
	for len(lines) < h-1 {
		lines = append(lines, "")
	}
	if to < len(all) {
		return append(lines, " "+t.Paint(theme.Dim, fmt.Sprintf("%s %d more lines", t.Glyph(theme.GlyphDown), len(all)-to)))
	}
	return lines
}
