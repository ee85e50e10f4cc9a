package screen

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// tokenRow is an open token of the list.
type tokenRow struct {
	clock tui.Clock
	token ops.OpenToken
	text  filter.Text
}

func newTokenRow(clock tui.Clock, t ops.OpenToken) *tokenRow {
	row := &tokenRow{clock: clock, token: t}
	row.text = filter.NewText(t.Run.Name, t.Step.State, safe.Line(string(t.Verdict)), row.task())
	return row
}

func (r *tokenRow) id() string { return r.token.Run.ARN + "\n" + r.token.Step.State.String() }

// task is what ECS says of the token's task.
func (r *tokenRow) task() safe.Text {
	t := r.token.Task
	switch {
	case t == nil && r.token.Attempt.TaskARN == "":
		return safe.Line("not started")
	case t == nil:
		return safe.Line("not known")
	case t.Missing:
		return safe.Line("MISSING: stopped over an hour ago")
	case t.Gone():
		return safe.Join(": ", safe.Line(t.LastStatus), t.StopCause())
	}
	return safe.Line(t.LastStatus)
}

// deadline is when AWS closes the token by itself.
func (r *tokenRow) deadline() safe.Text {
	at := r.token.Deadline()
	if at.IsZero() {
		return safe.Line("none")
	}
	left := at.Sub(r.clock.Now())
	switch {
	case left < 0:
		return safe.Line("past")
	case left > 2*time.Minute:
		left = left.Round(time.Minute)
	}
	return safe.Linef("in %s", safe.Duration(left))
}

func (r *tokenRow) heartbeat() safe.Text {
	if r.token.Attempt.Heartbeat == 0 {
		return safe.Line("none")
	}
	return safe.Linef("in %s", safe.Duration(r.token.Attempt.Heartbeat))
}

// Text is what words of a filter are looked for in.
func (r *tokenRow) Text() filter.Text { return r.text }

// Field is what a filter asks for by name.
func (r *tokenRow) Field(name string) filter.Text {
	switch name {
	case "status":
		return filter.NewText(safe.Line(string(r.token.Verdict)))
	case "state":
		return filter.NewText(r.token.Step.State)
	case "cause":
		return filter.NewText(r.task())
	case "name":
		return filter.NewText(r.token.Run.Name)
	}
	return filter.Text{}
}

// Age is how long the token has been open.
func (r *tokenRow) Age() (time.Duration, bool) {
	at := r.token.Attempt.Scheduled
	return r.clock.Now().Sub(at), !at.IsZero()
}

func verdictSpans(t *theme.Theme, v workflow.Verdict) []widget.Span {
	glyph, role := t.Glyph(theme.GlyphUnknown), theme.Dim
	switch v {
	case workflow.Dead:
		sign := t.Stuck()
		glyph, role = sign.Glyph, sign.Role
	case workflow.Alive:
		glyph, role = t.Glyph(theme.GlyphRunning), theme.Running
	}
	return []widget.Span{{Text: safe.Line(glyph + " " + string(v)), Role: role}}
}

func tokenColumns(s *tui.Scope) []widget.Column[*tokenRow] {
	return []widget.Column[*tokenRow]{
		{
			Title: "TOKEN", Min: 9, Spans: func(r *tokenRow) []widget.Span { return verdictSpans(s.Theme, r.token.Verdict) },
			Less: func(a, b *tokenRow) bool { return verdictOrder[a.token.Verdict] < verdictOrder[b.token.Verdict] },
		},
		{
			Title: "RUN", Min: 16, Max: 48, Weight: 3, Cell: func(r *tokenRow) safe.Text { return r.token.Run.Name },
			Less: func(a, b *tokenRow) bool { return a.token.Run.Name.String() < b.token.Run.Name.String() },
		},
		{Title: "MACHINE", Min: 12, Max: 28, Weight: 1, Drop: 4, Cell: func(r *tokenRow) safe.Text { return machineOf(r.token.Run).Name }},
		{Title: "STATE", Min: 9, Max: 24, Weight: 1, Cell: func(r *tokenRow) safe.Text { return r.token.Step.State }},
		{
			Title: "AGE", Min: 5, Right: true, Descending: true,
			Cell: func(r *tokenRow) safe.Text { return safe.Age(r.token.Attempt.Scheduled, s.Clock.Now()) },
			Less: func(a, b *tokenRow) bool {
				return a.token.Attempt.Scheduled.After(b.token.Attempt.Scheduled)
			},
		},
		{
			Title: "DEADLINE", Min: 9, Right: true, Drop: 2, Cell: (*tokenRow).deadline,
			Less: func(a, b *tokenRow) bool { return a.token.Deadline().Before(b.token.Deadline()) },
		},
		{Title: "HEARTBEAT", Min: 9, Right: true, Drop: 3, Cell: (*tokenRow).heartbeat},
		{Title: "TASK", Min: 12, Weight: 4, Cell: (*tokenRow).task},
	}
}

// count is how many tokens have each verdict.
func (x *tokensScreen) count() map[workflow.Verdict]int {
	count := map[workflow.Verdict]int{}
	for _, tokens := range x.tokens {
		for _, t := range tokens {
			count[t.Verdict]++
		}
	}
	return count
}

// bar tells the tokens by verdict.
func (x *tokensScreen) bar(w int) string {
	count, t := x.count(), x.s.Theme
	var parts []string
	for _, v := range []workflow.Verdict{workflow.Dead, workflow.Unknown, workflow.Alive} {
		span := verdictSpans(t, v)[0]
		parts = append(parts, t.Paint(span.Role, span.Text.String())+" "+safe.Count(count[v]).String())
	}
	return fill([]string{" " + strings.Join(parts, "   ") + t.Paint(theme.Dim, "   enter fails a dead one with what ECS says")}, w, 1)
}
