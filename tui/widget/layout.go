package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/tui/theme"
)

// TwoPanes is the width in cells from which two panes stand side by side.
const TwoPanes = 120

// ruleWidth is the cells between two panes.
const ruleWidth = 3

// Split shares a width between two panes; percent is the left one's share. On
// a narrow screen right is 0 and the left pane has it all.
func Split(w, percent int) (left, right int) {
	if w < TwoPanes {
		return w, 0
	}
	left = (w - ruleWidth) * max(10, min(90, percent)) / 100
	return left, w - ruleWidth - left
}

// Beside puts two views of h lines side by side with a rule between them; left
// is filled to its width.
func Beside(t *theme.Theme, left string, width int, right string, h int) string {
	if h <= 0 {
		return ""
	}
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	rule := " " + t.Paint(theme.Border, t.Glyph(theme.GlyphVertical)) + " "
	var b strings.Builder
	for y := range h {
		if y > 0 {
			b.WriteByte('\n')
		}
		if y < len(l) {
			b.WriteString(l[y])
			b.WriteString(strings.Repeat(" ", max(0, width-ansi.StringWidth(l[y]))))
		} else {
			b.WriteString(strings.Repeat(" ", max(0, width)))
		}
		b.WriteString(rule)
		if y < len(r) {
			b.WriteString(r[y])
		}
	}
	return b.String()
}
