package asl

import (
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Choose returns the state that a Choice state goes to and what it hands on.
// The first rule that holds wins, then Default.
func (s *State) Choose(sc Scope, raw any) (next string, out Outcome, err error) {
	input, err := s.Input(sc, raw)
	if err != nil {
		return "", Outcome{}, err
	}
	e := s.pathEnv(sc, input)
	if s.JSONata {
		e = s.queryEnv(sc, "input", raw)
	}
	for i, entry := range list(s.fields, "Choices") {
		rule, _ := entry.(*jsonv.Object)
		place := fmt.Sprintf("Choices[%d]/", i)
		holds, err := e.holds(rule, place)
		if err != nil {
			return "", Outcome{}, err
		}
		if holds {
			out, err := s.chosen(e, rule, place, input)
			return text(rule, "Next"), out, err
		}
	}
	next = text(s.fields, "Default")
	if next == "" {
		return "", Outcome{}, runtimeFault("Failed to transition out of the state. The state does not point to a next state.")
	}
	out, err = s.chosen(e, s.fields, "", input)
	return next, out, err
}

// chosen evaluates Assign and Output of the rule that held, or of the state
// when it was the default.
func (s *State) chosen(e env, fields *jsonv.Object, place string, input any) (Outcome, error) {
	if s.JSONata {
		return s.output(e, fields, place, input)
	}
	output, err := s.pathEnv(e.scope, input).pathField(s.fields, "OutputPath", input)
	if err != nil {
		return Outcome{}, err
	}
	assigned, err := e.assign(fields, place)
	return Outcome{Output: output, Assigned: assigned}, err
}

func (e env) holds(rule *jsonv.Object, place string) (bool, error) {
	if e.state.JSONata {
		return e.condition(rule, place+"Condition")
	}
	if not := object(rule, "Not"); not != nil {
		holds, err := e.holds(not, place)
		return !holds, err
	}
	if all := list(rule, "And"); all != nil {
		some, err := e.some(all, false, place)
		return !some, err
	}
	if either := list(rule, "Or"); either != nil {
		return e.some(either, true, place)
	}
	return e.compare(rule)
}

// some says whether one of the rules comes out as wanted.
func (e env) some(rules []any, wanted bool, place string) (bool, error) {
	for _, entry := range rules {
		rule, _ := entry.(*jsonv.Object)
		holds, err := e.holds(rule, place)
		if err != nil || holds == wanted {
			return true, err
		}
	}
	return false, nil
}

func (e env) condition(rule *jsonv.Object, location string) (bool, error) {
	condition, _ := rule.Get("Condition")
	v, err := e.query(condition, location)
	if err != nil {
		return false, err
	}
	holds, ok := v.(bool)
	if !ok {
		return false, e.state.typeFault(expressionIn(condition), location, "boolean", v)
	}
	return holds, nil
}

// compare evaluates a rule of one Variable and one operator.
func (e env) compare(rule *jsonv.Object) (bool, error) {
	variable, present, err := e.choiceValue(text(rule, "Variable"))
	if err != nil {
		return false, err
	}
	for _, name := range rule.Keys() {
		operator, ok := operators[strings.TrimSuffix(name, "Path")]
		if !ok {
			continue
		}
		if name == "IsPresent" {
			wanted, _ := rule.Get(name)
			return present == wanted, nil
		}
		if !present {
			return false, invalidChoicePath(text(rule, "Variable"))
		}
		operand, _ := rule.Get(name)
		if strings.HasSuffix(name, "Path") {
			path := text(rule, name)
			if operand, ok, err = e.choiceValue(path); err != nil || !ok {
				return false, invalidChoicePath(path)
			}
		}
		return operator.holds(variable, operand), nil
	}
	return false, nil
}

func invalidChoicePath(path string) error {
	return runtimeFault("Invalid path '%s': The choice state's condition path references an invalid value.", path)
}

func (e env) choiceValue(source string) (v any, present bool, err error) {
	path, err := paths.Parse(source)
	if err != nil {
		return nil, false, pathFault(source, err)
	}
	v, err = e.lookup(path)
	return v, err == nil, nil
}
