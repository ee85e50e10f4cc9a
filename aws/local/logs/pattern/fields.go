package pattern

import (
	"strconv"
	"strings"
	"unicode"
)

// parser reads the inside of a pattern's braces:
//
//	or   = and { "||" and }
//	and  = one { "&&" one }
//	one  = "(" or ")" | selector test
//	test = operator value | "IS" ("NULL" | "TRUE" | "FALSE") | "NOT" "EXISTS"
type parser struct {
	rest string
}

func parseFields(text string) (condition, error) {
	if !strings.HasSuffix(text, "}") || len(text) < 2 {
		return nil, errInvalid
	}
	p := &parser{rest: text[1 : len(text)-1]}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); p.rest != "" {
		return nil, errInvalid
	}
	return c, nil
}

func (p *parser) or() (condition, error) {
	return p.chain("||", p.and, func(cs []condition) condition { return anyOf(cs) })
}

func (p *parser) and() (condition, error) {
	return p.chain("&&", p.one, func(cs []condition) condition { return allOf(cs) })
}

func (p *parser) chain(operator string, next func() (condition, error), join func([]condition) condition) (condition, error) {
	var found []condition
	for {
		c, err := next()
		if err != nil {
			return nil, err
		}
		found = append(found, c)
		if !p.take(operator) {
			break
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return join(found), nil
}

func (p *parser) one() (condition, error) {
	if p.take("(") {
		c, err := p.or()
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, errInvalid
		}
		return c, nil
	}
	path, err := p.selector()
	if err != nil {
		return nil, err
	}
	return p.test(path)
}

func (p *parser) test(path []step) (condition, error) {
	switch {
	case p.word("NOT"):
		if !p.word("EXISTS") {
			return nil, errInvalid
		}
		return missing{path}, nil
	case p.word("IS"):
		for name, value := range map[string]any{"NULL": nil, "TRUE": true, "FALSE": false} {
			if p.word(name) {
				return literal{path, value}, nil
			}
		}
		return nil, errInvalid
	}
	for _, operator := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if p.take(operator) {
			return p.comparison(path, operator)
		}
	}
	return nil, errInvalid
}

func (p *parser) comparison(path []step, operator string) (condition, error) {
	p.space()
	if strings.HasPrefix(p.rest, `"`) {
		text, rest, err := cutQuoted(p.rest)
		if err != nil {
			return nil, err
		}
		p.rest = rest
		return textual(path, operator, text)
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`()&|"{}=<>!`, r) })
	if end < 0 {
		end = len(p.rest)
	}
	value := p.rest[:end]
	p.rest = p.rest[end:]
	if value == "" {
		return nil, errInvalid
	}
	if number, err := strconv.ParseFloat(value, 64); err == nil && strings.ContainsAny(value, "0123456789") {
		return numeric{path, operator, number}, nil
	}
	return textual(path, operator, value)
}

// textual compares texts, which have no order here.
func textual(path []step, operator, value string) (condition, error) {
	if operator != "=" && operator != "!=" {
		return nil, errInvalid
	}
	return text{path, strings.Split(value, "*"), operator == "="}, nil
}

// step is a member's name, an element's index, or every element.
type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind int

const (
	member stepKind = iota
	element
	everyElement
)

// selector reads $.a.b[0], $.a['b c'] or $.a[*].
func (p *parser) selector() ([]step, error) {
	if !p.take("$") {
		return nil, errInvalid
	}
	var path []step
	for {
		dot := strings.HasPrefix(p.rest, ".")
		p.rest = strings.TrimPrefix(p.rest, ".")
		switch {
		case strings.HasPrefix(p.rest, "["):
			s, err := p.bracket()
			if err != nil {
				return nil, err
			}
			path = append(path, s)
		case dot:
			name := p.rest[:len(p.rest)-len(strings.TrimLeftFunc(p.rest, isName))]
			if name == "" {
				return nil, errInvalid
			}
			p.rest = p.rest[len(name):]
			path = append(path, step{name: name})
		case len(path) == 0:
			return nil, errInvalid
		default:
			return path, nil
		}
	}
}

func isName(r rune) bool {
	return r == '_' || r == '-' || r == '@' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func (p *parser) bracket() (step, error) {
	inside, rest, ok := strings.Cut(p.rest[1:], "]")
	if ok && inside != "" && (inside[0] == '\'' || inside[0] == '"') {
		quote := inside[:1]
		inside, rest, ok = strings.Cut(p.rest[2:], quote+"]")
		p.rest = rest
		if !ok || inside == "" {
			return step{}, errInvalid
		}
		return step{name: inside}, nil
	}
	p.rest = rest
	if ok && inside == "*" {
		return step{kind: everyElement}, nil
	}
	index, err := strconv.ParseUint(inside, 10, 31)
	if !ok || err != nil {
		return step{}, errInvalid
	}
	return step{index: int(index), kind: element}, nil
}

func (p *parser) space() { p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace) }

func (p *parser) take(text string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok {
		p.rest = rest
	}
	return ok
}

// word takes a keyword, in any case, that no name goes on from.
func (p *parser) word(keyword string) bool {
	p.space()
	if len(p.rest) < len(keyword) || !strings.EqualFold(p.rest[:len(keyword)], keyword) {
		return false
	}
	rest := p.rest[len(keyword):]
	if strings.IndexFunc(rest, isName) == 0 {
		return false
	}
	p.rest = rest
	return true
}
