package evaluate

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parameter is a parameter as the template declares it.
type Parameter struct {
	Type, Description, ConstraintDescription, AllowedPattern string
	// Default is nil for a parameter that must be given.
	Default       *string
	AllowedValues []string
	// The limits are empty where not given.
	MinLength, MaxLength, MinValue, MaxValue string
	// NoEcho hides the value from descriptions.
	NoEcho bool
}

// parameterType is every type whose value CloudFormation does not look up elsewhere.
var parameterType = regexp.MustCompile(`^(String|Number|CommaDelimitedList|List<(String|Number)>|(List<)?AWS::(EC2|Route53)::[A-Za-z0-9:]+>?)$`)

// identifiers are what the values of types that name things in the account look like.
var identifiers = map[string]*regexp.Regexp{
	"AWS::EC2::VPC::Id":           regexp.MustCompile(`^vpc-[0-9a-f]+$`),
	"AWS::EC2::Subnet::Id":        regexp.MustCompile(`^subnet-[0-9a-f]+$`),
	"AWS::EC2::SecurityGroup::Id": regexp.MustCompile(`^sg-[0-9a-f]+$`),
}

func (r *reader) parameter(name string, declared any) Parameter {
	object := r.object(declared, "[/Parameters/"+name+"]")
	text := func(member string) string { return r.text(object[member], member) }
	p := Parameter{
		Type: text("Type"), Description: text("Description"), ConstraintDescription: text("ConstraintDescription"),
		AllowedPattern: text("AllowedPattern"), MinLength: text("MinLength"), MaxLength: text("MaxLength"),
		MinValue: text("MinValue"), MaxValue: text("MaxValue"), NoEcho: strings.EqualFold(text("NoEcho"), "true"),
	}
	switch {
	case !alphanumeric.MatchString(name):
		r.fail("Template format error: Parameter name %s is non alphanumeric.", name)
	case p.Type == "":
		r.fail("Template format error: Every Parameters object must contain a Type member.")
	case !parameterType.MatchString(p.Type):
		r.fail("Template format error: Unrecognized parameter type: %s", p.Type)
	}
	if object["Default"] != nil {
		value := text("Default")
		p.Default = &value
	}
	allowed, _ := object["AllowedValues"].([]any)
	for _, value := range allowed {
		p.AllowedValues = append(p.AllowedValues, r.text(value, "AllowedValues"))
	}
	return p
}

// Values completes the parameters given by the defaults and checks them. A
// refusal is an *Invalid.
func (t *Template) Values(given map[string]string) (map[string]string, error) {
	var strange, missing []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, declared := t.Parameters[name]; !declared {
			strange = append(strange, name)
		}
	}
	if len(strange) > 0 {
		return nil, invalid("Parameters: [%s] do not exist in the template", strings.Join(strange, ", "))
	}
	values := map[string]string{}
	names := slices.Sorted(maps.Keys(t.Parameters))
	for _, name := range names {
		value, ok := given[name]
		if !ok && t.Parameters[name].Default == nil {
			missing = append(missing, name)
			continue
		}
		if !ok {
			value = *t.Parameters[name].Default
		}
		values[name] = value
	}
	if len(missing) > 0 {
		return nil, invalid("Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	for _, name := range names {
		if err := t.Parameters[name].check(name, values[name]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// isList tells whether a reference to the parameter gives a list.
func (p Parameter) isList() bool {
	return p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<")
}

// value is what a reference to the parameter gives.
func (p Parameter) value(text string) any {
	if !p.isList() {
		return text
	}
	list := []any{}
	for _, item := range p.items(text) {
		list = append(list, item)
	}
	return list
}

func (p Parameter) items(text string) []string {
	if !p.isList() {
		return []string{text}
	}
	if text == "" {
		return nil
	}
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

func (p Parameter) check(name, text string) error {
	fail := func(constraint string) error {
		if p.ConstraintDescription != "" {
			constraint = p.ConstraintDescription
		}
		return invalid("Parameter '%s' failed to satisfy constraint: %s", name, constraint)
	}
	length := utf8.RuneCountInString(text)
	if least, err := strconv.Atoi(p.MinLength); err == nil && length < least {
		return fail("Member must have length greater than or equal to " + p.MinLength)
	}
	if most, err := strconv.Atoi(p.MaxLength); err == nil && length > most {
		return fail("Member must have length less than or equal to " + p.MaxLength)
	}
	for _, item := range p.items(text) {
		if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, item) {
			return fail("Member must satisfy enum value set: [" + strings.Join(p.AllowedValues, ", ") + "]")
		}
		if p.AllowedPattern != "" {
			pattern, err := regexp.Compile(`^(?:` + p.AllowedPattern + `)$`)
			if err != nil {
				return invalid("Template error: AllowedPattern of parameter '%s' is not a valid pattern: %s", name, p.AllowedPattern)
			}
			if !pattern.MatchString(item) {
				return fail("Member must satisfy regular expression pattern: " + p.AllowedPattern)
			}
		}
		if err := p.checkItem(name, item, fail); err != nil {
			return err
		}
	}
	return nil
}

// checkItem checks one value against its type.
func (p Parameter) checkItem(name, item string, fail func(string) error) error {
	kind := strings.TrimSuffix(strings.TrimPrefix(p.Type, "List<"), ">")
	if pattern := identifiers[kind]; pattern != nil && !pattern.MatchString(item) {
		return invalid("Parameter validation failed: parameter value %s for parameter name %s does not exist. Rollback requested by user.", item, name)
	}
	if kind != "Number" {
		return nil
	}
	n, err := strconv.ParseFloat(item, 64)
	if err != nil {
		return invalid("Parameter '%s' must be a number.", name)
	}
	if least, err := strconv.ParseFloat(p.MinValue, 64); err == nil && n < least {
		return fail("Member must have value greater than or equal to " + p.MinValue)
	}
	if most, err := strconv.ParseFloat(p.MaxValue, 64); err == nil && n > most {
		return fail("Member must have value less than or equal to " + p.MaxValue)
	}
	return nil
}
