package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth bounds the nesting that is read, so that hostile JSON cannot exhaust the stack.
const maxDepth = 200

// tree is a JSON value that keeps the order of keys, which encoding/json loses
// and a definition is drawn by.
type tree struct {
	kind   byte // '{', '[', 's' string, 'v' other literal
	text   string
	keys   []string // of '{', in order
	values []*tree  // of '{' and '['
}

func parseTree(doc string) (*tree, error) {
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	t, err := readTree(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the end of the JSON value")
	}
	return t, nil
}

func readTree(dec *json.Decoder, depth int) (*tree, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		t := &tree{kind: byte(v)}
		for dec.More() {
			if v == '{' {
				key, err := dec.Token()
				if err != nil {
					return nil, err
				}
				t.keys = append(t.keys, fmt.Sprint(key))
			}
			value, err := readTree(dec, depth+1)
			if err != nil {
				return nil, err
			}
			t.values = append(t.values, value)
		}
		_, err := dec.Token()
		return t, err
	case string:
		return &tree{kind: 's', text: v}, nil
	case nil:
		return &tree{kind: 'v', text: "null"}, nil
	default:
		return &tree{kind: 'v', text: fmt.Sprint(v)}, nil
	}
}

// get returns the member key of an object, or nil.
func (t *tree) get(key string) *tree {
	if t == nil || t.kind != '{' {
		return nil
	}
	for i, k := range t.keys {
		if k == key {
			return t.values[i]
		}
	}
	return nil
}

// str returns the string member key, or "".
func (t *tree) str(key string) string {
	if m := t.get(key); m != nil && m.kind == 's' {
		return m.text
	}
	return ""
}

// literal returns a string or number member as text, or "".
func (t *tree) literal(key string) string {
	if m := t.get(key); m != nil && (m.kind == 's' || m.kind == 'v') {
		return m.text
	}
	return ""
}

// list returns the items of the array member key.
func (t *tree) list(key string) []*tree {
	if m := t.get(key); m != nil && m.kind == '[' {
		return m.values
	}
	return nil
}

// strings calls f for every string in the tree with the path to it.
func (t *tree) strings(path []string, f func(path []string, s string)) {
	switch {
	case t == nil:
	case t.kind == 's':
		f(path, t.text)
	default:
		for i, v := range t.values {
			key := fmt.Sprint(i)
			if t.kind == '{' {
				key = t.keys[i]
			}
			v.strings(append(path[:len(path):len(path)], key), f)
		}
	}
}

// at follows a path of keys and indexes as far as it leads.
func (t *tree) at(path []string) *tree {
	for _, key := range path {
		next := t.get(key)
		if t.kind == '[' {
			var i int
			if _, err := fmt.Sscanf(key, "%d", &i); err == nil && i >= 0 && i < len(t.values) {
				next = t.values[i]
			}
		}
		if next == nil {
			return nil
		}
		t = next
	}
	return t
}

// allStrings reports whether every item is a string.
func (t *tree) allStrings() bool {
	for _, v := range t.values {
		if v.kind != 's' {
			return false
		}
	}
	return true
}
