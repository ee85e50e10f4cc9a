// Package paths reads JSONPath expressions of the States Language and
// evaluates them against ordered JSON values.
package paths

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/ohler55/ojg/jp"
)

// Root is what a path starts from.
type Root int

// Roots: "$" is the input, "$$" the context object, "$name" a variable.
const (
	Input Root = iota
	Context
	Variable
)

// maxLength bounds a path, so that a hostile one cannot exhaust the stack of
// the recursive parser behind Parse.
const maxLength = 8192

// Path is a parsed path.
type Path struct {
	Root Root
	Name string // of the variable

	text  string
	steps []step
	query jp.Expr // non-nil: a path with wildcards, slices, filters or the like
}

// step goes to a key of an object or an index of an array.
type step struct {
	key     string
	index   int
	isIndex bool
}

// dotBracket is a dot before a bracket, which AWS takes for the bracket alone.
var dotBracket = regexp.MustCompile(`(^|[^.])\.\[`)

// ErrNoDollar says that a path does not start with "$".
var ErrNoDollar = errors.New("the path does not start with '$'")

// Parse reads a path.
func Parse(text string) (Path, error) {
	if !strings.HasPrefix(text, "$") {
		return Path{}, ErrNoDollar
	}
	if len(text) > maxLength {
		return Path{}, fmt.Errorf("the path is longer than %d characters", maxLength)
	}
	p := Path{text: text}
	rest := text[1:]
	if after, ok := strings.CutPrefix(rest, "$"); ok {
		p.Root, rest = Context, after
	} else if name := variableName(rest); name != "" {
		p.Root, p.Name, rest = Variable, name, rest[len(name):]
	}
	if rest != "" && rest[0] != '.' && rest[0] != '[' {
		return Path{}, fmt.Errorf("unexpected %q after the root of the path %s", rest[:1], text)
	}
	if steps, ok := parseSteps(rest); ok {
		p.steps = steps
		return p, nil
	}
	query, err := parseQuery(dotBracket.ReplaceAllString(rest, "$1["))
	if err != nil {
		return Path{}, fmt.Errorf("path %s: %w", text, err)
	}
	p.query = query
	return p, nil
}

func parseQuery(rest string) (query jp.Expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not a JSONPath: %v", r)
		}
	}()
	query, err = jp.ParseString("$" + rest)
	if err == nil && len(query) < 2 {
		err = errors.New("not a JSONPath")
	}
	return query, err
}

// String returns the path as written.
func (p Path) String() string { return p.text }

// Definite says whether the path names one place: no wildcard, slice, filter,
// union or deep scan. Any other path gives a list of what it found.
func (p Path) Definite() bool { return p.query == nil }

// Reference says whether the path is a Reference Path: definite, and counting
// from the start of arrays.
func (p Path) Reference() bool {
	for _, s := range p.steps {
		if s.isIndex && s.index < 0 {
			return false
		}
	}
	return p.Definite()
}

func variableName(s string) string {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r) {
			continue
		}
		return s[:i]
	}
	return s
}

// parseSteps reads what follows the root; false when it is no definite path.
func parseSteps(s string) ([]step, bool) {
	var steps []step
	for s != "" {
		var next step
		var ok bool
		if s[0] == '.' && !strings.HasPrefix(s, ".[") {
			next, s, ok = dotStep(s[1:])
		} else {
			next, s, ok = bracketStep(strings.TrimPrefix(s, "."))
		}
		if !ok {
			return nil, false
		}
		steps = append(steps, next)
	}
	return steps, true
}

func dotStep(s string) (step, string, bool) {
	end := strings.IndexAny(s, ".[")
	if end < 0 {
		end = len(s)
	}
	name := s[:end]
	if name == "" || strings.ContainsAny(name, "*?@()]'\",:") || strings.ContainsFunc(name, forbidden) {
		return step{}, s, false
	}
	return step{key: name}, s[end:], true
}

func forbidden(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func bracketStep(s string) (step, string, bool) {
	if len(s) < 2 || s[0] != '[' {
		return step{}, s, false
	}
	if quote := s[1]; quote == '\'' || quote == '"' {
		key, rest, ok := quotedKey(s[2:], quote)
		if !ok || !strings.HasPrefix(rest, "]") {
			return step{}, s, false
		}
		return step{key: key}, rest[1:], true
	}
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return step{}, s, false
	}
	index, err := strconv.ParseInt(strings.TrimSpace(s[1:end]), 10, 32)
	if err != nil {
		return step{}, s, false
	}
	return step{index: int(index), isIndex: true}, s[end+1:], true
}

// quotedKey reads up to the closing quote. A backslash escapes itself and a
// single quote; before anything else AWS takes it as part of the key.
func quotedKey(s string, quote byte) (key, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\'' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == quote:
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", s, false
}
