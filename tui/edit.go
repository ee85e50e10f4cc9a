package tui

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// longestLine bounds what can be typed into one line.
const longestLine = 4096

// edit is a line of text being typed.
type edit struct{ input textinput.Model }

func newEdit(value string) *edit {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = longestLine
	input.SetStyles(textinput.Styles{})
	// Its own paste runs a program; the terminal's paste comes as a message.
	input.KeyMap.Paste.SetEnabled(false)
	input.Focus()
	input.SetValue(value)
	input.CursorEnd()
	return &edit{input: input}
}

func (e *edit) value() string { return e.input.Value() }

func (e *edit) set(value string) {
	e.input.SetValue(value)
	e.input.CursorEnd()
}

// key reports whether the text changed.
func (e *edit) key(k tea.KeyPressMsg) bool {
	before := e.value()
	e.input, _ = e.input.Update(k)
	return e.value() != before
}

func (e *edit) paste(text string) {
	e.input, _ = e.input.Update(tea.PasteMsg{Content: safe.Line(text).String()})
}

// view is one line of at most w cells with the cursor in it.
func (e *edit) view(w int) string {
	if w < 2 {
		return ""
	}
	e.input.SetWidth(w - 1)
	return ansi.Truncate(e.input.View(), w, "")
}
