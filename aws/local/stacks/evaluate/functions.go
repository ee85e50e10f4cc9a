package evaluate

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// nothing is AWS::NoValue: the member or item that has it goes away.
type nothing struct{}

var noValue = nothing{}

func (e *Evaluation) resolve(value any) (any, error) {
	switch value := value.(type) {
	case []any:
		return e.resolveList(value)
	case map[string]any:
		if name, argument, ok := call(value); ok && name != "Condition" {
			return e.apply(name, argument)
		}
		out := make(map[string]any, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			member, err := e.resolve(value[key])
			if err != nil {
				return nil, err
			}
			if member != any(noValue) {
				out[key] = member
			}
		}
		return out, nil
	}
	return value, nil
}

func (e *Evaluation) resolveList(list []any) ([]any, error) {
	out := make([]any, 0, len(list))
	for _, item := range list {
		value, err := e.resolve(item)
		if err != nil {
			return nil, err
		}
		if value != any(noValue) {
			out = append(out, value)
		}
	}
	return out, nil
}

func (e *Evaluation) resolveText(value any) (string, error) {
	resolved, err := e.resolve(value)
	if err != nil {
		return "", err
	}
	switch resolved.(type) {
	case string, float64, bool:
		return Text(resolved), nil
	}
	return "", invalid("The value must be a string")
}

func (e *Evaluation) apply(name string, argument any) (any, error) {
	list, _ := argument.([]any)
	switch name {
	case "Ref":
		return e.reference(Text(argument), "")
	case "Fn::GetAtt":
		return e.attribute(argument)
	case "Fn::Sub":
		return e.sub(argument)
	case "Fn::If":
		if len(list) != 3 {
			return nil, invalid("Template error: Fn::If requires a list argument with three elements")
		}
		if e.conditions[Text(list[0])] {
			return e.resolve(list[1])
		}
		return e.resolve(list[2])
	case "Fn::Join":
		return e.join(list)
	case "Fn::Split":
		return e.split(list)
	case "Fn::Select":
		return e.pick(list)
	case "Fn::FindInMap":
		return e.findInMap(list)
	case "Fn::Base64":
		text, err := e.resolveText(argument)
		return base64.StdEncoding.EncodeToString([]byte(text)), err
	case "Fn::GetAZs":
		return e.zones(argument)
	case "Fn::ImportValue":
		text, err := e.resolveText(argument)
		if err != nil {
			return nil, err
		}
		return nil, invalid("No export named %s found", text)
	}
	return nil, invalid("Template error: local AWS does not know the function %s", name)
}

func (e *Evaluation) reference(name, attribute string) (any, error) {
	if attribute == "" {
		if parameter, ok := e.template.Parameters[name]; ok {
			return parameter.value(e.scope.Parameters[name]), nil
		}
		if isPseudo(name) {
			return e.pseudo(name), nil
		}
	}
	if _, ok := e.template.Resources[name]; !ok {
		return nil, unresolvedIn("Resources", []string{name})
	}
	return e.scope.Resource(name, attribute)
}

func (e *Evaluation) attribute(argument any) (any, error) {
	logical, attribute, ok := attributeOf(argument)
	if list, is := argument.([]any); ok && is {
		var err error
		if attribute, err = e.resolveText(list[1]); err != nil {
			return nil, err
		}
	}
	if !ok {
		return nil, invalid("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
	}
	return e.reference(logical, attribute)
}

func (e *Evaluation) sub(argument any) (any, error) {
	text, own := subParts(argument)
	if _, is := argument.(string); !is && text == "" {
		return nil, invalid("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string")
	}
	var failed error
	out := variable.ReplaceAllStringFunc(text, func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		if literal, is := strings.CutPrefix(name, "!"); is {
			return "${" + literal + "}"
		}
		var value any
		var err error
		if given, is := own[name]; is {
			value, err = e.resolve(given)
		} else {
			logical, attribute, _ := strings.Cut(name, ".")
			value, err = e.reference(logical, attribute)
		}
		switch value.(type) {
		case string, float64, bool:
		default:
			if err == nil {
				err = invalid("Template error: variable %s in Fn::Sub expression does not resolve to a string", name)
			}
		}
		if err != nil && failed == nil {
			failed = err
		}
		return Text(value)
	})
	return out, failed
}

const badJoin = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."

func (e *Evaluation) join(list []any) (any, error) {
	if len(list) != 2 {
		return nil, invalid(badJoin)
	}
	delimiter, ok := list[0].(string)
	resolved, err := e.resolve(list[1])
	if err != nil {
		return nil, err
	}
	items, is := resolved.([]any)
	if IsUnknown(resolved) && !is {
		return Unknown, nil
	}
	if !ok || !is {
		return nil, invalid(badJoin)
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = Text(item)
	}
	return strings.Join(texts, delimiter), nil
}

func (e *Evaluation) split(list []any) (any, error) {
	if len(list) != 2 {
		return nil, invalid("Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.")
	}
	delimiter := Text(list[0])
	text, err := e.resolveText(list[1])
	if err != nil {
		return nil, err
	}
	if IsUnknown(text) {
		return Unknown, nil
	}
	items := []any{}
	for _, item := range strings.Split(text, delimiter) {
		items = append(items, item)
	}
	return items, nil
}

func (e *Evaluation) pick(list []any) (any, error) {
	if len(list) != 2 {
		return nil, invalid("Template error: Fn::Select requires a list argument with two elements: an integer index and a list")
	}
	at, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	resolved, err := e.resolve(list[1])
	if err != nil {
		return nil, err
	}
	items, is := resolved.([]any)
	if IsUnknown(resolved) && !is {
		return Unknown, nil
	}
	index, err := strconv.Atoi(at)
	if err != nil || !is {
		return nil, invalid("Template error: Fn::Select requires a list argument with two elements: an integer index and a list")
	}
	if index < 0 || index >= len(items) {
		return nil, invalid("Template error: Fn::Select cannot select nonexistent value at index %d", index)
	}
	return items[index], nil
}

func (e *Evaluation) findInMap(list []any) (any, error) {
	if len(list) != 3 {
		return nil, invalid("Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value")
	}
	var value any = e.template.mappings
	for i, part := range list {
		key, err := e.resolveText(part)
		if err != nil {
			return nil, err
		}
		object, _ := value.(map[string]any)
		next, found := object[key]
		if !found && i == 0 {
			return nil, invalid("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", key)
		}
		if !found {
			return nil, invalid("Template error: Unable to get mapping for %s", mapPath(list))
		}
		value = next
	}
	return value, nil
}

func mapPath(list []any) string {
	parts := make([]string, len(list))
	for i, part := range list {
		parts[i] = Text(part)
	}
	return strings.Join(parts, "::")
}

func (e *Evaluation) zones(argument any) (any, error) {
	region, err := e.resolveText(argument)
	if err != nil {
		return nil, err
	}
	if region == "" {
		region = e.scope.Region
	}
	return []any{region + "a", region + "b", region + "c"}, nil
}
