package screen

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// View is the window, the groups, and what is known of the one under the cursor.
func (x *failuresScreen) View(w, h int) string {
	if x.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	empty := len(x.found.Groups) == 0 && x.problem() != nil
	bottom := inPlace(x.s.Theme, x.problem(), w, h, empty)
	if w < previewFrom && h >= 14 && !empty {
		bottom = append(x.below(w), bottom...)
	}
	return stacked([]string{x.bar(w)}, bottom, w, h, func(w, h int) string {
		switch {
		case empty:
			return fill(nil, w, h)
		case w < previewFrom || h < 4:
			return x.table.View(w, h)
		}
		left := paneWidth(w)
		return widget.Beside(x.s.Theme, x.table.View(left, h), left, x.preview(w-left-3, h), h)
	})
}

// bar tells the window, and how many of its failures are known.
func (x *failuresScreen) bar(w int) string {
	t := x.s.Theme
	parts := []string{t.Paint(theme.Dim, "w")}
	for i, window := range failureWindows {
		if i == x.window {
			parts = append(parts, t.Paint(theme.Badge, " "+window.name+" "))
		} else {
			parts = append(parts, t.Paint(theme.Dim, window.name))
		}
	}
	count := "not read yet"
	if x.found.Failed > 0 || !x.read.IsZero() {
		shown, all := x.table.Count()
		groups := safe.Count(all).String()
		if shown != all {
			groups = safe.Linef("%s of %s", safe.Count(shown), safe.Count(all)).String()
		}
		count = safe.Linef("%s failed %s by %s %s", safe.Count(x.found.Failed), plural(x.found.Failed, "run", "runs"), groups, plural(all, "cause", "causes")).String()
	}
	if left := x.found.Failed - x.found.Known; left > 0 {
		count += t.Paint(theme.Warning, safe.Linef(", %s still to be read", safe.Count(left)).String())
	}
	if marked := len(x.table.Marked()); marked > 0 {
		count += ", " + t.Paint(theme.Mark, safe.Count(marked).String()+" marked")
	}
	return fill([]string{" " + strings.Join(parts, " ") + "   " + count}, w, 1)
}

// below tells why the group's newest run failed, on a narrow screen.
func (x *failuresScreen) below(w int) []string {
	row := x.current()
	if row == nil {
		return nil
	}
	t := x.s.Theme
	lines := []string{t.Paint(theme.Border, strings.Repeat(t.Glyph(theme.GlyphHorizontal), w))}
	for _, line := range wrap(row.sentence(), w-2, 3) {
		lines = append(lines, " "+t.Paint(theme.Strong, line.String()))
	}
	now := x.s.Clock.Now()
	note := safe.Linef("newest %s, %s", workflow.RunName(row.newest()), agoText(row.group.Last, now))
	return append(lines, " "+t.Paint(theme.Dim, note.Truncate(w-2).String()))
}

// newestShown is how many of a group's runs are named beside the list.
const newestShown = 8

// preview tells of the group under the cursor, beside the list.
func (x *failuresScreen) preview(w, h int) string {
	row := x.current()
	if row == nil {
		return fill(nil, w, h)
	}
	t, now, g := x.s.Theme, x.s.Clock.Now(), row.group
	f := facts{t: t, w: w}
	for _, line := range wrap(row.sentence(), w, 6) {
		f.lines = append(f.lines, t.Paint(theme.Strong, line.String()))
	}
	f.lines = append(f.lines, "")
	if g.Confidence != "" && g.Kind != triage.Unknown {
		f.add("kind", theme.Text, safe.Linef("%s, confidence %s", g.Kind, g.Confidence))
	}
	f.add("machine", theme.Text, row.machine())
	f.add("state", theme.Text, g.Signature.State)
	f.add("error", theme.Failed, g.Signature.Error)
	f.add("cause", theme.Text, g.Signature.Cause)
	f.add("runs", theme.Text, safe.Linef("%s, %.0f%% of all failures", safe.Count(g.Count), 100*g.Share))
	f.add("first", theme.Text, safe.Linef("%s, %s", when(g.First, now), agoText(g.First, now)))
	f.add("last", theme.Text, safe.Linef("%s, %s", when(g.Last, now), agoText(g.Last, now)))
	f.add("over time", theme.Failed, spark(t, g.Strip))
	f.lines = append(f.lines, "")
	label := "newest"
	for _, arn := range g.Runs[:min(newestShown, len(g.Runs))] {
		f.add(label, theme.Text, safe.Line(workflow.RunName(arn)))
		label = ""
	}
	if more := len(g.Runs) - newestShown; more > 0 {
		f.add("", theme.Dim, safe.Linef("and %s more: enter lists them", safe.Count(more)))
	}
	return fill(f.lines, w, h)
}
