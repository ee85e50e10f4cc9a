package intrinsics

import (
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// format fills each {} of the template with the next argument. In a literal
// template a brace behind a backslash is text.
func format(template argument, in values) (any, error) {
	s, err := in.text(0)
	if err != nil {
		return nil, err
	}
	escapes := template.path == nil && template.call == nil
	if escapes {
		s = template.raw
	}
	var b strings.Builder
	next := 1
	for i := 0; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case strings.HasPrefix(s[i:], "{}"):
			if next >= len(in) {
				return nil, fmt.Errorf("the template has more {} than there are arguments (%d)", len(in)-1)
			}
			b.WriteString(display(in[next]))
			next++
			i++
		default:
			b.WriteByte(s[i])
		}
	}
	if next != len(in) {
		return nil, fmt.Errorf("the template has %d {}, but there are %d arguments", next-1, len(in)-1)
	}
	return b.String(), nil
}

// display writes a value as AWS does in States.Format: strings bare, objects
// as {key=value, …}.
func display(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = display(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *jsonv.Object:
		var parts []string
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			parts = append(parts, key+"="+display(item))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return jsonv.Text(v)
}
