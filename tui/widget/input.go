package widget

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// longestInput bounds what can be typed into one line, in characters. A run's
// overrides may have 8,192.
const longestInput = 8192

// input is one line of text being typed.
type input struct{ model textinput.Model }

func newInput(value string) *input {
	m := textinput.New()
	m.Prompt = ""
	m.CharLimit = longestInput
	// Its own paste runs a program; the terminal's paste comes as a message.
	m.KeyMap.Paste.SetEnabled(false)
	m.Focus()
	m.SetValue(value)
	m.CursorEnd()
	return &input{model: m}
}

func (i *input) value() string { return i.model.Value() }

func (i *input) set(value string) {
	i.model.SetValue(value)
	i.model.CursorEnd()
}

// key reports whether the key was one of typing: it changed the text or moved
// the cursor, or would have.
func (i *input) key(k tea.KeyPressMsg) bool {
	value, at := i.value(), i.model.Position()
	i.model, _ = i.model.Update(k)
	if i.value() != value || i.model.Position() != at || k.Text != "" {
		return true
	}
	switch k.String() {
	case "left", "right", "backspace", "delete", "home", "end":
		return true
	}
	return false
}

func (i *input) paste(text string) { i.model, _ = i.model.Update(tea.PasteMsg{Content: text}) }

// draw writes the text into width cells, moved so that the cursor is in them.
func (i *input) draw(c *canvas, width int) {
	runes := []rune(i.value())
	at := min(i.model.Position(), len(runes))
	drawTyped(c, runes, at, width)
}

// drawTyped writes a line with a cursor before the character at.
func drawTyped(c *canvas, runes []rune, at, width int) {
	limit := c.w
	c.w = max(c.x, min(c.w, c.x+width))
	defer func() { c.w = limit }()
	under, after := " ", ""
	if at < len(runes) {
		under, after = safe.Line(string(runes[at])).String(), safe.Line(string(runes[at+1:])).String()
	}
	if under == "" || safe.Line(under).Width() == 0 {
		under = " "
	}
	before := safe.Line(string(runes[:at]))
	c.text(theme.Text, before.TruncateLeft(max(0, c.left()-safe.Line(under).Width())))
	c.part(theme.Badge, under)
	c.part(theme.Text, after)
}
