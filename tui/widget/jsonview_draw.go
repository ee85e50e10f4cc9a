package widget

import (
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// View draws the rows around the cursor.
func (v *JSONView) View(w, h int) string {
	c := newCanvas(v.theme, w, h)
	if v.root == nil {
		v.drawText(c)
		return c.view()
	}
	from, to := v.win.show(len(v.rows), c.h)
	for at := from; at < to; at++ {
		v.drawNode(c, v.rows[at], at == v.win.cursor)
		c.scrollbar(at-from, to-from, from, len(v.rows))
		c.next()
	}
	return c.view()
}

func (v *JSONView) drawText(c *canvas) {
	if c.full() {
		return
	}
	if !v.why.Empty() {
		c.text(theme.Dim, v.why)
		c.next()
	}
	from, to := v.win.show(len(v.lines), c.h-c.y)
	for at := from; at < to; at++ {
		c.gutter(at == v.win.cursor, false)
		v.highlight(c, theme.Text, v.lines[at], c.w-1)
		c.scrollbar(at-from, to-from, from, len(v.lines))
		c.next()
	}
}

func (v *JSONView) drawNode(c *canvas, n *jsonNode, current bool) {
	c.gutter(current, false)
	// Depth is bounded by the width, so that values stay in sight.
	c.to(c.x + min(2*n.depth, max(0, c.w/2)))
	switch {
	case n.inner == "" || n.count == 0:
		c.to(c.x + 2)
	case n.open:
		c.sign(theme.Dim, v.theme.Glyph(theme.GlyphUnfolded)+" ")
	default:
		c.sign(theme.Dim, v.theme.Glyph(theme.GlyphFolded)+" ")
	}
	end := c.w - 1
	if label, role := n.label(); n.parent != nil {
		v.highlight(c, role, safe.Line(label), end)
		c.sign(theme.Dim, ": ")
	}
	if n.decoded() {
		c.sign(theme.Info, "json ")
		if n.open {
			c.text(theme.Dim, n.summary())
			return
		}
	}
	text, role := n.value()
	v.highlight(c, role, text, end)
}

// highlight writes text up to column end, what the search matches in its own look.
func (v *JSONView) highlight(c *canvas, role theme.Role, text safe.Text, end int) {
	text = text.Truncate(end - c.x)
	if !v.found {
		c.text(role, text)
		return
	}
	s, done := text.String(), 0
	for done < len(s) {
		start, stop := v.search.Find(text, done)
		if start < 0 || stop == start {
			break
		}
		c.part(role, s[done:start])
		c.part(theme.Match, s[start:stop])
		done = stop
	}
	c.part(role, s[done:])
}
