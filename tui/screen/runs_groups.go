package screen

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// causeGroup is runs that failed alike, the newest first. A run stays in it when
// an action has changed it.
type causeGroup struct {
	triage.Group
	runs []*runRow
	arns map[string]bool
}

func (g *causeGroup) has(row *runRow) bool { return g.arns[row.run.ARN] }

func (g *causeGroup) title() safe.Text {
	s := g.Signature
	return safe.Join(": ", presentTexts(s.Error, s.Cause)...).Or(safe.Line("no error given"))
}

// groupByCause groups the failed runs whose failure is known, largest first.
func groupByCause(rows []*runRow) []*causeGroup {
	byARN := map[string]*runRow{}
	var failed []triage.Failed
	for _, row := range rows {
		if row.failure != nil {
			byARN[row.run.ARN] = row
			failed = append(failed, triage.Failed{RunARN: row.run.ARN, Time: row.run.Stopped, Signature: row.signature()})
		}
	}
	var groups []*causeGroup
	for _, found := range triage.Groups(failed, 0) {
		g := &causeGroup{Group: found, arns: map[string]bool{}}
		for _, arn := range found.Runs {
			g.runs, g.arns[arn] = append(g.runs, byARN[arn]), true
		}
		groups = append(groups, g)
	}
	return groups
}

// causeGroups is the list of groups.
type causeGroups struct {
	table   *widget.Table[*causeGroup]
	unknown int // failed runs whose failure has not been read
	failed  int
}

func newCauseGroups(s *tui.Scope) *causeGroups {
	now := s.Clock.Now
	t := widget.NewTable(s.Theme, func(g *causeGroup) string { return g.ID },
		widget.Column[*causeGroup]{
			Title: "RUNS", Min: 5, Right: true, Descending: true, Cell: func(g *causeGroup) safe.Text { return safe.Count(g.Count) },
			Less: func(a, b *causeGroup) bool { return a.Count < b.Count },
		},
		widget.Column[*causeGroup]{Title: "WHY", Min: 24, Weight: 5, Cell: (*causeGroup).title, Role: func(*causeGroup) theme.Role { return theme.Failed }},
		widget.Column[*causeGroup]{Title: "STATE", Min: 10, Max: 24, Weight: 1, Drop: 1, Cell: func(g *causeGroup) safe.Text { return g.Signature.State }},
		widget.Column[*causeGroup]{
			Title: "LAST", Min: 12, Descending: true, Cell: func(g *causeGroup) safe.Text { return when(g.Last, now()) },
			Less: func(a, b *causeGroup) bool { return a.Last.Before(b.Last) },
		},
		widget.Column[*causeGroup]{Title: "FIRST", Min: 12, Drop: 2, Cell: func(g *causeGroup) safe.Text { return when(g.First, now()) }},
	)
	return &causeGroups{table: t}
}

func (g *causeGroups) set(rows []*runRow) {
	g.failed, g.unknown = 0, 0
	for _, row := range rows {
		if row.run.Status.Bad() {
			g.failed++
			if row.failure == nil && row.glance.err == nil {
				g.unknown++
			}
		}
	}
	g.table.SetEmpty(safe.Line("no failed run among those loaded"))
	if g.unknown > 0 {
		g.table.SetEmpty(safe.Line("reading why the runs failed…"))
	}
	g.table.SetRows(groupByCause(rows))
}

func (g *causeGroups) note(t *theme.Theme) string {
	text := safe.Linef(" %s failed runs by cause", safe.Count(g.failed))
	if g.unknown > 0 {
		text = safe.Linef("%s, %s still to be read", text, safe.Count(g.unknown))
	}
	return t.Paint(theme.Dim, text.String())
}

// group lists the failures by cause, and reads those that are not known.
func (r *runsScreen) group() tea.Cmd {
	r.groups, r.cause = newCauseGroups(r.s), nil
	r.refilterAll()
	r.arrange()
	return r.nextCauses()
}

func (r *runsScreen) refilterAll() { r.table.SetFilter(r.match(), false) }

func (r *runsScreen) ungroup() tea.Cmd {
	r.groups = nil
	r.s.Cancel("causes")
	return r.rest()
}

func (r *runsScreen) leaveCause() tea.Cmd {
	r.table.Unmark()
	return r.group()
}

// openGroup shows the runs of the group, all marked.
func (r *runsScreen) openGroup() tea.Cmd {
	g, ok := r.groups.table.Current()
	if !ok {
		return nil
	}
	r.cause, r.groups = g, nil
	r.s.Cancel("causes")
	r.table.Unmark()
	r.refilterAll()
	r.table.Key(tea.KeyPressMsg{Code: '*', Text: "*"})
	return r.rest()
}

func (r *runsScreen) groupActions() []tui.Action {
	none := ""
	if _, ok := r.groups.table.Current(); !ok {
		none = "there is no group under the cursor"
	}
	return []tui.Action{
		{ID: tui.KeyOpen, Disabled: none, Run: r.openGroup},
		{ID: tui.KeyGroup, Run: r.ungroup},
		{ID: tui.KeyBack, Run: r.ungroup},
		{ID: tui.KeyMore, Disabled: r.noMore(), Run: r.loadMore},
		{ID: tui.KeySort},
		{ID: tui.KeyReverse},
	}
}

// caused is why one run failed.
type caused struct {
	run     workflow.Run
	failure workflow.Failure
	err     error
}

// causeSet is how many failures are read together.
const causeSet = 8

// nextCauses reads some of the failures that the groups lack.
func (r *runsScreen) nextCauses() tea.Cmd {
	if r.groups == nil || r.groups.unknown == 0 || r.s.Busy("causes") {
		return nil
	}
	var runs []workflow.Run
	for _, row := range r.rows {
		if row.run.Status.Bad() && row.failure == nil && row.glance.err == nil && len(runs) < causeSet {
			runs = append(runs, row.run)
		}
	}
	return tui.Load(r.s, "causes", loadLimit, func(ctx context.Context) ([]caused, error) {
		out := make([]caused, len(runs))
		var wg sync.WaitGroup
		for i, run := range runs {
			wg.Go(func() {
				f, err := r.c.Failure(ctx, run)
				out[i] = caused{run, f, err}
			})
		}
		wg.Wait()
		return out, ctx.Err()
	})
}

func (r *runsScreen) learned(read []caused) tea.Cmd {
	for _, c := range read {
		row := r.rows[c.run.ARN]
		switch {
		case row == nil:
		case c.err != nil:
			row.learn(glance{err: c.err}, r.s.Clock.Now())
		default:
			row.failure = &c.failure
			row.index()
		}
	}
	r.arrange()
	return tui.After(r.s, "causes", time.Millisecond)
}
