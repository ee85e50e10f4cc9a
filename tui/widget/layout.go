package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/tui/theme"
)

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
