package widget

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

const (
	fewestLanes, mostLanes = 2, 10
	// longestColumn bounds a column that is given with a look, in cells.
	longestColumn = 20
	// widestRow is room for any row, in cells.
	widestRow = 4096
)

// Look is what happened to a state: its sign, and columns such as status,
// duration and attempts.
type Look struct {
	Glyph   string // of one cell; empty: that of the state's kind
	Role    theme.Role
	Columns []Span
}

// Lanes draws a graph with one row a state; edges are lanes beside the names,
// what leads back or finds no lane is written behind the name.
type Lanes struct {
	theme  *theme.Theme
	graph  Graph
	looks  map[safe.Text]Look
	widths []int // of the looks' columns
	rows   []laneRow
	lanes  int // that rows are laid out for
	reach  int // where the columns may begin: the end of the longest row, in cells
	win    window
}

// NewLanes makes an empty graph view.
func NewLanes(t *theme.Theme) *Lanes { return &Lanes{theme: t} }

// SetGraph shows a graph. The cursor stays on its state.
func (l *Lanes) SetGraph(g Graph) {
	name, had := l.Current()
	l.graph = g
	l.lay(mostLanes)
	l.win.clamp(len(l.rows))
	if had {
		l.Select(name)
	}
}

// lay lays the rows out for a number of lanes, and measures them.
func (l *Lanes) lay(lanes int) {
	l.rows, l.lanes = layLanes(&l.graph, lanes), lanes
	c := newCanvas(l.theme, widestRow, 1)
	l.reach = widestRow
	longest := 0
	for i := range l.rows {
		c.x = 0
		l.state(c, &l.rows[i], false)
		longest = max(longest, c.x)
	}
	l.reach = longest
}

// SetLooks says what happened, by state name.
func (l *Lanes) SetLooks(looks map[safe.Text]Look) {
	l.looks, l.widths = looks, nil
	for _, look := range looks {
		for i, column := range look.Columns {
			if i == len(l.widths) {
				l.widths = append(l.widths, 0)
			}
			l.widths[i] = max(l.widths[i], min(longestColumn, column.Text.Width()))
		}
	}
}

// Current is the state under the cursor; not ok on the heading of a branch.
func (l *Lanes) Current() (name safe.Text, ok bool) {
	if l.win.cursor >= len(l.rows) || l.rows[l.win.cursor].state == nil {
		return safe.Text{}, false
	}
	return l.rows[l.win.cursor].state.Name, true
}

// Select puts the cursor on a state.
func (l *Lanes) Select(name safe.Text) bool {
	for i := range l.rows {
		if l.rows[i].state != nil && l.rows[i].state.Name == name {
			l.win.cursor = i
			return true
		}
	}
	return false
}

// Key moves between states; headings are passed over.
func (l *Lanes) Key(k tea.KeyPressMsg) bool {
	before := l.win.cursor
	if !l.win.key(k.String(), len(l.rows)) {
		return false
	}
	by := 1
	if l.win.cursor < before {
		by = -1
	}
	for at := l.win.cursor; at >= 0 && at < len(l.rows); at += by {
		if l.rows[at].state != nil {
			l.win.cursor = at
			return true
		}
	}
	l.win.cursor = before
	return true
}

// View draws the rows around the cursor.
func (l *Lanes) View(w, h int) string {
	c := newCanvas(l.theme, w, h)
	if len(l.rows) == 0 {
		c.text(theme.Dim, safe.Line("no states"))
		return c.view()
	}
	if lanes := max(fewestLanes, min(mostLanes, c.w/8)); lanes != l.lanes {
		l.lay(lanes)
	}
	from, to := l.win.show(len(l.rows), c.h)
	for at := from; at < to; at++ {
		l.row(c, &l.rows[at], at == l.win.cursor)
		c.scrollbar(at-from, to-from, from, len(l.rows))
		c.next()
	}
	return c.view()
}

func (l *Lanes) row(c *canvas, r *laneRow, current bool) {
	l.state(c, r, current)
	if r.state != nil {
		l.columns(c, l.looks[r.state.Name].Columns)
	}
}

// state writes a row up to its columns.
func (l *Lanes) state(c *canvas, r *laneRow, current bool) {
	c.gutter(current, false)
	limit := c.w
	c.w = max(c.x, c.w/2) // names stay in sight however deep the row
	l.strokes(c, r.prefix)
	if r.state == nil {
		c.sign(theme.Border, l.theme.Glyph(theme.GlyphCornerTopLeft))
		c.w = limit
		c.to(c.x + 1)
		c.text(theme.Dim, r.head.Title)
		return
	}
	look, happened := l.looks[r.state.Name]
	glyph, role := look.Glyph, look.Role
	if !happened {
		role = theme.Dim
	}
	if glyph == "" {
		glyph = l.kindGlyph(r.state.Kind)
	}
	l.strokes(c, r.cells[:r.node])
	if c.left() == 0 && c.w < limit {
		// The lanes are cut; the sign is not.
		c.w++
	}
	c.sign(role, glyph)
	l.strokes(c, r.cells[r.node+1:])
	c.w = limit
	c.to(c.x + 1)
	l.words(c, r, current, happened)
}

