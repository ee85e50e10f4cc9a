package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Violations collects what is wrong with a request's fields, in the words that
// AWS uses. Names are the members' names on the wire.
type Violations struct {
	found []string
}

// Required records a member that is missing.
func (v *Violations) Required(name string, present bool) {
	if !present {
		v.found = append(v.found, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", name))
	}
}

// Range checks a whole number.
func (v *Violations) Range(name string, value, least, most int64) {
	switch {
	case value < least:
		v.add(name, fmt.Sprint(value), fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case value > most:
		v.add(name, fmt.Sprint(value), fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

// Length checks a text's length in characters.
func (v *Violations) Length(name, value string, least, most int) {
	switch n := utf8.RuneCountInString(value); {
	case n < least:
		v.add(name, value, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	case n > most:
		v.add(name, value, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// Items checks how many members a list or a map has. AWS repeats the whole
// value here; this leaves it out.
func (v *Violations) Items(name string, n, least, most int) {
	switch {
	case n < least:
		v.add(name, "[]", fmt.Sprintf("Member must have length greater than or equal to %d", least))
	case n > most:
		v.add(name, "[...]", fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// Enum checks a text against the values allowed, which are told in the order given.
func (v *Violations) Enum(name, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		v.add(name, value, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
	}
}

// Pattern checks a text against a pattern that must match the whole of it.
func (v *Violations) Pattern(name, value string, pattern *regexp.Regexp) {
	if loc := pattern.FindStringIndex(value); loc == nil || loc[0] != 0 || loc[1] != len(value) {
		v.add(name, value, "Member must satisfy regular expression pattern: "+pattern.String())
	}
}

func (v *Violations) add(name, value, constraint string) {
	v.found = append(v.found, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", value, name, constraint))
}

// Err is a ValidationException that tells every violation, or nil.
func (v *Violations) Err() error { return v.ErrAs("ValidationException") }

// ErrAs is Err for a service that answers another error type, such as
// InvalidParameterException.
func (v *Violations) ErrAs(code string) error {
	if len(v.found) == 0 {
		return nil
	}
	noun := "error"
	if len(v.found) > 1 {
		noun = "errors"
	}
	return Errorf(code, "%d validation %s detected: %s", len(v.found), noun, strings.Join(v.found, "; "))
}
