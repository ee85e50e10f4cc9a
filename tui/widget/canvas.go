// Package widget draws the parts that screens are made of: lists, logs, JSON,
// timelines, graphs and forms. A widget is a plain struct: methods set its
// data, Key changes what it shows, View draws the rows that can be seen and
// nothing else. None of them reads a clock or starts work.
//
// View(w, h) is exactly h lines, none wider than w cells. Widgets are not safe
// for concurrent use.
package widget

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Span is a piece of a line in one look.
type Span struct {
	Text safe.Text
	Role theme.Role
}

// canvas collects the lines of a view. What does not fit is cut, so that no
// widget has to measure what it writes.
type canvas struct {
	b    strings.Builder
	t    *theme.Theme
	w, h int
	x, y int
}

func newCanvas(t *theme.Theme, w, h int) *canvas {
	c := &canvas{t: t, w: max(w, 0), h: max(h, 0)}
	c.b.Grow(c.w*c.h + 32*c.h)
	return c
}

// left is the room on the line, in cells.
func (c *canvas) left() int { return c.w - c.x }

// sign writes chrome: characters of one cell each.
func (c *canvas) sign(r theme.Role, s string) {
	n := len(s)
	if !ascii(s) {
		n = utf8.RuneCountInString(s)
	}
	for n > c.left() {
		if n == 0 {
			return
		}
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		n--
	}
	c.paint(r, s)
	c.x += n
}

// text writes data, cut with … where it is too long.
func (c *canvas) text(r theme.Role, t safe.Text) {
	if c.left() <= 0 || t.Empty() {
		return
	}
	t = t.OneLine()
	width := t.Width()
	if width > c.left() {
		t = t.Truncate(c.left())
		width = t.Width()
	}
	c.paint(r, t.String())
	c.x += width
}

func (c *canvas) paint(r theme.Role, s string) {
	if s == "" {
		return
	}
	c.b.WriteString(c.t.On(r))
	c.b.WriteString(s)
	c.b.WriteString(c.t.Off(r))
}

// to moves on to column x with spaces.
func (c *canvas) to(x int) {
	x = min(x, c.w)
	for c.x < x {
		n := min(x-c.x, len(blanks))
		c.b.WriteString(blanks[:n])
		c.x += n
	}
}

const blanks = "                                                                "

// next ends the line.
func (c *canvas) next() {
	c.y++
	c.x = 0
	if c.y < c.h {
		c.b.WriteByte('\n')
	}
}

// full reports that there is no line left.
func (c *canvas) full() bool { return c.y >= c.h }

// view fills what is left with empty lines.
func (c *canvas) view() string {
	for !c.full() {
		c.next()
	}
	return c.b.String()
}

// gutter writes the two cells in front of a row.
func (c *canvas) gutter(cursor, mark bool) {
	if cursor {
		c.sign(theme.Cursor, c.t.Glyph(theme.GlyphCursor))
	} else {
		c.to(c.x + 1)
	}
	if mark {
		c.sign(theme.Mark, c.t.Glyph(theme.GlyphMark))
	} else {
		c.to(c.x + 1)
	}
}

// scrollbar writes the last cell of a row of a list whose window of shown rows
// starts at top of total; y is the row within the window.
func (c *canvas) scrollbar(y, shown, top, total int) {
	if total <= shown || shown <= 0 {
		return
	}
	c.to(c.w - 1)
	size := max(1, shown*shown/total)
	start := 0
	if total > shown {
		start = top * (shown - size) / (total - shown)
	}
	if y >= start && y < start+size {
		c.sign(theme.Dim, c.t.Glyph(theme.GlyphBlock))
		return
	}
	c.sign(theme.Border, c.t.Glyph(theme.GlyphVertical))
}

// fill repeats chrome of one cell up to column x.
func (c *canvas) fill(r theme.Role, glyph string, x int) {
	if n := min(x, c.w) - c.x; n > 0 {
		c.paint(r, strings.Repeat(glyph, n))
		c.x += n
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cut returns the longest start of a sanitised line that takes at most width
// cells, and the cells it takes. It is at least one character, so that
// wrapping comes to an end, even where that is wider.
func cut(s string, width int) (head string, cells int) {
	n := 0
	for n < len(s) && n < width && s[n] < utf8.RuneSelf {
		n++
	}
	if n == len(s) || n == width && n > 0 && s[n] < utf8.RuneSelf {
		return s[:n], n
	}
	// The last character may be the base of a mark that follows it.
	n = max(0, n-1)
	cells = n
	for n < len(s) {
		cluster, wide := ansi.FirstGraphemeCluster(s[n:], ansi.GraphemeWidth)
		if cells+wide > width && n > 0 {
			break
		}
		n += len(cluster)
		cells += wide
		if cells > width {
			break
		}
	}
	return s[:n], cells
}

// part writes a part of a sanitised line, cut where it does not fit.
func (c *canvas) part(r theme.Role, s string) {
	if s == "" || c.left() <= 0 {
		return
	}
	head, cells := cut(s, c.left())
	if cells > c.left() {
		return
	}
	c.paint(r, head)
	c.x += cells
}
