package screen

import (
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// failureRow is a group of runs that failed alike.
type failureRow struct {
	clock tui.Clock
	group ops.FailureGroup
	text  filter.Text
}

func newFailureRow(clock tui.Clock, g ops.FailureGroup) *failureRow {
	r := &failureRow{clock: clock, group: g}
	r.text = filter.NewText(r.machine(), g.Signature.State, g.Signature.Error, r.title(), g.Sentence, safe.Line(string(g.Kind)))
	return r
}

func (r *failureRow) machine() safe.Text {
	return safe.Line(workflow.MachineName(r.group.Signature.Machine))
}

// newest is the run that failed last.
func (r *failureRow) newest() string { return r.group.Runs[0] }

func (r *failureRow) title() safe.Text { return titleOf(r.group.Signature) }

// titleOf is what the runs of a group have in common, in a line.
func titleOf(s triage.Signature) safe.Text {
	return inShort(s.Error, s.Cause).Or(safe.Line("no error given"))
}

// sentence is why the newest failed; what is not recognised says so.
func (r *failureRow) sentence() safe.Text {
	if r.group.Kind == triage.Unknown || r.group.Sentence.Empty() {
		return safe.Linef("not recognised: %s", r.title())
	}
	return r.group.Sentence
}

// Text is what words of a filter are looked for in.
func (r *failureRow) Text() filter.Text { return r.text }

// Field is what a filter asks for by name; a status is the kind of failure.
func (r *failureRow) Field(name string) filter.Text {
	switch name {
	case "status":
		return filter.NewText(safe.Line(string(r.group.Kind)))
	case "state":
		return filter.NewText(r.group.Signature.State)
	case "cause":
		return filter.NewText(r.group.Signature.Error, r.title(), r.group.Sentence)
	case "name":
		return filter.NewText(r.machine())
	}
	return filter.Text{}
}

// Age is how long ago the last of them failed.
func (r *failureRow) Age() (time.Duration, bool) {
	return r.clock.Now().Sub(r.group.Last), !r.group.Last.IsZero()
}

// sparks are the heights of a strip, the lowest first.
func sparks(t *theme.Theme) []string {
	if t.Options().ASCII {
		return []string{" ", ".", ":", "-", "=", "+", "*", "#"}
	}
	return []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
}

// spark draws a strip, a cell a part; any failure at all can be seen.
func spark(t *theme.Theme, strip []int) safe.Text {
	if len(strip) == 0 {
		return safe.Text{}
	}
	heights, most := sparks(t), max(1, slices.Max(strip))
	var b strings.Builder
	for _, n := range strip {
		at := 0
		if n > 0 {
			at = max(1, n*(len(heights)-1)/most)
		}
		b.WriteString(heights[at])
	}
	return safe.Line(b.String())
}

func failureColumns(s *tui.Scope, all bool) []widget.Column[*failureRow] {
	columns := []widget.Column[*failureRow]{
		{
			Title: "RUNS", Min: 5, Right: true, Descending: true, Cell: func(r *failureRow) safe.Text { return safe.Count(r.group.Count) },
			Less: func(a, b *failureRow) bool { return a.group.Count < b.group.Count },
		},
		{Title: "SHARE", Min: 5, Right: true, Drop: 5, Cell: func(r *failureRow) safe.Text { return safe.Linef("%.0f%%", 100*r.group.Share) }},
		{
			Title: "WHY", Min: 32, Weight: 5, Cell: (*failureRow).title, Role: func(*failureRow) theme.Role { return theme.Failed },
			Less: func(a, b *failureRow) bool { return a.title().String() < b.title().String() },
		},
	}
	if all {
		columns = append(columns, widget.Column[*failureRow]{
			Title: "MACHINE", Min: 12, Max: 28, Weight: 1, Cell: (*failureRow).machine,
			Less: func(a, b *failureRow) bool { return a.machine().String() < b.machine().String() },
		})
	}
	now := s.Clock.Now
	return append(columns,
		widget.Column[*failureRow]{
			Title: "STATE", Min: 8, Max: 24, Weight: 1, Drop: 3, Cell: func(r *failureRow) safe.Text { return r.group.Signature.State },
			Less: func(a, b *failureRow) bool {
				return a.group.Signature.State.String() < b.group.Signature.State.String()
			},
		},
		widget.Column[*failureRow]{
			Title: "FIRST", Min: 5, Right: true, Drop: 4, Cell: func(r *failureRow) safe.Text { return safe.Age(r.group.First, now()) },
			Less: func(a, b *failureRow) bool { return a.group.First.Before(b.group.First) },
		},
		widget.Column[*failureRow]{
			Title: "LAST", Min: 5, Right: true, Descending: true, Cell: func(r *failureRow) safe.Text { return safe.Age(r.group.Last, now()) },
			Less: func(a, b *failureRow) bool { return a.group.Last.Before(b.group.Last) },
		},
		widget.Column[*failureRow]{
			Title: "OVER TIME", Min: stripParts, Drop: 1,
			Spans: func(r *failureRow) []widget.Span {
				return []widget.Span{{Text: spark(s.Theme, r.group.Strip), Role: theme.Failed}}
			},
		},
	)
}