// words writes the name and the edges that need words, up to the columns.
func (l *Lanes) words(c *canvas, r *laneRow, current, happened bool) {
	limit := c.w
	c.w = max(c.x, l.columnsAt(c.w))
	defer func() { c.w = limit }()
	role := theme.Text
	switch {
	case current:
		role = theme.Cursor
	case !happened && len(l.looks) > 0:
		role = theme.Dim
	}
	c.text(role, r.state.Name)
	for i, edge := range r.edges() {
		c.to(c.x + 1)
		if i > 0 && !edge.Catch {
			c.sign(theme.Dim, l.theme.Glyph(theme.GlyphDot)+" ")
		} else {
			c.to(c.x + 1)
		}
		l.edge(c, edge)
	}
	if r.state.End && r.state.Kind != "Succeed" && r.state.Kind != "Fail" {
		c.text(theme.Dim, safe.Line("  end"))
	}
}

// spoken is an edge that is written behind the name.
type spoken struct {
	GraphEdge
	back bool
}

// edges are those that lanes alone do not tell: with a label, or without a lane.
func (r *laneRow) edges() []spoken {
	var out []spoken
	for i, e := range r.state.Edges {
		back, bare := false, false
		for _, k := range r.loops {
			back = back || k == i
		}
		for _, k := range r.bare {
			bare = bare || k == i
		}
		if back || bare || !e.Label.Empty() {
			out = append(out, spoken{e, back})
		}
	}
	return out
}

// edge writes: label → To, ⚠ errors → To, ↺ To (label).
func (l *Lanes) edge(c *canvas, e spoken) {
	arrow := l.theme.Glyph(theme.GlyphArrow) + " "
	switch {
	case e.Catch:
		c.sign(theme.Warning, l.theme.Glyph(theme.GlyphCatch)+" ")
		c.text(theme.Dim, e.Label)
		c.to(c.x + 1)
		if e.back {
			arrow = l.theme.Glyph(theme.GlyphLoop) + " "
		}
		c.sign(theme.Dim, arrow)
		c.text(theme.Dim, e.To)
	case e.back:
		c.sign(theme.Info, l.theme.Glyph(theme.GlyphLoop)+" ")
		c.text(theme.Dim, e.To)
		if !e.Label.Empty() {
			c.text(theme.Dim, safe.Linef(" (%s)", e.Label))
		}
	default:
		if !e.Label.Empty() {
			c.text(theme.Dim, e.Label)
			c.to(c.x + 1)
		}
		c.sign(theme.Dim, arrow)
		c.text(theme.Dim, e.To)
	}
}

func (l *Lanes) columnsWidth() int {
	sum := 0
	for _, w := range l.widths {
		sum += w + columnGap
	}
	return sum
}

// columnsAt is where the columns begin: behind the longest row, so that the eye
// finds a state's status, or else at the right edge.
func (l *Lanes) columnsAt(w int) int { return min(w-1-l.columnsWidth(), l.reach) }

// columns writes the look's columns.
func (l *Lanes) columns(c *canvas, columns []Span) {
	c.to(l.columnsAt(c.w))
	for i, width := range l.widths {
		c.to(c.x + columnGap)
		end := c.x + width
		if i < len(columns) {
			c.text(columns[i].Role, columns[i].Text.Truncate(width))
		}
		c.to(end)
	}
}

func (l *Lanes) kindGlyph(kind string) string {
	switch kind {
	case "Choice":
		return l.theme.Glyph(theme.GlyphChoice)
	case "Parallel", "Map":
		return l.theme.Glyph(theme.GlyphParallel)
	case "Wait":
		return l.theme.Glyph(theme.GlyphWait)
	default:
		return l.theme.Glyph(theme.GlyphTask)
	}
}

// strokes writes cells of lines.
func (l *Lanes) strokes(c *canvas, cells []arms) {
	for _, a := range cells {
		if a == 0 {
			c.to(c.x + 1)
			continue
		}
		c.sign(theme.Border, l.theme.Glyph(strokeGlyphs[a]))
	}
}

var strokeGlyphs = [16]theme.Glyph{
	up: theme.GlyphVertical, down: theme.GlyphVertical, up | down: theme.GlyphVertical,
	left: theme.GlyphHorizontal, right: theme.GlyphHorizontal, left | right: theme.GlyphHorizontal,
	down | left: theme.GlyphCornerTopRight, down | right: theme.GlyphCornerTopLeft,
	up | left: theme.GlyphCornerBottomRight, up | right: theme.GlyphCornerBottomLeft,
	up | down | left: theme.GlyphTeeLeft, up | down | right: theme.GlyphTeeRight,
	down | left | right: theme.GlyphTee, up | left | right: theme.GlyphTeeUp,
	up | down | left | right: theme.GlyphCross,
}
