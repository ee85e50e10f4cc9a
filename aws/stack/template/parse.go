package template

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Parse reads a template. Its errors are *Error, or *Errors when several things are wrong, with file and line:
// syntax, anchors and aliases (CloudFormation refuses them), keys given twice, unknown tags.
func Parse(name string, source []byte) (*Template, error) {
	root, err := parse(name, source, true)
	if err != nil {
		return nil, err
	}
	t := &Template{Name: name, root: root}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, nil
}

// parse reads one document. Where tags are allowed they become the long form of their function.
func parse(name string, source []byte, tags bool) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Error{name, 1, "the file is empty"}
		}
		return nil, syntaxError(name, source, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, &Error{name, second.Line, "a second YAML document begins here; a file holds one"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(name, source, err)
	}
	reader := reader{file: name, tags: tags}
	root := reader.node(document.Content[0])
	return root, reader.problems.err()
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// syntaxError turns "yaml: line 3: …" into a place and the rest of the text.
func syntaxError(name string, source []byte, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil {
			// The end of the file may be a line after its last.
			line = min(n, bytes.Count(source, []byte("\n"))+1)
		}
		text = strings.Replace(text, found[0], "", 1)
	}
	return &Error{name, line, "this is not YAML: " + text}
}

// reader copies nodes, with problems noted instead of ending the work.
type reader struct {
	file     string
	tags     bool
	problems problems
}

func (r *reader) node(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.problems.add(r.file, n, "CloudFormation takes no YAML anchors and aliases; write the value out")
		return &yaml.Node{Kind: yaml.ScalarNode, Line: n.Line, Column: n.Column, Tag: "!!str"}
	}
	if tag := n.Tag; strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
		return r.tagged(n, tag[1:])
	}
	out := *n
	out.Content = nil
	switch n.Kind {
	case yaml.MappingNode:
		r.mapping(n, &out)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			out.Content = append(out.Content, r.node(item))
		}
	}
	return &out
}

func (r *reader) mapping(n, out *yaml.Node) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], r.node(n.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode || key.Anchor != "":
			r.problems.add(r.file, key, "a key is a plain text without an anchor")
			continue
		case key.ShortTag() == "!!merge":
			r.problems.add(r.file, key, "CloudFormation takes no YAML merge key (<<); write the values out")
			continue
		case first[key.Value] > 0:
			r.problems.add(r.file, key, fmt.Sprintf("the key %q is already in line %d; a key stands once", key.Value, first[key.Value]))
			continue
		}
		first[key.Value] = key.Line
		if key.Value == "Fn::GetAtt" && r.tags {
			value = attribute(value)
		}
		out.Content = append(out.Content, key, value)
	}
}

// shortTags are the functions that have a short form, with their long one.
var shortTags = map[string]string{
	"Ref": "Ref", "Condition": "Condition", "And": "Fn::And", "Base64": "Fn::Base64", "Cidr": "Fn::Cidr",
	"Equals": "Fn::Equals", "FindInMap": "Fn::FindInMap", "GetAtt": "Fn::GetAtt", "GetAZs": "Fn::GetAZs", "If": "Fn::If",
	"ImportValue": "Fn::ImportValue", "Join": "Fn::Join", "Length": "Fn::Length", "Not": "Fn::Not", "Or": "Fn::Or",
	"Select": "Fn::Select", "Split": "Fn::Split", "Sub": "Fn::Sub", "ToJsonString": "Fn::ToJsonString",
	"Transform": "Fn::Transform",
}

// tagged makes "!Sub text" a mapping of Fn::Sub to the text, at the same place.
func (r *reader) tagged(n *yaml.Node, tag string) *yaml.Node {
	long, known := shortTags[tag]
	switch {
	case !r.tags:
		r.problems.add(r.file, n, "the tag !"+tag+" is not known in a definition; hand the value in by DefinitionSubstitutions")
	case !known:
		r.problems.add(r.file, n, "the tag !"+tag+" is unknown; CloudFormation has !Ref, !Sub, !GetAtt, !If, !Join and its other functions")
	}
	plain := *n
	plain.Tag = map[yaml.Kind]string{yaml.ScalarNode: "!!str", yaml.SequenceNode: "!!seq", yaml.MappingNode: "!!map"}[n.Kind]
	argument := r.node(&plain)
	if long == "Fn::GetAtt" {
		argument = attribute(argument)
	}
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: long, Line: n.Line, Column: n.Column}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: []*yaml.Node{key, argument}}
}

// attribute splits "Resource.Attribute" at its first dot, as JSON wants it.
func attribute(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.ScalarNode {
		return n
	}
	resource, name, found := strings.Cut(n.Value, ".")
	if !found {
		return n
	}
	part := func(text string) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: n.Line, Column: n.Column}
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: n.Line, Column: n.Column, Content: []*yaml.Node{part(resource), part(name)}}
}
