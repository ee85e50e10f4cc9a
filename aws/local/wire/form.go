package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// mostFields bounds the fields of a form, and mostItems the index of an item.
const mostFields, mostItems = 10_000, 1000

// Forms are operations for a Query service that are answered by handlers of JSON. Names are
// the members' json names; numbers and booleans have to be texts there ("json:\",string\""),
// since a form knows no others.
func Forms(operations map[string]Handler) map[string]func(context.Context, url.Values) (any, error) {
	forms := map[string]func(context.Context, url.Values) (any, error){}
	for name, handle := range operations {
		forms[name] = func(ctx context.Context, form url.Values) (any, error) {
			body, err := formJSON(form)
			if err != nil {
				return nil, err
			}
			return handle(ctx, body)
		}
	}
	return forms
}

// formJSON is "Filter.1.Value.2=x", also as "Filter.member.1…", as a JSON object.
func formJSON(form url.Values) ([]byte, error) {
	if len(form) > mostFields {
		return nil, Errorf("MalformedQueryString", "The request has more than %d fields", mostFields)
	}
	root := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		path := slices.DeleteFunc(strings.Split(name, "."), func(part string) bool { return part == "member" })
		if err := put(root, path, form.Get(name)); err != nil {
			return nil, Errorf("MalformedQueryString", "The field '%s' %s", name, err)
		}
	}
	text, err := json.Marshal(listed(root))
	if err != nil {
		return nil, fmt.Errorf("read a form: %w", err)
	}
	return text, nil
}

func put(node map[string]any, path []string, value string) error {
	name := path[0]
	if len(path) == 1 {
		if _, ok := node[name].(map[string]any); ok {
			return fmt.Errorf("has a value and members")
		}
		node[name] = value
		return nil
	}
	if node[name] == nil {
		node[name] = map[string]any{}
	}
	inner, ok := node[name].(map[string]any)
	if !ok {
		return fmt.Errorf("has a value and members")
	}
	return put(inner, path[1:], value)
}

// listed makes lists of the members whose names are all numbers, in their order.
func listed(node map[string]any) any {
	items := map[int]any{}
	for name, value := range node {
		if inner, ok := value.(map[string]any); ok {
			node[name] = listed(inner)
		}
		if n, err := strconv.Atoi(name); err == nil && n > 0 && n <= mostItems {
			items[n] = node[name]
		}
	}
	if len(items) == 0 || len(items) != len(node) {
		return node
	}
	list := make([]any, 0, len(items))
	for _, n := range slices.Sorted(maps.Keys(items)) {
		list = append(list, items[n])
	}
	return list
}
