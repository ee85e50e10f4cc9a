package pattern

import (
	"encoding/json"
	"strings"
)

// condition is one test of a JSON message.
type condition interface {
	holds(message any) bool
}

func matchFields(c condition, message string) bool {
	trimmed := strings.TrimSpace(message)
	if !strings.HasPrefix(trimmed, "{") {
		return false
	}
	var value map[string]any
	dec := json.NewDecoder(strings.NewReader(trimmed))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil || dec.More() {
		return false
	}
	return c.holds(value)
}

type allOf []condition

func (cs allOf) holds(message any) bool {
	for _, c := range cs {
		if !c.holds(message) {
			return false
		}
	}
	return true
}

type anyOf []condition

func (cs anyOf) holds(message any) bool {
	for _, c := range cs {
		if c.holds(message) {
			return true
		}
	}
	return false
}

// missing is NOT EXISTS.
type missing struct{ path []step }

func (m missing) holds(message any) bool {
	return !reach(message, m.path, func(any) bool { return true })
}

// literal is IS NULL, IS TRUE or IS FALSE.
type literal struct {
	path  []step
	value any
}

func (l literal) holds(message any) bool {
	return reach(message, l.path, func(v any) bool { return v == l.value })
}

type numeric struct {
	path     []step
	operator string
	value    float64
}

func (n numeric) holds(message any) bool {
	return reach(message, n.path, func(v any) bool {
		text, ok := v.(json.Number)
		if !ok {
			return false
		}
		have, err := text.Float64()
		if err != nil {
			return false
		}
		switch n.operator {
		case "=":
			return have == n.value
		case "!=":
			return have != n.value
		case "<":
			return have < n.value
		case "<=":
			return have <= n.value
		case ">":
			return have > n.value
		default:
			return have >= n.value
		}
	})
}

// text compares with what a value says; pieces stand between the wildcards.
type text struct {
	path   []step
	pieces []string
	equal  bool
}

func (t text) holds(message any) bool {
	return reach(message, t.path, func(v any) bool {
		var have string
		switch v := v.(type) {
		case string:
			have = v
		case json.Number:
			have = v.String()
		default:
			return false
		}
		return matchPieces(have, t.pieces) == t.equal
	})
}

// matchPieces tells whether s is the pieces in order, with anything between
// two of them.
func matchPieces(s string, pieces []string) bool {
	if len(pieces) == 1 {
		return s == pieces[0]
	}
	rest, ok := strings.CutPrefix(s, pieces[0])
	if !ok {
		return false
	}
	last := len(pieces) - 1
	for _, piece := range pieces[1:last] {
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		rest = rest[at+len(piece):]
	}
	return strings.HasSuffix(rest, pieces[last])
}

// reach tells whether a value at the path satisfies the test. A value that is
// not there satisfies none.
func reach(value any, path []step, test func(any) bool) bool {
	if len(path) == 0 {
		return test(value)
	}
	switch s := path[0]; s.kind {
	case member:
		object, _ := value.(map[string]any)
		inner, ok := object[s.name]
		return ok && reach(inner, path[1:], test)
	case element:
		list, _ := value.([]any)
		return s.index < len(list) && reach(list[s.index], path[1:], test)
	default:
		list, _ := value.([]any)
		for _, inner := range list {
			if reach(inner, path[1:], test) {
				return true
			}
		}
		return false
	}
}
