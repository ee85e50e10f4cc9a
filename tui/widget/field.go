package widget

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// FieldKind is what a field takes.
type FieldKind int

// The kinds. Words are a command's arguments and Pairs are NAME=value, both
// separated by blanks, with " and ' around what has blanks and \ before a
// single character. JSON takes several lines.
const (
	TextField FieldKind = iota
	NumberField
	ChoiceField
	WordsField
	PairsField
	JSONField
)

// Field is one field of a form.
type Field struct {
	Name  string // tells it from the others
	Label string
	Kind  FieldKind
	Help  safe.Text
	// Value is what stands in it at first, and Source where that is from, such
	// as "last good run". Default is what an empty field means.
	Value   string
	Source  safe.Text
	Default string
	// Options are the values of a choice, in order.
	Options []string
	// Completions are values offered while typing.
	Completions []string
	Required    bool
	// Min and Max bound a number, where Max is above Min.
	Min, Max int
	// Check refuses a value that is not empty; the reason names the limit.
	Check func(value string) error
}

// Pair is one NAME=value.
type Pair struct{ Name, Value string }

// check says what is wrong with a value, naming the field.
func (f *Field) check(value string) error {
	if strings.TrimSpace(value) == "" {
		if f.Required && f.Default == "" {
			return fmt.Errorf("%s is required", f.Label)
		}
		return nil
	}
	if err := f.checkKind(value); err != nil {
		return fmt.Errorf("%s: %w", f.Label, err)
	}
	if f.Check != nil {
		if err := f.Check(value); err != nil {
			return fmt.Errorf("%s: %w", f.Label, err)
		}
	}
	return nil
}

func (f *Field) checkKind(value string) error {
	switch f.Kind {
	case NumberField:
		return f.checkNumber(value)
	case ChoiceField:
		if !slices.Contains(f.Options, value) {
			return fmt.Errorf("%q is none of %s", safe.Line(value), strings.Join(f.Options, ", "))
		}
	case WordsField:
		_, err := SplitWords(value)
		return err
	case PairsField:
		_, err := SplitPairs(value)
		return err
	case JSONField:
		return checkDocument(value)
	case TextField:
	}
	return nil
}

func (f *Field) checkNumber(value string) error {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return fmt.Errorf("%q is no whole number", safe.Line(value))
	}
	if f.Max > f.Min && (n < f.Min || n > f.Max) {
		return fmt.Errorf("%d is not from %d to %d", n, f.Min, f.Max)
	}
	return nil
}

// checkDocument gives the place of the first error in JSON text.
func checkDocument(value string) error {
	err := checkJSON(value)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	before := value[:max(0, min(len(value), int(syntax.Offset)-1))]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return fmt.Errorf("not JSON at line %d, column %d: %w", line, column, err)
}

// SplitWords reads words as a shell does, without its expansions.
func SplitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	started, escaped := false, false
	for _, r := range s {
		switch {
		case escaped:
			// Within double quotes a shell keeps the \ before all but these.
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, started = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '"' || r == '\'':
			quote, started = r, true
		case unicode.IsSpace(r):
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	switch {
	case quote != 0:
		return nil, fmt.Errorf("the quote %c has no end; add another %c", quote, quote)
	case escaped:
		return nil, fmt.Errorf(`nothing follows the \ at the end; write \\ for a \`)
	case started:
		words = append(words, word.String())
	}
	return words, nil
}

// JoinWords writes words so that SplitWords reads them.
func JoinWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quoteWord(w)
	}
	return strings.Join(quoted, " ")
}

func quoteWord(w string) string {
	special := func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == '\'' || r == '\\' }
	if w != "" && strings.IndexFunc(w, special) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// SplitPairs reads NAME=value words. A name may stand only once.
func SplitPairs(s string) ([]Pair, error) {
	words, err := SplitWords(s)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is no NAME=value", safe.Line(w))
		}
		if slices.ContainsFunc(pairs, func(p Pair) bool { return p.Name == name }) {
			return nil, fmt.Errorf("%s is given twice", safe.Line(name))
		}
		pairs = append(pairs, Pair{name, value})
	}
	return pairs, nil
}

// JoinPairs writes pairs so that SplitPairs reads them.
func JoinPairs(pairs []Pair) string {
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = p.Name + "=" + p.Value
	}
	return JoinWords(words)
}
