// Package template reads CloudFormation templates in YAML or JSON with every position kept, and writes them as the
// JSON that CloudFormation takes.
package template

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Template is a template whose intrinsic functions stand in their long form. Scalars keep the text that they are
// written with: a date or an account id is not turned into something else.
type Template struct {
	Name        string // of the file, for messages
	root        *yaml.Node
	definitions []Definition
}

// Resource is one entry of the section Resources.
type Resource struct {
	Name, Type string
	Line       int        // of its name
	Node       *yaml.Node // with Type, Properties, DeletionPolicy …
	Properties *yaml.Node // nil when it has none
}

// Definition is a state machine's definition that Inline has put into a resource.
type Definition struct {
	Resource string // logical name of the machine
	File     string
	Root     *yaml.Node
	// Substitutions is the resource's DefinitionSubstitutions; nil when it has none.
	Substitutions *yaml.Node
	// Line is where the template names the file.
	Line int
}

// Error is something wrong at a place in a file.
type Error struct {
	File string
	Line int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }

// Root is the whole template, a mapping. It must not be changed.
func (t *Template) Root() *yaml.Node { return t.root }

// Definitions are those that Inline has read, in the order of their resources.
func (t *Template) Definitions() []Definition { return t.definitions }

// Resources are in the order of the file.
func (t *Template) Resources() []Resource {
	var found []Resource
	for key, node := range Pairs(Field(t.root, "Resources")) {
		found = append(found, Resource{
			Name: key.Value, Type: Text(Field(node, "Type")), Line: key.Line, Node: node,
			Properties: Field(node, "Properties"),
		})
	}
	return found
}

// Resource finds a resource by its logical name.
func (t *Template) Resource(name string) (Resource, bool) {
	for _, r := range t.Resources() {
		if r.Name == name {
			return r, true
		}
	}
	return Resource{}, false
}

// check refuses what no part of a template can be read from.
func (t *Template) check() error {
	var problems problems
	if t.root.Kind != yaml.MappingNode {
		return &Error{t.Name, t.root.Line, "a template is a mapping with the section Resources"}
	}
	resources := Field(t.root, "Resources")
	if resources == nil || resources.Kind != yaml.MappingNode || len(resources.Content) == 0 {
		problems.add(t.Name, t.root, "the section Resources is missing or empty")
	}
	for key, node := range Pairs(resources) {
		if kind := Field(node, "Type"); kind == nil || kind.Kind != yaml.ScalarNode || kind.Value == "" {
			problems.add(t.Name, key, "the resource "+key.Value+" has no Type")
		}
	}
	if parameters := Field(t.root, "Parameters"); parameters != nil && parameters.Kind != yaml.MappingNode {
		problems.add(t.Name, parameters, "the section Parameters is not a mapping")
	}
	for key, node := range Pairs(Field(t.root, "Parameters")) {
		if Text(Field(node, "Type")) == "" {
			problems.add(t.Name, key, "the parameter "+key.Value+" has no Type; give one such as String or Number")
		}
	}
	return problems.err()
}

// problems gathers errors, so that one reading shows them all.
type problems struct{ found []error }

func (p *problems) add(file string, at *yaml.Node, text string) {
	p.found = append(p.found, &Error{file, at.Line, text})
}

func (p *problems) err() error {
	switch len(p.found) {
	case 0:
		return nil
	case 1:
		return p.found[0]
	default:
		return &Errors{p.found}
	}
}

// Errors are all that is wrong with a file, in its order.
type Errors struct{ All []error }

func (e *Errors) Error() string {
	lines := make([]string, len(e.All))
	for i, one := range e.All {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors.
func (e *Errors) Unwrap() []error { return e.All }
