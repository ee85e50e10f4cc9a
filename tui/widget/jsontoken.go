package widget

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// member is one element of a JSON object or array: its name as written, quotes
// included, or empty in an array, and its value as written.
type member struct{ name, value string }

// members splits the JSON text of an object or array into its elements. The
// text must be valid JSON.
func members(text string) []member {
	text = strings.TrimSpace(text)
	if len(text) < 2 {
		return nil
	}
	object := text[0] == '{'
	var out []member
	for i := skipBlank(text, 1); i < len(text)-1; {
		var m member
		if object {
			end := valueEnd(text, i)
			m.name = text[i:end]
			i = skipBlank(text, skipBlank(text, end)+1) // the colon
		}
		end := valueEnd(text, i)
		m.value = text[i:end]
		out = append(out, m)
		i = skipBlank(text, skipBlank(text, end)+1) // the comma, or the end
	}
	return out
}

// count is how many elements the object or array has.
func count(text string) int {
	n := 0
	for i := skipBlank(text, 1); i < len(text)-1; n++ {
		i = skipBlank(text, valueEnd(text, i))
		if i < len(text) && text[i] == ':' {
			i = skipBlank(text, valueEnd(text, skipBlank(text, i+1)))
		}
		i = skipBlank(text, i+1)
	}
	return n
}

func skipBlank(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// valueEnd is where the value that starts at i ends.
func valueEnd(text string, i int) int {
	if i >= len(text) {
		return i
	}
	switch text[i] {
	case '"':
		return stringEnd(text, i)
	case '{', '[':
		return containerEnd(text, i)
	}
	for i < len(text) && !strings.ContainsRune(",]}: \n\t\r", rune(text[i])) {
		i++
	}
	return i
}

func stringEnd(text string, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func containerEnd(text string, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			return i
		}
	}
	return len(text)
}

// unquote is the text of a JSON string.
func unquote(text string) string {
	if len(text) >= 2 && strings.IndexByte(text, '\\') < 0 && utf8.ValidString(text) {
		return text[1 : len(text)-1]
	}
	var s string
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return text
	}
	return s
}

// embedded returns the JSON document that a JSON string holds, if it holds an
// object or an array.
func embedded(text string) (doc string, ok bool) {
	if len(text) < 4 || text[0] != '"' {
		return "", false
	}
	inner := strings.TrimSpace(unquote(text))
	if inner == "" || inner[0] != '{' && inner[0] != '[' || !json.Valid([]byte(inner)) {
		return "", false
	}
	return inner, true
}
