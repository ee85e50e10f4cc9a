package screen

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// View is what the work has come to: on a failure the first reason, then each resource.
func (x *workScreen) View(w, h int) string {
	if x.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	t := x.s.Theme
	top := []string{paintLine(t, x.status(), w)}
	if x.now.err != nil {
		top = append(top, problemLines(t, x.now.err, w, min(6, max(1, h-3)))...)
	} else if failed := x.now.progress.Failed; failed != nil {
		reason, _ := firstReason(*failed)
		for _, line := range wrap(reason, w-3, 3) {
			top = append(top, "   "+t.Paint(theme.Failed, line.String()))
		}
	}
	var bottom []string
	if leave := x.leaving(); leave != "" {
		bottom = append(bottom, " "+t.Paint(theme.Dim, leave))
	}
	return stacked(append(top, ""), bottom, w, h, func(w, h int) string {
		lines := x.lines(w)
		if !x.now.done && len(x.now.progress.Resources) == 0 {
			x.sheet.top = len(lines) // lines that come are read from their end
		}
		return x.sheet.view(t, lines, w, h)
	})
}

func (x *workScreen) leaving() string {
	switch {
	case x.now.done:
		return ""
	case x.work.lasting:
		return "esc leaves this screen; the work goes on"
	}
	return "esc stops watching; the work goes on in AWS"
}

// status is the work in one line.
func (x *workScreen) status() sheetLine {
	t, p := x.s.Theme, x.now.progress
	var line sheetLine
	switch {
	case p.Status != "":
		sign := stackSign(t, p.Status)
		line = sheetLine{said(sign.Role, " "+sign.Glyph+" "+sign.Word), said(theme.Strong, "  "+p.Stack)}
	case x.now.err != nil:
		line = sheetLine{said(theme.Failed, " "+t.Glyph(theme.GlyphFailed)+" "+x.work.what.String()+" failed")}
	case x.now.done:
		line = sheetLine{said(theme.Succeeded, " "+t.Glyph(theme.GlyphSucceeded)+" "+x.work.what.String())}
	default:
		line = sheetLine{said(theme.Running, " "+t.Glyph(theme.GlyphRunning)+" "+x.work.what.String())}
	}
	line = append(line, said(theme.Dim, "  "+x.elapsed().String()))
	switch {
	case x.now.touched > 0 && x.now.done:
		line = append(line, said(theme.Dim, safe.Linef("   %d of %d resources", x.now.ended, x.now.touched).String()))
	case x.now.touched > 0:
		line = append(line, said(theme.Dim, safe.Linef("   %d of %d resources", x.now.ended, max(x.now.touched, x.work.total)).String()))
	}
	if x.now.total > 0 {
		line = append(line, said(theme.Text, safe.Linef("   %s of %s", safe.Bytes(x.now.sent), safe.Bytes(x.now.total)).String()))
	}
	return line
}

func (x *workScreen) elapsed() safe.Text {
	if p := x.now.progress; !p.Started.IsZero() {
		return lasted(p.Started, p.Ended, x.s.Clock.Now())
	}
	return lasted(x.began, time.Time{}, x.s.Clock.Now())
}

// lasted is how long something took, or takes so far.
func lasted(from, to, now time.Time) safe.Text {
	if to.IsZero() {
		to = now
	}
	return safe.Duration(max(0, to.Sub(from)))
}

func (x *workScreen) lines(w int) []sheetLine {
	var lines []sheetLine
	for _, text := range x.now.lines {
		lines = append(lines, labelled("", 1, theme.Text, text, w)...)
	}
	if !x.now.said.Empty() {
		lines = append(append(lines, sheetLine{}), labelled("", 1, theme.Succeeded, x.now.said, w)...)
	}
	return append(lines, resourceLines(x.s.Theme, x.now.progress, x.s.Clock.Now(), w)...)
}

// progressPage is an operation with its resources, the first failure on top.
func progressPage(t *theme.Theme, p stack.Progress, now time.Time, w int) []sheetLine {
	sign := stackSign(t, p.Status)
	lines := []sheetLine{{
		said(sign.Role, " "+sign.Glyph+" "+sign.Word), said(theme.Dim, "  "+lasted(p.Started, p.Ended, now).String()),
		said(theme.Dim, "   began "+agoText(p.Started, now)),
	}}
	if p.Failed != nil {
		reason, next := firstReason(*p.Failed)
		lines = append(lines, labelled("", 3, theme.Failed, reason, w)...)
		if !next.Empty() {
			lines = append(lines, labelled("", 3, theme.Info, next, w)...)
		}
	}
	return append(append(lines, sheetLine{}), resourceLines(t, p, now, w)...)
}

// resourceLines are the resources below their stack, with their durations.
func resourceLines(t *theme.Theme, p stack.Progress, now time.Time, w int) []sheetLine {
	var lines []sheetLine
	for i, r := range p.Resources {
		branch := t.Glyph(theme.GlyphTeeRight)
		if i == len(p.Resources)-1 {
			branch = t.Glyph(theme.GlyphCornerBottomLeft)
		}
		sign := stackSign(t, r.Status)
		line := sheetLine{
			said(theme.Border, " "+branch+t.Glyph(theme.GlyphHorizontal)+" "), said(sign.Role, sign.Glyph+" "),
			{Text: safe.Line(r.Logical).Pad(20), Role: theme.Strong},
			{Text: safe.Linef(" %s", safe.Line(shortKind(r.Type)).Pad(28)), Role: theme.Dim},
			{Text: safe.Line(string(r.Status)).Pad(18), Role: sign.Role},
			said(theme.Text, " "+lasted(r.Started, r.Ended, now).String()),
		}
		lines = append(lines, line)
		if !r.Reason.Empty() && r.Status.Failed() {
			lines = append(lines, labelled("", 6, theme.Failed, r.Reason, w)...)
		}
	}
	return lines
}
