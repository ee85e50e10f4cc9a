package widget

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Tabs is a row of titles, one of them active.
type Tabs struct {
	theme  *theme.Theme
	titles []string
	active int
}

// NewTabs makes a row of tabs with the first active.
func NewTabs(t *theme.Theme, titles ...string) *Tabs { return &Tabs{theme: t, titles: titles} }

// Active is the index of the active tab.
func (t *Tabs) Active() int { return t.active }

// Select makes a tab active; an index that is none is ignored.
func (t *Tabs) Select(i int) {
	if i >= 0 && i < len(t.titles) {
		t.active = i
	}
}

// Key goes to a tab by its number, to the next with tab and back with shift+tab.
func (t *Tabs) Key(k tea.KeyPressMsg) bool {
	n := len(t.titles)
	if n == 0 {
		return false
	}
	switch key := k.String(); key {
	case "tab":
		t.active = (t.active + 1) % n
	case "shift+tab":
		t.active = (t.active + n - 1) % n
	default:
		i, err := strconv.Atoi(key)
		if err != nil || i < 1 || i > n {
			return false
		}
		t.active = i - 1
	}
	return true
}

// View is one line. On a narrow one the tabs before the active give way.
func (t *Tabs) View(w int) string {
	c := newCanvas(t.theme, w, 1)
	first := 0
	for first < t.active && t.width(first, t.active) > c.w {
		first++
	}
	for i := first; i < len(t.titles); i++ {
		number := strconv.Itoa(i+1) + " "
		c.to(c.x + 1)
		if i == t.active {
			c.sign(theme.Cursor, t.theme.Glyph(theme.GlyphCursor))
			c.sign(theme.Cursor, number)
			c.text(theme.Cursor, safe.Line(t.titles[i]))
		} else {
			c.to(c.x + 1)
			c.sign(theme.Key, number)
			c.text(theme.Dim, safe.Line(t.titles[i]))
		}
		c.to(c.x + 1)
	}
	return c.view()
}

func (t *Tabs) width(from, to int) int {
	w := 0
	for i := from; i <= to; i++ {
		w += 5 + safe.Line(t.titles[i]).Width()
	}
	return w
}
