package asl

import (
	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Items returns the array that a Map state goes over.
func (s *State) Items(sc Scope, raw any) ([]any, error) {
	if s.JSONata {
		return s.queryItems(sc, raw)
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return nil, err
	}
	source := "$"
	if path := text(s.fields, "ItemsPath"); path != "" {
		source = path
	}
	v, err := s.pathEnv(sc, input).value(source)
	if err != nil {
		return nil, pathFault(source, err)
	}
	items, ok := v.([]any)
	if !ok {
		return nil, runtimeFault("Reference path \"%s\" must point to array.", source)
	}
	return items, nil
}

func (s *State) queryItems(sc Scope, raw any) ([]any, error) {
	field, ok := s.fields.Get("Items")
	if !ok {
		items, isArray := raw.([]any)
		if !isArray {
			return nil, s.queryFault("", "Map state input must be an array but was: %s", jsonv.Text(raw))
		}
		return items, nil
	}
	v, err := s.queryEnv(sc, "input", raw).query(field, "Items")
	if err != nil {
		return nil, err
	}
	items, ok := v.([]any)
	if !ok {
		return nil, s.typeFault(expressionIn(field), "Items", "array", v)
	}
	return items, nil
}

// ItemInput returns the input of one iteration. Map.Item of the context object
// is filled in here, for ItemSelector.
func (s *State) ItemInput(sc Scope, raw any, index int, item any) (any, error) {
	selector, ok := s.fields.Get("ItemSelector")
	if !ok {
		selector, ok = s.fields.Get("Parameters") // the older name
	}
	if !ok {
		return item, nil
	}
	sc.Context = sc.Context.Copy()
	sc.Context.Set("Map", jsonv.NewObject("Item", jsonv.NewObject("Index", jsonv.Number(float64(index)), "Value", item)))
	if s.JSONata {
		return s.queryEnv(sc, "input", raw).query(selector, "ItemSelector")
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return nil, err
	}
	return s.pathEnv(sc, input).template(selector)
}

// Concurrency returns how many iterations may run at once; 0 is no limit.
func (s *State) Concurrency(sc Scope, raw any) (int, error) {
	if v, ok := s.fields.Get("MaxConcurrency"); ok {
		n, err := s.count(sc, raw, "MaxConcurrency", v)
		return int(n), err
	}
	source := text(s.fields, "MaxConcurrencyPath")
	if source == "" {
		return 0, nil
	}
	input, err := s.Input(sc, raw)
	if err != nil {
		return 0, err
	}
	v, err := s.pathEnv(sc, input).value(source)
	if err != nil {
		return 0, pathFault(source, err)
	}
	n, ok := whole(v)
	if !ok {
		return 0, runtimeFault("The MaxConcurrencyPath field refers to value \"%s\" which is not a valid integer: %s", bare(v), source)
	}
	if n < 0 {
		return 0, runtimeFault("MaxConcurrency cannot be negative.")
	}
	return int(n), nil
}

// expressionIn returns the expression inside a "{% … %}" field, for messages.
func expressionIn(field any) string {
	s, _ := field.(string)
	source, _ := expr.Source(s)
	return source
}
