package stacks

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// difference is one value that two property trees do not share.
type difference struct {
	// Path is a JSON pointer below the root.
	Path string
	// Before and After are nil where there is none.
	Before, After any
}

// same compares values as JSON gives them.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// differences are the leaves in which two trees differ, in order of their paths; alike tells
// which values do not.
func differences(path string, before, after any, alike func(a, b any) bool) []difference {
	if alike(before, after) {
		return nil
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return objectDifferences(path, b, a, alike)
		}
	case []any:
		if a, ok := after.([]any); ok {
			return listDifferences(path, b, a, alike)
		}
	}
	return []difference{{Path: path, Before: before, After: after}}
}

func objectDifferences(path string, before, after map[string]any, alike func(a, b any) bool) []difference {
	keys := slices.Collect(maps.Keys(before))
	for key := range after {
		if _, both := before[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var out []difference
	for _, key := range keys {
		out = append(out, differences(path+"/"+pointer.Replace(key), before[key], after[key], alike)...)
	}
	return out
}

func listDifferences(path string, before, after []any, alike func(a, b any) bool) []difference {
	var out []difference
	for i := range max(len(before), len(after)) {
		var b, a any
		if i < len(before) {
			b = before[i]
		}
		if i < len(after) {
			a = after[i]
		}
		out = append(out, differences(fmt.Sprintf("%s/%d", path, i), b, a, alike)...)
	}
	return out
}

// pointer escapes a key of a JSON pointer, unescape reads it.
var (
	pointer  = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// top is the name of the property that a path leads into.
func (d difference) top() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(d.Path, "/"), "/")
	return unescape.Replace(name)
}
