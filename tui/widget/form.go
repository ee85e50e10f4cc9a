package widget

import (
	"slices"

	"charm.land/bubbles/v2/textarea"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// areaWidth is where the lines of a JSON field wrap, in cells. It is wider than
// they are drawn, so that the keys up and down go by lines.
const areaWidth = 1000

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
			area.SetWidth(areaWidth)
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
