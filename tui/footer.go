package tui

import (
	"github.com/stepdeck/stepdeck/tui/theme"
)

// footer is the open line, or what the keys do here as far as it fits; the
// way to the help is always there.
func (r *Root) footer() string {
	if r.line != nil {
		return r.line.view(r)
	}
	last := r.hint(BindingOf(KeyHelp), false)
	room := r.w - 2 - cells(last)
	out := " "
	for _, item := range r.hints() {
		if width := cells(item) + 2; width <= room {
			out += item + "  "
			room -= width
		}
	}
	return out + last
}

// hints are the labels of the screen's actions, then of the filter.
func (r *Root) hints() []string {
	var out []string
	for _, a := range r.top().screen.Actions() {
		if b := BindingOf(a.ID); b.Label != "" && a.ID != KeyHelp && a.ID != KeyFilter {
			out = append(out, r.hint(b, r.env.reason(a) != ""))
		}
	}
	if _, ok := r.top().screen.(Filterable); ok {
		out = append(out, r.hint(BindingOf(KeyFilter), false))
	}
	return out
}

func (r *Root) hint(b Binding, disabled bool) string {
	t := r.env.Theme
	if disabled {
		return t.Paint(theme.Dim, b.Name()+" "+b.Label)
	}
	return t.Paint(theme.Key, b.Name()) + " " + b.Label
}
