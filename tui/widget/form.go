package widget

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// slot is a field with what has been typed into it.
type slot struct {
	field   Field
	line    *input          // nil for JSON and choices
	area    *textarea.Model // JSON only
	choice  int             // of Options; -1: none
	problem safe.Text
	touched bool
}

// Form is fields one below the other. What was typed stays, also where it is
// refused.
type Form struct {
	theme *theme.Theme
	slots []*slot
	focus int
	top   int // first row drawn

	offered  []string // completions shown
	offering int      // which of them, -1: none chosen yet
}

// NewForm makes a form; the first field has the focus.
func NewForm(t *theme.Theme, fields ...Field) *Form {
	f := &Form{theme: t, offering: -1}
	for _, field := range fields {
		s := &slot{field: field, choice: -1}
		switch field.Kind {
		case JSONField:
			area := textarea.New()
			area.CharLimit, area.MaxHeight, area.MaxWidth = 0, 0, 0
			area.SetWidth(1 << 20) // lines are not wrapped: they are cut when drawn
			area.Prompt, area.ShowLineNumbers = "", false
			area.KeyMap.Paste.SetEnabled(false)
			area.Focus()
			s.area = &area
		case ChoiceField:
		default:
			s.line = newInput("")
		}
		s.set(field.Value)
		f.slots = append(f.slots, s)
	}
	return f
}

func (s *slot) set(value string) {
	switch {
	case s.area != nil:
		s.area.SetValue(value)
		s.area.MoveToBegin()
	case s.line != nil:
		s.line.set(value)
	default:
		s.choice = slices.Index(s.field.Options, value)
	}
}

func (s *slot) value() string {
	switch {
	case s.area != nil:
		return s.area.Value()
	case s.line != nil:
		return s.line.value()
	case s.choice >= 0:
		return s.field.Options[s.choice]
	default:
		return ""
	}
}

func (f *Form) slot(name string) *slot {
	for _, s := range f.slots {
		if s.field.Name == name {
			return s
		}
	}
	return nil
}

// Value is what stands in a field, as typed; its default where it is empty.
func (f *Form) Value(name string) string {
	s := f.slot(name)
	if s == nil {
		return ""
	}
	if v := s.value(); v != "" {
		return v
	}
	return s.field.Default
}

// Typed is what stands in a field, and whether the user has changed it.
func (f *Form) Typed(name string) (value string, changed bool) {
	if s := f.slot(name); s != nil {
		return s.value(), s.touched
	}
	return "", false
}

// Words is the value of a field of words.
func (f *Form) Words(name string) ([]string, error) { return SplitWords(f.Value(name)) }

// Pairs is the value of a field of NAME=value pairs.
func (f *Form) Pairs(name string) ([]Pair, error) { return SplitPairs(f.Value(name)) }

// Set puts a value into a field and says where it is from.
func (f *Form) Set(name, value string, source safe.Text) {
	if s := f.slot(name); s != nil {
		s.set(value)
		s.field.Source, s.problem, s.touched = source, safe.Text{}, false
	}
}

// SetCompletions replaces what a field offers.
func (f *Form) SetCompletions(name string, values []string) {
	if s := f.slot(name); s != nil {
		s.field.Completions = values
	}
}

// SetProblem shows in place what is wrong with a field; an empty text takes it away.
func (f *Form) SetProblem(name string, problem safe.Text) {
	if s := f.slot(name); s != nil {
		s.problem = problem
	}
}

// Check checks every field, shows what is wrong in place, puts the focus on
// the first that is refused and returns its error, which names the field.
func (f *Form) Check() error {
	var first error
	for i, s := range f.slots {
		err := s.validate()
		if err != nil && first == nil {
			first = err
			f.focusOn(i)
		}
	}
	return first
}

func (s *slot) validate() error {
	err := s.field.check(s.value())
	s.problem = safe.Text{}
	if err != nil {
		s.problem = safe.Line(err.Error())
	}
	return err
}

// Focus puts the focus on a field.
func (f *Form) Focus(name string) {
	for i, s := range f.slots {
		if s.field.Name == name {
			f.focusOn(i)
		}
	}
}

// Focused is the name of the field with the focus.
func (f *Form) Focused() string {
	if s := f.focused(); s != nil {
		return s.field.Name
	}
	return ""
}

func (f *Form) focused() *slot {
	if f.focus >= len(f.slots) {
		return nil
	}
	return f.slots[f.focus]
}

func (f *Form) focusOn(i int) {
	f.focus = i
	f.offered, f.offering = nil, -1
}

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
