package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Field is one line that a Prompt asks for.
type Field struct {
	Label safe.Text
	// Value stands there at first.
	Value string
	// Check says what is wrong with the text; nil checks nothing.
	Check func(string) error
	// Hidden shows no sign of what is typed, not even its length.
	Hidden bool
}

// Prompt asks for one or more lines of text.
type Prompt struct {
	Title  safe.Text
	Note   []safe.Text
	Fields []Field
	// Yes is the verb of the hint, such as "stop".
	Yes  string
	Then func(Result) tea.Cmd

	edits []*edit
	at    int
	wrong safe.Text
}

func (p *Prompt) ready(*Env) {
	if p.Yes == "" {
		p.Yes = "go on"
	}
	p.edits, p.at, p.wrong = nil, 0, safe.Text{}
	for _, f := range p.Fields {
		p.edits = append(p.edits, newEdit(f.Value))
	}
}

func (p *Prompt) key(k tea.KeyPressMsg) (Result, bool) {
	switch k.String() {
	case "esc":
		return Result{}, true
	case "tab", "down":
		p.move(1)
	case "shift+tab", "up":
		p.move(-1)
	case "enter":
		if p.at < len(p.edits)-1 {
			p.move(1)
			return Result{}, false
		}
		return p.finish()
	default:
		if len(p.edits) > 0 && p.edits[p.at].key(k) {
			p.wrong = safe.Text{}
		}
	}
	return Result{}, false
}

func (p *Prompt) move(by int) {
	if n := len(p.edits); n > 0 {
		p.at = (p.at + by + n) % n
	}
}

// finish checks every field and goes to the first that is wrong.
func (p *Prompt) finish() (Result, bool) {
	result := Result{OK: true}
	for i, f := range p.Fields {
		value := p.edits[i].value()
		if f.Check != nil {
			if err := f.Check(value); err != nil {
				p.at, p.wrong = i, safe.Line(err.Error())
				return Result{}, false
			}
		}
		result.Values = append(result.Values, value)
	}
	return result, true
}

func (p *Prompt) paste(text string) {
	if len(p.edits) > 0 {
		p.edits[p.at].paste(text)
		p.wrong = safe.Text{}
	}
}

func (p *Prompt) body(t *theme.Theme, w, _ int) []string {
	var lines []string
	for _, n := range p.Note {
		lines = append(lines, wrap(n.String(), w)...)
	}
	for i, f := range p.Fields {
		mark, role := "  ", theme.Dim
		if i == p.at {
			mark, role = t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor))+" ", theme.Strong
		}
		lines = append(lines, mark+t.Paint(role, f.Label.OneLine().Truncate(w-2).String()))
		text := safe.Line(p.edits[i].value()).Truncate(w - 2).String()
		switch {
		case f.Hidden:
			text = t.Paint(theme.Dim, map[bool]string{true: "type or paste it: nothing is shown", false: "typed, and not shown"}[p.edits[i].value() == ""])
		case i == p.at:
			text = fill(p.edits[i].view(w-2), w-2)
		}
		lines = append(lines, "  "+text)
	}
	if !p.wrong.Empty() {
		for _, line := range wrap(p.wrong.String(), w) {
			lines = append(lines, t.Paint(theme.Failed, line))
		}
	}
	return lines
}

func (p *Prompt) heading() safe.Text    { return p.Title }
func (p *Prompt) hint() string          { return "enter " + p.Yes + " · tab next field · esc cancel" }
func (p *Prompt) then(r Result) tea.Cmd { return answer(p.Then, r) }
func (p *Prompt) quiet() bool           { return false }
