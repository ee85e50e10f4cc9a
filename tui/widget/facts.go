package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Fact is a label and its value. An empty label goes on with the value above.
type Fact struct {
	Label safe.Text
	Value safe.Text // may have several lines
	Role  theme.Role
}

// Facts are labels and values in two columns; long values are wrapped.
type Facts struct {
	theme *theme.Theme
	facts []Fact
	top   int
	rows  []factRow // for width
	width int
	last  int // height drawn last
}

// factRow is one row: a label or none, and a piece of a value.
type factRow struct {
	label safe.Text
	value string
	role  theme.Role
}

// longestFactLabel bounds the column of labels, in cells.
const longestFactLabel = 24

// NewFacts makes an empty block.
func NewFacts(t *theme.Theme) *Facts { return &Facts{theme: t} }

// SetFacts replaces the facts.
func (f *Facts) SetFacts(facts []Fact) { f.facts, f.rows = facts, nil }

// Height is how many lines the facts take at a width.
func (f *Facts) Height(w int) int {
	f.layout(w)
	return len(f.rows)
}

// Key scrolls.
func (f *Facts) Key(k tea.KeyPressMsg) bool {
	// The cursor of the window is the first row shown.
	w := window{cursor: f.top, height: f.last}
	if !w.key(k.String(), max(1, len(f.rows)-f.last+1)) {
		return false
	}
	f.top = w.cursor
	return true
}

// View draws the facts from where they are scrolled to.
func (f *Facts) View(w, h int) string {
	c := newCanvas(f.theme, w, h)
	f.layout(c.w)
	f.last = c.h
	f.top = max(0, min(f.top, len(f.rows)-c.h))
	label := f.labelWidth(c.w)
	for at := f.top; at < len(f.rows) && !c.full(); at++ {
		row := &f.rows[at]
		c.text(theme.Dim, row.label.Truncate(label))
		c.to(label + 2)
		c.part(row.role, row.value)
		c.scrollbar(at-f.top, c.h, f.top, len(f.rows))
		c.next()
	}
	return c.view()
}

func (f *Facts) labelWidth(w int) int {
	widest := 0
	for _, fact := range f.facts {
		widest = max(widest, fact.Label.OneLine().Width())
	}
	return min(widest, longestFactLabel, w/2)
}

// layout wraps the values for a width; the last cell is the scrollbar's.
func (f *Facts) layout(w int) {
	if f.rows != nil && f.width == w {
		return
	}
	f.width, f.rows = w, []factRow{}
	room := max(1, w-f.labelWidth(w)-3)
	for _, fact := range f.facts {
		label := fact.Label.OneLine()
		lines := fact.Value.Lines()
		if len(lines) == 0 {
			lines = []safe.Text{{}}
		}
		for _, line := range lines {
			for _, piece := range wrapWords(line.String(), room) {
				f.rows = append(f.rows, factRow{label, piece, fact.Role})
				label = safe.Text{}
			}
		}
	}
}

// wrapWords breaks a sanitised line at blanks into pieces of at most width
// cells, and inside words that are longer.
func wrapWords(s string, width int) []string {
	var out []string
	for {
		head, _ := cut(s, width)
		if len(head) == len(s) {
			return append(out, s)
		}
		if at := strings.LastIndexByte(head, ' '); at > 0 && s[len(head)] != ' ' {
			head = head[:at]
		}
		out = append(out, head)
		s = strings.TrimLeft(s[len(head):], " ")
		if s == "" {
			return out
		}
	}
}
