package widget

import "slices"

// arms are the directions in which a line leaves a cell.
type arms uint8

const (
	up arms = 1 << iota
	down
	left
	right
)

// laneWidth is the cells that a lane takes: its own and one to the next.
const laneWidth = 2

// laneRow is one row of the lanes: a state, or the heading of a branch.
type laneRow struct {
	state  *GraphState // nil: a heading
	head   Graph       // its title, for a heading
	prefix []arms      // the lanes of the states around it
	depth  int
	cells  []arms
	node   int   // cell of the state's own sign
	loops  []int // edges that go back
	bare   []int // edges that no lane is drawn for
}

// layLanes lays out a graph with at most lanes lanes a level.
func layLanes(g *Graph, lanes int) []laneRow { return layLevel(g, lanes, nil, 0) }

func layLevel(g *Graph, lanes int, prefix []arms, depth int) []laneRow {
	index := make(map[string]int, len(g.States))
	for i := range g.States {
		index[g.States[i].Name.String()] = i
	}
	level := level{lanes: make([]int, lanes), used: 1}
	for i := range level.lanes {
		level.lanes[i] = free
	}
	var out []laneRow
	var own []int
	for i := range g.States {
		row := level.place(&g.States[i], i, index)
		row.prefix, row.depth = prefix, depth
		own = append(own, len(out))
		out = append(out, row)
		for k := range g.States[i].Branches {
			branch := &g.States[i].Branches[k]
			inner := append(slices.Clone(prefix), level.passing()...)
			out = append(out, laneRow{head: *branch, prefix: inner, depth: depth + 1})
			out = append(out, layLevel(branch, max(2, lanes-2), append(slices.Clone(inner), up|down, 0), depth+1)...)
		}
	}
	for _, at := range own {
		out[at].cells = level.trim(out[at].cells)
	}
	return out
}

// free marks a lane that leads nowhere.
const free = -1

// level is the lanes between two rows: the state that each leads to.
type level struct {
	lanes []int
	used  int // lanes that were needed
}

// place draws the row of state i and leads lanes on to the states after it.
func (l *level) place(s *GraphState, i int, index map[string]int) laneRow {
	row := laneRow{state: s, cells: make([]arms, (len(l.lanes)+1)*laneWidth)}
	column := slices.Index(l.lanes, i)
	if column < 0 {
		column = slices.Index(l.lanes, free)
	}
	if column < 0 {
		column = len(l.lanes) // all lanes are taken: beside them
	}
	l.used = max(l.used, column+1)
	row.node = column * laneWidth
	for c, to := range l.lanes {
		switch {
		case to == i:
			row.cells[c*laneWidth] |= up
			l.lanes[c] = free
			connect(row.cells, column, c)
		case to != free:
			row.cells[c*laneWidth] |= up | down
		}
	}
	for e, edge := range s.Edges {
		to, known := index[edge.To.String()]
		switch {
		case !known:
			row.bare = append(row.bare, e)
		case to <= i:
			row.loops = append(row.loops, e)
		case !l.lead(row.cells, column, to):
			row.bare = append(row.bare, e)
		}
	}
	return row
}

// lead joins the lane to a state, or opens one: below the node, else to its
// right, else wherever there is room.
func (l *level) lead(cells []arms, column, to int) bool {
	lane := slices.Index(l.lanes, to)
	if lane < 0 {
		lane = l.room(column)
		if lane < 0 {
			return false
		}
		l.lanes[lane] = to
		cells[lane*laneWidth] |= down
		l.used = max(l.used, lane+1)
	}
	connect(cells, column, lane)
	return true
}

func (l *level) room(column int) int {
	for c := column; c < len(l.lanes); c++ {
		if l.lanes[c] == free {
			return c
		}
	}
	return slices.Index(l.lanes, free)
}

// connect draws a line along the row between two lanes.
func connect(cells []arms, a, b int) {
	from, to := min(a, b)*laneWidth, max(a, b)*laneWidth
	if from == to {
		return
	}
	cells[from] |= right
	cells[to] |= left
	for x := from + 1; x < to; x++ {
		cells[x] |= left | right
	}
}

// passing is the lanes as they go on below the row.
func (l *level) passing() []arms {
	cells := make([]arms, l.used*laneWidth)
	for c, to := range l.lanes {
		if to != free && c < l.used {
			cells[c*laneWidth] = up | down
		}
	}
	return cells
}

// trim cuts what no row of the level needs.
func (l *level) trim(cells []arms) []arms { return cells[:min(len(cells), l.used*laneWidth)] }
