package stack

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// The origins of a parameter's value.
const (
	given     = "given"
	kept      = "kept"
	byDefault = "default"
)

// values are the parameters of a deployment with where they come from.
type values struct {
	effective map[string]string
	sent      []Parameter
	changes   []ParameterChange
	unknown   map[string]string // given, but no parameter of the template
	dropped   []Finding         // what the stack has, and the template has no parameter for
}

// merge decides every parameter: what is given, else what the stack has, else
// the template's default. What has neither is left out.
func merge(declared []template.Parameter, stack *Stack, wanted map[string]string) values {
	v := values{effective: map[string]string{}, unknown: map[string]string{}}
	before := map[string]safe.Text{}
	if stack != nil {
		for _, p := range stack.Parameters {
			before[p.Name] = p.Value
		}
	}
	known := map[string]bool{}
	for _, d := range declared {
		known[d.Name] = true
		old, has := before[d.Name]
		value, isGiven := wanted[d.Name]
		change := ParameterChange{Name: d.Name, Before: old}
		switch {
		case isGiven:
			change.Origin, change.After = given, safe.Line(value)
			v.sent = append(v.sent, Parameter{Name: d.Name, Value: value})
		case has:
			value, change.Origin, change.After = old.String(), kept, old
			v.sent = append(v.sent, Parameter{Name: d.Name, Keep: true})
		case d.Default != nil:
			value, change.Origin, change.After = *d.Default, byDefault, safe.Line(*d.Default)
		default:
			continue
		}
		v.effective[d.Name] = value
		v.changes = append(v.changes, change)
	}
	for name, value := range wanted {
		if !known[name] {
			v.unknown[name] = value
		}
	}
	if stack == nil {
		return v
	}
	for _, p := range stack.Parameters {
		if !known[p.Name] && !p.Value.Empty() {
			v.dropped = append(v.dropped, warning(p.Name, safe.Linef("the template has no such parameter any more: its value %s is lost", p.Value),
				safe.Line("note the value if it is needed again, or deploy a template that has the parameter")))
		}
	}
	return v
}

// list splits a list parameter's value.
func list(value string) []string {
	var out []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}
