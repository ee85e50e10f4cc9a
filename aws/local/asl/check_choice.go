package asl

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

func (s stateCheck) choice() {
	s.required(s.fields, s.at, "Choices")
	s.text(s.fields, s.at, "Default")
	for i, rule := range s.objects(s.fields, s.at, "Choices", false) {
		at := fmt.Sprintf("%s/Choices[%d]", s.at, i)
		s.required(rule, at, "Next")
		s.text(rule, at, "Next")
		s.text(rule, at, "Comment")
		s.language(rule, at)
		s.payload(rule, at, "Output")
		s.assign(rule, at)
		s.rule(rule, at, "Next", "Output", "Assign")
	}
}

// rule checks a rule; extra are the fields that only an outer rule takes.
func (s stateCheck) rule(rule *jsonv.Object, at string, extra ...string) {
	selectors := []string{"And", "Or", "Not", "Variable", "Condition"}
	var found []string
	for _, name := range selectors {
		if has(rule, name) {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		s.schema(at, "The object must have only one of the following fields, [%s]", strings.Join(selectors, ", "))
		return
	}
	if s.jsonata != (found[0] == "Condition") {
		mine, other := languageJSONPath, languageJSONata
		if s.jsonata {
			mine, other = other, mine
		}
		s.schema(at, "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage", mine, found[0], other)
		return
	}
	allowed := append(extra, found[0], "Comment")
	switch found[0] {
	case "Condition":
		s.condition(rule, at)
	case "Variable":
		allowed = append(allowed, s.comparison(rule, at)...)
	case "Not":
		if inner := object(rule, "Not"); inner != nil {
			s.rule(inner, at+"/Not")
		} else {
			s.schema(at+"/Not", "Expected value of type Object")
		}
	default:
		for i, inner := range s.objects(rule, at, found[0], false) {
			s.rule(inner, fmt.Sprintf("%s/%s[%d]", at, found[0], i))
		}
	}
	s.only(rule, at, allowed)
}

func (s stateCheck) condition(rule *jsonv.Object, at string) {
	v, _ := rule.Get("Condition")
	source, isString := v.(string)
	switch {
	case isString && expr.Opens(source):
		s.expression(at+"/Condition", source)
	case !isType[bool](v):
		s.schema(at+"/Condition", "Expected value of type Boolean or a JSONata expression")
	}
}

// comparison checks Variable and its operator, and returns the operators.
func (s stateCheck) comparison(rule *jsonv.Object, at string) []string {
	s.choicePath(rule, at, "Variable")
	var used []string
	for _, name := range rule.Keys() {
		base, isPath := strings.CutSuffix(name, "Path")
		operator, ok := operators[base]
		if !ok || isPath && !takesPath(base) {
			continue
		}
		used = append(used, name)
		if isPath {
			s.choicePath(rule, at, name)
		} else {
			s.operand(rule, at, name, operator.kind)
		}
	}
	switch {
	case len(used) == 0:
		s.schema(at, "This object should have only one of the following fields: [%s]", strings.Join(operatorNames(), ", "))
	case len(used) > 1:
		s.schema(at, "There should only be one of the following fields: [%s]", strings.Join(used, ", "))
	}
	return used
}

func operatorNames() []string {
	var names []string
	for name := range operators {
		names = append(names, name)
		if takesPath(name) {
			names = append(names, name+"Path")
		}
	}
	slices.Sort(names)
	return names
}

func (s stateCheck) choicePath(rule *jsonv.Object, at, name string) {
	v, _ := rule.Get(name)
	if source, ok := v.(string); ok && !strings.HasPrefix(source, "$") {
		s.schema(at+"/"+name, "Value is not a Reference Path: Reference path didn't start with '$'")
		return
	}
	s.path(rule, at, name, pathField{})
}

func (s stateCheck) operand(rule *jsonv.Object, at, name string, kind operandKind) {
	v, _ := rule.Get(name)
	switch kind {
	case boolOperand:
		s.boolean(rule, at, name)
	case stringOperand:
		s.text(rule, at, name)
	case timestampOperand:
		s.timestamp(at+"/"+name, v)
	case numberOperand:
		if !isType[json.Number](v) {
			s.schema(at+"/"+name, "Expected value of type Number")
		}
	}
}
