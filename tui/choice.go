package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Option is a line of a Choice.
type Option struct {
	Label safe.Text
	// Help is told for the option under the cursor.
	Help safe.Text
	// Disabled is why it cannot be chosen; empty when it can.
	Disabled string
}

// Choice lets the user choose one of several things. Typing narrows the list.
type Choice struct {
	Title   safe.Text
	Options []Option
	// At is the option under the cursor at first.
	At   int
	Then func(Result) tea.Cmd

	narrow *edit
	left   []int // the options that the typed text leaves
	cursor int   // index into left
}

func (c *Choice) ready(*Env) {
	c.narrow = newEdit("")
	c.filter()
	if c.At > 0 && c.At < len(c.Options) {
		c.cursor = c.At
	}
}

func (c *Choice) filter() {
	fold := safe.NewFold(c.narrow.value())
	c.left = c.left[:0]
	for i, o := range c.Options {
		if fold.Match(o.Label) {
			c.left = append(c.left, i)
		}
	}
	c.cursor = 0
}

func (c *Choice) key(k tea.KeyPressMsg) (Result, bool) {
	switch k.String() {
	case "esc":
		return Result{}, true
	case "up", "ctrl+p", "shift+tab":
		c.cursor = max(0, c.cursor-1)
	case "down", "ctrl+n", "tab":
		c.cursor = max(0, min(len(c.left)-1, c.cursor+1))
	case "pgup", "home":
		c.cursor = 0
	case "pgdown", "end":
		c.cursor = max(0, len(c.left)-1)
	case "enter":
		if len(c.left) > 0 && c.Options[c.left[c.cursor]].Disabled == "" {
			return Result{OK: true, Choice: c.left[c.cursor]}, true
		}
	default:
		if c.narrow.key(k) {
			c.filter()
		}
	}
	return Result{}, false
}

func (c *Choice) paste(text string) {
	c.narrow.paste(text)
	c.filter()
}

func (c *Choice) body(t *theme.Theme, w, h int) []string {
	room := max(1, h-3)
	first := max(0, min(c.cursor-room/2, len(c.left)-room))
	var lines []string
	if c.narrow.value() != "" {
		lines = append(lines, t.Paint(theme.Key, "/")+c.narrow.view(w-1))
	}
	for at := first; at < min(first+room, len(c.left)); at++ {
		lines = append(lines, c.line(t, w, at))
	}
	if len(c.left) == 0 {
		return append(lines, t.Paint(theme.Dim, "nothing fits what was typed"))
	}
	o := c.Options[c.left[c.cursor]]
	help := o.Help
	if o.Disabled != "" {
		help = safe.Line(o.Disabled)
	}
	if !help.Empty() {
		lines = append(lines, "")
		for _, text := range wrap(help.OneLine().String(), w) {
			lines = append(lines, t.Paint(theme.Dim, text))
		}
	}
	return lines
}

func (c *Choice) line(t *theme.Theme, w, at int) string {
	o := c.Options[c.left[at]]
	label, role, mark := o.Label.OneLine().Truncate(w-2).String(), theme.Text, "  "
	if o.Disabled != "" {
		role = theme.Dim
	}
	if at == c.cursor {
		mark = t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor)) + " "
		if o.Disabled == "" {
			role = theme.Cursor
		}
	}
	return mark + t.Paint(role, label)
}

func (c *Choice) heading() safe.Text    { return c.Title }
func (c *Choice) hint() string          { return "enter choose · type to narrow · esc cancel" }
func (c *Choice) then(r Result) tea.Cmd { return answer(c.Then, r) }
