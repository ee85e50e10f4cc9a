package screen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const (
	// mostNeedLines bounds what needs a person, its summary included.
	mostNeedLines = 9
	// tableFrame is the rows that the machines take beside their own: those of
	// their head and of the gap, and those of a problem.
	tableFrame = 6
)

// View is what needs a person, and below it the machines.
func (h *homeScreen) View(w, height int) string {
	if h.s == nil || height <= 0 {
		return fill(nil, w, height)
	}
	t := h.s.Theme
	var top []string
	if len(h.rows) > 0 {
		top = append(h.needLines(w, min(mostNeedLines, max(1+height/4, height-len(h.rows)-tableFrame))), "")
	}
	h.tableLine = len(top)
	bottom := inPlace(t, h.problem(), w, height, len(h.rows) == 0)
	return stacked(top, bottom, w, height, func(w, height int) string {
		if len(h.rows) == 0 && h.err != nil {
			return fill(nil, w, height)
		}
		view := h.table.View(w, height)
		if h.above {
			view = strings.Replace(view, t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor)), t.Paint(theme.Dim, t.Glyph(theme.GlyphDot)), 1)
		}
		return view
	})
}

// problem is what no row tells: the listing itself, a session that has
// expired, whichever call found it out, and tokens and tasks not looked at.
func (h *homeScreen) problem() error {
	if h.err != nil {
		return h.err
	}
	var unseen error
	of := ""
	for arn, m := range h.rows {
		for _, err := range []error{m.err, m.tokensErr, m.orphansErr} {
			if ops.KindOf(err) == ops.Expired {
				return err
			}
		}
		// The same one each time, whatever the order of the map.
		if err := cmp.Or(m.tokensErr, m.orphansErr); err != nil && (of == "" || arn < of) {
			unseen, of = err, arn
		}
	}
	return cmp.Or(unseen, h.bulkErr)
}

// running is how many of the runs read are under way.
func (m *machineRow) running() int {
	n := 0
	for _, r := range m.runs {
		if r.Status == workflow.Running {
			n++
		}
	}
	return n
}

func (m *machineRow) failedSince(since time.Time) int {
	n := 0
	for _, r := range m.runs {
		if failedSince(r, since) {
			n++
		}
	}
	return n
}

// median is the usual duration of the runs that succeeded.
func (m *machineRow) median() time.Duration {
	var took []time.Duration
	for _, r := range m.runs {
		if r.Status == workflow.Succeeded {
			took = append(took, r.Stopped.Sub(r.Started))
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// number is a count of what was read, or · before that. Where older runs were
// not read and could count too, + says so.
func (m *machineRow) number(n int, more bool) safe.Text {
	switch {
	case m.machine.Type == workflow.Express:
		return safe.Line("-")
	case m.read.IsZero() || m.runs == nil && m.err != nil:
		return safe.Line("·")
	case more:
		return safe.Linef("%s+", safe.Count(n))
	}
	return safe.Count(n)
}

// cutWithin reports that the runs read do not reach back to since.
func (m *machineRow) cutWithin(since time.Time) bool {
	return m.cut && m.runs[len(m.runs)-1].Started.After(since)
}

func (m *machineRow) last(t *theme.Theme, now time.Time) []widget.Span {
	switch {
	case m.err != nil:
		return []widget.Span{{Text: safe.Join(" ", safe.Line(t.Glyph(theme.GlyphCatch)), briefly(m.err)), Role: theme.Warning}}
	case m.machine.Type == workflow.Express:
		return []widget.Span{{Text: safe.Line("runs not listed"), Role: theme.Dim}}
	case m.read.IsZero():
		return []widget.Span{{Text: safe.Line(t.Glyph(theme.GlyphUnknown)), Role: theme.Dim}}
	case len(m.runs) == 0:
		return []widget.Span{{Text: safe.Line("no run yet"), Role: theme.Dim}}
	}
	return append(statusSpans(t, m.runs[0].Status), widget.Span{Text: safe.Linef(" %s", safe.Age(m.runs[0].Started, now))})
}

// strip is a glyph for each of the last 20 runs, the newest first.
func (m *machineRow) strip(t *theme.Theme) []widget.Span {
	spans := make([]widget.Span, 0, 20)
	for _, r := range m.runs[:min(20, len(m.runs))] {
		sign := t.Status(r.Status)
		spans = append(spans, widget.Span{Text: safe.Line(sign.Glyph), Role: sign.Role})
	}
	return spans
}

func machineColumns(s *tui.Scope) []widget.Column[*machineRow] {
	since := func() time.Time { return s.Clock.Now().Add(-lately) }
	return []widget.Column[*machineRow]{
		{
			Title: "MACHINE", Min: 16, Max: 60, Weight: 3, Cell: func(m *machineRow) safe.Text { return m.machine.Name },
			Less: func(a, b *machineRow) bool { return a.machine.Name.String() < b.machine.Name.String() },
		},
		{
			Title: "TYPE", Min: 4, Max: 8, Weight: 1, Drop: 5, Cell: func(m *machineRow) safe.Text { return typeWord(m.machine.Type) },
			Less: func(a, b *machineRow) bool { return a.machine.Type < b.machine.Type },
		},
		{
			Title: "RUN", Min: 4, Right: true, Descending: true,
			Cell: func(m *machineRow) safe.Text { return m.number(m.running(), false) },
			Role: func(m *machineRow) theme.Role { return unlessZero(m.running(), theme.Running) },
			Less: func(a, b *machineRow) bool { return a.running() < b.running() },
		},
		{
			Title: "FAIL", Min: 5, Right: true, Descending: true,
			Cell: func(m *machineRow) safe.Text { return m.number(m.failedSince(since()), m.cutWithin(since())) },
			Role: func(m *machineRow) theme.Role { return unlessZero(m.failedSince(since()), theme.Failed) },
			Less: func(a, b *machineRow) bool { return a.failedSince(since()) < b.failedSince(since()) },
		},
		{
			Title: "LAST RUN", Min: 16, Max: 40, Weight: 2, Descending: true,
			Spans: func(m *machineRow) []widget.Span { return m.last(s.Theme, s.Clock.Now()) },
			Less:  func(a, b *machineRow) bool { return a.newest().Before(b.newest()) },
		},
		{
			Title: "MEDIAN", Min: 7, Right: true, Drop: 4, Descending: true,
			Cell: func(m *machineRow) safe.Text {
				if m.median() == 0 {
					return safe.Text{}
				}
				return safe.Duration(m.median())
			},
			Less: func(a, b *machineRow) bool { return a.median() < b.median() },
		},
		{Title: "LAST 20", Min: 8, Max: 20, Weight: 1, Drop: 3, Spans: func(m *machineRow) []widget.Span { return m.strip(s.Theme) }},
	}
}

func (m *machineRow) newest() time.Time {
	if len(m.runs) == 0 {
		return time.Time{}
	}
	return m.runs[0].Started
}

func unlessZero(n int, role theme.Role) theme.Role {
	if n == 0 {
		return theme.Dim
	}
	return role
}

func exportMachines(rows []*machineRow) ([]byte, error) {
	machines := make([]workflow.Machine, len(rows))
	for i, m := range rows {
		machines[i] = m.machine
	}
	data, err := json.MarshalIndent(machines, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %d machines as JSON: %w", len(rows), err)
	}
	return data, nil
}
