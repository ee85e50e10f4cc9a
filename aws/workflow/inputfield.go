package workflow

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// FieldKind is how a field's text stands for its JSON value.
type FieldKind int

// The kinds of field. FieldAny takes JSON, and what is not JSON as a string.
const (
	FieldAny FieldKind = iota
	FieldText
	FieldNumber
	FieldBool
	FieldWords   // a list of strings, written like a command line
	FieldSeconds // whole seconds, written like 90m
)

// InputField is one value of a run's input that has a text of its own in a form.
type InputField struct {
	Path []string
	Kind FieldKind
	Help string
	// Options are the legal values when Closed, else values of recent runs, the
	// newest first; all written as Show does.
	Options []string
	Closed  bool
}

// Name is the path with dots.
func (f InputField) Name() string { return strings.Join(f.Path, ".") }

// secretWords are what names of secrets contain.
var secretWords = []string{"PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "SECRET", "CREDENTIAL", "PRIVATE_KEY", "API_KEY", "APIKEY", "ACCESS_KEY"}

// Secret reports whether the field's name is that of a secret. Inputs stay
// readable in the history of the run (AWS: GetExecutionHistory).
func (f InputField) Secret() bool {
	name := strings.ReplaceAll(strings.ToUpper(f.Path[len(f.Path)-1]), "-", "_")
	for _, word := range secretWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Fitting is the field with a kind that can show the value.
func (f InputField) Fitting(value string) InputField {
	t, err := parseTree(value)
	if err != nil || f.Kind == FieldText && t.kind != 's' || f.Kind == FieldWords && (t.kind != '[' || !t.allStrings()) {
		f.Kind = FieldAny
	}
	return f
}

// Show writes a JSON value as the field's text, so that Parse of a Fitting field
// gives it back.
func (f InputField) Show(value string) string {
	t, err := parseTree(value)
	if err != nil {
		return value
	}
	want := t.compact()
	for _, text := range []string{f.pretty(t), t.text} {
		if got, ok := f.Parse(text); ok && got == want && visible(text) {
			return text
		}
	}
	return EscapeJSON(want)
}

// pretty is the kind's own way to write the value, or "".
func (f InputField) pretty(t *tree) string {
	switch {
	case f.Kind == FieldWords && t.kind == '[':
		words := make([]string, len(t.values))
		for i, v := range t.values {
			words[i] = QuoteWord(v.text)
		}
		return strings.Join(words, " ")
	case f.Kind == FieldSeconds && t.kind == 'v':
		seconds, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil || seconds <= 0 || seconds > int64(maxTimeout/time.Second) {
			return ""
		}
		text := (time.Duration(seconds) * time.Second).String()
		text = strings.TrimSuffix(text, "0s")
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
		return text
	}
	return ""
}

// Parse reads the field's text as compact JSON. ok is false for a text without
// a value: it leaves the field out of the input.
func (f InputField) Parse(text string) (value string, ok bool) {
	if strings.TrimSpace(text) == "" && f.Kind != FieldText || text == "" {
		return "", false
	}
	t, err := parseTree(text)
	switch {
	case err == nil && f.takes(t):
		return t.distinct().compact(), true
	case f.Kind == FieldWords:
		words, _ := SplitWords(text)
		return string(encode(words)), true
	case f.Kind == FieldSeconds:
		if d, err := time.ParseDuration(strings.ReplaceAll(text, " ", "")); err == nil && d%time.Second == 0 {
			return strconv.FormatInt(int64(d/time.Second), 10), true
		}
	}
	return string(encode(text)), true
}

// takes reports whether JSON typed into the field is meant as JSON.
func (f InputField) takes(t *tree) bool {
	switch f.Kind {
	case FieldText:
		return t.kind == 's'
	case FieldWords:
		return t.kind == '['
	default:
		return true
	}
}

// Unlike reports whether the text would be sent as text although recent runs
// gave a number, true or false.
func (f InputField) Unlike(text string) bool {
	value, ok := f.Parse(text)
	return ok && value[0] == '"' && (f.Kind == FieldNumber || f.Kind == FieldBool)
}

// Check tells what is wrong with the text itself, or nil.
func (f InputField) Check(text string) *FieldError {
	if _, ok := f.Parse(text); !ok || json.Valid([]byte(text)) {
		return nil
	}
	if _, err := SplitWords(text); err != nil && f.Kind == FieldWords {
		return refuse(f.Name(), "%v", err)
	}
	typed := strings.TrimSpace(text)
	if f.Kind == FieldAny && strings.ContainsRune(`{["`, rune(typed[0])) {
		fault := FindFault(typed)
		return refuse(f.Name(), "it begins like JSON but is not, at column %d: %s; it would be sent as text", fault.Column, fault.Reason)
	}
	return nil
}

// visible reports whether a text field can hold the text without changing it.
func visible(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !visibleRune(r) }) < 0
}

func visibleRune(r rune) bool {
	return r == ' ' || unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r) && r != unicode.ReplacementChar
}

// EscapeJSON writes escapes for all in JSON that a screen cannot show as it is.
// Line breaks stay.
func EscapeJSON(text string) string {
	if visible(text) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if r == '\n' || visibleRune(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// Splice puts text into the field's text at a position in characters. Where the
// outcome could not be shown, it is the same string with escapes.
func (f InputField) Splice(text string, at int, insert string) string {
	if f.Kind == FieldWords {
		insert = strings.Join(strings.Fields(insert), " ")
	}
	runes := []rune(text)
	at = max(0, min(at, len(runes)))
	out := string(runes[:at]) + insert + string(runes[at:])
	if visible(out) {
		return out
	}
	return EscapeJSON(string(encode(out)))
}
