package jsonv

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says why a text is not JSON, in the words AWS uses for it.
type SyntaxError struct {
	message string
	text    string
	offset  int // of the byte where reading stopped
}

// Error is the message without the place.
func (e *SyntaxError) Error() string { return e.message }

// Place says where the error is: source, line and column.
func (e *SyntaxError) Place() string {
	read := e.text[:min(e.offset, len(e.text))]
	line := strings.Count(read, "\n") + 1
	column := utf8.RuneCountInString(read[strings.LastIndexByte(read, '\n')+1:]) + 1
	return fmt.Sprintf("[Source: (String)\"%s\"; line: %d, column: %d]", e.text, line, column)
}

const valueTokens = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func checkSyntax(text string) error {
	var raw json.RawMessage
	err := json.Unmarshal([]byte(text), &raw)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &SyntaxError{message: err.Error(), text: text}
	}
	at := max(int(syntax.Offset)-1, 0)
	reason := syntax.Error()
	if strings.Contains(reason, "unexpected end") || at >= len(text) {
		return &SyntaxError{message: "Unexpected end-of-input", text: text, offset: len(text)}
	}
	if token, end := tokenAt(text, at); token != "" && (strings.Contains(reason, "beginning of value") || strings.Contains(reason, "in literal")) {
		return &SyntaxError{
			message: fmt.Sprintf("Unrecognized token '%s': was expecting %s", token, valueTokens),
			text:    text, offset: end,
		}
	}
	c, _ := utf8.DecodeRuneInString(text[at:])
	return &SyntaxError{
		message: fmt.Sprintf("Unexpected character ('%c' (code %d)): %s", c, c, expectation(reason)),
		text:    text, offset: at + 1,
	}
}

// tokenAt returns the word around a byte, and where it ends.
func tokenAt(text string, at int) (string, int) {
	inWord := func(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	start := at
	for start > 0 && inWord(rune(text[start-1])) {
		start--
	}
	word := text[start:]
	if end := strings.IndexFunc(word, func(r rune) bool { return !inWord(r) }); end >= 0 {
		word = word[:end]
	}
	return word, start + len(word)
}

// expectation turns the reason of the standard library into AWS's.
func expectation(reason string) string {
	for _, e := range []struct{ reason, text string }{
		{"beginning of object key", "was expecting double-quote to start field name"},
		{"after object key:value", "was expecting comma to separate Object entries"},
		{"after object key", "was expecting a colon to separate field name and value"},
		{"after array element", "was expecting comma to separate Array entries"},
		{"beginning of value", "expected a valid value " + valueTokens},
	} {
		if strings.Contains(reason, e.reason) {
			return e.text
		}
	}
	return reason
}
