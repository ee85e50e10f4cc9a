package widget

import (
	"strings"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

const (
	// mostOffered is how many completions are shown at once.
	mostOffered = 6
	// areaRows is how many rows a JSON field takes.
	areaRows = 8
)

// formRow draws one row of a form.
type formRow func(c *canvas)

// View draws the fields around the one with the focus.
func (f *Form) View(w, h int) string {
	c := newCanvas(f.theme, w, h)
	label := f.labelWidth(c.w)
	var rows []formRow
	from, to := 0, 0
	for i, s := range f.slots {
		if i == f.focus {
			from = len(rows)
		}
		rows = append(rows, f.rows(s, i == f.focus, label, c.h)...)
		if i == f.focus {
			to = len(rows)
		}
	}
	f.top = min(f.top, from)
	if to > f.top+c.h {
		f.top = min(from, to-c.h)
	}
	f.top = max(0, min(f.top, len(rows)-c.h))
	for y := f.top; y < len(rows) && !c.full(); y++ {
		rows[y](c)
		c.scrollbar(y-f.top, c.h, f.top, len(rows))
		c.next()
	}
	return c.view()
}

func (f *Form) labelWidth(w int) int {
	widest := 0
	for _, s := range f.slots {
		widest = max(widest, utf8.RuneCountInString(s.field.Label))
	}
	return min(widest, w/3)
}

// rows are those of one field: itself, what is wrong with it and, with the
// focus, what it offers and its help.
func (f *Form) rows(s *slot, focus bool, label, h int) []formRow {
	rows := []formRow{func(c *canvas) {
		c.gutter(focus, false)
		role := theme.Text
		if focus {
			role = theme.Cursor
		}
		end := c.x + label
		c.text(role, safe.Line(s.field.Label).Truncate(label))
		c.to(end + 2)
		f.draw(c, s, focus)
	}}
	if s.area != nil {
		rows = append(rows, areaLines(s, focus, min(areaRows, max(1, h-4)))...)
	}
	indent := gutterWidth + label + 2
	note := func(role theme.Role, text safe.Text) {
		rows = append(rows, func(c *canvas) {
			c.to(indent)
			c.text(role, text)
		})
	}
	if !s.problem.Empty() {
		note(theme.Failed, safe.Line(f.theme.Glyph(theme.GlyphFailed)+" "+s.problem.String()))
	}
	if !focus {
		return rows
	}
	first := max(0, f.offering-mostOffered+1)
	for i := first; i < len(f.offered) && i < first+mostOffered; i++ {
		chosen, text := i == f.offering, safe.Line(f.offered[i])
		rows = append(rows, func(c *canvas) {
			c.to(indent)
			if chosen {
				c.sign(theme.Cursor, f.theme.Glyph(theme.GlyphCursor))
				c.text(theme.Cursor, text)
				return
			}
			c.to(c.x + 1)
			c.text(theme.Info, text)
		})
	}
	if !s.field.Help.Empty() {
		note(theme.Dim, s.field.Help)
	}
	return rows
}

// draw writes the value of a field of one row.
func (f *Form) draw(c *canvas, s *slot, focus bool) {
	source := s.field.Source
	room := c.left() - 1
	if !source.Empty() {
		room = max(room/2, room-source.Width()-4)
	}
	switch {
	case s.area != nil:
		c.text(theme.Dim, safe.Linef("%d lines", s.area.LineCount()))
	case s.line != nil && focus:
		s.line.draw(c, room)
	case s.value() != "" && s.line != nil:
		c.text(theme.Text, safe.Line(s.value()).Truncate(room))
	case s.line == nil:
		f.drawChoice(c, s, focus)
	default:
		c.text(theme.Dim, safe.Line(s.field.Default).Truncate(room))
	}
	if s.line != nil && focus && s.value() == "" && s.field.Default != "" {
		c.text(theme.Dim, safe.Linef(" %s when empty", s.field.Default))
	}
	if !source.Empty() {
		c.to(c.x + 2)
		c.text(theme.Dim, safe.Linef("(%s)", source))
	}
}

// drawChoice writes the options in a row, the chosen one in brackets.
func (f *Form) drawChoice(c *canvas, s *slot, focus bool) {
	chosen := s.chosen()
	for i, option := range s.field.Options {
		text := safe.Line(option)
		switch {
		case i == chosen && focus:
			c.text(theme.Cursor, safe.Linef("[%s]", text))
		case i == chosen:
			c.text(theme.Strong, safe.Linef("[%s]", text))
		default:
			c.text(theme.Dim, safe.Linef(" %s ", text))
		}
	}
}

// areaLines are the rows of a JSON field around its cursor.
func areaLines(s *slot, focus bool, height int) []formRow {
	lines := strings.Split(s.area.Value(), "\n")
	at, column := s.area.Line(), s.area.Column()
	top := max(0, min(at-height/2, len(lines)-height))
	var rows []formRow
	for i := top; i < len(lines) && i < top+height; i++ {
		line := []rune(lines[i])
		rows = append(rows, func(c *canvas) {
			c.to(gutterWidth + 2)
			if focus && i == at {
				drawTyped(c, line, min(column, len(line)), c.left()-1)
				return
			}
			c.text(theme.Text, safe.Line(string(line)).Truncate(c.left()-1))
		})
	}
	return rows
}
