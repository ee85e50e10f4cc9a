// Package intrinsics reads and evaluates the intrinsic functions (States.*) of
// JSONPath states.
package intrinsics

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// maxNesting is how deep calls may stand inside each other (AWS: intrinsic
// functions may be nested up to 10 deep).
const maxNesting = 10

// Call is a parsed function call.
type Call struct {
	text string
	name string
	args []argument
}

// argument is a path, a nested call or a literal, in that order of precedence.
type argument struct {
	path  *paths.Path
	call  *Call
	value any
	raw   string // of a string literal, its text with the escapes
}

// Is says whether text looks like a function call rather than a path.
func Is(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "States.") }

// Parse reads a call. It refuses functions it does not know and calls with a
// number of arguments the function does not take.
func Parse(text string) (*Call, error) {
	p := &parser{rest: strings.TrimSpace(text)}
	call, err := p.call(1)
	if err != nil {
		return nil, fmt.Errorf("intrinsic function %s: %w", text, err)
	}
	if p.skip(); p.rest != "" {
		return nil, fmt.Errorf("intrinsic function %s: unexpected %q after the call", text, p.rest)
	}
	return call, nil
}

type parser struct{ rest string }

func (p *parser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *parser) take(prefix string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *parser) call(depth int) (*Call, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("calls are nested deeper than %d", maxNesting)
	}
	start := p.rest
	open := strings.IndexByte(p.rest, '(')
	if open < 0 {
		return nil, errors.New("no '(' after the function name")
	}
	c := &Call{name: strings.TrimSpace(p.rest[:open])}
	f, ok := functions[c.name]
	if !ok {
		return nil, fmt.Errorf("unknown function %q", c.name)
	}
	p.rest = p.rest[open+1:]
	if err := p.arguments(c, depth); err != nil {
		return nil, err
	}
	if len(c.args) < f.min || f.max >= 0 && len(c.args) > f.max {
		return nil, fmt.Errorf("%s does not take %d arguments", c.name, len(c.args))
	}
	c.text = start[:len(start)-len(p.rest)]
	return c, nil
}

func (p *parser) arguments(c *Call, depth int) error {
	if p.take(")") {
		return nil
	}
	for {
		a, err := p.argument(depth)
		if err != nil {
			return err
		}
		c.args = append(c.args, a)
		if p.take(")") {
			return nil
		}
		if !p.take(",") {
			return errors.New("expected ',' or ')' after an argument")
		}
	}
}

func (p *parser) argument(depth int) (argument, error) {
	p.skip()
	switch {
	case p.rest == "":
		return argument{}, errors.New("the call is not closed")
	case p.rest[0] == '\'':
		return p.literal()
	case strings.HasPrefix(p.rest, "States."):
		call, err := p.call(depth + 1)
		return argument{call: call}, err
	}
	token := p.token()
	if strings.HasPrefix(token, "$") {
		path, err := paths.Parse(token)
		return argument{path: &path}, err
	}
	value, err := jsonv.Parse(token)
	if err != nil {
		return argument{}, fmt.Errorf("the argument %q is no string, number, path or call", token)
	}
	switch value.(type) {
	case nil, bool, json.Number:
		return argument{value: value}, nil
	}
	return argument{}, fmt.Errorf("the argument %q is no string, number, path or call", token)
}

// token takes everything up to the comma or parenthesis that ends an argument,
// past those inside brackets and quotes.
func (p *parser) token() string {
	depth := 0
	var quote byte
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case quote != 0:
			switch c {
			case '\\':
				i++
			case quote:
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[':
			depth++
		case depth > 0 && (c == ')' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == ')'):
			token := p.rest[:i]
			p.rest = p.rest[i:]
			return strings.TrimSpace(token)
		}
	}
	token := p.rest
	p.rest = ""
	return strings.TrimSpace(token)
}

// literal reads a string in single quotes. A backslash may only stand before
// a quote, a brace or another backslash.
func (p *parser) literal() (argument, error) {
	s := p.rest[1:]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			p.rest = s[i+1:]
			return argument{value: b.String(), raw: s[:i]}, nil
		case s[i] != '\\':
			b.WriteByte(s[i])
		case i+1 < len(s) && strings.IndexByte(`'\{}`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		default:
			return argument{}, errors.New(`a backslash may only stand before ', \, { or }`)
		}
	}
	return argument{}, errors.New("a string is not closed")
}
