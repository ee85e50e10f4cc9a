package paths

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ohler55/ojg/jp"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// NotFoundError says where a definite path left the value.
type NotFoundError struct {
	Path Path
	Leaf bool // only the last step is missing

	at []step
}

func (e *NotFoundError) Error() string {
	if e.Leaf {
		return "No results for path: " + normal(e.at)
	}
	return "Missing property in path " + normal(e.at)
}

// MismatchError says that a reference path cannot be written into a value.
type MismatchError struct {
	Path  Path
	Input any
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("Unable to apply ReferencePath %s to input %s", e.Path, jsonv.Text(e.Input))
}

// Get returns what p finds in value, the value of p's root. A definite path
// that finds nothing is a *NotFoundError; another path gives a list, which may
// be empty. The result shares structure with value.
func (p Path) Get(value any) (any, error) {
	if p.query != nil {
		return p.find(value)
	}
	for i, s := range p.steps {
		next, ok := s.get(value)
		if !ok {
			return nil, &NotFoundError{Path: p, Leaf: i == len(p.steps)-1, at: p.steps[:i+1]}
		}
		value = next
	}
	return value, nil
}

// Set returns a copy of value with v at p, a reference path. Missing parents
// are created; only the containers on the way are copied.
func (p Path) Set(value, v any) (any, error) {
	changed, ok := set(value, p.steps, v)
	if !ok || !p.Reference() {
		return nil, &MismatchError{Path: p, Input: value}
	}
	return changed, nil
}

func (s step) get(value any) (any, bool) {
	if !s.isIndex {
		o, _ := value.(*jsonv.Object)
		return o.Get(s.key)
	}
	list, _ := value.([]any)
	i := s.index
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

func set(value any, steps []step, v any) (any, bool) {
	if len(steps) == 0 {
		return v, true
	}
	s := steps[0]
	if s.isIndex {
		list, ok := value.([]any)
		if !ok || s.index < 0 || s.index >= len(list) {
			return nil, false
		}
		child, ok := set(list[s.index], steps[1:], v)
		list = append([]any(nil), list...)
		list[s.index] = child
		return list, ok
	}
	o, ok := value.(*jsonv.Object)
	if !ok {
		return nil, false
	}
	inner, present := o.Get(s.key)
	if !present && len(steps) > 1 {
		inner = jsonv.NewObject()
	}
	child, ok := set(inner, steps[1:], v)
	o = o.Copy()
	o.Set(s.key, child)
	return o, ok
}

// find evaluates a path that is not definite. The library only says where the
// results are, so that they keep their key order and the text of numbers.
func (p Path) find(value any) (found any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the path %s cannot be evaluated: %v", p, r)
		}
	}()
	list := []any{}
	for _, place := range p.query.Locate(searchable(value), 0) {
		if item, ok := follow(value, place); ok {
			list = append(list, item)
		}
	}
	return list, nil
}

func follow(value any, place jp.Expr) (any, bool) {
	for _, f := range place {
		var ok bool
		switch f := f.(type) {
		case jp.Child:
			value, ok = step{key: string(f)}.get(value)
		case jp.Nth:
			value, ok = step{index: int(f), isIndex: true}.get(value)
		default:
			ok = true // the root
		}
		if !ok {
			return nil, false
		}
	}
	return value, true
}

// keyed shows an object to the path library, in key order.
type keyed struct {
	*jsonv.Object
	values map[string]any
}

func (k keyed) ValueForKey(key string) (any, bool) {
	v, ok := k.values[key]
	return v, ok
}

// SetValueForKey does nothing: paths only read.
func (k keyed) SetValueForKey(string, any) {}

// RemoveValueForKey does nothing: paths only read.
func (k keyed) RemoveValueForKey(string) {}

func searchable(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = searchable(item)
		}
		return list
	case *jsonv.Object:
		values := make(map[string]any, v.Len())
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			values[key] = searchable(item)
		}
		return keyed{Object: v, values: values}
	}
	return v
}

func normal(steps []step) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range steps {
		if s.isIndex {
			fmt.Fprintf(&b, "[%d]", s.index)
		} else {
			fmt.Fprintf(&b, "['%s']", s.key)
		}
	}
	return b.String()
}
