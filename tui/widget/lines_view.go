package widget

import (
	"slices"
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// sourceRoles tell containers and attempts apart; the label's text does too.
var sourceRoles = []theme.Role{theme.Info, theme.Keyword, theme.String, theme.Number, theme.Title}

// longestLabel bounds the column of container and attempt, in cells.
const longestLabel = 16

// View draws the lines around the cursor, or the last ones while it follows.
func (l *Lines) View(w, h int) string {
	c := newCanvas(l.theme, w, h)
	if dropped := l.store.first(); dropped > 0 && c.h > 1 {
		c.text(theme.Warning, safe.Linef("%s %s older lines dropped: %s are kept", l.theme.Glyph(theme.GlyphUp),
			safe.Count(dropped), safe.Bytes(int64(l.store.limit))))
		c.next()
	}
	if l.count() == 0 {
		return c.view()
	}
	label := l.labelWidth()
	l.width = max(1, c.w-l.prefix(label)-1)
	l.height = c.h - c.y
	l.scroll()
	l.draw(c, label)
	return c.view()
}

func (l *Lines) draw(c *canvas, label int) {
	from, to := l.selection()
	top, total, start := l.place(l.anchor), l.count(), c.y
	skip := l.sub
	for place := top; place < total && !c.full(); place++ {
		n := l.number(place)
		text, st := l.store.line(n)
		selected := l.selecting.on && place >= from && place <= to
		if st.kind != Logged {
			l.seam(c, n == l.cursor, selected, text, st)
			c.scrollbar(c.y-start, l.height, top, total)
			c.next()
			continue
		}
		l.line(c, text, func(row int) bool {
			if row < skip {
				return false
			}
			c.gutter(n == l.cursor, selected)
			if row == 0 {
				l.head(c, st, label)
			} else {
				c.to(l.prefix(label))
			}
			return true
		}, func() {
			c.scrollbar(c.y-start, l.height, top, total)
			c.next()
		})
		skip = 0
	}
}

// line writes the rows of one line. begin writes what stands before a row and
// reports whether the row is drawn.
func (l *Lines) line(c *canvas, text safe.Text, begin func(row int) bool, end func()) {
	s := text.String()
	matches := l.matches(text)
	if !l.wrap {
		begin(0)
		skipped, cells := "", 0
		if l.shift > 0 {
			skipped, cells = cut(s, l.shift)
		}
		if cells >= l.shift && len(skipped) < len(s) || l.shift == 0 {
			l.clipped(c, s, len(skipped), matches)
		}
		end()
		return
	}
	for row, at := 0, 0; !c.full(); row++ {
		head, _ := cut(s[at:], l.width)
		if begin(row) {
			l.paint(c, s, at, at+len(head), matches)
			end()
		}
		if at += len(head); at >= len(s) {
			return
		}
	}
}

// matches are the byte ranges that the search finds in a line.
func (l *Lines) matches(text safe.Text) [][2]int {
	if l.sieve.pattern.empty() {
		return nil
	}
	var out [][2]int
	for from := 0; from < len(text.String()); {
		start, end := l.sieve.pattern.find(text, from)
		if start < 0 || end == start {
			break
		}
		out = append(out, [2]int{start, end})
		from = end
	}
	return out
}

// clipped writes s[from:] in one row, with a sign at its end where it goes on.
func (l *Lines) clipped(c *canvas, s string, from int, matches [][2]int) {
	if head, _ := cut(s[from:], l.width); from+len(head) == len(s) {
		l.paint(c, s, from, len(s), matches)
		return
	}
	edge := c.x + l.width - 1
	head, _ := cut(s[from:], l.width-1)
	l.paint(c, s, from, from+len(head), matches)
	c.to(edge)
	c.sign(theme.Dim, l.theme.Glyph(theme.GlyphEllipsis))
}

// paint writes s[from:to], cut at the edge, matches in their own look.
func (l *Lines) paint(c *canvas, s string, from, to int, matches [][2]int) {
	limit := c.w
	c.w = min(c.w, c.x+l.width)
	for _, m := range matches {
		start, end := max(m[0], from), min(m[1], to)
		if start >= end {
			continue
		}
		c.part(theme.Text, s[from:start])
		c.part(theme.Match, s[start:end])
		from = end
	}
	c.part(theme.Text, s[from:max(from, to)])
	c.w = limit
}

// seam writes a row of its own: ── attempt 2 ─────.
func (l *Lines) seam(c *canvas, current, selected bool, text safe.Text, st stamp) {
	role, glyph := theme.Warning, l.theme.Glyph(theme.GlyphHorizontal)
	if st.kind == Marker {
		role = theme.Mark
	}
	c.gutter(current, selected)
	c.fill(role, glyph, c.x+2)
	c.to(c.x + 1)
	limit := c.w
	c.w = max(0, c.w-2)
	c.text(role, text)
	if st.kind == Marker && st.milli != 0 {
		c.to(c.x + 1)
		c.sign(role, string(l.appendTime(nil, st.milli)))
	}
	c.w = limit
	c.to(min(c.x+1, c.w-1))
	c.fill(role, glyph, c.w-1)
}

// head writes the time and the label in front of a line.
func (l *Lines) head(c *canvas, st stamp, label int) {
	if l.times != NoTime {
		end := c.x + timeWidths[l.times]
		if st.milli != 0 {
			var buf [32]byte
			text := l.appendTime(buf[:0], st.milli)
			c.to(end - len(text))
			c.sign(theme.Dim, string(text))
		}
		c.to(end + 1)
	}
	if label > 0 {
		end := c.x + label
		c.text(sourceRoles[int(st.source)%len(sourceRoles)], l.label(int(st.source)).Truncate(label))
		c.to(end + 1)
	}
}

// prefix is the cells in front of a line's text.
func (l *Lines) prefix(label int) int {
	n := gutterWidth
	if l.times != NoTime {
		n += timeWidths[l.times] + 1
	}
	if label > 0 {
		n += label + 1
	}
	return n
}

var timeWidths = [timeModes]int{SinceStart: 10, LocalTime: 14, UTCTime: 15}

// appendTime writes a time in the mode: 41:07.250, 11-23 02:41:07.
func (l *Lines) appendTime(b []byte, milli int64) []byte {
	at := time.UnixMilli(milli)
	switch l.times {
	case UTCTime:
		return at.UTC().AppendFormat(b, "01-02 15:04:05Z")
	case SinceStart:
		return appendElapsed(b, at.Sub(l.start))
	default:
		return at.In(l.zone).AppendFormat(b, "01-02 15:04:05")
	}
}

// appendElapsed writes 0:07.2, 41:07.2, 3:41:07.
func appendElapsed(b []byte, d time.Duration) []byte {
	if d < 0 {
		b = append(b, '-')
		d = -d
	}
	hours, minutes, seconds := int64(d/time.Hour), int64(d/time.Minute)%60, int64(d/time.Second)%60
	if hours > 0 {
		b = strconv.AppendInt(b, hours, 10)
		b = append(b, ':')
		b = appendTwo(b, minutes)
	} else {
		b = strconv.AppendInt(b, minutes, 10)
	}
	b = append(b, ':')
	b = appendTwo(b, seconds)
	if hours == 0 {
		b = append(b, '.', byte('0'+d/(100*time.Millisecond)%10))
	}
	return b
}

func appendTwo(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// labelWidth is 0 where all lines come from one container of one attempt.
func (l *Lines) labelWidth() int {
	if len(l.sources) < 2 || l.sieve.source >= 0 {
		return 0
	}
	widest := 0
	for i := range l.sources {
		widest = max(widest, l.label(i).Width())
	}
	return min(widest, longestLabel)
}

// label names what tells a source from the others: container, attempt or both.
func (l *Lines) label(i int) safe.Text {
	s := l.sources[i]
	if s.container.Empty() && s.attempt == 0 {
		return safe.Text{}
	}
	containers := slices.ContainsFunc(l.sources, func(o source) bool { return !o.container.Empty() && o.container != s.container })
	attempts := slices.ContainsFunc(l.sources, func(o source) bool { return o.attempt != 0 && o.attempt != s.attempt })
	switch {
	case containers && attempts:
		return safe.Linef("%s #%d", s.container, s.attempt)
	case attempts:
		return safe.Linef("#%d", s.attempt)
	case containers:
		return s.container
	default:
		return safe.Text{}
	}
}
