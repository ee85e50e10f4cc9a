package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui/theme"
)

// line is the row at the bottom that is typed into: the command line or the
// filter line.
type line struct {
	sign string
	text *edit
	// changed is told of every change.
	changed func(r *Root, text string)
	// enter ends the line; esc ends it too, after undoing what it did.
	enter func(r *Root, text string) tea.Cmd
	esc   func(r *Root)
	// complete offers continuations of the whole text, nil where there are none.
	complete func(text string) []string
	wrong    string

	tabs  []string // what tab goes through
	tabAt int
}

func (l *line) key(r *Root, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		r.line = nil
		if l.esc != nil {
			l.esc(r)
		}
	case "enter":
		r.line = nil
		return l.enter(r, l.text.value())
	case "tab":
		l.tab(1)
	case "shift+tab":
		l.tab(-1)
	case "backspace":
		if l.text.value() == "" {
			r.line = nil
			return nil
		}
		l.typed(r, l.text.key(k))
	default:
		l.typed(r, l.text.key(k))
	}
	return nil
}

func (l *line) paste(r *Root, text string) {
	l.text.paste(text)
	l.typed(r, true)
}

func (l *line) typed(r *Root, changed bool) {
	if !changed {
		return
	}
	l.tabs = nil
	if l.changed != nil {
		l.changed(r, l.text.value())
	}
}

// tab goes through the continuations of what was typed.
func (l *line) tab(by int) {
	if l.complete == nil {
		return
	}
	if l.tabs == nil {
		l.tabs, l.tabAt = l.complete(l.text.value()), -1
		if by < 0 {
			l.tabAt = 0
		}
	}
	if n := len(l.tabs); n > 0 {
		l.tabAt = (l.tabAt + by + n) % n
		l.text.set(l.tabs[l.tabAt])
	}
}

// view is the line with, after it, what is wrong or what tab offers.
func (l *line) view(r *Root) string {
	t := r.env.Theme
	room := r.w - 1 - cells(l.sign)
	offers := l.offers(t, max(room/2, room-cells(l.text.value())-2))
	text := l.text.view(room - cells(offers))
	return " " + t.Paint(theme.Key, l.sign) + text + offers
}

// above are the lines over the row that tell what is wrong where it does not
// fit beside the text, each w cells wide.
func (l *line) above(t *theme.Theme, w int) []string {
	if l.wrong == "" || l.beside(w) {
		return nil
	}
	var out []string
	for _, text := range wrap(l.wrong, w-2) {
		out = append(out, t.Paint(theme.Failed, fill(" "+text, w)))
	}
	return out
}

// beside reports that what is wrong has room behind the text and its cursor.
func (l *line) beside(w int) bool { return 1+cells(l.sign)+cells(l.text.value())+3+cells(l.wrong) <= w }

func (l *line) offers(t *theme.Theme, w int) string {
	if l.wrong != "" && cells(l.wrong)+2 <= w {
		return "  " + t.Paint(theme.Failed, l.wrong)
	}
	if l.wrong != "" || l.complete == nil {
		return ""
	}
	out := ""
	for i, offer := range l.complete(l.text.value()) {
		if i == 0 && offer == l.text.value() {
			continue
		}
		if cells(out)+cells(offer)+2 > w {
			break
		}
		out += "  " + offer
	}
	return t.Paint(theme.Dim, out)
}
