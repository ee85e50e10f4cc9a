package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem is a parameter value that CloudFormation would refuse.
type Problem struct {
	File string
	Line int    // of the parameter; 1 for a value that no parameter takes
	Name string // of the parameter
	Text string // what is wrong and what is allowed, without the name
}

func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Name, p.Text) }

// Check looks at the values for the template's parameters as CloudFormation does: unknown names first, then the
// parameters in the order of the file. A parameter without a default must have a value.
func (t *Template) Check(values map[string]string) []Problem {
	parameters := t.Parameters()
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.Name
	}
	var found []Problem
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, name) {
			found = append(found, Problem{t.Name, 1, name, "no parameter has this name; there are " + strings.Join(names, ", ")})
		}
	}
	for _, p := range parameters {
		value, given := values[p.Name]
		switch {
		case !given && p.Default == nil:
			found = append(found, Problem{t.Name, p.Line, p.Name, "it has no value and no default: " + p.rule()})
			continue
		case !given:
			value = *p.Default
		}
		if text := p.check(value); text != "" {
			found = append(found, Problem{t.Name, p.Line, p.Name, text})
		}
	}
	return found
}

// check says why the parameter does not take a value, or "".
func (p Parameter) check(value string) string {
	elements := []string{value}
	if p.isList() {
		elements = strings.Split(value, ",")
	}
	for _, element := range elements {
		element = strings.TrimSpace(element)
		if !p.isList() {
			element = value
		}
		if !p.takes(element) {
			return p.refusal(element)
		}
	}
	return ""
}

func (p Parameter) isList() bool {
	return p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<")
}

// idPrefixes begin the values of the AWS-specific types that the shipped template and its like use.
var idPrefixes = map[string]string{
	"AWS::EC2::VPC::Id": "vpc-", "AWS::EC2::Subnet::Id": "subnet-", "AWS::EC2::SecurityGroup::Id": "sg-",
}

// idRest is what follows the prefix of an ID.
var idRest = regexp.MustCompile(`^[0-9a-f]{8,17}$`)

// element is the type of the value, or of each of a list's.
func (p Parameter) element() string {
	return strings.TrimSuffix(strings.TrimPrefix(p.Type, "List<"), ">")
}

func (p Parameter) takes(value string) bool {
	element := p.element()
	if prefix := idPrefixes[element]; prefix != "" {
		if rest, has := strings.CutPrefix(value, prefix); !has || !idRest.MatchString(rest) {
			return false
		}
	}
	if element == "Number" {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || p.MinValue != nil && n < *p.MinValue || p.MaxValue != nil && n > *p.MaxValue {
			return false
		}
	}
	length := float64(utf8.RuneCountInString(value))
	if p.MinLength != nil && length < *p.MinLength || p.MaxLength != nil && length > *p.MaxLength {
		return false
	}
	if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value) {
		return false
	}
	if p.AllowedPattern == "" {
		return true
	}
	// CloudFormation matches the whole value.
	pattern, err := regexp.Compile(`^(?:` + p.AllowedPattern + `)$`)
	// A pattern that only Java knows is left to CloudFormation.
	return err != nil || pattern.MatchString(value)
}

func (p Parameter) refusal(value string) string {
	if p.NoEcho {
		return "its value is not allowed: " + p.rule()
	}
	if runes := []rune(value); len(runes) > longestQuote {
		value = string(runes[:longestQuote]) + "…"
	}
	return fmt.Sprintf("%q is not allowed: %s", value, p.rule())
}

// longestQuote bounds what a message repeats of a value, in characters.
const longestQuote = 80

// rule says what a value must be, in the author's words where there are any.
func (p Parameter) rule() string {
	switch {
	case len(p.AllowedValues) > 0:
		return "give one of " + strings.Join(p.AllowedValues, ", ")
	case p.ConstraintDescription != "":
		return p.ConstraintDescription
	}
	rules := []string{"give a value of type " + p.Type}
	if prefix := idPrefixes[p.element()]; prefix != "" {
		rules = append(rules, "such as "+prefix+"0a1b2c3d")
	}
	bound := func(name string, value *float64) {
		if value != nil {
			rules = append(rules, fmt.Sprintf("%s %g", name, *value))
		}
	}
	bound("of at least", p.MinValue)
	bound("of at most", p.MaxValue)
	bound("with a length of at least", p.MinLength)
	bound("with a length of at most", p.MaxLength)
	if p.AllowedPattern != "" {
		rules = append(rules, "that matches "+p.AllowedPattern)
	}
	return strings.Join(rules, " ")
}
