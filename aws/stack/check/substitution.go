package check

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

func undefinedSubstitutions(c *checker) {
	for _, m := range c.machines {
		template.Walk(m.Definition.Root, func(n *yaml.Node) bool {
			if n.Kind != yaml.ScalarNode {
				return true
			}
			for _, name := range machines.Substitutions(n.Value) {
				if template.Field(m.Definition.Substitutions, name) == nil {
					c.in(m, n.Line, "${%s} has no value in DefinitionSubstitutions of %s, so the text stays as it is; add it there", name, m.Name)
				}
			}
			return true
		})
	}
}

func unusedSubstitutions(c *checker) {
	for _, m := range c.machines {
		var used []string
		template.Walk(m.Definition.Root, func(n *yaml.Node) bool {
			if n.Kind == yaml.ScalarNode {
				used = append(used, machines.Substitutions(n.Value)...)
			}
			return true
		})
		for key := range template.Pairs(m.Definition.Substitutions) {
			if !slices.Contains(used, key.Value) {
				c.at(key, "the definition %s does not use ${%s}; remove it, or correct the name there", m.Definition.File, key.Value)
			}
		}
	}
}

// numberFields must hold a number, and no text.
var numberFields = []string{
	"TimeoutSeconds", "HeartbeatSeconds", "Seconds", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
	"MaxConcurrency",
}

func numbersBySubstitution(c *checker) {
	for _, m := range c.machines {
		template.Walk(m.Definition.Root, func(n *yaml.Node) bool {
			for key, value := range template.Pairs(n) {
				if slices.Contains(numberFields, key.Value) && value != m.Substituted(value) {
					c.in(m, value.Line, "%s becomes the text %s between quotes, where Step Functions wants a number; write \"{%% %s %%}\" in JSONata",
						key.Value, value.Value, value.Value)
				}
			}
			return true
		})
	}
}
