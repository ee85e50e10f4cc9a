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

// FormOp is an operation of a Query service made of a function on plain
// structs. Names are the members' json names; numbers and booleans have to be
// texts there ("json:\",string\""), since a form knows no others.
func FormOp[In, Out any](f func(context.Context, *In) (*Out, error)) func(context.Context, url.Values) (any, error) {
	return func(ctx context.Context, form url.Values) (any, error) {
		in := new(In)
		if err := decodeForm(form, in); err != nil {
			return nil, err
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// decodeForm reads "Filter.1.Value.2=x", also as "Filter.member.1…", into a struct.
func decodeForm(form url.Values, into any) error {
	if len(form) > mostFields {
		return Errorf("MalformedQueryString", "The request has more than %d fields", mostFields)
	}
	root := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		path := slices.DeleteFunc(strings.Split(name, "."), func(part string) bool { return part == "member" })
		if err := put(root, path, form.Get(name)); err != nil {
			return Errorf("MalformedQueryString", "The field '%s' %s", name, err)
		}
	}
	text, err := json.Marshal(listed(root))
	if err != nil {
		return fmt.Errorf("read a form: %w", err)
	}
	return Decode(text, into)
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
