package widget

import (
	"encoding/json"
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// openRows is how many rows a document is unfolded to when it is set.
const openRows = 200

// JSONView is a JSON document as a tree: one row a value, objects and arrays
// folded and unfolded, strings that hold JSON too. What is no JSON is shown as
// text.
type JSONView struct {
	theme *theme.Theme
	raw   string
	why   safe.Text // why the document is shown as text
	lines []safe.Text
	root  *jsonNode
	rows  []*jsonNode
	win   window

	search safe.Fold
	found  bool // a search is set
	hits   []*jsonNode
}

// NewJSONView makes an empty view.
func NewJSONView(t *theme.Theme) *JSONView { return &JSONView{theme: t} }

// SetJSON shows a document, raw as received. The same document keeps what is
// unfolded and the cursor.
func (v *JSONView) SetJSON(raw string) {
	if raw == v.raw && (v.root != nil || v.lines != nil) {
		return
	}
	search, had := v.search, v.found
	*v = JSONView{theme: v.theme, raw: raw, win: window{height: v.win.height}}
	if err := checkJSON(raw); err != nil {
		v.why = safe.Linef("not JSON, shown as text: %v", err)
		v.lines = safe.Block(raw).Lines()
		return
	}
	v.root = newJSONNode(nil, "", -1, strings.TrimSpace(raw))
	v.unfoldTo(openRows)
	v.layout()
	if had {
		v.find(search)
	}
}

func checkJSON(raw string) error {
	if strings.TrimSpace(raw) == "" {
		return errors.New("it is empty")
	}
	if json.Valid([]byte(raw)) {
		return nil
	}
	var doc json.RawMessage
	return json.Unmarshal([]byte(raw), &doc)
}

// unfoldTo unfolds level by level while the rows stay below the limit.
func (v *JSONView) unfoldTo(limit int) {
	rows := 1
	level := []*jsonNode{v.root}
	for len(level) > 0 {
		var next []*jsonNode
		for _, n := range level {
			if n.inner == "" || n.decoded() || rows+n.count > limit && n != v.root {
				continue
			}
			n.open = true
			rows += n.count
			next = append(next, n.elements()...)
		}
		level = next
	}
}

// layout lists the rows that the open nodes show.
func (v *JSONView) layout() {
	v.rows = v.rows[:0]
	var walk func(n *jsonNode)
	walk = func(n *jsonNode) {
		v.rows = append(v.rows, n)
		if n.open {
			for _, child := range n.elements() {
				walk(child)
			}
		}
	}
	if v.root != nil {
		walk(v.root)
	}
}

func (v *JSONView) current() *jsonNode {
	if v.win.cursor >= len(v.rows) {
		return nil
	}
	return v.rows[v.win.cursor]
}

// Key moves; folds and unfolds with left, right, h, l, enter and space, all
// with E and C; goes through the hits of a search with n and N.
func (v *JSONView) Key(k tea.KeyPressMsg) bool {
	key := k.String()
	if v.root == nil {
		return v.win.key(key, len(v.lines))
	}
	switch key {
	case "right", "l":
		v.unfold()
	case "left", "h":
		v.fold()
	case "enter", "space":
		if n := v.current(); n != nil && n.inner != "" {
			n.open = !n.open
			v.layout()
		}
	case "E":
		v.foldAll(true)
	case "C":
		v.foldAll(false)
	case "n":
		v.Next()
	case "N":
		v.Previous()
	default:
		return v.win.key(key, len(v.rows))
	}
	return true
}

// unfold opens the node, or goes into it where it is open.
func (v *JSONView) unfold() {
	n := v.current()
	switch {
	case n == nil || n.inner == "":
	case !n.open:
		n.open = true
		v.layout()
	case n.count > 0:
		v.win.cursor++
	}
}

// fold closes the node, or goes to the one around it where it is closed.
func (v *JSONView) fold() {
	n := v.current()
	switch {
	case n == nil:
	case n.open:
		n.open = false
		v.layout()
	case n.parent != nil:
		v.seek(n.parent)
	}
}

// foldAll opens or closes everything below the root; strings that hold JSON
// are opened by hand only.
func (v *JSONView) foldAll(open bool) {
	at := v.current()
	v.each(func(n *jsonNode) {
		if n.inner != "" && (!n.decoded() || !open) {
			n.open = open || n == v.root
		}
	})
	v.layout()
	for at != nil && !v.seek(at) {
		at = at.parent
	}
}

func (v *JSONView) seek(n *jsonNode) bool {
	for i, row := range v.rows {
		if row == n {
			v.win.cursor = i
			return true
		}
	}
	return false
}

// each visits the nodes in order, not those of strings that hold JSON and were
// never unfolded.
func (v *JSONView) each(visit func(*jsonNode)) {
	var walk func(n *jsonNode)
	walk = func(n *jsonNode) {
		visit(n)
		if n.decoded() && !n.looked {
			return
		}
		for _, child := range n.elements() {
			walk(child)
		}
	}
	if v.root != nil {
		walk(v.root)
	}
}

// Search finds the values and names with the pattern in smart case, unfolds to
// the first at or after the cursor and returns how many there are. An empty
// pattern ends the search.
func (v *JSONView) Search(pattern string) int {
	if pattern == "" {
		v.search, v.found, v.hits = safe.Fold{}, false, nil
		return 0
	}
	at := v.current()
	v.find(safe.NewFold(pattern))
	passed := false
	reached := map[*jsonNode]bool{}
	v.each(func(n *jsonNode) {
		passed = passed || n == at
		reached[n] = passed
	})
	for _, n := range v.hits {
		if reached[n] {
			v.reveal(n)
			return len(v.hits)
		}
	}
	if len(v.hits) > 0 {
		v.reveal(v.hits[0])
	}
	return len(v.hits)
}

func (v *JSONView) find(f safe.Fold) {
	v.search, v.found, v.hits = f, true, nil
	v.each(func(n *jsonNode) {
		if n.matches(f) {
			v.hits = append(v.hits, n)
		}
	})
}

// Next goes to the next hit, after the last to the first.
func (v *JSONView) Next() { v.step(1) }

// Previous goes to the hit before.
func (v *JSONView) Previous() { v.step(-1) }

func (v *JSONView) step(by int) {
	if len(v.hits) == 0 {
		return
	}
	order := make(map[*jsonNode]int, len(v.hits))
	i := 0
	v.each(func(n *jsonNode) { order[n] = i; i++ })
	here := order[v.current()]
	best := -1
	for k, n := range v.hits {
		if by > 0 && order[n] > here {
			best = k
			break
		}
		if by < 0 && order[n] < here {
			best = k
		}
	}
	switch {
	case best < 0 && by > 0:
		best = 0
	case best < 0:
		best = len(v.hits) - 1
	}
	v.reveal(v.hits[best])
}

func (v *JSONView) reveal(n *jsonNode) {
	for p := n.parent; p != nil; p = p.parent {
		p.open = true
	}
	v.layout()
	v.seek(n)
}

// Value is what is under the cursor: its path, such as $.env.list[0], and its
// text, raw: that of a string without quotes, others as JSON.
func (v *JSONView) Value() (path, text string) {
	if v.root == nil {
		if v.win.cursor < len(v.lines) {
			return "", v.lines[v.win.cursor].String()
		}
		return "", ""
	}
	if n := v.current(); n != nil {
		return n.path(), n.plain()
	}
	return "", ""
}

// Raw is the whole document as it was set.
func (v *JSONView) Raw() string { return v.raw }
