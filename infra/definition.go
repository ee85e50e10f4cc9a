package infra

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// substitution is SAM's DefinitionSubstitutions form. A JSONata variable has no braces, so the two cannot clash.
var substitution = regexp.MustCompile(`\$\{([A-Za-z][A-Za-z0-9]*)\}`)

// Definition returns the States Language JSON of a machine (Run or Reap) with every ${Name} replaced by its value.
// Keys stay in the order of the source, and a scalar keeps the type it is written with. A name without a value, and
// a value without a use, is an error that says which.
func Definition(machine string, values map[string]string) (string, error) {
	source, err := Source(machine)
	if err != nil {
		return "", fmt.Errorf("machine %q: unknown, use %q or %q: %w", machine, Run, Reap, err)
	}
	text, err := render(source, values)
	if err != nil {
		return "", fmt.Errorf("machine %q: %w", machine, err)
	}
	return text, nil
}

func render(source []byte, values map[string]string) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(source, &document); err != nil {
		return "", fmt.Errorf("read YAML: %w", err)
	}
	if document.Kind != yaml.DocumentNode {
		return "", fmt.Errorf("the definition is empty")
	}
	r := renderer{values: values, unused: maps.Clone(values)}
	if err := r.node(document.Content[0]); err != nil {
		return "", err
	}
	if len(r.unused) > 0 {
		return "", fmt.Errorf("no use for the substitution %s: remove it, or refer to it as ${Name}",
			strings.Join(slices.Sorted(maps.Keys(r.unused)), ", "))
	}
	var out bytes.Buffer
	if err := json.Indent(&out, r.out.Bytes(), "", "  "); err != nil {
		return "", fmt.Errorf("indent JSON: %w", err)
	}
	return out.String(), nil
}

// renderer writes nodes as JSON and keeps account of the substitutions met.
type renderer struct {
	values, unused map[string]string
	out            bytes.Buffer
}

func (r *renderer) node(n *yaml.Node) error {
	// CloudFormation refuses aliases, so that a file which uses them would work here only.
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return fmt.Errorf("line %d: YAML anchors and aliases are not allowed in CloudFormation", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n)
	case yaml.SequenceNode:
		return r.sequence(n)
	default:
		return r.scalar(n)
	}
}

func (r *renderer) mapping(n *yaml.Node) error {
	seen := map[string]bool{}
	r.out.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			return fmt.Errorf("line %d: the key %q is there twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		if i > 0 {
			r.out.WriteByte(',')
		}
		if err := r.text(key.Value); err != nil {
			return err
		}
		r.out.WriteByte(':')
		if err := r.node(n.Content[i+1]); err != nil {
			return err
		}
	}
	r.out.WriteByte('}')
	return nil
}

func (r *renderer) sequence(n *yaml.Node) error {
	r.out.WriteByte('[')
	for i, item := range n.Content {
		if i > 0 {
			r.out.WriteByte(',')
		}
		if err := r.node(item); err != nil {
			return err
		}
	}
	r.out.WriteByte(']')
	return nil
}

// scalar writes numbers, booleans and null as such and everything else, dates too, as the text it is.
func (r *renderer) scalar(n *yaml.Node) error {
	switch n.ShortTag() {
	case "!!int", "!!float", "!!bool", "!!null":
		var value any
		if err := n.Decode(&value); err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		r.out.Write(text)
		return nil
	}
	text, err := r.substitute(n)
	if err != nil {
		return err
	}
	return r.text(text)
}

func (r *renderer) substitute(n *yaml.Node) (string, error) {
	var missing error
	text := substitution.ReplaceAllStringFunc(n.Value, func(match string) string {
		name := match[len("${") : len(match)-len("}")]
		value, ok := r.values[name]
		if !ok && missing == nil {
			missing = fmt.Errorf("line %d: no value for the substitution %s", n.Line, name)
		}
		delete(r.unused, name)
		return value
	})
	return text, missing
}

// text writes a JSON string without the escapes for HTML: an expression must stay readable.
func (r *renderer) text(s string) error {
	encoder := json.NewEncoder(&r.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return fmt.Errorf("write %q: %w", s, err)
	}
	return nil
}
