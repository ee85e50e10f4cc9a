package evaluate

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Reference is a place where a template's value names something else of it.
type Reference struct {
	// Name is a parameter, a pseudo parameter, a resource or, for Condition, a condition.
	Name string
	// Attribute is what Fn::GetAtt asks for; empty for a Ref.
	Attribute string
	// Condition tells that Name is a condition.
	Condition bool
}

// variable is what Fn::Sub replaces; ${!Name} stays as ${Name}.
var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// References are all references inside value, in order of its keys.
func References(value any) []Reference {
	switch value := value.(type) {
	case []any:
		var found []Reference
		for _, item := range value {
			found = append(found, References(item)...)
		}
		return found
	case map[string]any:
		if name, argument, ok := call(value); ok {
			return append(named(name, argument), References(argument)...)
		}
		var found []Reference
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, References(value[key])...)
		}
		return found
	}
	return nil
}

// Below is the part of a value that a JSON pointer leads to, or the function
// on the way there that decides it; nil where there is none.
func Below(value any, pointer string) any {
	for _, part := range strings.Split(pointer, "/")[1:] {
		switch whole := value.(type) {
		case map[string]any:
			if _, _, ok := call(whole); ok {
				return value
			}
			value = whole[unescape.Replace(part)]
		case []any:
			index, err := strconv.Atoi(part)
			if err != nil || index >= len(whole) {
				return nil
			}
			value = whole[index]
		default:
			return value
		}
	}
	return value
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// call is the intrinsic function that an object is.
func call(object map[string]any) (name string, argument any, ok bool) {
	if len(object) != 1 {
		return "", nil, false
	}
	for name, argument = range object {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return name, argument, true
		}
		if _, text := argument.(string); name == "Condition" && text {
			return name, argument, true
		}
	}
	return "", nil, false
}

// named are the references that a function makes itself, not by what is inside its arguments.
func named(name string, argument any) []Reference {
	list, _ := argument.([]any)
	switch name {
	case "Ref", "Condition":
		if text, ok := argument.(string); ok {
			return []Reference{{Name: text, Condition: name == "Condition"}}
		}
	case "Fn::If":
		if len(list) == 3 {
			return []Reference{{Name: Text(list[0]), Condition: true}}
		}
	case "Fn::GetAtt":
		if logical, attribute, ok := attributeOf(argument); ok {
			return []Reference{{Name: logical, Attribute: attribute}}
		}
	case "Fn::Sub":
		return substituted(argument)
	}
	return nil
}

// attributeOf reads Fn::GetAtt: "Logical.Attribute" or a list of the two.
func attributeOf(argument any) (logical, attribute string, ok bool) {
	if text, is := argument.(string); is {
		return strings.Cut(text, ".")
	}
	list, _ := argument.([]any)
	if len(list) != 2 {
		return "", "", false
	}
	logical, is := list[0].(string)
	if !is {
		return "", "", false
	}
	if text, is := list[1].(string); is {
		return logical, text, true
	}
	return logical, "?", true
}

func substituted(argument any) []Reference {
	text, own := subParts(argument)
	var found []Reference
	for _, match := range variable.FindAllStringSubmatch(text, -1) {
		name := strings.TrimSpace(match[1])
		if _, given := own[name]; given || strings.HasPrefix(name, "!") {
			continue
		}
		if logical, attribute, ok := strings.Cut(name, "."); ok {
			found = append(found, Reference{Name: logical, Attribute: attribute})
		} else {
			found = append(found, Reference{Name: name})
		}
	}
	return found
}

// subParts are the text and the variables of Fn::Sub.
func subParts(argument any) (string, map[string]any) {
	if list, ok := argument.([]any); ok && len(list) == 2 {
		text, _ := list[0].(string)
		own, _ := list[1].(map[string]any)
		return text, own
	}
	text, _ := argument.(string)
	return text, nil
}
