package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxBody is the most bytes of a template that a request to CloudFormation may hold (TemplateBody).
const MaxBody = 51_200

// JSON writes the template without spaces, with its keys in the order of the file. It fails when that is more than
// MaxBody bytes.
func (t *Template) JSON() ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, t.root); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	if out.Len() > MaxBody {
		return nil, fmt.Errorf("%s: it has %d bytes as JSON, and CloudFormation takes %d: shorten it", t.Name, out.Len(), MaxBody)
	}
	return out.Bytes(), nil
}

func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		out.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeText(out, n.Content[i].Value); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(out, n.Content[i+1]); err != nil {
				return err
			}
		}
		out.WriteByte('}')
		return nil
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, item); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		return writeScalar(out, n)
	}
}

// jsonNumber leaves out octal and hexadecimal numbers, account ids that begin with 0, and 1e3, which stay text.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$`)

func writeScalar(out *bytes.Buffer, n *yaml.Node) error {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		out.WriteString("null")
	case tag == "!!bool":
		out.WriteString(strings.ToLower(n.Value))
	case (tag == "!!int" || tag == "!!float") && jsonNumber.MatchString(n.Value):
		out.WriteString(n.Value)
	default:
		return writeText(out, n.Value)
	}
	return nil
}

// writeText leaves <, > and & as they are: an expression must stay readable.
func writeText(out *bytes.Buffer, text string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return fmt.Errorf("write %q: %w", text, err)
	}
	out.Truncate(out.Len() - 1) // the encoder ends a value with a line break
	return nil
}
