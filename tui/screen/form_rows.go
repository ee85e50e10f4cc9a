package screen

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// rowKind is what a row of the form edits.
type rowKind int

const (
	rowName rowKind = iota
	rowField
	rowAdd
)

// rowAt is a row of the form; field is the index of a rowField.
type rowAt struct {
	kind  rowKind
	field int
}

// rows are the form's rows from top to bottom. A new value is added behind the
// variables of the managed machine, else at the end.
func (f *formScreen) rows() []rowAt {
	rows := []rowAt{{kind: rowName}}
	added := false
	for i, field := range f.form.Fields() {
		if f.ground.managed && !added && field.Path[0] != "args" && field.Path[0] != "env" {
			rows, added = append(rows, rowAt{kind: rowAdd}), true
		}
		rows = append(rows, rowAt{kind: rowField, field: i})
	}
	if !added {
		rows = append(rows, rowAt{kind: rowAdd})
	}
	return rows
}

func (f *formScreen) rowIndex() int {
	for i, r := range f.rows() {
		if r == f.at {
			return i
		}
	}
	return 0
}

// focusOn gives a row the cursor; one that is no more gives it to the first.
func (f *formScreen) focusOn(at rowAt) {
	f.at = rowAt{kind: rowName}
	for _, r := range f.rows() {
		if r == at {
			f.at = at
		}
	}
	f.pick, f.line = -1, newFormLine()
	f.line.set(f.rowText(f.at))
}

func (f *formScreen) rowText(at rowAt) string {
	switch at.kind {
	case rowName:
		return f.name
	case rowAdd:
		return f.adding
	default:
		return f.form.Fields()[at.field].Text
	}
}

// rowLabel names the row as problems name it.
func (f *formScreen) rowLabel(at rowAt) string {
	switch at.kind {
	case rowName:
		return "name"
	case rowAdd:
		return "add"
	default:
		return f.form.Fields()[at.field].Name()
	}
}

func (f *formScreen) move(by int) {
	f.leaveAdd()
	rows := f.rows()
	f.focusOn(rows[(f.rowIndex()+by+len(rows))%len(rows)])
}

// fieldKey edits the row under the cursor or moves to another one.
func (f *formScreen) fieldKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "tab", "down":
		f.move(1)
	case "shift+tab", "up":
		f.move(-1)
	case "pgdown":
		f.choose(1)
	case "pgup":
		f.choose(-1)
	case "enter":
		if f.at.kind == rowAdd && strings.TrimSpace(f.adding) != "" {
			f.leaveAdd()
			return nil
		}
		return f.submit()
	case "right":
		if rest := f.completion(); rest != "" && f.line.atEnd() {
			f.typed(f.line.text() + rest)
			return nil
		}
		f.line.key(k)
	default:
		f.line.key(k)
		f.edited()
	}
	return nil
}

// edited takes over what the line holds now.
func (f *formScreen) edited() {
	text := f.line.text()
	if text == f.rowText(f.at) {
		return
	}
	f.pick = -1
	f.write(text)
}

// typed replaces the row's text.
func (f *formScreen) typed(text string) {
	f.line.set(text)
	f.write(text)
}

func (f *formScreen) write(text string) {
	switch f.at.kind {
	case rowName:
		f.name, f.named = text, text != ""
	case rowAdd:
		f.adding = text
	default:
		f.form.Set(f.at.field, text)
		f.rename()
	}
	f.changed()
}

// options are the values offered for the row.
func (f *formScreen) options() []string {
	if f.at.kind != rowField {
		return nil
	}
	field := f.form.Fields()[f.at.field]
	if field.Name() == "memory" && f.ground.managed {
		if cpu, ok := f.form.Document().Get("cpu"); ok {
			return memoryOptions(cpu, field.Options)
		}
	}
	return field.Options
}

// memoryOptions are the memory sizes that Fargate pairs with the cpu.
func memoryOptions(cpu string, all []string) []string {
	units, err := strconv.Atoi(cpu)
	sizes := workflow.MemoryFor(units)
	if err != nil || sizes == nil {
		return all
	}
	texts := make([]string, len(sizes))
	for i, n := range sizes {
		texts[i] = strconv.Itoa(n)
	}
	return texts
}

// choose puts the next offered value into the row; before the first stands
// what was typed.
func (f *formScreen) choose(by int) {
	options := f.options()
	if len(options) == 0 {
		return
	}
	if f.pick < 0 {
		f.before = f.line.text()
	}
	f.pick = (f.pick+1+by+len(options)+1)%(len(options)+1) - 1
	text := f.before
	if f.pick >= 0 {
		text = options[f.pick]
	}
	f.typed(text)
}

// completion is what the first offered value adds to the typed text.
func (f *formScreen) completion() string {
	typed := f.line.text()
	if typed == "" {
		return ""
	}
	for _, o := range f.options() {
		if rest, ok := strings.CutPrefix(o, typed); ok && rest != "" {
			return rest
		}
	}
	return ""
}

// leaveAdd makes a field of what was typed into the row for new values. What
// is no NAME=VALUE stays there.
func (f *formScreen) leaveAdd() {
	if f.at.kind != rowAdd {
		return
	}
	field, text, err := f.added()
	if err != nil || field.Path == nil {
		return
	}
	f.adding = ""
	i := f.form.Add(field, text)
	f.rename()
	f.changed()
	f.focusOn(rowAt{kind: rowField, field: i})
}

// added reads the row for new values; a nil path means that it is empty.
func (f *formScreen) added() (workflow.InputField, string, error) {
	if strings.TrimSpace(f.adding) == "" {
		return workflow.InputField{}, "", nil
	}
	name, text, found := strings.Cut(f.adding, "=")
	name = strings.TrimSpace(name)
	if !found || name == "" {
		return workflow.InputField{}, "", &workflow.FieldError{Field: "add", Reason: "it is not NAME=VALUE; add the sign and a value, or empty the row"}
	}
	field := workflow.InputField{Path: strings.Split(name, ".")}
	if f.ground.managed {
		field = workflow.VariableField(name)
	}
	if slices.Contains(field.Path, "") {
		return workflow.InputField{}, "", &workflow.FieldError{Field: "add", Reason: "the name has an empty part between dots"}
	}
	if f.form.Shadowed(field.Path) {
		return workflow.InputField{}, "", &workflow.FieldError{Field: "add", Reason: "the name leads through a value that is no object; change that value first"}
	}
	return field, text, nil
}
