package widget

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// move leaves a field: what was typed into it is checked.
func (f *Form) move(by int) {
	if s := f.focused(); s != nil && s.touched {
		// The refusal is shown in place; Check returns it.
		_ = s.validate()
	}
	if n := len(f.slots); n > 0 {
		f.focusOn((f.focus + by + n) % n)
	}
}

// Key types, and moves between fields with tab, shift+tab, up, down and enter.
// Down offers completions, tab and enter take one, esc closes them.
func (f *Form) Key(k tea.KeyPressMsg) bool {
	s := f.focused()
	if s == nil {
		return false
	}
	key := k.String()
	if len(f.offered) > 0 && f.offerKey(s, key) {
		return true
	}
	switch key {
	case "tab":
		f.move(1)
		return true
	case "shift+tab":
		f.move(-1)
		return true
	}
	switch {
	case s.area != nil:
		return f.areaKey(s, k)
	case s.line != nil:
		return f.lineKey(s, k)
	default:
		return f.choiceKey(s, key)
	}
}

func (f *Form) lineKey(s *slot, k tea.KeyPressMsg) bool {
	switch k.String() {
	case "down":
		if f.offered = s.completions(); len(f.offered) > 0 {
			f.offering = 0
		} else {
			f.move(1)
		}
		return true
	case "up":
		f.move(-1)
		return true
	case "enter":
		f.move(1)
		return true
	}
	before := s.value()
	used := s.line.key(k)
	if s.value() != before {
		f.changed(s)
	}
	return used
}

func (f *Form) changed(s *slot) {
	s.touched, s.problem, s.field.Source = true, safe.Text{}, safe.Text{}
	f.offered, f.offering = nil, -1
	if s.line != nil && s.value() != "" {
		f.offered = s.completions()
	}
}

// completions are the values that go on from what was typed; all of them where
// nothing was.
func (s *slot) completions() []string {
	var out []string
	for _, c := range s.field.Completions {
		if c != s.value() && strings.HasPrefix(strings.ToLower(c), strings.ToLower(s.value())) {
			out = append(out, c)
		}
	}
	return out
}

// offerKey handles keys while completions are shown.
func (f *Form) offerKey(s *slot, key string) bool {
	switch key {
	case "esc":
		f.offered, f.offering = nil, -1
	case "down":
		f.offering = (f.offering + 1) % len(f.offered)
	case "up":
		if f.offering < 0 {
			return false
		}
		f.offering = (f.offering + len(f.offered) - 1) % len(f.offered)
	case "tab", "enter":
		if f.offering < 0 && (key == "enter" || len(f.offered) > 1) {
			return false
		}
		chosen := f.offered[max(0, f.offering)]
		s.line.set(chosen)
		f.changed(s)
		f.offered, f.offering = nil, -1
	default:
		return false
	}
	return true
}

func (f *Form) choiceKey(s *slot, key string) bool {
	n := len(s.field.Options)
	switch key {
	case "down", "enter", "j":
		f.move(1)
		return true
	case "up", "k":
		f.move(-1)
		return true
	case "right", "space", "l":
		s.choice = (s.chosen() + 1) % max(1, n)
	case "left", "h":
		s.choice = (max(s.chosen(), 0) + n - 1) % max(1, n)
	default:
		return false
	}
	if n == 0 {
		s.choice = -1
	}
	f.changed(s)
	return true
}

// chosen is the option that stands, the default's where none was chosen.
func (s *slot) chosen() int {
	if s.choice < 0 {
		return slices.Index(s.field.Options, s.field.Default)
	}
	return s.choice
}

// areaKey edits several lines; up and down leave at the first and the last.
func (f *Form) areaKey(s *slot, k tea.KeyPressMsg) bool {
	switch key := k.String(); {
	case key == "up" && s.area.Line() == 0:
		f.move(-1)
		return true
	case key == "down" && s.area.Line() == s.area.LineCount()-1:
		f.move(1)
		return true
	case key == "esc":
		return false
	}
	before, line, column := s.area.Value(), s.area.Line(), s.area.Column()
	area, _ := s.area.Update(k)
	s.area = &area
	if s.value() != before {
		f.changed(s)
		return true
	}
	return s.area.Line() != line || s.area.Column() != column || k.Text != ""
}

// Paste types what was pasted into the field with the focus. Line breaks
// become blanks, but in JSON.
func (f *Form) Paste(text string) bool {
	s := f.focused()
	switch {
	case s == nil:
		return false
	case s.area != nil:
		s.area.InsertString(safe.Block(text).String())
	case s.line != nil:
		s.line.paste(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " "))
	default:
		return false
	}
	f.changed(s)
	return true
}
