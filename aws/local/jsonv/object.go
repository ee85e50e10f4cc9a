// Package jsonv holds JSON values that keep the order of object keys and the
// text of numbers. A value is nil, bool, json.Number, string, []any or *Object.
package jsonv

import (
	"bytes"
	"errors"
	"slices"
)

// Object is a JSON object whose keys keep the order in which they were first
// set. The zero value is an empty object. It is not safe for concurrent writes.
type Object struct {
	keys   []string
	values map[string]any
}

// NewObject returns an object with the given key, value, key, value … pairs.
// A key that is no string, and a last key without a value, are left out.
func NewObject(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if key, ok := pairs[i].(string); ok {
			o.Set(key, pairs[i+1])
		}
	}
	return o
}

// Get returns the value at key and whether the key is present. A nil object has
// no keys.
func (o *Object) Get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	v, ok := o.values[key]
	return v, ok
}

// Set stores v at key. A key that is already present keeps its place.
func (o *Object) Set(key string, v any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

// Delete removes key, if it is present.
func (o *Object) Delete(key string) {
	if _, ok := o.values[key]; !ok {
		return
	}
	delete(o.values, key)
	o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
}

// Keys returns a copy of the keys, in order.
func (o *Object) Keys() []string {
	if o == nil {
		return nil
	}
	return slices.Clone(o.keys)
}

// Copy returns a copy of the object that shares the values.
func (o *Object) Copy() *Object {
	c := NewObject()
	for _, key := range o.Keys() {
		c.Set(key, o.values[key])
	}
	return c
}

// Len returns the number of keys.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.keys)
}

// MarshalJSON writes the object as Text does.
func (o *Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	write(&b, o)
	return b.Bytes(), nil
}

// UnmarshalJSON replaces the content of o by the object in data.
func (o *Object) UnmarshalJSON(data []byte) error {
	v, err := Parse(string(data))
	if err != nil {
		return err
	}
	read, ok := v.(*Object)
	if !ok {
		return errors.New("the JSON value is not an object")
	}
	*o = *read
	return nil
}
