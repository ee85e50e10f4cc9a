package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Known are the fields that Parse takes where it is told of no others.
var Known = []string{"status", "state", "cause", "name"}

// Error is a term that cannot be used.
type Error struct {
	Term   string
	Column int // of the term's first character, from 1
	Reason string
}

// Error names the term, its place and the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at column %d: %s", strconv.Quote(e.Term), e.Column, e.Reason)
}

// Parse reads a filter text. fields are the names it may ask for; none means
// Known. The error is an *Error. A word with a colon whose name is no plain
// word, such as an ARN or a URL, is a text.
func Parse(text string, fields ...string) (Filter, error) {
	if len(fields) == 0 {
		fields = Known
	}
	var f Filter
	for _, w := range split(text) {
		if w.open {
			return Filter{}, w.refuse(`the quote has no end; add a "`)
		}
		t, err := parseTerm(w, fields)
		if err != nil {
			return Filter{}, err
		}
		if t.kind == word && t.pattern == "" {
			continue
		}
		f.terms, f.places = append(f.terms, t), append(f.places, w.refuse(""))
	}
	return f, nil
}

// lexeme is a blank-separated piece of the text. bare is how many bytes of
// value stand before its first quote: only those can be syntax.
type lexeme struct {
	source string
	value  string
	bare   int
	column int
	open   bool
}

func (w *lexeme) refuse(reason string) *Error {
	return &Error{Term: safe.Line(w.source).String(), Column: w.column, Reason: reason}
}

func split(text string) []lexeme {
	var out []lexeme
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		w, n := scan(text[i:])
		w.column = utf8.RuneCountInString(text[:i]) + 1
		out = append(out, w)
		i += n
	}
	return out
}

// scan reads one lexeme and returns how many bytes it takes.
func scan(text string) (lexeme, int) {
	var value strings.Builder
	w := lexeme{bare: -1}
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRuneInString(text[n:])
		if r == '"' {
			if w.bare < 0 {
				w.bare = value.Len()
			}
			w.open = !w.open
		} else if unicode.IsSpace(r) && !w.open {
			break
		} else {
			value.WriteString(text[n : n+size])
		}
		n += size
	}
	w.source, w.value = text[:n], value.String()
	if w.bare < 0 {
		w.bare = len(w.value)
	}
	return w, n
}

func parseTerm(w lexeme, fields []string) (term, error) {
	t := term{}
	if w.bare > 0 && w.value[0] == '!' {
		t.not = true
		w.value, w.bare = w.value[1:], w.bare-1
		if w.value == "" {
			return t, w.refuse(`nothing follows the !; write !text for rows without the text`)
		}
	}
	bare := w.value[:w.bare]
	if i := strings.IndexAny(bare, "<>"); i >= 0 && strings.EqualFold(bare[:i], "age") {
		return ageTerm(t, w, i)
	}
	if strings.HasPrefix(strings.ToLower(bare), "age:") {
		return t, w.refuse("write age<2h for younger or age>1d for older")
	}
	if i := strings.IndexByte(bare, ':'); i > 0 && plainName(bare[:i]) && !strings.HasPrefix(bare[i:], "://") {
		return fieldTerm(t, w, i, fields)
	}
	t.setPattern(w.value)
	return t, nil
}

// plainName reports a name that can only be meant as a field's: letters alone,
// and not the start of an ARN.
func plainName(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return s != "arn"
}

func (t *term) setPattern(s string) {
	t.pattern = safe.Line(s).String()
	t.exact = strings.IndexFunc(t.pattern, func(r rune) bool { return unicode.ToLower(r) != r }) >= 0
}

func fieldTerm(t term, w lexeme, colon int, fields []string) (term, error) {
	t.kind, t.name = field, strings.ToLower(w.value[:colon])
	if !slices.Contains(fields, t.name) {
		return t, w.refuse(fmt.Sprintf("there is no field %q; known are %s and age; quote the term to search for it as text",
			safe.Line(t.name), strings.Join(fields, ", ")))
	}
	value := w.value[colon+1:]
	if value == "" {
		return t, w.refuse(fmt.Sprintf("nothing follows %s:; write %s:text", t.name, t.name))
	}
	t.setPattern(value)
	return t, nil
}

func ageTerm(t term, w lexeme, sign int) (term, error) {
	t.kind = younger
	if w.value[sign] == '>' {
		t.kind = older
	}
	age, err := parseAge(w.value[sign+1:])
	if err != nil {
		return t, w.refuse(err.Error())
	}
	t.age = age
	return t, nil
}

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}

// longestAge keeps the arithmetic within a duration: 100 years.
const longestAge = 100 * 365 * 24 * time.Hour

// parseAge reads whole numbers with units, such as 90m or 1d12h.
func parseAge(s string) (time.Duration, error) {
	const want = "want a number and s, m, h, d or w, such as 2h or 1d12h"
	if s == "" {
		return 0, fmt.Errorf("no age follows; %s", want)
	}
	var sum time.Duration
	for s != "" {
		digits := 0
		for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
			digits++
		}
		if digits == len(s) {
			return 0, fmt.Errorf("the age has no unit; %s", want)
		}
		unit, known := units[s[digits]]
		n, err := strconv.ParseInt(s[:digits], 10, 64)
		if !known || err != nil {
			return 0, fmt.Errorf("the age cannot be read; %s", want)
		}
		if n > int64(longestAge/unit) || sum+time.Duration(n)*unit > longestAge {
			return 0, fmt.Errorf("the age is more than 100 years")
		}
		sum += time.Duration(n) * unit
		s = s[digits+1:]
	}
	return sum, nil
}
