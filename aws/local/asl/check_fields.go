package asl

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/asl/intrinsics"
	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// maxTimeout is the largest value of a field that counts seconds.
const maxTimeout = 99_999_999

// Checks of single fields. Each reports nothing when the field is absent.

func (c *checker) required(o *jsonv.Object, at string, names ...string) {
	missing := slices.DeleteFunc(names, func(name string) bool { return has(o, name) })
	if len(missing) > 0 {
		c.schema(at, "These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

func has(o *jsonv.Object, name string) bool {
	_, ok := o.Get(name)
	return ok
}

func (c *checker) only(o *jsonv.Object, at string, allowed []string) {
	for _, name := range o.Keys() {
		if !slices.Contains(allowed, name) {
			c.schema(at, "Field '%s' is not supported", name)
		}
	}
}

// exclusive reports more than one of the fields and, when one is needed, none.
func (c *checker) exclusive(o *jsonv.Object, at string, needed bool, names ...string) {
	count := 0
	for _, name := range names {
		if has(o, name) {
			count++
		}
	}
	switch {
	case count > 1:
		c.schema(at, "There should only be one of the following fields: [%s]", strings.Join(names, ", "))
	case count == 0 && needed:
		c.schema(at, "This object should have only one of the following fields: [%s]", strings.Join(names, ", "))
	}
}

func (c *checker) text(o *jsonv.Object, at, name string) {
	if v, ok := o.Get(name); ok && !isType[string](v) {
		c.schema(at+"/"+name, "Expected value of type String")
	}
}

func (c *checker) boolean(o *jsonv.Object, at, name string) {
	if v, ok := o.Get(name); ok && !isType[bool](v) {
		c.schema(at+"/"+name, "Expected value of type Boolean")
	}
}

func (c *checker) oneOf(o *jsonv.Object, at, name string, allowed ...string) {
	v, ok := o.Get(name)
	s, isString := v.(string)
	if ok && (!isString || !slices.Contains(allowed, s)) {
		c.schema(at+"/"+name, "Value should be one of the following: [%s]", strings.Join(allowed, ", "))
	}
}

// objects returns the objects of an array field that may not be empty.
func (c *checker) objects(o *jsonv.Object, at, name string, mayBeEmpty bool) []*jsonv.Object {
	v, ok := o.Get(name)
	if !ok {
		return nil
	}
	items, isArray := v.([]any)
	switch {
	case !isArray:
		c.schema(at+"/"+name, "Expected value of type Array")
	case len(items) == 0 && !mayBeEmpty:
		c.schema(at+"/"+name, "Value cannot be empty")
	}
	var found []*jsonv.Object
	for _, item := range items {
		child, ok := item.(*jsonv.Object)
		if !ok {
			c.schema(at+"/"+name, "Expected value of type Object")
		}
		found = append(found, child)
	}
	return found
}

// numeric is what a number must be; max 0 is no limit.
type numeric struct {
	integer, expression bool
	min, max            float64
}

func (c *checker) number(o *jsonv.Object, at, name string, want numeric) {
	v, ok := o.Get(name)
	if !ok {
		return
	}
	at += "/" + name
	if source, isString := v.(string); isString && want.expression && expr.Opens(source) {
		c.expression(at, source)
		return
	}
	n, isNumber := v.(json.Number)
	f, err := n.Float64()
	_, isWhole := whole(v)
	switch {
	case want.integer && !isWhole:
		c.schema(at, "Expected value of type Integer")
	case !isNumber || err != nil:
		c.schema(at, "Expected value of type Float")
	case f < want.min:
		c.schema(at, "Minimum value is %v", want.min)
	case want.max > 0 && f > want.max:
		c.schema(at, "Maximum value is %s", jsonv.Number(want.max))
	}
}

func (c *checker) timestamp(at string, v any) {
	if _, ok := timestamp(v); !ok {
		c.schema(at, "String does not match RFC3339 timestamp")
	}
}

// pathField is what a path field takes besides a JSONPath: null or an intrinsic
// call; reference says that only a Reference Path will do.
type pathField struct{ reference, null, intrinsic bool }

func (c *checker) path(o *jsonv.Object, at, name string, want pathField) {
	v, ok := o.Get(name)
	if !ok || v == nil && want.null {
		return
	}
	source, isString := v.(string)
	if !isString {
		c.schema(at+"/"+name, "Expected value of type String")
		return
	}
	if want.intrinsic && intrinsics.Is(source) {
		if _, err := intrinsics.Parse(source); err != nil {
			c.schema(at+"/"+name, "Value must be a valid JSONPath or a valid intrinsic function call")
		}
		return
	}
	path, err := paths.Parse(source)
	switch {
	case want.reference && errors.Is(err, paths.ErrNoDollar):
		c.schema(at+"/"+name, "Value is not a Reference Path: Reference path didn't start with '$'")
	case err != nil:
		c.schema(at+"/"+name, "Value must be a valid JSONPath.")
	case want.reference && (!path.Reference() || path.Root != paths.Input):
		c.schema(at+"/"+name, "Value is not a Reference Path")
	}
}

// template checks every ".$" key of a payload template. at is the location of
// the whole field.
func (c *checker) template(at string, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			c.template(at, item)
		}
	case *jsonv.Object:
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			if !strings.HasSuffix(key, ".$") {
				c.template(at, item)
			} else if !isDynamic(item) {
				c.schema(at, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", key)
			}
		}
	}
}

func isDynamic(v any) bool {
	source, ok := v.(string)
	if !ok {
		return false
	}
	if intrinsics.Is(source) {
		_, err := intrinsics.Parse(source)
		return err == nil
	}
	_, err := paths.Parse(source)
	return err == nil
}

// expressions checks every "{% … %}" string inside v.
func (c *checker) expressions(at string, v any) {
	switch v := v.(type) {
	case string:
		if expr.Opens(v) {
			c.expression(at, v)
		}
	case []any:
		for _, item := range v {
			c.expressions(at, item)
		}
	case *jsonv.Object:
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			c.expressions(at+"/"+key, item)
		}
	}
}

func (c *checker) expression(at, text string) {
	source, ok := expr.Source(text)
	if !ok {
		c.schema(at, "JSONata string must start with {%% and end with %%}")
		return
	}
	if err := expr.Check(source); err != nil {
		c.schema(at, "The JSONata expression '%s' is not valid: %v", source, err)
	}
}
