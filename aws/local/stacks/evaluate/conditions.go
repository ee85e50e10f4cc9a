package evaluate

import "slices"

// condition evaluates a named condition once; path guards against a cycle.
func (e *Evaluation) condition(name string, path []string) (bool, error) {
	if value, done := e.conditions[name]; done {
		return value, nil
	}
	if slices.Contains(path, name) {
		return false, invalid("Template format error: Circular dependency between conditions: %v", path)
	}
	value, err := e.boolean(e.template.conditions[name], append(path, name))
	if err != nil {
		return false, err
	}
	e.conditions[name] = value
	return value, nil
}

func (e *Evaluation) boolean(value any, path []string) (bool, error) {
	object, _ := value.(map[string]any)
	name, argument, _ := call(object)
	list, _ := argument.([]any)
	switch name {
	case "Condition":
		return e.condition(Text(argument), path)
	case "Fn::Equals":
		if len(list) != 2 {
			return false, invalid("Template error: Fn::Equals cannot be partially collapsed")
		}
		left, err := e.resolve(list[0])
		if err != nil {
			return false, err
		}
		right, err := e.resolve(list[1])
		return Text(left) == Text(right), err
	case "Fn::Not":
		if len(list) != 1 {
			return false, invalid("Template error: every Fn::Not object requires a list with one condition")
		}
		holds, err := e.boolean(list[0], path)
		return !holds, err
	case "Fn::And", "Fn::Or":
		return e.several(name, list, path)
	}
	return false, invalid("Template format error: Every Condition member must be a boolean operation")
}

// AWS: Fn::And and Fn::Or take 2 to 10 conditions.
const fewest, most = 2, 10

func (e *Evaluation) several(name string, list []any, path []string) (bool, error) {
	if len(list) < fewest || len(list) > most {
		return false, invalid("Template error: every %s object requires a list of at least %d and at most %d boolean parameters", name, fewest, most)
	}
	for _, item := range list {
		holds, err := e.boolean(item, path)
		if err != nil {
			return false, err
		}
		if holds == (name == "Fn::Or") {
			return holds, nil
		}
	}
	return name == "Fn::And", nil
}
