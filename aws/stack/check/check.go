// Package check finds what would break or endanger a stack that runs ECS tasks from Step Functions: before it is
// deployed, by its template and its definitions alone.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

// Level says how bad a finding is.
type Level string

// An Error breaks the deployment or a run; a Warning costs when something else goes wrong.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Finding is one defect, at one place.
type Finding struct {
	Rule     string // short and stable, such as "report-denied"
	Level    Level
	File     string
	Line     int
	Sentence string // what, why, and what to do
}

func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s (%s)", f.File, f.Line, f.Level, f.Sentence, f.Rule)
}

// Read parses a template and puts its definitions in. What makes that impossible are findings of the rule "syntax",
// and then there is no template.
func Read(name string, source []byte, read func(uri string) ([]byte, error)) (*template.Template, []Finding) {
	t, err := template.Parse(name, source)
	if err == nil {
		err = t.Inline(read)
	}
	if err == nil {
		return t, nil
	}
	all := []error{err}
	if several := (*template.Errors)(nil); errors.As(err, &several) {
		all = several.All
	}
	var found []Finding
	for _, one := range all {
		f := Finding{Rule: "syntax", Level: Error, File: name, Line: 1, Sentence: one.Error()}
		if place := (*template.Error)(nil); errors.As(one, &place) {
			f.File, f.Line, f.Sentence = place.File, place.Line, place.Text
		}
		found = append(found, f)
	}
	return nil, found
}

// Check applies every rule to a template whose definitions are in it. Findings are in the order of file and line.
func Check(t *template.Template) []Finding {
	c := &checker{template: t}
	// Optional parts hang on conditions: both worlds are looked at, and in one every parameter has a value.
	for _, world := range []expand.World{
		{Condition: func(string) bool { return true }, Parameters: optional(t)},
		{Condition: func(string) bool { return false }},
	} {
		c.expander = expand.New(t, world)
		c.machines = machines.Of(t, c.expander)
		for _, r := range rules {
			c.rule = r
			r.run(c)
		}
	}
	slices.SortFunc(c.found, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Sentence, b.Sentence))
	})
	return slices.Compact(c.found)
}

// optional gives every parameter that may be empty a value of its own.
func optional(t *template.Template) map[string]string {
	values := map[string]string{}
	for _, p := range t.Parameters() {
		if p.Default != nil && *p.Default == "" {
			values[p.Name] = "/" + p.Name
		}
	}
	return values
}

// checker is the work on one template.
type checker struct {
	template *template.Template
	expander *expand.Expander
	machines []machines.Machine
	rule     rule
	found    []Finding
}

// at notes a finding in the template.
func (c *checker) at(n *yaml.Node, format string, values ...any) {
	c.line(c.template.Name, n.Line, format, values...)
}

// in notes a finding in a machine's definition.
func (c *checker) in(m machines.Machine, line int, format string, values ...any) {
	c.line(m.Definition.File, line, format, values...)
}

func (c *checker) line(file string, line int, format string, values ...any) {
	c.found = append(c.found, Finding{c.rule.name, c.rule.level, file, line, fmt.Sprintf(format, values...)})
}

// each calls a function with every resource of the types.
func (c *checker) each(visit func(template.Resource), types ...string) {
	for _, r := range c.template.Resources() {
		if slices.Contains(types, r.Type) {
			visit(r)
		}
	}
}

// name is where a finding about a whole resource stands.
func name(r template.Resource) *yaml.Node { return &yaml.Node{Line: r.Line} }

// scalars shows every scalar of the template and then of the definitions, with the file it is in.
func (c *checker) scalars(visit func(file string, n *yaml.Node)) {
	definitions := map[*yaml.Node]bool{}
	for _, r := range c.template.Resources() {
		if d := template.Field(r.Properties, "Definition"); d != nil {
			definitions[d] = true
		}
	}
	show := func(file string) func(*yaml.Node) bool {
		return func(n *yaml.Node) bool {
			if n.Kind == yaml.ScalarNode {
				visit(file, n)
			}
			return !definitions[n]
		}
	}
	template.Walk(c.template.Root(), show(c.template.Name))
	for _, m := range c.machines {
		template.Walk(m.Definition.Root, show(m.Definition.File))
	}
}

// tasks calls a function with every state that runs a task and waits for its token.
func (c *checker) tasks(visit func(machines.Machine, machines.State)) {
	for _, m := range c.machines {
		for _, s := range m.States {
			if s.RunsTask() {
				visit(m, s)
			}
		}
	}
}

// containers calls a function with every container of the task definitions.
func (c *checker) containers(visit func(template.Resource, *yaml.Node)) {
	c.each(func(r template.Resource) {
		for _, container := range template.Items(template.Field(r.Properties, "ContainerDefinitions")) {
			visit(r, container)
		}
	}, "AWS::ECS::TaskDefinition")
}

// place is the first node that is there.
func place(nodes ...*yaml.Node) *yaml.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return &yaml.Node{Line: 1}
}
