package template

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

const serverlessMachine = "AWS::Serverless::StateMachine"

// Inline puts the file that each DefinitionUri names in its place, as Definition, so that no bucket is needed to
// deploy. Its ${Name} stay for DefinitionSubstitutions. A DefinitionUri that names an S3 object stays.
func (t *Template) Inline(read func(uri string) ([]byte, error)) error {
	for _, resource := range t.Resources() {
		if resource.Type != serverlessMachine {
			continue
		}
		for key, value := range Pairs(resource.Properties) {
			if key.Value != "DefinitionUri" || value.Kind != yaml.ScalarNode {
				continue
			}
			root, err := t.definition(read, value)
			if err != nil {
				return err
			}
			t.definitions = append(t.definitions, Definition{
				Resource: resource.Name, File: value.Value, Root: root, Line: value.Line,
				Substitutions: Field(resource.Properties, "DefinitionSubstitutions"),
			})
			key.Value = "Definition"
			*value = *root
			break
		}
	}
	return nil
}

func (t *Template) definition(read func(uri string) ([]byte, error), uri *yaml.Node) (*yaml.Node, error) {
	source, err := read(uri.Value)
	if err != nil {
		return nil, &Error{t.Name, uri.Line, fmt.Sprintf("the definition %s cannot be read: %v", uri.Value, err)}
	}
	root, err := parse(uri.Value, source, false)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode {
		return nil, &Error{uri.Value, root.Line, "a definition is a mapping with StartAt and States"}
	}
	return root, nil
}
