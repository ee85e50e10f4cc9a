package workflow

import (
	"slices"
	"strings"
)

// InputForm is a run's input as fields: every change of a field's text is at
// once a change of the document. What no field changes stays as it was.
type InputForm struct {
	known  []InputField
	doc    Document
	fields []FormField
	hidden int
}

// FormField is a field with its text. An empty text means that the input has
// no such value.
type FormField struct {
	InputField
	Text string
}

// maxFields bounds the fields of one form; the rest is edited as JSON.
const maxFields = 200

// NewInputForm makes the form of known fields and of whatever else the
// document holds.
func NewInputForm(known []InputField, doc Document) *InputForm {
	f := &InputForm{known: known}
	f.Load(doc)
	return f
}

// Document is the input as it stands.
func (f *InputForm) Document() Document { return f.doc }

// Fields are the fields with their texts, known ones first. The slice is the form's.
func (f *InputForm) Fields() []FormField { return f.fields }

// Hidden is how many values of the document have no field because there are
// too many of them.
func (f *InputForm) Hidden() int { return f.hidden }

// Load takes another document, as edited in JSON.
func (f *InputForm) Load(doc Document) {
	f.doc, f.fields, f.hidden = doc, nil, 0
	for _, k := range f.known {
		if !f.Shadowed(k.Path) {
			f.append(k)
		}
	}
	doc.leaves(func(path []string, _ *tree) {
		overlaps := func(k FormField) bool {
			n := min(len(k.Path), len(path))
			return slices.Equal(k.Path[:n], path[:n])
		}
		switch {
		case slices.ContainsFunc(f.fields, overlaps):
		case len(f.fields) >= maxFields:
			f.hidden++
		default:
			f.append(f.unknown(path))
		}
	})
	f.group()
}

func (f *InputForm) append(k InputField) {
	field := FormField{InputField: k}
	if value, ok := f.doc.Get(k.Path...); ok {
		field.InputField = k.Fitting(value)
		field.Text = field.Show(value)
	}
	f.fields = append(f.fields, field)
}

// unknown is the field of a value that nobody told of. Beside the managed
// machine's args, env holds variables.
func (f *InputForm) unknown(path []string) InputField {
	words := func(k InputField) bool { return k.Name() == "args" && k.Kind == FieldWords }
	if len(path) == 2 && path[0] == "env" && slices.ContainsFunc(f.known, words) {
		return VariableField(path[1])
	}
	return InputField{Path: path}
}

// group puts fields of one object next to each other, where the first one
// stands; variables stand behind the args.
func (f *InputForm) group() {
	first := map[string]int{}
	for i, field := range f.fields {
		if _, seen := first[field.Path[0]]; !seen {
			first[field.Path[0]] = 2 * i
		}
	}
	if args, ok := first["args"]; ok {
		first["env"] = args + 1
	}
	slices.SortStableFunc(f.fields, func(a, b FormField) int { return first[a.Path[0]] - first[b.Path[0]] })
}

// Find is the index of the field with the path, or -1.
func (f *InputForm) Find(path ...string) int {
	return slices.IndexFunc(f.fields, func(k FormField) bool { return slices.Equal(k.Path, path) })
}

// Set changes the text of field i, and with it the document.
func (f *InputForm) Set(i int, text string) {
	field := &f.fields[i]
	if field.Text == text {
		return
	}
	field.Text = text
	if value, ok := field.Parse(text); ok {
		f.doc = f.doc.With(value, field.Path...)
	} else {
		f.doc = f.doc.Without(field.Path...)
	}
}

// Add puts a value into the input that no field stands for yet, and returns
// the index of the field that shows it, or -1 where there are too many.
func (f *InputForm) Add(field InputField, text string) int {
	value, ok := field.Parse(text)
	if !ok {
		value = `""`
	}
	f.Load(f.doc.With(value, field.Path...))
	return slices.IndexFunc(f.fields, func(k FormField) bool {
		return len(k.Path) <= len(field.Path) && slices.Equal(k.Path, field.Path[:len(k.Path)])
	})
}

// Shadowed reports whether a value that is no object stands where the path
// leads through; a value at the path would replace it.
func (f *InputForm) Shadowed(path []string) bool {
	t := f.doc.root
	for _, key := range path[:len(path)-1] {
		if t = t.get(key); t == nil {
			return false
		}
		if t.kind != '{' {
			return true
		}
	}
	return false
}

// Check tells what is wrong with the fields' texts, in the order of the fields.
func (f *InputForm) Check() []*FieldError {
	var wrong []*FieldError
	for _, field := range f.fields {
		if e := field.Check(field.Text); e != nil {
			wrong = append(wrong, e)
		}
	}
	return wrong
}

// maxOptions is how many values of recent runs a field offers.
const maxOptions = 8

// InferFields guesses the fields of a machine from the paths of the input that
// its definition reads and from inputs of recent runs, the newest first.
func InferFields(paths []string, inputs []Document) []InputField {
	var fields []InputField
	add := func(path []string, help string) {
		inside := func(f InputField) bool { return len(f.Path) >= len(path) && slices.Equal(f.Path[:len(path)], path) }
		if len(fields) < maxFields && !slices.ContainsFunc(fields, inside) {
			above := func(f InputField) bool { return slices.Equal(f.Path, path[:min(len(f.Path), len(path))]) }
			fields = slices.DeleteFunc(fields, above)
			fields = append(fields, InputField{Path: path, Help: help})
		}
	}
	for _, p := range paths {
		add(strings.Split(p, "."), "the machine reads it")
	}
	for _, doc := range inputs {
		doc.leaves(func(path []string, _ *tree) { add(path, "recent runs gave it") })
	}
	for i := range fields {
		fields[i].learn(inputs)
	}
	return fields
}

// learn takes kind and options from what recent runs gave.
func (f *InputField) learn(inputs []Document) {
	kinds := map[FieldKind]bool{}
	var values []string
	for _, doc := range inputs {
		value, ok := doc.Get(f.Path...)
		if !ok {
			continue
		}
		kinds[kindOf(value)] = true
		if !slices.Contains(values, value) && len(values) < maxOptions {
			values = append(values, value)
		}
	}
	if len(kinds) == 1 && f.Kind == FieldAny {
		for kind := range kinds {
			f.Kind = kind
		}
	}
	for _, value := range values {
		f.Options = append(f.Options, f.Fitting(value).Show(value))
	}
}

func kindOf(value string) FieldKind {
	switch value[0] {
	case '"':
		return FieldText
	case 't', 'f':
		return FieldBool
	case '[', '{', 'n':
		return FieldAny
	default:
		return FieldNumber
	}
}
