package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/tui/theme"
)

// cells is the width of painted text.
func cells(s string) int { return ansi.StringWidth(s) }

func widest(lines []string) int {
	w := 0
	for _, line := range lines {
		w = max(w, cells(line))
	}
	return w
}

func repeat(s string, n int) string { return strings.Repeat(s, max(0, n)) }

// clip cuts painted text to at most w cells.
func clip(s string, w int) string {
	// No text is wider than its bytes are many.
	if len(s) <= w {
		return s
	}
	return ansi.Truncate(s, max(0, w), "")
}

// fill cuts or fills painted text to exactly w cells.
func fill(s string, w int) string {
	s = clip(s, w)
	return s + repeat(" ", w-cells(s))
}

// wrap breaks text at words, or inside those that are too long.
func wrap(s string, w int) []string { return strings.Split(ansi.Wrap(s, max(1, w), ""), "\n") }

// body makes text exactly h lines of at most w cells.
func body(text string, w, h int) []string {
	lines := make([]string, h)
	for i := range lines {
		line, rest, _ := strings.Cut(text, "\n")
		lines[i], text = clip(line, w), rest
	}
	return lines
}

// excerpt is exactly h lines from the top one on. The last tells of those below
// that did not fit.
func excerpt(t *theme.Theme, lines []string, top, w, h int) []string {
	out := body(strings.Join(lines[top:], "\n"), w, h)
	if below := len(lines) - top - h; below > 0 && h > 1 {
		out[h-1] = clip(t.Paint(theme.Dim, fmt.Sprintf(" %s %d more lines", t.Glyph(theme.GlyphDown), below+1)), w)
	}
	return out
}

// overlay puts box over lines with its left upper corner at x, y. What hangs
// out is cut.
func overlay(lines, box []string, x, y, w int) {
	for i, over := range box {
		row := y + i
		if row < 0 || row >= len(lines) {
			continue
		}
		over = clip(over, w-x)
		end := x + cells(over)
		left := fill(ansi.Cut(lines[row], 0, x), x)
		right := ansi.Cut(lines[row], end, w)
		room := max(0, cells(lines[row])-end)
		for skip := 1; cells(right) > room && skip <= room; skip++ {
			// The box covers half of a wide character, or of several that end here.
			right = repeat(" ", skip) + ansi.Cut(lines[row], end+skip, w)
		}
		// A sign that joins with others may measure more in the whole than in the parts.
		lines[row] = clip(left+"\x1b[m"+over+"\x1b[m"+right, w)
	}
}
