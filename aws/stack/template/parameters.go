package template

import "go.yaml.in/yaml/v3"

// Parameter is one entry of the section Parameters. Bounds that are not given are nil.
type Parameter struct {
	Name, Type            string
	Description           string
	Default               *string // nil: a value must be given
	AllowedValues         []string
	AllowedPattern        string
	ConstraintDescription string
	MinLength, MaxLength  *float64
	MinValue, MaxValue    *float64
	NoEcho                bool
	Line                  int
}

// Parameters are in the order of the file.
func (t *Template) Parameters() []Parameter {
	var found []Parameter
	for key, node := range Pairs(Field(t.root, "Parameters")) {
		text := func(name string) string { return Text(Field(node, name)) }
		p := Parameter{
			Name: key.Value, Line: key.Line, Type: text("Type"), Description: text("Description"),
			AllowedPattern: text("AllowedPattern"), ConstraintDescription: text("ConstraintDescription"),
			NoEcho:    text("NoEcho") == "true",
			MinLength: number(node, "MinLength"), MaxLength: number(node, "MaxLength"),
			MinValue: number(node, "MinValue"), MaxValue: number(node, "MaxValue"),
		}
		if value := Field(node, "Default"); value != nil && value.Kind == yaml.ScalarNode {
			p.Default = &value.Value
		}
		if values := Field(node, "AllowedValues"); values != nil {
			for _, value := range Items(values) {
				p.AllowedValues = append(p.AllowedValues, value.Value)
			}
		}
		found = append(found, p)
	}
	return found
}

func number(node *yaml.Node, name string) *float64 {
	var value float64
	field := Field(node, name)
	if field == nil || field.Kind != yaml.ScalarNode {
		return nil
	}
	// A number may stand in quotes.
	plain := yaml.Node{Kind: yaml.ScalarNode, Value: field.Value}
	if err := plain.Decode(&value); err != nil {
		return nil
	}
	return &value
}
