package asl

import (
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// target is a state that another place of the same machine names.
type target struct{ name, at string }

// transitions reports targets that do not exist, states that nothing leads to
// and a machine that cannot end.
func (c *checker) transitions(s scope, states *jsonv.Object) {
	start := text(s.fields, "StartAt")
	if start == "" {
		return
	}
	if !has(states, start) {
		c.report(codeTransition, s.at+"/StartAt", "Missing 'Next' target: %s", start)
	}
	reached := map[string]bool{start: true}
	terminal := false
	queue := []string{start}
	for len(queue) > 0 {
		fields := object(states, queue[0])
		queue = queue[1:]
		for _, t := range targets(fields) {
			if !reached[t.name] {
				reached[t.name] = true
				queue = append(queue, t.name)
			}
		}
	}
	for _, name := range states.Keys() {
		fields, at := object(states, name), s.at+"/States/"+name
		for _, t := range targets(fields) {
			if !has(states, t.name) {
				c.report(codeTransition, at+t.at, "Missing 'Next' target: %s", t.name)
			}
		}
		if has(states, start) && !reached[name] {
			c.report(codeTransition, at, "State \"%s\" is not reachable.", name)
		}
		end, _ := fields.Get("End")
		kind := text(fields, "Type")
		terminal = terminal || end == true || kind == Succeed || kind == Fail
	}
	if !terminal && s.kind == topLevel {
		c.report(codeEnd, s.at, "Workflow has no terminal state")
	}
}

func targets(fields *jsonv.Object) []target {
	var found []target
	add := func(o *jsonv.Object, key, at string) {
		if name, ok := o.Get(key); ok && isType[string](name) {
			found = append(found, target{name: name.(string), at: at + "/" + key})
		}
	}
	add(fields, "Next", "")
	add(fields, "Default", "")
	for _, field := range []string{"Choices", "Catch"} {
		for i, entry := range list(fields, field) {
			if o, ok := entry.(*jsonv.Object); ok {
				add(o, "Next", fmt.Sprintf("/%s[%d]", field, i))
			}
		}
	}
	return found
}
