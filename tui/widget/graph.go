package widget

import (
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Graph is states and the edges between them, in the order they are drawn.
type Graph struct {
	// Title heads the rows of a branch; empty for the machine itself.
	Title  safe.Text
	States []GraphState
}

// GraphState is one state.
type GraphState struct {
	Name     safe.Text
	Kind     string // the type in States Language
	End      bool   // a run ends here
	Edges    []GraphEdge
	Branches []Graph
}

// GraphEdge leads to a state of the same graph.
type GraphEdge struct {
	To    safe.Text
	Label safe.Text // the rule of a choice, the errors of a catch
	Catch bool
}

// NewGraph makes the graph of a definition. A state stands after all that lead
// to it, loops aside; states that nothing leads to come last.
func NewGraph(d *workflow.Definition) Graph { return graphOf(d, safe.Text{}) }

func graphOf(d *workflow.Definition, title safe.Text) Graph {
	g := Graph{Title: title}
	for i := range d.States {
		s := &d.States[i]
		state := GraphState{Name: s.Name, Kind: s.Type, End: s.Terminal()}
		for _, next := range s.Next {
			state.Edges = append(state.Edges, GraphEdge{To: next.To, Label: next.Label, Catch: next.Kind == workflow.ByCatch})
		}
		for k := range s.Inner {
			name := safe.Linef("branch %d", k+1)
			if s.Type == "Map" {
				name = safe.Line("each item")
			}
			state.Branches = append(state.Branches, graphOf(&s.Inner[k], name))
		}
		g.States = append(g.States, state)
	}
	g.States = inOrder(g.States)
	return g
}

// inOrder sorts states from the first on so that edges lead down wherever they
// can: by the reverse of the order in which a depth-first walk leaves them. The
// walk takes the last edge first, so that what comes next stands next.
func inOrder(states []GraphState) []GraphState {
	index := make(map[safe.Text]int, len(states))
	for i := range states {
		index[states[i].Name] = i
	}
	seen := make([]bool, len(states))
	var left []GraphState
	var walk func(i int)
	walk = func(i int) {
		seen[i] = true
		for _, e := range slices.Backward(states[i].Edges) {
			if to, known := index[e.To]; known && !seen[to] {
				walk(to)
			}
		}
		left = append(left, states[i])
	}
	var ordered []GraphState
	for i := range states {
		if !seen[i] {
			walk(i)
			slices.Reverse(left)
			ordered = append(ordered, left...)
			left = nil
		}
	}
	return ordered
}

// GraphRow is a state in the order of the rows.
type GraphRow struct {
	Name  safe.Text
	Depth int // 0 at the top, 1 in a branch
}

// Rows are the states in the order in which Lanes draws them, for a timeline
// beside it.
func (g *Graph) Rows() []GraphRow { return g.rows(nil, 0) }

func (g *Graph) rows(out []GraphRow, depth int) []GraphRow {
	for i := range g.States {
		out = append(out, GraphRow{g.States[i].Name, depth})
		for k := range g.States[i].Branches {
			out = g.States[i].Branches[k].rows(out, depth+1)
		}
	}
	return out
}
