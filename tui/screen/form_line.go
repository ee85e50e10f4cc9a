package screen

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// formLine is the line of the form that has the cursor.
type formLine struct{ input textinput.Model }

func newFormLine() formLine {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = 0
	input.SetStyles(textinput.Styles{})
	// Its own paste runs a program; the terminal's paste comes as a message.
	input.KeyMap.Paste.SetEnabled(false)
	input.Focus()
	return formLine{input: input}
}

func (l *formLine) set(text string) {
	l.input.SetValue(text)
	l.input.CursorEnd()
}

func (l *formLine) text() string { return l.input.Value() }

func (l *formLine) atEnd() bool { return l.input.Position() >= len([]rune(l.text())) }

func (l *formLine) key(k tea.KeyPressMsg) { l.input, _ = l.input.Update(k) }

// view is the line with its cursor, and behind it what completion would add.
func (l *formLine) view(t *theme.Theme, completion string, w int) string {
	if w < 2 {
		return ""
	}
	l.input.SetWidth(w - 1)
	line := ansi.Truncate(l.input.View(), w, "")
	room := w - ansi.StringWidth(line)
	if completion == "" || !l.atEnd() || room <= 0 {
		return line
	}
	return line + t.Paint(theme.Dim, safe.Line(completion).Truncate(room).String())
}
