package jsonv

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// FromNative turns Go's plain JSON shapes (map[string]any, float64, int …) into
// values of this package. Keys of a map come in alphabetical order. A value
// that JSON cannot hold becomes nil.
func FromNative(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number:
		return v
	case *Object:
		return v
	case float64:
		return Number(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = FromNative(item)
		}
		return list
	case map[string]any:
		o := NewObject()
		for _, key := range slices.Sorted(maps.Keys(v)) {
			o.Set(key, FromNative(v[key]))
		}
		return o
	}
	return fromReflected(v)
}

func fromReflected(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	parsed, err := Parse(string(data))
	if err != nil {
		return nil
	}
	return parsed
}

// Clone returns a deep copy of v.
func Clone(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = Clone(item)
		}
		return list
	case *Object:
		if v == nil {
			return nil
		}
		o := NewObject()
		for _, key := range v.keys {
			o.Set(key, Clone(v.values[key]))
		}
		return o
	}
	return v
}

// Equal says whether a and b are the same JSON value. The order of keys does
// not count, and numbers are compared by value.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		return ok && sameNumber(a, n)
	case []any:
		list, ok := b.([]any)
		return ok && slices.EqualFunc(a, list, Equal)
	case *Object:
		o, ok := b.(*Object)
		if !ok || a.Len() != o.Len() {
			return false
		}
		for _, key := range a.Keys() {
			mine, _ := a.Get(key)
			other, ok := o.Get(key)
			if !ok || !Equal(mine, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
}

// Kind returns the JSON name of v's type: null, boolean, number, string, array
// or object.
func Kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
