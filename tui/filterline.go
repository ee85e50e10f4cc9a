package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// openFilter opens the filter line where the top screen takes a filter: every
// change is applied at once; enter keeps it, and goes to what it found where the
// screen is a Finder; esc takes it away.
func (r *Root) openFilter() bool {
	f, ok := r.top().screen.(Filterable)
	if !ok {
		return false
	}
	l := &line{sign: "/", text: newEdit(f.Filter())}
	apply := func(text string) {
		l.wrong = ""
		if err := f.SetFilter(text); err != nil {
			l.wrong = safe.Line(err.Error()).String()
		}
	}
	l.changed = func(_ *Root, text string) { apply(text) }
	l.esc = func(*Root) { apply("") }
	l.enter = func(r *Root, text string) tea.Cmd {
		if err := f.SetFilter(text); err != nil {
			r.line = l
			return nil
		}
		if finder, ok := f.(Finder); ok {
			finder.Find()
		}
		return nil
	}
	r.line = l
	return true
}
