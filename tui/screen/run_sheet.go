package screen

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// sheetLine is a line of a page, in pieces of one look each.
type sheetLine []widget.Span

// dimLine makes a line of little weight.
func dimLine(text safe.Text) sheetLine { return sheetLine{{Text: text, Role: theme.Dim}} }

// said is text of the console's own.
func said(role theme.Role, text string) widget.Span {
	return widget.Span{Text: safe.Line(text), Role: role}
}

// sheet is a page of lines that can be scrolled. It keeps its place while the
// lines change.
type sheet struct {
	top   int
	lines int // as last drawn
	rows  int
}

// key scrolls.
func (s *sheet) key(key string) {
	switch key {
	case "j", "down":
		s.top++
	case "k", "up":
		s.top--
	case "ctrl+d", "pgdown":
		s.top += max(1, s.rows/2)
	case "ctrl+u", "pgup":
		s.top -= max(1, s.rows/2)
	case "g", "home":
		s.top = 0
	case "G", "end":
		s.top = s.lines
	}
	s.clamp()
}

func (s *sheet) clamp() { s.top = max(0, min(s.top, s.lines-s.rows)) }

// view draws h lines of w cells from the place scrolled to. A last line tells
// of lines that did not fit.
func (s *sheet) view(t *theme.Theme, lines []sheetLine, w, h int) string {
	s.lines, s.rows = len(lines), h
	s.clamp()
	drawn := make([]string, h)
	for y := range drawn {
		if at := s.top + y; at < len(lines) {
			drawn[y] = paintLine(t, lines[at], w)
		}
	}
	if below := len(lines) - s.top - h; below > 0 && h > 1 {
		drawn[h-1] = paintLine(t, dimLine(safe.Linef(" %s %d more lines", t.Glyph(theme.GlyphDown), below+1)), w)
	}
	return strings.Join(drawn, "\n")
}

// paintLine draws a line in at most w cells.
func paintLine(t *theme.Theme, spans sheetLine, w int) string {
	var b strings.Builder
	for _, s := range spans {
		if w <= 0 {
			break
		}
		text := s.Text.OneLine().Truncate(w)
		b.WriteString(t.Paint(s.Role, text.String()))
		w -= text.Width()
	}
	return b.String()
}

// wrapText breaks a text into lines of at most w cells, between words where it can.
func wrapText(text safe.Text, w int) []safe.Text {
	if w <= 0 {
		return nil
	}
	var out []safe.Text
	for _, l := range text.Lines() {
		if l.Width() <= w {
			out = append(out, l)
			continue
		}
		out = append(out, safe.Block(ansi.Wrap(l.String(), w, "/,")).Lines()...)
	}
	return out
}

// labelled are the lines of a value behind a label, wrapped under itself.
func labelled(label string, width int, role theme.Role, value safe.Text, w int) []sheetLine {
	var out []sheetLine
	for i, l := range wrapText(value, max(8, w-width-1)) {
		if i > 0 {
			label = ""
		}
		out = append(out, sheetLine{{Text: safe.Line(label).Pad(width), Role: theme.Dim}, {Text: l, Role: role}})
	}
	return out
}
