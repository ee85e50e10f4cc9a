// Package filter is the language of the filter line: words, fields, ages.
//
//	dump "two words"    all of them occur; lower case matches either case
//	!dump               does not occur
//	status:failed       the field has it
//	age<2h  age>1d      younger, older; units s, m, h, d, w
package filter

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Text is what a row is searched by, with its lower-case form made once.
type Text struct{ raw, lower string }

// NewText joins the parts of a row that words are looked for in.
func NewText(parts ...safe.Text) Text {
	raw := safe.Join("\n", parts...).String()
	return Text{raw: raw, lower: lower(raw)}
}

// lower keeps the memory of text that is in lower case already.
func lower(s string) string {
	for _, r := range s {
		if unicode.ToLower(r) != r {
			return strings.Map(unicode.ToLower, s)
		}
	}
	return s
}

// Fields is a row as the filter sees it.
type Fields interface {
	// Text is the whole row; make it once, when the row comes in.
	Text() Text
	// Field is the value of a field that Parse was told of.
	Field(name string) Text
	// Age is how old the row is; ok is false where it has no age.
	Age() (age time.Duration, ok bool)
}

// Filter is a parsed filter text. The zero Filter takes every row. It is
// immutable.
type Filter struct {
	terms  []term
	places []*Error // of the terms, with no reason yet
}

type kind int

const (
	word kind = iota
	field
	younger
	older
)

// term is one condition. All of a filter's must hold.
type term struct {
	kind    kind
	not     bool
	name    string
	pattern string
	exact   bool
	age     time.Duration
}

// Empty reports that the filter takes every row.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// Match reports whether the filter takes the row.
func (f Filter) Match(row Fields) bool {
	for i := range f.terms {
		if f.terms[i].holds(row) == f.terms[i].not {
			return false
		}
	}
	return true
}

func (t *term) holds(row Fields) bool {
	switch t.kind {
	case field:
		return t.in(row.Field(t.name))
	case younger:
		age, ok := row.Age()
		return ok && age < t.age
	case older:
		age, ok := row.Age()
		return ok && age > t.age
	default:
		return t.in(row.Text())
	}
}

func (t *term) in(text Text) bool {
	if t.exact {
		return strings.Contains(text.raw, t.pattern)
	}
	return strings.Contains(text.lower, t.pattern)
}

// Check refuses a filter that asks a field for what none of its values has. The
// error is an *Error and names the values.
func (f Filter) Check(name string, values ...string) error {
	for i, t := range f.terms {
		if t.kind != field || t.name != name {
			continue
		}
		if !slices.ContainsFunc(values, func(v string) bool { return t.in(NewText(safe.Line(v))) }) {
			wrong := *f.places[i]
			wrong.Reason = fmt.Sprintf("no %s is such; known are %s", name, strings.ToLower(strings.Join(values, ", ")))
			return &wrong
		}
	}
	return nil
}

// Narrows reports that every row f takes is taken by last too, so that only
// those need to be looked at again. It may be false where that is so.
func (f Filter) Narrows(last Filter) bool {
	for i := range last.terms {
		implied := false
		for k := range f.terms {
			implied = implied || f.terms[k].implies(&last.terms[i])
		}
		if !implied {
			return false
		}
	}
	return true
}

// implies reports that where t holds, other does.
func (t *term) implies(other *term) bool {
	if t.kind != other.kind || t.not != other.not || t.name != other.name {
		return false
	}
	if t.not {
		return *t == *other
	}
	switch t.kind {
	case younger:
		return t.age <= other.age
	case older:
		return t.age >= other.age
	default:
		if t.exact && !other.exact {
			return strings.Contains(lower(t.pattern), other.pattern)
		}
		return t.exact == other.exact && strings.Contains(t.pattern, other.pattern)
	}
}
