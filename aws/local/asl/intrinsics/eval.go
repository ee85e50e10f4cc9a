package intrinsics

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Lookup returns what a path finds.
type Lookup func(paths.Path) (any, error)

// CallError is a failed call. Call is the whole expression, also when a call
// inside it failed.
type CallError struct {
	Call string
	Err  error
}

func (e *CallError) Error() string {
	return fmt.Sprintf("The function '%s' had the following error: %v", e.Call, e.Err)
}

func (e *CallError) Unwrap() error { return e.Err }

// Eval calls the function. An error is a *CallError.
func (c *Call) Eval(lookup Lookup) (any, error) {
	v, err := c.eval(lookup)
	if err != nil {
		return nil, &CallError{Call: c.text, Err: err}
	}
	return v, nil
}

func (c *Call) eval(lookup Lookup) (any, error) {
	in := make(values, 0, len(c.args))
	for _, a := range c.args {
		v := a.value
		var err error
		switch {
		case a.path != nil:
			v, err = lookup(*a.path)
		case a.call != nil:
			v, err = a.call.eval(lookup)
		}
		if err != nil {
			return nil, err
		}
		in = append(in, v)
	}
	if c.name == formatName {
		return format(c.args[0], in)
	}
	return functions[c.name].run(in)
}

// values are the arguments of a call.
type values []any

func (v values) text(i int) (string, error) {
	s, ok := v[i].(string)
	if !ok {
		return "", fmt.Errorf("argument %d must be a string, but was: %s", i+1, jsonv.Text(v[i]))
	}
	return s, nil
}

// shortText is a string of at most 10,000 characters (AWS: Base64 and Hash).
func (v values) shortText(i int) (string, error) {
	s, err := v.text(i)
	if err == nil && len(s) > maxText {
		return "", fmt.Errorf("argument %d must have at most %d characters, but has %d", i+1, maxText, len(s))
	}
	return s, err
}

// list is the first argument, which functions on lists take theirs from.
func (v values) list() ([]any, error) {
	list, ok := v[0].([]any)
	if !ok {
		return nil, fmt.Errorf("argument 1 must be an array, but was: %s", jsonv.Text(v[0]))
	}
	return list, nil
}

func (v values) object(i int) (*jsonv.Object, error) {
	o, ok := v[i].(*jsonv.Object)
	if !ok {
		return nil, fmt.Errorf("argument %d must be an object, but was: %s", i+1, jsonv.Text(v[i]))
	}
	return o, nil
}

// integer is a number; AWS rounds it to the nearest whole one.
func (v values) integer(i int) (int64, error) {
	n, ok := v[i].(json.Number)
	if !ok {
		return 0, fmt.Errorf("argument %d must be a number, but was: %s", i+1, jsonv.Text(v[i]))
	}
	if whole, err := n.Int64(); err == nil {
		return whole, nil
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > 1<<62 {
		return 0, errors.New("a number is out of range")
	}
	return int64(math.Round(f)), nil
}
