// Package pattern reads the filter patterns of CloudWatch Logs and matches
// messages against them: terms, and selectors of JSON messages.
package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLength bounds a pattern, in characters.
const MaxLength = 1024

// errInvalid is what CloudWatch Logs says of a pattern whose form is wrong.
var errInvalid = errors.New("Invalid filter pattern") //nolint:staticcheck // the text is AWS's

// Pattern decides which messages are wanted. The zero Pattern wants all.
type Pattern struct {
	all, any, none []string
	fields         condition
}

// Parse reads a pattern. The text of an error is the one that AWS answers as
// an InvalidParameterException.
func Parse(text string) (*Pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case utf8.RuneCountInString(text) > MaxLength:
		return nil, errInvalid
	case strings.HasPrefix(text, "{"):
		fields, err := parseFields(text)
		if err != nil {
			return nil, err
		}
		return &Pattern{fields: fields}, nil
	default:
		return parseTerms(text)
	}
}

// Match tells whether a message is wanted. Terms are looked for anywhere in
// it, with regard to case; selectors want a message that is one JSON object.
func (p *Pattern) Match(message string) bool {
	if p.fields != nil {
		return matchFields(p.fields, message)
	}
	for _, term := range p.all {
		if !strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range p.none {
		if strings.Contains(message, term) {
			return false
		}
	}
	return p.matchAny(message)
}

// matchAny checks the terms that begin with '?'. AWS ignores them next to
// terms of the other kinds.
func (p *Pattern) matchAny(message string) bool {
	if len(p.any) == 0 || len(p.all)+len(p.none) > 0 {
		return true
	}
	for _, term := range p.any {
		if strings.Contains(message, term) {
			return true
		}
	}
	return false
}

func parseTerms(text string) (*Pattern, error) {
	p := &Pattern{}
	for {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			return p, nil
		}
		into := &p.all
		switch text[0] {
		case '?':
			into, text = &p.any, text[1:]
		case '-':
			into, text = &p.none, text[1:]
		}
		term, rest, err := cutTerm(text)
		if err != nil {
			return nil, err
		}
		*into, text = append(*into, term), rest
	}
}

// cutTerm takes the quoted or bare term that text begins with.
func cutTerm(text string) (term, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		return cutQuoted(text)
	}
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	term, rest = text[:end], text[end:]
	if term == "" {
		return "", "", errInvalid
	}
	if strings.ContainsFunc(term, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return "", "", fmt.Errorf("Invalid character(s) in term '%s'", term) //nolint:staticcheck // the text is AWS's
	}
	return term, rest, nil
}

// cutQuoted takes the quoted text that text begins with; a backslash keeps the
// character behind it from ending the quotes.
func cutQuoted(text string) (inside, rest string, err error) {
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return out.String(), text[i+1:], nil
		case '\\':
			if i++; i == len(text) {
				return "", "", errInvalid
			}
			if text[i] != '"' && text[i] != '\\' {
				out.WriteByte('\\')
			}
		}
		out.WriteByte(text[i])
	}
	return "", "", errInvalid
}
