package tui

import (
	"cmp"
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// useful are the actions that come first in the footer, after those of an open
// log or form.
var useful = []ID{KeyOpen, KeyAnswer, KeyLog, KeyRedrive, KeyClone, KeyStop, KeyToken, KeyFilter}

// leastFilter is how many cells of the filter are always shown.
const leastFilter = 20

// footer is the open line, or the filter that is on and what the keys do here as
// far as it fits, what is disabled now only where there is room left; the way to
// the help is always there.
func (r *Root) footer() string {
	if r.line != nil {
		return r.line.view(r)
	}
	last := r.hint(BindingOf(KeyHelp), false)
	filtered := r.filtered()
	room := r.w - 2 - cells(last) - cells(filtered)
	hints := r.hints()
	for _, disabled := range []bool{false, true} {
		for i := range hints {
			h := &hints[i]
			if width := cells(h.text) + 2; h.disabled == disabled && width <= room {
				h.shown = true
				room -= width
			}
		}
	}
	out := " " + filtered
	for _, h := range hints {
		if h.shown {
			out += h.text + "  "
		}
	}
	return out + last
}

// filtered is the filter that is on, with its sign, in place of the key's hint.
func (r *Root) filtered() string {
	f, ok := r.top().screen.(Filterable)
	if !ok || f.Filter() == "" {
		return ""
	}
	text := safe.Line(f.Filter()).Truncate(max(leastFilter, r.w/3))
	return r.env.Theme.Paint(theme.Match, BindingOf(KeyFilter).Name()+text.String()) + "  "
}

// hint is a key with its label.
type hint struct {
	id              ID
	text            string
	disabled, shown bool
}

// hints are those of the screen's actions and of the filter, the most useful
// first.
func (r *Root) hints() []hint {
	actions := r.top().screen.Actions()
	if f, ok := r.top().screen.(Filterable); ok && f.Filter() == "" {
		actions = append(actions, Action{ID: KeyFilter})
	}
	var out []hint
	for _, a := range actions {
		disabled := r.env.reason(a) != ""
		if b := BindingOf(a.ID); b.Label != "" && a.ID != KeyHelp {
			out = append(out, hint{id: a.ID, text: r.hint(b, disabled), disabled: disabled})
		}
	}
	slices.SortStableFunc(out, func(a, b hint) int { return cmp.Compare(a.rank(), b.rank()) })
	return out
}

func (h hint) rank() int {
	if place := BindingOf(h.id).Place; place == OfLogs || place == OfForms {
		return -1
	}
	if i := slices.Index(useful, h.id); i >= 0 {
		return i
	}
	return len(useful)
}

func (r *Root) hint(b Binding, disabled bool) string {
	t := r.env.Theme
	if disabled {
		return t.Paint(theme.Dim, b.Name()+" "+b.Label)
	}
	return t.Paint(theme.Key, b.Name()) + " " + b.Label
}
