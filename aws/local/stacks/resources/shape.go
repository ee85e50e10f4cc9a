package resources

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sort of value that a property has.
type sort int

const (
	anything sort = iota
	text
	number
	flag
	list
	object
	// named is a map whose names are the user's, such as tags; its values are texts.
	named
)

// shape is what a property, or all of them, may look like.
type shape struct {
	sort     sort
	items    *shape
	members  map[string]shape
	required []string
	enum     []string
}

// member is some of the members of an object.
type member func(*shape)

// of is an object with the members.
func of(members ...member) shape {
	s := shape{sort: object, members: map[string]shape{}}
	for _, add := range members {
		add(&s)
	}
	return s
}

// each is members of one shape; a name that ends in '!' is required.
func each(names string, as shape) member {
	return func(s *shape) {
		for _, name := range strings.Fields(names) {
			plain, needed := strings.CutSuffix(name, "!")
			s.members[plain] = as
			if needed {
				s.required = append(s.required, plain)
			}
		}
	}
}

func texts(names string) member   { return each(names, shape{sort: text}) }
func numbers(names string) member { return each(names, shape{sort: number}) }
func flags(names string) member   { return each(names, shape{sort: flag}) }
func opaque(names string) member  { return each(names, shape{}) }
func free(names string) member    { return each(names, shape{sort: named}) }
func lists(names string, items shape) member {
	return each(names, shape{sort: list, items: &items})
}
func words(names string) member { return lists(names, shape{sort: text}) }
func enum(name string, allowed ...string) member {
	return each(name, shape{sort: text, enum: allowed})
}

// tagged is the property Tags as most resources have it.
func tagged() member { return lists("Tags", of(texts("Key! Value!"))) }

// names are the top-level members but those given.
func (s shape) names(but ...string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.members)), func(name string) bool { return slices.Contains(but, name) })
}

// problems tells, in CloudFormation's words, what is wrong with a value.
func (s shape) problems(path string, value any) []string {
	switch s.sort {
	case text, number, flag:
		return s.scalarProblems(path, value)
	case list:
		items, ok := value.([]any)
		if !ok {
			return []string{mismatch(path, "JSONArray", value)}
		}
		var found []string
		for i, item := range items {
			found = append(found, s.items.problems(path+"/"+strconv.Itoa(i), item)...)
		}
		return found
	case object, named:
		members, ok := value.(map[string]any)
		if !ok {
			return []string{mismatch(path, "JSONObject", value)}
		}
		if s.sort == named {
			return nil
		}
		return s.memberProblems(path, members)
	default:
		return nil
	}
}

func (s shape) memberProblems(path string, members map[string]any) []string {
	var found []string
	for _, name := range s.required {
		if members[name] == nil {
			found = append(found, fmt.Sprintf("%s: required key [%s] not found", path, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if known, ok := s.members[name]; ok {
			found = append(found, known.problems(path+"/"+name, members[name])...)
			continue
		}
		found = append(found, fmt.Sprintf("%s: extraneous key [%s] is not permitted", path, name))
	}
	return found
}

func (s shape) scalarProblems(path string, value any) []string {
	plain, ok := scalar(value)
	switch {
	case !ok:
		return []string{mismatch(path, map[sort]string{text: "String", number: "Number", flag: "Boolean"}[s.sort], value)}
	case s.sort == number:
		if _, err := strconv.ParseFloat(plain, 64); err != nil {
			return []string{mismatch(path, "Number", value)}
		}
	case s.sort == flag && plain != "true" && plain != "false":
		return []string{mismatch(path, "Boolean", value)}
	case s.enum != nil && !slices.Contains(s.enum, plain):
		return []string{fmt.Sprintf("%s: %s is not a valid enum value", path, plain)}
	}
	return nil
}

func mismatch(path, want string, value any) string {
	found := "Null"
	switch value.(type) {
	case string:
		found = "String"
	case bool:
		found = "Boolean"
	case float64, int:
		found = "Number"
	case []any:
		found = "JSONArray"
	case map[string]any:
		found = "JSONObject"
	}
	return fmt.Sprintf("%s: expected type: %s, found: %s", path, want, found)
}

// scalar is the text of a text, number or boolean.
func scalar(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	case int:
		return strconv.Itoa(value), true
	case fmt.Stringer: // json.Number
		return value.String(), true
	}
	return "", false
}

// str is a property that is a text, or another scalar; empty where it is not there.
func str(p Properties, name string) string {
	plain, _ := scalar(p[name])
	return plain
}

// or is a property's text, or another where the template gives none.
func or(p Properties, name, other string) string { return cmp.Or(str(p, name), other) }
