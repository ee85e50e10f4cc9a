package asl

import (
	"encoding/json"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// These read a field that the checks have found to be of its type or absent.

func text(o *jsonv.Object, key string) string {
	v, _ := o.Get(key)
	s, _ := v.(string)
	return s
}

func object(o *jsonv.Object, key string) *jsonv.Object {
	v, _ := o.Get(key)
	child, _ := v.(*jsonv.Object)
	return child
}

func list(o *jsonv.Object, key string) []any {
	v, _ := o.Get(key)
	items, _ := v.([]any)
	return items
}

func integer(o *jsonv.Object, key string, absent int64) int64 {
	v, _ := o.Get(key)
	if n, ok := whole(v); ok {
		return n
	}
	return absent
}

func decimal(o *jsonv.Object, key string, absent float64) float64 {
	v, _ := o.Get(key)
	n, _ := v.(json.Number)
	if f, err := n.Float64(); err == nil {
		return f
	}
	return absent
}

// whole returns the value of a number without a fraction.
func whole(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	if i, err := n.Int64(); err == nil {
		return i, true
	}
	f, err := n.Float64()
	i := int64(f)
	return i, err == nil && float64(i) == f && f > -1<<53 && f < 1<<53
}
