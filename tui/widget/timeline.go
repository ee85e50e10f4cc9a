package widget

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// closest is the shortest time that a timeline's width can stand for.
const closest = 100 * time.Millisecond

// TimelineRow is one row of bars.
type TimelineRow struct {
	Label safe.Text
	Role  theme.Role // of the label
	Depth int        // indents the label
	Spans []TimeSpan
	Note  safe.Text // behind the bars: "41m 12s"
}

// Timeline draws rows of bars over one time axis.
type Timeline struct {
	theme *theme.Theme
	zone  *time.Location
	rows  []TimelineRow
	begin time.Time // of all rows
	end   time.Time
	now   time.Time
	from  time.Time // what is shown, zero: all
	width time.Duration
	win   window
}

// NewTimeline makes an empty timeline that writes times in the zone.
func NewTimeline(t *theme.Theme, zone *time.Location) *Timeline {
	return &Timeline{theme: t, zone: zone}
}

// SetRows replaces the rows. What is open goes on until now. Zoom and cursor
// stay.
func (l *Timeline) SetRows(rows []TimelineRow, now time.Time) {
	l.rows, l.now = rows, now
	l.begin, l.end = time.Time{}, time.Time{}
	for _, r := range rows {
		for _, s := range r.Spans {
			if l.begin.IsZero() || s.From.Before(l.begin) {
				l.begin = s.From
			}
			to := s.To
			if to.IsZero() {
				to = now
			}
			if s.From.After(to) {
				to = s.From
			}
			if to.After(l.end) {
				l.end = to
			}
		}
	}
	l.win.clamp(len(rows))
}

// Cursor is the row with the cursor, -1 where there are none.
func (l *Timeline) Cursor() int { return min(l.win.cursor, len(l.rows)-1) }

// SetCursor puts the cursor on a row.
func (l *Timeline) SetCursor(row int) {
	l.win.cursor = row
	l.win.clamp(len(l.rows))
}

// shown is the stretch of time drawn.
func (l *Timeline) shown() (from, to time.Time) {
	if l.from.IsZero() {
		return l.begin, l.begin.Add(max(l.end.Sub(l.begin), closest))
	}
	return l.from, l.from.Add(l.width)
}

// Key moves between rows; + and = zoom in around the cursor's row, - zooms
// out, left and right go earlier and later, 0 shows all.
func (l *Timeline) Key(k tea.KeyPressMsg) bool {
	switch key := k.String(); key {
	case "+", "=":
		l.zoom(1, 2)
	case "-":
		l.zoom(2, 1)
	case "left":
		l.pan(-1)
	case "right":
		l.pan(1)
	case "0":
		l.from = time.Time{}
	default:
		return l.win.key(key, len(l.rows))
	}
	return true
}

// zoom makes the width times/by of what it is, around the first bar of the
// cursor's row where that is in view, else around the middle.
func (l *Timeline) zoom(times, by int) {
	from, to := l.shown()
	width := to.Sub(from)
	next := max(closest, width*time.Duration(times)/time.Duration(by))
	centre := from.Add(width / 2)
	if at := l.Cursor(); at >= 0 && len(l.rows[at].Spans) > 0 && times < by {
		s := l.rows[at].Spans[0]
		stop := s.To
		if stop.IsZero() {
			stop = l.now
		}
		if middle := s.From.Add(stop.Sub(s.From) / 2); middle.After(from) && middle.Before(to) {
			centre = middle
		}
	}
	if next >= l.end.Sub(l.begin) {
		l.from = time.Time{}
		return
	}
	l.width = next
	l.from = centre.Add(-next / 2)
	l.bound()
}

func (l *Timeline) pan(by int) {
	if l.from.IsZero() {
		return
	}
	l.from = l.from.Add(l.width / 4 * time.Duration(by))
	l.bound()
}

// bound keeps what is shown within the times there are.
func (l *Timeline) bound() {
	if latest := l.end.Add(-l.width); l.from.After(latest) {
		l.from = latest
	}
	if l.from.Before(l.begin) {
		l.from = l.begin
	}
}

// View draws the axis, the rows around the cursor and, in the last lines, the
// exact times of the cursor's row.
func (l *Timeline) View(w, h int) string {
	c := newCanvas(l.theme, w, h)
	if len(l.rows) == 0 {
		c.text(theme.Dim, safe.Line("no times yet"))
		return c.view()
	}
	labels, notes := l.columns(c.w)
	left := gutterWidth + labels + 1
	width := max(0, c.w-left-notes-2)
	from, to := l.shown()
	if c.h > 1 {
		l.axis(c, left, width, from, to)
	}
	details := 0
	if c.h > 4 {
		details = c.h / 4
	}
	body := c.h - c.y - details
	top, bottom := l.win.show(len(l.rows), body)
	for at := top; at < bottom; at++ {
		l.row(c, at, labels, left, width, from, to)
		c.scrollbar(at-top, bottom-top, top, len(l.rows))
		c.next()
	}
	for c.y < c.h-details {
		c.next()
	}
	l.details(c, details)
	return c.view()
}

// columns are the widths of labels and notes.
func (l *Timeline) columns(w int) (labels, notes int) {
	for _, r := range l.rows {
		labels = max(labels, 2*r.Depth+r.Label.Width())
		notes = max(notes, r.Note.Width())
	}
	return min(labels, w/3), min(notes, w/6)
}

func (l *Timeline) row(c *canvas, at, labels, left, width int, from, to time.Time) {
	r := &l.rows[at]
	c.gutter(at == l.win.cursor, false)
	end := c.x + labels
	c.to(min(end, c.x+2*r.Depth))
	role := r.Role
	if role == theme.Text && at == l.win.cursor {
		role = theme.Cursor
	}
	c.text(role, r.Label.Truncate(end-c.x))
	c.to(left)
	cells := bars(l.theme, r.Spans, from, to, l.now, width)
	for x := 0; x < len(cells); {
		run := x + 1
		for run < len(cells) && cells[run].role == cells[x].role && (cells[run].glyph == "") == (cells[x].glyph == "") {
			run++
		}
		if cells[x].glyph == "" {
			c.to(c.x + run - x)
		} else {
			text := make([]byte, 0, 3*(run-x))
			for _, cell := range cells[x:run] {
				text = append(text, cell.glyph...)
			}
			c.sign(cells[x].role, string(text))
		}
		x = run
	}
	c.to(left + width + 1)
	c.text(theme.Dim, r.Note.Truncate(c.left()-1))
}
