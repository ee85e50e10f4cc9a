package workflow

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Document is a run's input whose values are read and changed one by one. What
// is not changed keeps its place and its spelling. It is immutable; the zero
// Document is the empty object.
type Document struct{ root *tree }

// ParseDocument reads an input that is a JSON object. Other JSON is refused,
// since it has no fields; so is what is nested deeper than 200 levels.
func ParseDocument(input string) (Document, error) {
	if err := CheckInput(input); err != nil {
		return Document{}, err
	}
	t, err := parseTree(input)
	if err != nil {
		return Document{}, refuse("input", "%v; edit it as JSON", err)
	}
	if t.kind != '{' {
		return Document{}, refuse("input", "it is no JSON object such as {}, so it has no fields; edit it as JSON")
	}
	return Document{root: t.distinct()}, nil
}

// Get returns the value at the path as compact JSON.
func (d Document) Get(path ...string) (value string, ok bool) {
	t := d.root
	for _, key := range path {
		if t = t.get(key); t == nil {
			return "", false
		}
	}
	if t == nil {
		return "{}", true
	}
	return t.compact(), true
}

// With returns the document with the JSON value at the path. What is on the way
// and no object is replaced by one. A value that is not JSON is not taken.
func (d Document) With(value string, path ...string) Document {
	t, err := parseTree(value)
	if err != nil || len(path) == 0 {
		return d
	}
	return Document{root: d.root.with(t, path)}
}

// Without returns the document without the value at the path, nor the objects
// that this leaves empty.
func (d Document) Without(path ...string) Document {
	if _, there := d.Get(path...); !there || len(path) == 0 {
		return d
	}
	return Document{root: d.root.without(path)}
}

// Text is the document in lines, as it is edited.
func (d Document) Text() string { return d.tree().indented("", false) }

// Compact is the document as it is sent.
func (d Document) Compact() string { return d.tree().compact() }

// Canonical is the document in lines with sorted keys: equal for equal values.
func (d Document) Canonical() string { return d.tree().indented("", true) }

func (d Document) tree() *tree {
	if d.root == nil {
		return &tree{kind: '{'}
	}
	return d.root
}

// leafDepth is how deep objects are opened into fields.
const leafDepth = 5

// leaves calls f for every value that is a field of its own: what is no object,
// is empty, or lies too deep.
func (d Document) leaves(f func(path []string, value *tree)) {
	var walk func(path []string, t *tree)
	walk = func(path []string, t *tree) {
		for i, key := range t.keys {
			at := append(path[:len(path):len(path)], key)
			if v := t.values[i]; v.kind == '{' && len(v.keys) > 0 && len(at) < leafDepth {
				walk(at, v)
			} else {
				f(at, v)
			}
		}
	}
	walk(nil, d.tree())
}

// with copies what lies on the path and shares the rest.
func (t *tree) with(value *tree, path []string) *tree {
	if len(path) == 0 {
		return value
	}
	out := &tree{kind: '{'}
	if t != nil && t.kind == '{' {
		out.keys, out.values = slices.Clone(t.keys), slices.Clone(t.values)
	}
	if i := out.last(path[0]); i >= 0 {
		out.values[i] = out.values[i].with(value, path[1:])
		return out
	}
	out.keys = append(out.keys, path[0])
	out.values = append(out.values, (*tree)(nil).with(value, path[1:]))
	return out
}

func (t *tree) without(path []string) *tree {
	out := &tree{kind: '{', keys: slices.Clone(t.keys), values: slices.Clone(t.values)}
	i := out.last(path[0])
	if len(path) > 1 {
		if inner := out.values[i].without(path[1:]); len(inner.keys) > 0 {
			out.values[i] = inner
			return out
		}
	}
	out.keys, out.values = slices.Delete(out.keys, i, i+1), slices.Delete(out.values, i, i+1)
	return out
}

func (t *tree) last(key string) int {
	for i := len(t.keys) - 1; i >= 0; i-- {
		if t.keys[i] == key {
			return i
		}
	}
	return -1
}

// distinct leaves the last of equal keys, which is the one that counts.
func (t *tree) distinct() *tree {
	for i, v := range t.values {
		t.values[i] = v.distinct()
	}
	if t.kind != '{' {
		return t
	}
	at := make(map[string]int, len(t.keys))
	out := &tree{kind: '{'}
	for i, key := range t.keys {
		if j, seen := at[key]; seen {
			out.values[j] = t.values[i]
			continue
		}
		at[key] = len(out.keys)
		out.keys, out.values = append(out.keys, key), append(out.values, t.values[i])
	}
	return out
}

func (t *tree) compact() string {
	var out strings.Builder
	t.write(&out)
	return out.String()
}

func (t *tree) write(out *strings.Builder) {
	switch t.kind {
	case 's':
		out.Write(encode(t.text))
	case 'v':
		out.WriteString(t.text)
	default:
		out.WriteByte(t.kind)
		for i, v := range t.values {
			if i > 0 {
				out.WriteByte(',')
			}
			if t.kind == '{' {
				out.Write(encode(t.keys[i]))
				out.WriteByte(':')
			}
			v.write(out)
		}
		out.WriteByte(t.kind + 2) // ASCII: ] and } follow two after [ and {
	}
}

// shortList is how long a list of plain values may be to stay on one line.
const shortList = 60

func (t *tree) indented(margin string, sorted bool) string {
	if len(t.values) == 0 || t.kind == '[' && t.plain() && len(t.compact()) <= shortList {
		return t.spaced()
	}
	order := make([]int, len(t.values))
	for i := range order {
		order[i] = i
	}
	if sorted && t.kind == '{' {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t.keys[a], t.keys[b]) })
	}
	var out strings.Builder
	out.WriteByte(t.kind)
	for n, i := range order {
		if n > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n" + margin + "  ")
		if t.kind == '{' {
			out.Write(encode(t.keys[i]))
			out.WriteString(": ")
		}
		out.WriteString(t.values[i].indented(margin+"  ", sorted))
	}
	out.WriteString("\n" + margin)
	out.WriteByte(t.kind + 2)
	return out.String()
}

// plain reports whether no item is a list or an object.
func (t *tree) plain() bool {
	return !slices.ContainsFunc(t.values, func(v *tree) bool { return v.kind != 's' && v.kind != 'v' })
}

// spaced is compact with a space after the commas of a list.
func (t *tree) spaced() string {
	if t.kind != '[' {
		return t.compact()
	}
	items := make([]string, len(t.values))
	for i, v := range t.values {
		items[i] = v.compact()
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// Fault is where a text stops being JSON. Line and Column count from 1, columns
// in characters.
type Fault struct {
	Line, Column int
	Reason       string
}

// FindFault returns the first fault of the text, or nil where it is JSON.
func FindFault(text string) *Fault {
	var value json.RawMessage
	err := json.Unmarshal([]byte(text), &value)
	if err == nil {
		return nil
	}
	offset := len(text)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && !strings.HasPrefix(syntax.Error(), "unexpected end") {
		offset = int(syntax.Offset) - 1
	}
	f := &Fault{Reason: err.Error()}
	f.Line, f.Column = position(text, offset)
	return f
}
