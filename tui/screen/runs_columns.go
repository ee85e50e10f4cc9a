package screen

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// statusSpans are a status as glyph and word.
func statusSpans(t *theme.Theme, s workflow.Status) []widget.Span {
	sign := t.Status(s)
	return []widget.Span{{Text: safe.Line(sign.Glyph + " " + sign.Word), Role: sign.Role}}
}

func runColumns(s *tui.Scope, all bool) []widget.Column[*runRow] {
	byName := func(a, b *runRow) bool { return a.run.Name.String() < b.run.Name.String() }
	columns := []widget.Column[*runRow]{
		{
			Title: "STATUS", Min: 11, Spans: func(r *runRow) []widget.Span { return statusSpans(s.Theme, r.run.Status) },
			Less: func(a, b *runRow) bool { return a.run.Status < b.run.Status },
		},
		{Title: "NAME", Min: 20, Max: 48, Weight: 2, Cell: func(r *runRow) safe.Text { return r.run.Name }, Less: byName},
	}
	if all {
		columns = append(columns, widget.Column[*runRow]{
			Title: "MACHINE", Min: 10, Max: 30, Weight: 1,
			Cell: func(r *runRow) safe.Text { return machineOf(r.run).Name },
			Less: func(a, b *runRow) bool { return machineOf(a.run).Name.String() < machineOf(b.run).Name.String() },
		})
	}
	return append(columns,
		widget.Column[*runRow]{
			Title: "STARTED", Min: 12, Descending: true,
			Cell: func(r *runRow) safe.Text { return when(r.run.Started, s.Clock.Now()) },
			Less: func(a, b *runRow) bool { return a.run.Started.Before(b.run.Started) },
		},
		widget.Column[*runRow]{
			Title: "TOOK", Min: 7, Right: true, Drop: 3, Descending: true,
			Cell: func(r *runRow) safe.Text { return safe.Duration(r.run.Duration(s.Clock.Now())) },
			Less: func(a, b *runRow) bool {
				now := s.Clock.Now()
				return a.run.Duration(now) < b.run.Duration(now)
			},
		},
		widget.Column[*runRow]{
			Title: "TRIES", Min: 6, Right: true, Drop: 4, Descending: true, Cell: (*runRow).tries,
			Less: func(a, b *runRow) bool {
				return a.glance.attempts+a.run.RedriveCount < b.glance.attempts+b.run.RedriveCount
			},
		},
		widget.Column[*runRow]{
			Title: "WHERE OR WHY", Min: 14, Weight: 5, Drop: 1,
			Cell: func(r *runRow) safe.Text { text, _ := r.told(); return text },
			Role: func(r *runRow) theme.Role { _, role := r.told(); return role },
			Less: func(a, b *runRow) bool { return strings.Compare(a.reason().String(), b.reason().String()) < 0 },
		},
		widget.Column[*runRow]{
			Title: "OVERRIDES", Min: 14, Max: 40, Weight: 2, Drop: 5,
			Cell: func(r *runRow) safe.Text { return r.glance.overrides },
		},
	)
}

// preview tells of the run under the cursor, beside the list.
func (r *runsScreen) preview(w, h int) string {
	row, ok := r.table.Current()
	if !ok {
		return fill(nil, w, h)
	}
	t, now := r.s.Theme, r.s.Clock.Now()
	f := facts{t: t, w: w}
	sign := t.Status(row.run.Status)
	f.lines = append(f.lines, t.Paint(sign.Role, sign.Glyph+" "+sign.Word)+" "+t.Paint(theme.Dim, "after "+safe.Duration(row.run.Duration(now)).String()), "")
	f.add("run", theme.Strong, row.run.Name)
	f.add("machine", theme.Text, machineOf(row.run).Name)
	f.add("started", theme.Text, safe.Linef("%s, %s", when(row.run.Started, now), agoText(row.run.Started, now)))
	if !row.run.Stopped.IsZero() {
		f.add("ended", theme.Text, safe.Linef("%s, %s", when(row.run.Stopped, now), agoText(row.run.Stopped, now)))
	}
	f.add("is in", theme.Running, row.glance.where)
	if row.failure != nil {
		f.add("failed in", theme.Text, row.failure.State)
		f.add("error", theme.Failed, row.failure.Error)
		f.add("cause", theme.Text, workflow.ReadCause(row.failure.Cause).Brief().OneLine())
	}
	if row.glance.err != nil {
		f.add("history", theme.Warning, briefly(row.glance.err))
	}
	if row.glance.attempts > 1 {
		f.add("attempts", theme.Text, safe.Count(row.glance.attempts))
	}
	if row.run.RedriveCount > 0 {
		f.add("redrives", theme.Text, safe.Count(row.run.RedriveCount))
	}
	if ok, _ := workflow.CheckRedrive(row.run, kindOf(row.run), 0, now); ok {
		f.add("redrive", theme.Dim, safe.Linef("possible until %s", when(workflow.RedriveEnds(row.run), now)))
	}
	f.add("overrides", theme.Text, row.glance.overrides)
	if row.glanced.IsZero() {
		f.lines = append(f.lines, t.Paint(theme.Dim, "its history has not been read yet"))
	}
	return fill(f.lines, w, h)
}
