package widget

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// tickRoom is the least number of cells between two times on the axis.
const tickRoom = 12

// tickSteps are the distances that times on an axis may have.
var tickSteps = []time.Duration{
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// axis writes round times since the beginning over the cells they stand for.
func (l *Timeline) axis(c *canvas, left, width int, from, to time.Time) {
	total := to.Sub(from)
	step := tickSteps[len(tickSteps)-1]
	for _, s := range tickSteps {
		if width > 0 && total/s*tickRoom <= time.Duration(width) {
			step = s
			break
		}
	}
	c.text(theme.Dim, l.beginning(left-1))
	first := from.Sub(l.begin)
	first = (first + step - 1) / step * step
	for at := first; at <= to.Sub(l.begin); at += step {
		x := left + int(float64(at-from.Sub(l.begin))/float64(total)*float64(width))
		label := safe.Duration(at)
		if at == 0 {
			label = safe.Line("0")
		}
		text := safe.Linef("%s%s", l.theme.Glyph(theme.GlyphVertical), label)
		if x < c.x || x+text.Width() > left+width {
			continue
		}
		c.to(x)
		c.text(theme.Dim, text)
	}
	c.next()
}

// beginning is when the axis begins, as exactly as w cells can tell.
func (l *Timeline) beginning(w int) safe.Text {
	for _, layout := range []string{"  2006-01-02 15:04:05", "  01-02 15:04:05", "  15:04:05", "  15:04"} {
		if len(layout) <= w {
			return safe.Line(l.begin.In(l.zone).Format(layout))
		}
	}
	return safe.Text{}
}

// details writes the exact times of the cursor's row, the last spans in lines
// lines.
func (l *Timeline) details(c *canvas, lines int) {
	at := l.Cursor()
	if at < 0 || lines == 0 {
		return
	}
	r := &l.rows[at]
	spans := r.Spans[max(0, len(r.Spans)-lines):]
	c.to(gutterWidth)
	c.text(theme.Strong, r.Label.Truncate(c.w/3))
	indent := c.x + 2
	if n := len(r.Spans) - len(spans); n > 0 {
		c.text(theme.Dim, safe.Linef(" +%d", n))
		indent = c.x + 2
	}
	for _, s := range spans {
		c.to(indent)
		c.text(s.Role, l.exact(s))
		c.next()
	}
}

// exact is a span in words: 02:00:07 → 02:41:12 41m 5s attempt 1.
func (l *Timeline) exact(s TimeSpan) safe.Text {
	const clock = "15:04:05.000"
	text := s.From.In(l.zone).Format(clock)
	switch {
	case s.Kind == RedriveSpan:
		text = l.theme.Glyph(theme.GlyphLoop) + " " + text
	case s.To.IsZero():
		text += " " + l.theme.Glyph(theme.GlyphArrow) + " now " + safe.Duration(l.now.Sub(s.From)).String()
	default:
		text += " " + l.theme.Glyph(theme.GlyphArrow) + " " + s.To.In(l.zone).Format(clock) + " " + safe.Duration(s.To.Sub(s.From)).String()
	}
	if s.Kind == WaitSpan {
		text += " waiting"
	}
	if !s.Note.Empty() {
		text += " " + s.Note.String()
	}
	return safe.Line(text)
}
