package widget

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// longestShown bounds what is sanitised of one value for its row.
const longestShown = 4096

// jsonNode is a value of a document. Its elements are found when it is first
// unfolded, those of a string that holds JSON too.
type jsonNode struct {
	parent   *jsonNode
	name     string // member name, decoded and raw
	index    int    // place in an array, -1 for a member
	depth    int
	text     string // as written
	inner    string // the object or array to unfold: text, or what the string holds
	count    int
	open     bool
	looked   bool
	children []*jsonNode
}

func newJSONNode(parent *jsonNode, name string, index int, text string) *jsonNode {
	n := &jsonNode{parent: parent, name: name, index: index, text: text}
	if parent != nil {
		n.depth = parent.depth + 1
	}
	switch text[0] {
	case '{', '[':
		n.inner = text
	case '"':
		n.inner, _ = embedded(text)
	}
	if n.inner != "" {
		n.count = count(n.inner)
	}
	return n
}

// decoded reports a string that holds JSON.
func (n *jsonNode) decoded() bool { return n.inner != "" && n.text[0] == '"' }

func (n *jsonNode) elements() []*jsonNode {
	if n.looked || n.inner == "" {
		return n.children
	}
	n.looked = true
	found := members(n.inner)
	n.children = make([]*jsonNode, 0, len(found))
	for i, m := range found {
		name, index := "", i
		if n.inner[0] == '{' {
			name, index = unquote(m.name), -1
		}
		n.children = append(n.children, newJSONNode(n, name, index, m.value))
	}
	return n.children
}

// label is the name or index in front of the value.
func (n *jsonNode) label() (text string, role theme.Role) {
	switch {
	case n.parent == nil:
		return "", theme.Text
	case n.index >= 0:
		return strconv.Itoa(n.index), theme.Dim
	default:
		return n.name, theme.Key
	}
}

// value is the node as drawn on its row.
func (n *jsonNode) value() (text safe.Text, role theme.Role) {
	switch n.text[0] {
	case '"':
		shown := unquote(n.text)
		if len(shown) > longestShown {
			shown = shown[:longestShown]
		}
		return safe.Line(`"` + shown + `"`), theme.String
	case '{', '[':
		return n.summary(), theme.Dim
	case 't', 'f', 'n':
		return safe.Line(n.text), theme.Keyword
	default:
		return safe.Line(n.text), theme.Number
	}
}

// summary stands for the elements: {3}, [12].
func (n *jsonNode) summary() safe.Text {
	if n.inner[0] == '{' {
		return safe.Linef("{%d}", n.count)
	}
	return safe.Linef("[%d]", n.count)
}

// path is where the node stands, as a reference path: $.env.list[0]. What
// stands in a string that holds JSON follows a bar: $.Cause|$.ExitCode.
func (n *jsonNode) path() string {
	if n.parent == nil {
		return "$"
	}
	base := n.parent.path()
	if n.parent.decoded() {
		base += "|$"
	}
	switch {
	case n.index >= 0:
		return base + "[" + strconv.Itoa(n.index) + "]"
	case plainMember(n.name):
		return base + "." + n.name
	default:
		return fmt.Sprintf("%s[%q]", base, n.name)
	}
}

func plainMember(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9' || i == 0) && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// plain is the value for copying: the text of a string, others as JSON,
// indented.
func (n *jsonNode) plain() string {
	switch n.text[0] {
	case '"':
		return unquote(n.text)
	case '{', '[':
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(n.text), "", "  "); err != nil {
			return n.text
		}
		return b.String()
	default:
		return n.text
	}
}

// matches reports whether the name or the value has the pattern; those inside
// have rows of their own.
func (n *jsonNode) matches(f safe.Fold) bool {
	if n.name != "" && f.Match(safe.Line(n.name)) {
		return true
	}
	switch n.text[0] {
	case '{', '[':
		return false
	case '"':
		return f.Match(safe.Line(unquote(n.text)))
	default:
		return f.Match(safe.Line(n.text))
	}
}
