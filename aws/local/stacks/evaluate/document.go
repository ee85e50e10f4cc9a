// Package evaluate reads CloudFormation templates and works out what they say
// for given parameters: which resources there are, in which order, with which
// properties.
package evaluate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document reads a template's text, JSON or YAML. Short tags such as !Ref
// become their long forms. A plain scalar stays text unless it is a boolean or
// a number that reads back the same: a date or an account ID keeps its digits.
func Document(source []byte) (map[string]any, error) {
	if bytes.HasPrefix(bytes.TrimSpace(source), []byte("{")) {
		return fromJSON(source)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(source, &node); err != nil {
		return nil, invalid("Template format error: YAML not well-formed. (%s)", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(node.Content) != 1 || node.Content[0].Kind != yaml.MappingNode {
		return nil, invalid("Template format error: unsupported structure.")
	}
	value, err := fromNode(node.Content[0])
	if err != nil {
		return nil, err
	}
	return value.(map[string]any), nil
}

func fromJSON(source []byte) (map[string]any, error) {
	var document map[string]any
	err := json.Unmarshal(source, &document)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		before := source[:min(int(syntax.Offset), len(source))]
		line := bytes.Count(before, []byte("\n")) + 1
		return nil, invalid("Template format error: JSON not well-formed. (line %d, column %d)", line, len(before)-bytes.LastIndexByte(before, '\n')-1)
	case err != nil:
		return nil, invalid("Template format error: JSON not well-formed. (%s)", err)
	}
	return document, nil
}

// fromNode is the value of a YAML node as JSON would give it.
func fromNode(node *yaml.Node) (any, error) {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return nil, invalid("Template format error: YAML aliases are not allowed in CloudFormation templates")
	}
	value, err := plainNode(node)
	if err != nil || !strings.HasPrefix(node.Tag, "!") || strings.HasPrefix(node.Tag, "!!") {
		return value, err
	}
	switch name := node.Tag[1:]; name {
	case "Ref", "Condition":
		return map[string]any{name: value}, nil
	case "GetAtt":
		if text, ok := value.(string); ok {
			logical, attribute, _ := strings.Cut(text, ".")
			value = []any{logical, attribute}
		}
		return map[string]any{"Fn::GetAtt": value}, nil
	default:
		return map[string]any{"Fn::" + name: value}, nil
	}
}

func plainNode(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.MappingNode:
		return fromMapping(node)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			value, err := fromNode(item)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return list, nil
	default:
		return scalar(node), nil
	}
}

func fromMapping(node *yaml.Node) (map[string]any, error) {
	out := make(map[string]any, len(node.Content)/2)
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Tag == "!!merge" {
			return nil, invalid("Template format error: YAML merge keys are not allowed in CloudFormation templates")
		}
		if _, twice := out[key.Value]; twice {
			return nil, invalid("Template format error: YAML not well-formed. Duplicate key %s (line %d, column %d)", key.Value, key.Line, key.Column)
		}
		value, err := fromNode(node.Content[i+1])
		if err != nil {
			return nil, err
		}
		out[key.Value] = value
	}
	return out, nil
}

func scalar(node *yaml.Node) any {
	switch node.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int", "!!float":
		if n, err := strconv.ParseFloat(node.Value, 64); err == nil && number(n) == node.Value {
			return n
		}
	}
	return node.Value
}

// number is the text of a number without an exponent.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// Invalid is a template that CloudFormation refuses, in its words.
type Invalid struct{ Message string }

// Error is the message.
func (e *Invalid) Error() string { return e.Message }

func invalid(format string, args ...any) error {
	return &Invalid{Message: fmt.Sprintf(format, args...)}
}
