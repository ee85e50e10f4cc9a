// Package machines shows the state machines of a template: their states, what these call, and what the template's
// substitutions put into them.
package machines

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

// Machine is a state machine of a template with its definition.
type Machine struct {
	template.Resource
	Definition template.Definition
	States     []State // of every level, in the order of the file
	JSONata    bool    // its states are in JSONata unless they say otherwise
	expander   *expand.Expander
}

// State is one state of a machine.
type State struct {
	Name    string
	Line    int
	Node    *yaml.Node
	JSONata bool
	// Level is the mapping States that the state is in, and Start the name of its first state.
	Level *yaml.Node
	Start string
}

// Of lists the machines of a template whose definitions are there: read by template.Inline, or written inside it.
func Of(t *template.Template, e *expand.Expander) []Machine {
	read := map[string]template.Definition{}
	for _, d := range t.Definitions() {
		read[d.Resource] = d
	}
	var found []Machine
	for _, r := range t.Resources() {
		if r.Type != "AWS::Serverless::StateMachine" && r.Type != "AWS::StepFunctions::StateMachine" {
			continue
		}
		d, ok := read[r.Name]
		if node := template.Field(r.Properties, "Definition"); !ok && node != nil {
			d = template.Definition{
				Resource: r.Name, File: t.Name, Root: node, Line: node.Line,
				Substitutions: template.Field(r.Properties, "DefinitionSubstitutions"),
			}
		} else if !ok {
			continue
		}
		m := Machine{Resource: r, Definition: d, expander: e}
		m.JSONata = template.Text(template.Field(d.Root, "QueryLanguage")) == "JSONata"
		m.collect(d.Root)
		found = append(found, m)
	}
	return found
}

func (m *Machine) collect(level *yaml.Node) {
	states := template.Field(level, "States")
	for key, node := range template.Pairs(states) {
		s := State{
			Name: key.Value, Line: key.Line, Node: node, JSONata: m.JSONata,
			Level: states, Start: template.Text(template.Field(level, "StartAt")),
		}
		if language := template.Text(template.Field(node, "QueryLanguage")); language != "" {
			s.JSONata = language == "JSONata"
		}
		m.States = append(m.States, s)
		for _, branch := range template.Items(template.Field(node, "Branches")) {
			m.collect(branch)
		}
		for _, name := range []string{"ItemProcessor", "Iterator"} {
			if inner := template.Field(node, name); inner != nil {
				m.collect(inner)
			}
		}
	}
}

// ARN is the sample ARN of the machine.
func (m Machine) ARN() string { return m.expander.ARN(m.Name) }

// Role is the logical name of the role that the machine takes: its own name when it has no role but policies.
func (m Machine) Role() string {
	for _, name := range []string{"Role", "RoleArn"} {
		if node := template.Field(m.Properties, name); node != nil {
			return expand.Reference(node)
		}
	}
	return m.Name
}

var substitution = regexp.MustCompile(`\$\{([A-Za-z][A-Za-z0-9]*)\}`)

// Substitutions are the ${Name} in a text of a definition.
func Substitutions(text string) []string {
	var names []string
	for _, found := range substitution.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}

// Substituted is what the template puts in the place of a scalar that is one ${Name}, and the scalar itself for
// every other text.
func (m Machine) Substituted(n *yaml.Node) *yaml.Node {
	text := template.Text(n)
	if names := Substitutions(text); len(names) == 1 && text == "${"+names[0]+"}" {
		return template.Field(m.Definition.Substitutions, names[0])
	}
	return n
}

// Text is a text of the definition with sample values in the place of its ${Name}.
func (m Machine) Text(text string) string {
	return substitution.ReplaceAllStringFunc(text, func(match string) string {
		node := template.Field(m.Definition.Substitutions, match[2:len(match)-1])
		if node == nil {
			return match
		}
		return m.expander.Text(node)
	})
}

// Resource is the service call of a Task state, such as "ecs:runTask" or "aws-sdk:sfn:listExecutions", and the
// pattern after it: "", "sync" or "waitForTaskToken".
func (s State) Resource() (call, pattern string) {
	text := template.Text(template.Field(s.Node, "Resource"))
	_, rest, found := strings.Cut(text, ":states:::")
	if !found {
		return "", ""
	}
	call, pattern, _ = strings.Cut(rest, ".")
	return call, strings.TrimSuffix(pattern, ":2")
}

// Arguments are what a Task state calls with, in either language.
func (s State) Arguments() *yaml.Node {
	if s.JSONata {
		return template.Field(s.Node, "Arguments")
	}
	return template.Field(s.Node, "Parameters")
}

// RunsTask tells whether the state starts an ECS task and waits for its token.
func (s State) RunsTask() bool {
	call, pattern := s.Resource()
	return pattern == "waitForTaskToken" && (call == "ecs:runTask" || call == "aws-sdk:ecs:runTask")
}

// Nexts are the states that can follow, without those that catch errors.
func (s State) Nexts() []string {
	nodes := []*yaml.Node{template.Field(s.Node, "Next"), template.Field(s.Node, "Default")}
	for _, choice := range template.Items(template.Field(s.Node, "Choices")) {
		nodes = append(nodes, template.Field(choice, "Next"))
	}
	var names []string
	for _, n := range nodes {
		if name := template.Text(n); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Sibling finds a state of the same level.
func (m Machine) Sibling(of State, name string) (State, bool) {
	for _, s := range m.States {
		if s.Level == of.Level && s.Name == name {
			return s, true
		}
	}
	return State{}, false
}
