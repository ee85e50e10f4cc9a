// Package pattern reads event patterns of EventBridge and matches events.
// AWS: "Creating EventBridge event patterns".
package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Pattern matches events. The zero value matches none.
type Pattern struct {
	root *node
}

// node is what one object of an event has to hold: every member.
type node struct {
	members map[string]*node
	// any are the values of which one has to match; members is nil then.
	any []matcher
	// path is that of the field in the whole event, for fields that must not exist.
	path string
}

// Parse reads a pattern. The error's text is AWS's reason.
func Parse(text string) (*Pattern, error) {
	value, err := decode([]byte(text))
	if err != nil {
		return nil, invalid("%s", err)
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("Filter is not an object")
	}
	if len(members) == 0 {
		return nil, invalid("Empty objects are not allowed")
	}
	root, err := parseObject("", members)
	if err != nil {
		return nil, err
	}
	return &Pattern{root}, nil
}

// Invalid is why a pattern cannot be used.
type Invalid string

func (i Invalid) Error() string { return "Event pattern is not valid. Reason: " + string(i) }

func invalid(format string, args ...any) error { return Invalid(fmt.Sprintf(format, args...)) }

// decode keeps numbers as they are written: AWS compares their texts.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	return value, nil
}

func parseObject(path string, members map[string]any) (*node, error) {
	n := &node{members: map[string]*node{}, path: path}
	for name, value := range members {
		inner, err := parseMember(join(path, name), name, value)
		if err != nil {
			return nil, err
		}
		n.members[name] = inner
	}
	return n, nil
}

func parseMember(path, name string, value any) (*node, error) {
	switch value := value.(type) {
	case map[string]any:
		if len(value) == 0 {
			return nil, invalid("Empty objects are not allowed")
		}
		return parseObject(path, value)
	case []any:
		if len(value) == 0 {
			return nil, invalid("Empty arrays are not allowed")
		}
		n := &node{path: path}
		for _, item := range value {
			match, err := parseValue(item)
			if err != nil {
				return nil, err
			}
			n.any = append(n.any, match)
		}
		return n, nil
	default:
		return nil, invalid("%q must be an object or an array", name)
	}
}

func join(path, name string) string { return path + "\x00" + name }

// Match tells whether an event, which is JSON, has what the pattern asks for.
// What an array of objects has to hold must all be in one of them.
func (p *Pattern) Match(event []byte) (bool, error) {
	if p.root == nil {
		return false, nil
	}
	value, err := decode(event)
	if err != nil {
		return false, fmt.Errorf("read an event: %w", err)
	}
	present := map[string]bool{}
	leaves("", value, present)
	return p.root.matches(value, present), nil
}

// leaves collects the paths at which the event has a value, through arrays.
func leaves(path string, value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			leaves(join(path, name), inner, into)
		}
	case []any:
		for _, item := range value {
			leaves(path, item, into)
		}
	default:
		into[path] = true
	}
}

func (n *node) matches(value any, present map[string]bool) bool {
	if items, ok := value.([]any); ok {
		for _, item := range items {
			if n.matches(item, present) {
				return true
			}
		}
		return n.absent(present)
	}
	if n.members == nil {
		_, object := value.(map[string]any)
		return !object && n.one(value) || n.absent(present)
	}
	object, ok := value.(map[string]any)
	for name, inner := range n.members {
		found, there := object[name]
		if ok && there && inner.matches(found, present) || !there && inner.absent(present) {
			continue
		}
		return false
	}
	return true
}

func (n *node) one(value any) bool {
	for _, match := range n.any {
		if match.matches(value) {
			return true
		}
	}
	return false
}

// absent tells whether the node asks for fields that must not exist, and the
// event has them nowhere.
func (n *node) absent(present map[string]bool) bool {
	if n.members != nil {
		for _, inner := range n.members {
			if !inner.absent(present) {
				return false
			}
		}
		return true
	}
	for _, match := range n.any {
		if match.kind == notThere {
			return !present[n.path]
		}
	}
	return false
}

// fold is how texts are compared where case does not count.
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }
