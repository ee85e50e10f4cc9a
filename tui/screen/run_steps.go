package screen

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// stepsPane is the timeline and the graph of a run: one row a state in both,
// in the same order, with one cursor.
type stepsPane struct {
	theme    *theme.Theme
	timeline *widget.Timeline
	graph    *widget.Lanes
	states   []safe.Text
}

func newStepsPane(t *theme.Theme, zone *time.Location) *stepsPane {
	return &stepsPane{theme: t, timeline: widget.NewTimeline(t, zone), graph: widget.NewLanes(t)}
}

// stateRow is a state with all visits to it.
type stateRow struct {
	name  safe.Text
	depth int
	steps []*workflow.Step
}

// graphOf is the graph of the definition; states that were entered and are not
// in it, all of them where it is not known, follow without edges.
func graphOf(d *runData) widget.Graph {
	var g widget.Graph
	if d.definition != nil {
		g = widget.NewGraph(d.definition)
	}
	known := map[safe.Text]bool{}
	for _, row := range g.Rows() {
		known[row.Name] = true
	}
	for i := range d.steps {
		if s := &d.steps[i]; !known[s.State] {
			known[s.State] = true
			g.States = append(g.States, widget.GraphState{Name: s.State, Kind: s.Type})
		}
	}
	return g
}

// rowsOf are the rows of the graph with the visits to their states.
func rowsOf(g *widget.Graph, steps []workflow.Step) []stateRow {
	var rows []stateRow
	at := map[safe.Text]int{}
	for _, row := range g.Rows() {
		at[row.Name] = len(rows)
		rows = append(rows, stateRow{name: row.Name, depth: row.Depth})
	}
	for i := range steps {
		row := &rows[at[steps[i].State]]
		row.steps = append(row.steps, &steps[i])
	}
	return rows
}

// set takes what is known of the run. The cursor stays on its state.
func (p *stepsPane) set(d *runData, now time.Time) {
	current := p.state()
	graph := graphOf(d)
	rows := rowsOf(&graph, d.steps)
	p.states = make([]safe.Text, len(rows))
	bars := make([]widget.TimelineRow, len(rows))
	for i := range rows {
		p.states[i] = rows[i].name
		bars[i] = rows[i].bars(now)
	}
	p.timeline.SetRows(bars, now)
	p.graph.SetGraph(graph)
	p.graph.SetLooks(p.looks(rows, now))
	p.point(current)
}

// bars are the visits' attempts on a time axis.
func (r *stateRow) bars(now time.Time) widget.TimelineRow {
	out := widget.TimelineRow{Label: r.name.OneLine(), Depth: r.depth}
	if len(r.steps) == 0 {
		out.Role = theme.Dim
		return out
	}
	for _, s := range r.steps {
		out.Spans = append(out.Spans, spansOf(s)...)
	}
	out.Note = r.took(now)
	return out
}

// took is how long the visits to the state took together.
func (r *stateRow) took(now time.Time) safe.Text {
	var sum time.Duration
	for _, s := range r.steps {
		if s.Entered.IsZero() {
			continue
		}
		end := s.Ended
		if end.IsZero() {
			end = now
		}
		sum += end.Sub(s.Entered)
	}
	return safe.Duration(sum)
}

// spansOf are a step's attempts, the waits before and between them, and its redrives.
func spansOf(s *workflow.Step) []widget.TimeSpan {
	if len(s.Attempts) == 0 {
		return []widget.TimeSpan{{From: s.Entered, To: s.Ended, Role: outcomeRole(s.Outcome), Note: safe.Line(string(s.Outcome))}}
	}
	var out []widget.TimeSpan
	wait := func(from, to time.Time, why string) {
		if !from.IsZero() && (to.IsZero() || to.After(from)) {
			out = append(out, widget.TimeSpan{From: from, To: to, Kind: widget.WaitSpan, Role: theme.Waiting, Note: safe.Line(why)})
		}
	}
	redrive, ended := 0, time.Time{}
	for i := range s.Attempts {
		a := &s.Attempts[i]
		redriven := a.Redrive > redrive
		if redrive = a.Redrive; !redriven {
			wait(ended, a.Scheduled, "waiting for the retry")
		}
		begin := a.Started
		if begin.IsZero() {
			begin = a.Scheduled
		}
		wait(a.Scheduled, begin, "queued")
		out = append(out, widget.TimeSpan{
			From: begin, To: a.Ended, Role: outcomeRole(a.Outcome),
			Note: safe.Join(" ", presentTexts(safe.Linef("attempt %d", a.Number), safe.Line(string(a.Outcome)), a.Error)...),
		})
		if redriven { // over the bar that begins there
			out = append(out, widget.TimeSpan{From: a.Scheduled, To: a.Scheduled, Kind: widget.RedriveSpan, Role: theme.Warning, Note: safe.Linef("redrive %d", redrive)})
		}
		ended = a.Ended
	}
	if s.Waiting() {
		wait(ended, time.Time{}, "waiting for the retry")
	}
	return out
}

// state is the one under the cursor.
func (p *stepsPane) state() safe.Text {
	if at := p.timeline.Cursor(); at >= 0 && at < len(p.states) {
		return p.states[at]
	}
	return safe.Text{}
}

// point puts the cursor of both on a state.
func (p *stepsPane) point(state safe.Text) {
	if at := slices.Index(p.states, state); at >= 0 {
		p.timeline.SetCursor(at)
		p.graph.Select(state)
	}
}

func (p *stepsPane) key(k tea.KeyPressMsg, tab Tab) {
	if tab == TabTimeline {
		p.timeline.Key(k)
		p.graph.Select(p.state())
		return
	}
	p.graph.Key(k)
	if state, ok := p.graph.Current(); ok {
		p.point(state)
	}
}

// looks are what happened to the states: outcome, time taken, attempts.
func (p *stepsPane) looks(rows []stateRow, now time.Time) map[safe.Text]widget.Look {
	looks := map[safe.Text]widget.Look{}
	for i := range rows {
		r := &rows[i]
		if len(r.steps) == 0 {
			continue
		}
		last := r.steps[len(r.steps)-1]
		for _, s := range r.steps {
			if s.Open() {
				last = s
			}
		}
		role, word := outcomeRole(last.Outcome), string(last.Outcome)
		if last.Waiting() {
			role, word = theme.Waiting, "waiting"
		}
		looks[r.name] = widget.Look{
			Glyph: p.sign(last), Role: role,
			Columns: []widget.Span{said(role, word), {Text: r.took(now), Role: theme.Text}, {Text: r.times(), Role: theme.Dim}},
		}
	}
	return looks
}

// sign is the glyph of a step's outcome.
func (p *stepsPane) sign(s *workflow.Step) string {
	switch s.Outcome {
	case workflow.StillOpen:
		if s.Waiting() {
			return p.theme.Glyph(theme.GlyphWait)
		}
		return p.theme.Glyph(theme.GlyphRunning)
	case workflow.DidSucceed:
		return p.theme.Glyph(theme.GlyphSucceeded)
	case workflow.WasCaught:
		return p.theme.Glyph(theme.GlyphCatch)
	case workflow.DidTimeOut, workflow.HeartbeatLost:
		return p.theme.Glyph(theme.GlyphTimedOut)
	case workflow.WasAborted:
		return p.theme.Glyph(theme.GlyphAborted)
	default:
		return p.theme.Glyph(theme.GlyphFailed)
	}
}

// times is how many attempts or visits there were, where it was more than one.
func (r *stateRow) times() safe.Text {
	visits, attempts := len(r.steps), 0
	for _, s := range r.steps {
		attempts += len(s.Attempts)
	}
	switch {
	case attempts > visits:
		return safe.Linef("%s attempts", safe.Count(attempts))
	case visits > 1:
		return safe.Linef("%s visits", safe.Count(visits))
	default:
		return safe.Text{}
	}
}

func (p *stepsPane) view(tab Tab, w, h int) string {
	if tab == TabTimeline {
		return p.timeline.View(w, h)
	}
	return p.graph.View(w, h)
}
