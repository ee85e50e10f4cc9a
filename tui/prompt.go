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

func (p *Prompt) body(t *theme.Theme, w, h int) []string {
	var lines, wrong []string
	for _, n := range p.Note {
		lines = append(lines, wrap(n.String(), w)...)
	}
	if !p.wrong.Empty() {
		wrong = wrap(p.wrong.String(), w)
	}
	labels := 0
	if len(lines)+2*len(p.Fields)+len(wrong) > h { // label and text share a line
		for _, f := range p.Fields {
			labels = max(labels, min(f.Label.Width()+2, w/2))
		}
	}
	for i, f := range p.Fields {
		mark, role := "  ", theme.Dim
		if i == p.at {
			mark, role = t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor))+" ", theme.Strong
		}
		label := f.Label.OneLine().Truncate(w - 2)
		if labels == 0 {
			lines = append(lines, mark+t.Paint(role, label.String()), "  "+p.text(t, i, w-2))
		} else {
			lines = append(lines, mark+t.Paint(role, label.Truncate(labels-2).Pad(labels).String())+p.text(t, i, w-2-labels))
		}
	}
	for _, line := range wrong {
		lines = append(lines, t.Paint(theme.Failed, line))
	}
	return lines
}

// text is what stands in a field, in at most w cells.
func (p *Prompt) text(t *theme.Theme, i, w int) string {
	switch {
	case p.Fields[i].Hidden && p.edits[i].value() == "":
		return t.Paint(theme.Dim, safe.Line("type or paste it: nothing is shown").Truncate(w).String())
	case p.Fields[i].Hidden:
		return t.Paint(theme.Dim, safe.Line("typed, and not shown").Truncate(w).String())
	case i == p.at:
		return fill(p.edits[i].view(w), w)
	}
	return safe.Line(p.edits[i].value()).Truncate(w).String()
}

func (p *Prompt) heading() safe.Text    { return p.Title }
func (p *Prompt) hint() string          { return "enter " + p.Yes + " · tab next field · esc cancel" }
func (p *Prompt) then(r Result) tea.Cmd { return answer(p.Then, r) }
