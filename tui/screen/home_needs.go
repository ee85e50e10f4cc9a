package screen

import (
	"cmp"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// needKind orders what needs a person.
type needKind int

const (
	bulkAction needKind = iota
	deadToken
	failedRuns
	orphanTask
)

// need is one thing that needs a person, with the run it is about, or the
// newest of them.
type need struct {
	kind  needKind
	run   workflow.Run
	text  safe.Text
	count int
	at    time.Time
	alike string // the id of the group that failed runs are of
	bulk  *bulkNeed
}

// findNeeds gathers what the machines that were read so far need.
func (h *homeScreen) findNeeds() {
	since := h.s.Clock.Now().Add(-lately)
	under := h.current()
	h.needs = nil
	failed, causes := 0, map[triage.Signature]*need{}
	for _, m := range h.rows {
		failed += m.failedSince(since)
		h.addTokens(m)
		addFailures(causes, m, since)
		h.addOrphans(m)
	}
	for _, n := range causes {
		h.needs = append(h.needs, *n)
	}
	for _, b := range h.c.bulkNeeds(h.interrupted) {
		h.needs = append(h.needs, need{kind: bulkAction, text: b.text(), count: 1, at: b.at(), bulk: &b})
	}
	slices.SortFunc(h.needs, func(a, b need) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), b.at.Compare(a.at), cmp.Compare(a.run.ARN, b.run.ARN))
	})
	h.keepCursor(under)
	h.failed, h.stuck = failed, 0
	for _, n := range h.needs {
		if n.kind == deadToken {
			h.stuck++
		}
	}
}

// keepCursor stays on the run that was under the cursor.
func (h *homeScreen) keepCursor(under *workflow.Run) {
	if under != nil {
		if at := slices.IndexFunc(h.needs, func(n need) bool { return n.run.ARN == under.ARN }); at >= 0 {
			h.at = at
		}
	}
	h.at = max(0, min(h.at, len(h.needs)-1))
	if len(h.needs) == 0 {
		h.above = false
	} else if !h.touched {
		h.above, h.at = true, 0
	}
}

func (h *homeScreen) addTokens(m *machineRow) {
	for _, t := range m.tokens {
		if t.Verdict == workflow.Dead {
			h.needs = append(h.needs, need{
				kind: deadToken, run: t.Run, at: t.Attempt.Scheduled, count: 1,
				text: safe.Linef("%s waits in %s for a task that is gone", t.Run.Name, t.Step.State),
			})
		}
	}
}

func (h *homeScreen) addOrphans(m *machineRow) {
	for _, o := range m.orphans {
		h.needs = append(h.needs, need{
			kind: orphanTask, run: o.Run, at: o.Attempt.Scheduled, count: 1,
			text: safe.Linef("task %s of %s still works, though nothing waits for it", workflow.TaskID(o.Task.ARN), o.Run.Name),
		})
	}
}

// addFailures counts a machine's failed runs to their causes. Those whose
// cause was not read are counted to one that says so.
func addFailures(causes map[triage.Signature]*need, m *machineRow, since time.Time) {
	for _, r := range m.runs {
		if !failedSince(r, since) {
			continue
		}
		key := triage.Signature{Machine: m.machine.ARN}
		text := safe.Linef("%s: cause not read, enter reads it", m.machine.Name)
		if f, ok := m.failures[r.ARN]; ok {
			key = f.alike
			text = (&runRow{run: r, failure: &f.failure}).reason()
		}
		n := causes[key]
		if n == nil {
			n = &need{kind: failedRuns, alike: key.ID()}
			causes[key] = n
		}
		n.count++
		if r.Stopped.After(n.at) {
			n.at, n.run, n.text = r.Stopped, r, safe.Join(": ", r.Name, text)
		}
	}
}

// needLines are the summary and the needs around the cursor, and how many
// more there are, in limit lines.
func (h *homeScreen) needLines(w, limit int) []string {
	lines := []string{h.summary()}
	room := max(1, limit-1)
	if len(h.needs) > room {
		room = max(1, room-1)
	}
	first := max(0, min(h.at-room/2, len(h.needs)-room))
	last := min(first+room, len(h.needs))
	h.firstNeed, h.shownNeeds = first, last-first
	for i := first; i < last; i++ {
		lines = append(lines, h.needLine(h.needs[i], h.above && i == h.at, w))
	}
	if len(lines) < limit {
		lines = append(lines, h.moreNeeds(first, len(h.needs)-last)...)
	}
	return lines
}

func (h *homeScreen) needLine(n need, cursor bool, w int) string {
	t := h.s.Theme
	mark, role := " ", theme.Text
	if cursor {
		mark, role = t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor)), theme.Cursor
	}
	sign, count := n.sign(t), ""
	if n.count > 1 {
		count = safe.Linef("%s× ", safe.Count(n.count)).String()
	}
	tail := safe.Linef("  %s", agoText(n.at, h.s.Clock.Now()))
	text := n.text.OneLine().Truncate(w - 5 - len([]rune(sign.Glyph)) - len([]rune(count)) - tail.Width())
	return mark + " " + t.Paint(sign.Role, sign.Glyph+" "+count) + t.Paint(role, text.String()) + t.Paint(theme.Dim, tail.String())
}

// moreNeeds tells of needs above and below those that are shown.
func (h *homeScreen) moreNeeds(above, below int) []string {
	t := h.s.Theme
	var parts []safe.Text
	if above > 0 {
		parts = append(parts, safe.Linef("%s %d more above", t.Glyph(theme.GlyphUp), above))
	}
	if below > 0 {
		parts = append(parts, safe.Linef("%s %d more below", t.Glyph(theme.GlyphDown), below))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{t.Paint(theme.Dim, "  "+safe.Join("   ", parts...).String())}
}

func (n need) sign(t *theme.Theme) theme.Sign {
	switch n.kind {
	case bulkAction:
		return n.bulk.sign(t)
	case deadToken:
		return t.Stuck()
	case orphanTask:
		return theme.Sign{Glyph: t.Glyph(theme.GlyphCatch), Role: theme.Warning}
	}
	return t.Status(n.run.Status)
}

// summary counts the needs, and says of how many machines that is known.
func (h *homeScreen) summary() string {
	t := h.s.Theme
	read, readable, orphans := 0, 0, 0
	for _, m := range h.rows {
		if m.machine.Type != workflow.Express {
			readable++
			if !m.read.IsZero() {
				read++
			}
		}
		orphans += len(m.orphans)
	}
	count := func(n int, role theme.Role, one, many string) string {
		if n == 0 {
			role = theme.Dim
		}
		return t.Paint(role, safe.Count(n).String()+" "+plural(n, one, many))
	}
	known := t.Paint(theme.Dim, "in 24h · "+safe.Count(read).String()+" of "+safe.Count(readable).String()+" machines read")
	return " " + count(h.stuck, theme.Stuck, "dead token", "dead tokens") + t.Paint(theme.Dim, " · ") +
		count(h.failed, theme.Failed, "failed run", "failed runs") + t.Paint(theme.Dim, " · ") +
		count(orphans, theme.Warning, "orphan task", "orphan tasks") + " " + known
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
