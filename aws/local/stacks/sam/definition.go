package sam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// definitionString is the definition as text that CloudFormation joins, line by
// line. Each intrinsic function inside becomes a substitution, and so a text,
// whatever its type was.
func definitionString(definition any, substitutions map[string]any) (map[string]any, error) {
	lifted := &lifting{substitutions: substitutions}
	text, err := indented(lifted.lift(definition))
	if err != nil {
		return nil, err
	}
	var lines []any
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return map[string]any{"Fn::Join": []any{"\n", lines}}, nil
}

type lifting struct {
	substitutions map[string]any
	count         int
}

// dynamic is a reference that CloudFormation resolves by itself.
var dynamic = regexp.MustCompile(`^\{\{resolve:[a-z-]+:.+\}\}$`)

// lift gives a copy with substitutions in place of intrinsic functions,
// numbered in order of the keys.
func (l *lifting) lift(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			out[key] = l.member(value[key])
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = l.member(item)
		}
		return out
	default:
		return value
	}
}

func (l *lifting) member(value any) any {
	text, _ := value.(string)
	if !isIntrinsic(value) && !dynamic.MatchString(text) {
		return l.lift(value)
	}
	l.count++
	name := fmt.Sprintf("definition_substitution_%d", l.count)
	l.substitutions[name] = value
	return "${" + name + "}"
}

// indented is JSON as SAM writes it: four spaces, sorted keys, ASCII alone.
func indented(value any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(value); err != nil {
		return "", fmt.Errorf("write the definition: %w", err)
	}
	var ascii strings.Builder
	for _, r := range strings.TrimSuffix(out.String(), "\n") {
		switch {
		case r < 0x7f:
			ascii.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&ascii, `\u%04x`, r)
		}
	}
	return ascii.String(), nil
}
