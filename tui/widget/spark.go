package widget

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Strip is one glyph a run, at most n of the last ones, in the order given.
func Strip(t *theme.Theme, statuses []workflow.Status, n int) []Span {
	statuses = statuses[max(0, len(statuses)-n):]
	var out []Span
	for from := 0; from < len(statuses); {
		to := from + 1
		for to < len(statuses) && statuses[to] == statuses[from] {
			to++
		}
		sign := t.Status(statuses[from])
		out = append(out, Span{safe.Line(strings.Repeat(sign.Glyph, to-from)), sign.Role})
		from = to
	}
	return out
}

var levels = [...]rune{'▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'}

var asciiLevels = [...]rune{'_', '.', '-', '=', '+', '*', '%', '#'}

// Sparkline is one bar a value, as high as its share of the greatest; 0 and
// less is a blank. Of more than width values the last are shown.
func Sparkline(t *theme.Theme, values []float64, width int) safe.Text {
	values = values[max(0, len(values)-max(0, width)):]
	set := &levels
	if t.Options().ASCII {
		set = &asciiLevels
	}
	greatest := 0.0
	for _, v := range values {
		greatest = max(greatest, v)
	}
	var b strings.Builder
	for _, v := range values {
		if !(v > 0) { // NaN too
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(set[min(len(set)-1, int(v/greatest*float64(len(set))))])
	}
	return safe.Line(b.String())
}
