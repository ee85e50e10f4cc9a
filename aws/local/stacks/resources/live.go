package resources

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// observed is what drift compares: of the properties that p names, p's own
// value where the live one means the same, and the live one elsewhere.
func observed(p, live Properties) Properties {
	out := Properties{}
	for name, wanted := range p {
		if now, ok := live[name]; ok && now != nil {
			out[name] = seen(wanted, now)
		}
	}
	return out
}

// seen cuts what a service adds by itself: members that the template does not name.
func seen(wanted, now any) any {
	switch wanted := wanted.(type) {
	case map[string]any:
		members, ok := now.(map[string]any)
		if !ok {
			return now
		}
		out := map[string]any{}
		for name, value := range wanted {
			if inner, ok := members[name]; ok {
				out[name] = seen(value, inner)
			}
		}
		return out
	case []any:
		return seenList(wanted, now)
	default:
		if same(wanted, now) {
			return wanted
		}
		return now
	}
}

// seenList is a list in the template's order, where it has the same items.
func seenList(wanted []any, now any) any {
	items, ok := now.([]any)
	if !ok {
		return now
	}
	left := slices.Clone(items)
	out := []any{}
	for i, item := range wanted {
		at := slices.IndexFunc(left, func(other any) bool { return same(seen(item, other), item) })
		if at < 0 && len(items) == len(wanted) {
			at = slices.IndexFunc(left, func(other any) bool { return same(other, items[i]) })
		}
		if at < 0 {
			continue
		}
		out = append(out, seen(item, left[at]))
		left = slices.Delete(left, at, at+1)
	}
	return append(out, left...)
}

// same compares values; a scalar counts as its text, as CloudFormation takes both.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for name, value := range a {
			if inner, ok := other[name]; !ok || !same(value, inner) {
				return false
			}
		}
		return true
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, same)
	default:
		left, okLeft := scalar(a)
		right, okRight := scalar(b)
		return okLeft && okRight && left == right || reflect.DeepEqual(a, b)
	}
}

// documentText is a policy or a pattern as JSON; a template gives it as a text or as an object.
func documentText(value any) (string, error) {
	if plain, ok := value.(string); ok {
		return plain, nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode a document: %w", err)
	}
	return string(encoded), nil
}

// document is the live text of what the template calls wanted: wanted itself
// where it means the same.
func document(wanted any, live string) any {
	var now any
	if json.Unmarshal([]byte(live), &now) != nil {
		return live
	}
	plain, isText := wanted.(string)
	if isText {
		var meant any
		if plain == live || json.Unmarshal([]byte(plain), &meant) == nil && same(meant, now) {
			return wanted
		}
		return live
	}
	if same(wanted, now) {
		return wanted
	}
	return now
}
