package template

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// Field is the value below a node that the keys lead to, or nil.
func Field(n *yaml.Node, keys ...string) *yaml.Node {
	for _, wanted := range keys {
		var next *yaml.Node
		for key, value := range Pairs(n) {
			if key.Value == wanted {
				next = value
				break
			}
		}
		n = next
	}
	return n
}

// Pairs goes over the keys and values of a mapping; over nothing for every other node.
func Pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// Items are the members of a sequence; a single other node stands for a list of itself, as CloudFormation takes it.
func Items(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	default:
		return []*yaml.Node{n}
	}
}

// Text is a scalar as it is written, and "" for every other node.
func Text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// Function tells whether a node is a call of an intrinsic function (Ref, Condition, Fn::…), and gives its argument.
func Function(n *yaml.Node) (name string, argument *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", nil
	}
	key := n.Content[0].Value
	if key == "Ref" || key == "Condition" && n.Content[1].Kind == yaml.ScalarNode || len(key) > 4 && key[:4] == "Fn::" {
		return key, n.Content[1]
	}
	return "", nil
}

// Walk shows every node below and with n, parents first. A false answer leaves out what is below.
func Walk(n *yaml.Node, visit func(*yaml.Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, child := range n.Content {
		Walk(child, visit)
	}
}
