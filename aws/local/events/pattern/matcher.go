package pattern

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// kind is how a matcher compares.
type kind int

const (
	exact kind = iota
	prefix
	suffix
	foldedPrefix
	foldedSuffix
	foldedEqual
	wildcard
	anythingBut
	there
	notThere
	numeric
)

// matcher is one value that a field may have.
type matcher struct {
	kind kind
	// text is what prefixes and the like compare with.
	text string
	// value is the literal of exact, as literal gives it.
	value string
	// but are the matchers of which none may match, of anythingBut.
	but []matcher
	// bounds are those of numeric.
	bounds []bound
}

type bound struct {
	operator string
	value    float64
}

// literal is a scalar as a text that tells its type.
func literal(value any) string {
	switch value := value.(type) {
	case string:
		return strconv.Quote(value)
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	default:
		return "null"
	}
}

func parseValue(value any) (matcher, error) {
	switch value := value.(type) {
	case map[string]any:
		return parseMatch(value)
	case []any:
		return matcher{}, invalid("Match value must be String, number, true, false, or null")
	default:
		return matcher{kind: exact, value: literal(value)}, nil
	}
}

func parseMatch(members map[string]any) (matcher, error) {
	if len(members) != 1 {
		return matcher{}, invalid("Only one key allowed in match expression")
	}
	for name, value := range members {
		switch name {
		case "exists":
			wanted, ok := value.(bool)
			if !ok {
				return matcher{}, invalid("exists match pattern must be either true or false.")
			}
			if wanted {
				return matcher{kind: there}, nil
			}
			return matcher{kind: notThere}, nil
		case "numeric":
			return parseNumeric(value)
		case "anything-but":
			return parseAnythingBut(value)
		default:
			return parseText(name, value)
		}
	}
	return matcher{}, nil
}

// parseText reads the matches that compare texts.
func parseText(name string, value any) (matcher, error) {
	kinds := map[string]kind{"prefix": prefix, "suffix": suffix, "equals-ignore-case": foldedEqual, "wildcard": wildcard}
	found, known := kinds[name]
	if !known {
		return matcher{}, invalid("Unrecognized match type %s", name)
	}
	if inner, ok := value.(map[string]any); ok && (found == prefix || found == suffix) && len(inner) == 1 {
		found = map[kind]kind{prefix: foldedPrefix, suffix: foldedSuffix}[found]
		if value, ok = inner["equals-ignore-case"]; !ok {
			return matcher{}, invalid("%s match pattern must be a string or an object with equals-ignore-case", name)
		}
	}
	text, ok := value.(string)
	if !ok {
		return matcher{}, invalid("%s match pattern must be a string", name)
	}
	if found == wildcard {
		return parseWildcard(text)
	}
	if found != prefix && found != suffix {
		text = fold(text)
	}
	return matcher{kind: found, text: text}, nil
}

func parseAnythingBut(value any) (matcher, error) {
	out := matcher{kind: anythingBut}
	items, list, err := oneOrMore(value)
	if err != nil {
		return matcher{}, err
	}
	for _, item := range items {
		if members, ok := item.(map[string]any); ok && !list {
			return butText(members)
		}
		switch item.(type) {
		case string, json.Number:
		default:
			return matcher{}, invalid("Inside anything but list, start|null|boolean is not supported.")
		}
		match, err := parseValue(item)
		if err != nil {
			return matcher{}, err
		}
		out.but = append(out.but, match)
	}
	return out, nil
}

// oneOrMore are the items of a list, or a value that is in none.
func oneOrMore(value any) (items []any, list bool, err error) {
	items, list = value.([]any)
	switch {
	case !list:
		return []any{value}, false, nil
	case len(items) == 0:
		return nil, true, invalid("Empty arrays are not allowed")
	default:
		return items, true, nil
	}
}

// butText reads {"anything-but": {"prefix": "x"}}, also with a list of texts.
func butText(members map[string]any) (matcher, error) {
	if len(members) != 1 {
		return matcher{}, invalid("Only one key allowed in match expression")
	}
	out := matcher{kind: anythingBut}
	for name, value := range members {
		items, _, err := oneOrMore(value)
		if err != nil {
			return matcher{}, err
		}
		for _, item := range items {
			match, err := parseText(name, item)
			if err != nil {
				return matcher{}, err
			}
			out.but = append(out.but, match)
		}
	}
	return out, nil
}

// operators are those of numeric, with those that may follow as the other bound.
var operators = map[string][]string{"=": nil, "<": nil, "<=": nil, ">": {"<", "<="}, ">=": {"<", "<="}}

func parseNumeric(value any) (matcher, error) {
	items, _ := value.([]any)
	if len(items) != 2 && len(items) != 4 {
		return matcher{}, invalid("Value of numeric must be an array of an operator and a number, or two of each")
	}
	out := matcher{kind: numeric}
	for i := 0; i < len(items); i += 2 {
		operator, _ := items[i].(string)
		next, known := operators[operator]
		if !known {
			return matcher{}, invalid("Unrecognized numeric range operator: %s", operator)
		}
		number, ok := items[i+1].(json.Number)
		if !ok {
			return matcher{}, invalid("Value of %s must be numeric", operator)
		}
		bounded, err := number.Float64()
		if err != nil {
			return matcher{}, invalid("Value of %s must be numeric", operator)
		}
		if i == 0 && len(items) == 4 {
			if second, _ := items[2].(string); !slices.Contains(next, second) {
				return matcher{}, invalid("Bad numeric range operator: %s", second)
			}
		}
		out.bounds = append(out.bounds, bound{operator, bounded})
	}
	if len(out.bounds) == 2 && out.bounds[0].value >= out.bounds[1].value {
		return matcher{}, invalid("Bottom must be less than top")
	}
	return out, nil
}

// matches compares a scalar of an event.
func (m matcher) matches(value any) bool {
	switch m.kind {
	case there:
		return true
	case notThere:
		return false
	case exact:
		return literal(value) == m.value
	case anythingBut:
		return !slices.ContainsFunc(m.but, func(but matcher) bool { return but.matches(value) })
	case numeric:
		number, ok := value.(json.Number)
		return ok && m.within(number)
	default:
		text, ok := value.(string)
		return ok && m.matchesText(text)
	}
}

func (m matcher) matchesText(text string) bool {
	switch m.kind {
	case prefix:
		return strings.HasPrefix(text, m.text)
	case suffix:
		return strings.HasSuffix(text, m.text)
	case foldedPrefix:
		return strings.HasPrefix(fold(text), m.text)
	case foldedSuffix:
		return strings.HasSuffix(fold(text), m.text)
	case foldedEqual:
		return fold(text) == m.text
	default:
		return matchesWildcard(m.text, text)
	}
}

func (m matcher) within(number json.Number) bool {
	value, err := number.Float64()
	if err != nil {
		return false
	}
	for _, b := range m.bounds {
		ok := map[string]bool{
			"=": value == b.value, "<": value < b.value, "<=": value <= b.value, ">": value > b.value, ">=": value >= b.value,
		}[b.operator]
		if !ok {
			return false
		}
	}
	return true
}
