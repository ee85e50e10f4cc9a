package asl

import (
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/asl/intrinsics"
	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// env evaluates paths, templates and expressions of one state.
type env struct {
	state *State
	scope Scope
	input any // what "$" is

	// states holds $states without its context; JSONata only.
	states *jsonv.Object
}

// pathEnv evaluates JSONPath fields against input.
func (s *State) pathEnv(sc Scope, input any) env { return env{state: s, scope: sc, input: input} }

// queryEnv evaluates JSONata; the pairs are what $states has besides context.
func (s *State) queryEnv(sc Scope, pairs ...any) env {
	return env{state: s, scope: sc, states: jsonv.NewObject(pairs...)}
}

func (e env) lookup(p paths.Path) (any, error) {
	switch p.Root {
	case paths.Context:
		return p.Get(e.scope.Context)
	case paths.Variable:
		v, ok := e.scope.Vars.Get(p.Name)
		if !ok {
			return nil, &paths.NotFoundError{Path: p, Leaf: true}
		}
		return p.Get(v)
	case paths.Input:
	}
	return p.Get(e.input)
}

// value evaluates a path or an intrinsic call.
func (e env) value(source string) (any, error) {
	if intrinsics.Is(source) {
		call, err := intrinsics.Parse(source)
		if err != nil {
			return nil, err
		}
		return call.Eval(e.lookup)
	}
	p, err := paths.Parse(source)
	if err != nil {
		return nil, err
	}
	return e.lookup(p)
}

// field evaluates a template value in the language of the state.
func (e env) field(name string, v any) (any, error) {
	if e.state.JSONata {
		return e.query(v, name)
	}
	return e.template(v)
}

// template fills a payload template: a key that ends with ".$" takes a path or
// an intrinsic call, everything else is literal.
func (e env) template(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			filled, err := e.template(item)
			if err != nil {
				return nil, err
			}
			items[i] = filled
		}
		return items, nil
	case *jsonv.Object:
		o := jsonv.NewObject()
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			source, dynamic := item.(string)
			name, isDynamic := strings.CutSuffix(key, ".$")
			var filled any
			var err error
			if dynamic && isDynamic {
				if filled, err = e.value(source); err != nil {
					return nil, templateFault(key, e.input, err)
				}
			} else if filled, err = e.template(item); err != nil {
				return nil, err
			} else {
				name = key
			}
			o.Set(name, filled)
		}
		return o, nil
	}
	return v, nil
}

// query replaces every "{% … %}" string inside v. location names the field,
// with "/key" and "[index]" for places inside it.
func (e env) query(v any, location string) (any, error) {
	switch v := v.(type) {
	case string:
		source, ok := expr.Source(v)
		if !ok {
			return v, nil
		}
		result, err := expr.Eval(source, e.variables())
		if err != nil {
			return nil, e.state.expressionFault(source, location, err)
		}
		return result, nil
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			filled, err := e.query(item, fmt.Sprintf("%s[%d]", location, i))
			if err != nil {
				return nil, err
			}
			items[i] = filled
		}
		return items, nil
	case *jsonv.Object:
		o := jsonv.NewObject()
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			filled, err := e.query(item, location+"/"+key)
			if err != nil {
				return nil, err
			}
			o.Set(key, filled)
		}
		return o, nil
	}
	return v, nil
}

func (e env) variables() *jsonv.Object {
	o := e.scope.Vars.all()
	states := e.states.Copy()
	states.Set("context", e.scope.Context)
	o.Set("states", states)
	return o
}

// assign evaluates an Assign field; nil when there is none.
func (e env) assign(fields *jsonv.Object, place string) (*jsonv.Object, error) {
	template, ok := fields.Get("Assign")
	if !ok {
		return nil, nil
	}
	v, err := e.field(place+"Assign", template)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*jsonv.Object)
	return o, nil
}
