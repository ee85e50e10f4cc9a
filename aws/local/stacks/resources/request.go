package resources

import (
	"strconv"
	"strings"
)

// request is a value with the types of its shape, and the members of objects
// in the services' spelling: the first letter small.
func (s shape) request(value any) any { return s.convert(value, lowered) }

// settled is a value with the types of its shape.
func (s shape) settled(value any) any {
	return s.convert(value, func(name string) string { return name })
}

func (s shape) convert(value any, spell func(string) string) any {
	switch value := value.(type) {
	case map[string]any:
		if s.sort != object {
			return s.settledMap(value)
		}
		out := map[string]any{}
		for name, inner := range value {
			out[spell(name)] = s.members[name].convert(inner, spell)
		}
		return out
	case []any:
		if s.items == nil {
			return value
		}
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = s.items.convert(item, spell)
		}
		return out
	default:
		return s.settledScalar(value)
	}
}

// settledMap makes texts of the values of a map of the user's.
func (s shape) settledMap(value map[string]any) any {
	if s.sort != named {
		return value
	}
	out := map[string]any{}
	for name, inner := range value {
		if plain, ok := scalar(inner); ok {
			out[name] = plain
		}
	}
	return out
}

func (s shape) settledScalar(value any) any {
	plain, ok := scalar(value)
	if !ok {
		return value
	}
	switch s.sort {
	case text:
		return plain
	case number:
		if n, err := strconv.ParseFloat(plain, 64); err == nil {
			return n
		}
	case flag:
		return plain == "true"
	}
	return value
}

// template is a value of a service in the spelling of templates.
func (s shape) template(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if s.sort != object {
			return value
		}
		out := map[string]any{}
		for name, member := range s.members {
			if inner, ok := value[lowered(name)]; ok {
				out[name] = member.template(inner)
			}
		}
		return out
	case []any:
		if s.items == nil {
			return value
		}
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = s.items.template(item)
		}
		return out
	default:
		return value
	}
}

func lowered(name string) string { return strings.ToLower(name[:1]) + name[1:] }
