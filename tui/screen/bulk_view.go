package screen

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

func (b *bulkScreen) View(w, h int) string {
	if b.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	top := append(b.head(w, max(2, h/4)), "")
	bottom := append(b.below(w, h), inPlace(b.s.Theme, b.err, w, h, false)...)
	if b.asking() {
		bottom = append(bottom, b.ask())
	}
	b.tableLine = len(top)
	return stacked(top, bottom, w, h, b.table.View)
}

func (b *bulkScreen) ask() string {
	t, verb := b.s.Theme, bulkVerbs[b.request.Action]
	return " " + t.Paint(theme.Warning, safe.Linef("Type %d to %s %s:", b.todo(), lower(verb.does), plural(b.todo(), "it", "them")).String()) +
		" " + t.Paint(theme.Strong, b.typed) + t.Paint(theme.Cursor, t.Glyph(theme.GlyphCursor))
}

func lower(verb string) string { return strings.ToLower(verb[:1]) + verb[1:] }

// head tells what is done, how fast, and what is left out and why, in at most
// so many lines.
func (b *bulkScreen) head(w, limit int) []string {
	t := b.s.Theme
	lines := []string{b.summary(w)}
	add := func(label string, role theme.Role, text safe.Text) {
		if !text.Empty() && len(lines) < limit {
			lines = append(lines, " "+t.Paint(theme.Dim, safe.Line(label).Pad(10).String())+t.Paint(role, text.Truncate(w-12).String()))
		}
	}
	if b.asking() {
		add("pace", theme.Text, pacing(b.c.bulkRate(b.request.Action), b.todo()))
	}
	if b.working() {
		add("", theme.Dim, safe.Line("p pauses it and goes on; x begins no more; esc leaves it going on"))
	}
	add("terms", theme.Text, safe.Join(" · ", bulkTerms(b.request)...))
	if len(b.excluded) > 0 && b.job == nil {
		label := "left out"
		reasons := reasonsLeftOut(b.excluded)
		room := limit - len(lines)
		for i, reason := range reasons {
			if i == room-1 && len(reasons) > room {
				reason = safe.Linef("and %d other reasons; f shows them", len(reasons)-i)
			}
			add(label, theme.Warning, reason)
			label = ""
		}
	}
	return lines
}

// below tells the whole of what there is to know of the item under the cursor,
// where that may be too long for its row.
func (b *bulkScreen) below(w, h int) []string {
	row, ok := b.table.Current()
	if !ok || !b.ready || h < 14 {
		return nil
	}
	text, role := row.why()
	if role != theme.Warning && role != theme.Failed {
		return nil
	}
	t := b.s.Theme
	lines := []string{t.Paint(theme.Border, strings.Repeat(t.Glyph(theme.GlyphHorizontal), w))}
	for _, line := range wrap(safe.Join(": ", row.name(), text), w-2, 3) {
		lines = append(lines, " "+t.Paint(role, line.String()))
	}
	return lines
}

// summary is the first line: what would be done, how far it is, or how it ended.
func (b *bulkScreen) summary(w int) string {
	t, verb := b.s.Theme, bulkVerbs[b.request.Action]
	strong := func(text safe.Text) string { return " " + t.Paint(theme.Strong, text.Truncate(w-2).String()) }
	switch {
	case !b.ready && b.err != nil:
		return strong(safe.Linef("%s: not looked at", verb.does))
	case !b.ready:
		return strong(safe.Linef("%s: looking at %s runs, whether it can be done %s", verb.does, safe.Count(len(b.runs)), t.Glyph(theme.GlyphEllipsis)))
	case b.working():
		return b.bar(w)
	case b.job != nil:
		return b.result(w)
	case b.id != "" && b.remaining() == 0:
		return strong(safe.Line("Nothing is left of it."))
	case b.id != "":
		p := b.left
		return strong(safe.Linef("%s the %s left: %s done, %s skipped and %s failed before", verb.does, verb.count(b.remaining()), safe.Count(p.Done), safe.Count(p.Skipped), safe.Count(p.Failed)))
	case len(b.items) == 0:
		return strong(safe.Linef("Nothing to %s: of %s none can be %s.", lower(verb.does), verb.count(len(b.excluded)), verb.done))
	}
	return strong(safe.Linef("%s %s, %s left out. Nothing has been sent yet.", verb.does, verb.count(len(b.items)), safe.Count(len(b.excluded))))
}

// bar is how far it is, and how fast it goes.
func (b *bulkScreen) bar(w int) string {
	t, p, verb := b.s.Theme, b.now.progress, bulkVerbs[b.request.Action]
	ready := p.Total - p.Open()
	width := min(30, max(8, w/4))
	full := 0
	if p.Total > 0 {
		full = width * ready / p.Total
	}
	line := " " + t.Paint(theme.Running, strings.Repeat(t.Glyph(theme.GlyphBlock), full)) + t.Paint(theme.Dim, strings.Repeat(t.Glyph(theme.GlyphLight), width-full))
	line += " " + t.Paint(theme.Strong, safe.Linef("%s of %s", safe.Count(ready), verb.count(p.Total)).String())
	line += b.tally(p)
	switch {
	case p.Paused:
		return line + "  " + t.Paint(theme.Warning, t.Glyph(theme.GlyphPause)+" paused, p goes on")
	case p.Waiting > 0:
		return line + "  " + t.Paint(theme.Warning, safe.Linef("%d wait for AWS", p.Waiting).String())
	}
	left := p.Left
	if took, since := b.s.Clock.Now().Sub(b.job.began), ready-b.now.before; took >= time.Second && since > 0 {
		line += "  " + t.Paint(theme.Dim, fmt.Sprintf("%.3g/s", float64(since)/took.Seconds()))
		left = max(left, took*time.Duration(p.Open())/time.Duration(since)) // AWS may be slower than the pace
	}
	return line + "  " + t.Paint(theme.Dim, safe.Linef("about %s left", safe.Duration(left)).String())
}

// tally counts what was not simply done.
func (b *bulkScreen) tally(p ops.BulkProgress) string {
	t, line := b.s.Theme, ""
	if p.Skipped > 0 {
		line += "  " + t.Paint(theme.Warning, safe.Linef("%s skipped", safe.Count(p.Skipped)).String())
	}
	if p.Failed > 0 {
		line += "  " + t.Paint(theme.Failed, safe.Linef("%s failed", safe.Count(p.Failed)).String())
	}
	return line
}

func (b *bulkScreen) result(w int) string {
	t, p, verb := b.s.Theme, b.now.progress, bulkVerbs[b.request.Action]
	glyph, role := theme.GlyphSucceeded, theme.Succeeded
	if b.over() {
		glyph, role = theme.GlyphFailed, theme.Failed
	}
	line := " " + t.Paint(role, t.Glyph(glyph)) + " " + t.Paint(theme.Strong, safe.Linef("%s %s", verb.count(p.Done), verb.done).String()) + b.tally(p)
	if p.Open() > 0 {
		line += "  " + t.Paint(theme.Warning, safe.Linef("%s not done", safe.Count(p.Open())).String())
	}
	if n := len(b.excluded); n > 0 {
		line += "  " + t.Paint(theme.Dim, safe.Linef("%s left out", safe.Count(n)).String())
	}
	line += "  " + t.Paint(theme.Dim, safe.Linef("in %s", safe.Duration(b.now.ended.Sub(b.job.began))).String())
	if b.over() {
		line += "  " + t.Paint(theme.Key, "a") + " " + t.Paint(theme.Text, "tries again")
	}
	return fill([]string{line}, w, 1)
}

// Actions are what can be done in the phase that it is in.
func (b *bulkScreen) Actions() []tui.Action {
	if b.s == nil {
		return nil
	}
	list := []tui.Action{{ID: tui.KeyPart, Run: b.nextPart}, {ID: tui.KeyMove}, {ID: tui.KeyEnds}, {ID: tui.KeyHalfPage}, {ID: tui.KeySort}, {ID: tui.KeyReverse}}
	switch {
	case b.asking():
		busy := ""
		if b.s.Busy("begin") {
			busy = "it is being begun"
		}
		list = append(list, tui.Action{ID: tui.KeyBulkGo, Disabled: busy, Run: b.begin})
		if b.id != "" {
			list = append(list, tui.Action{ID: tui.KeyBulkDrop, Run: b.drop})
		}
	case b.working():
		list = append(list, tui.Action{ID: tui.KeyPause, Run: b.pause}, tui.Action{ID: tui.KeyBulkStop, Run: b.stop})
	case b.over():
		list = append(list, tui.Action{ID: tui.KeyBulkAgain, Run: b.again}, tui.Action{ID: tui.KeyBulkDrop, Run: b.drop})
	}
	if !b.asking() && !b.working() {
		list = append(list, tui.Action{ID: tui.KeyOpen, Disabled: b.noRow(), Run: b.open})
	}
	if !b.ready && b.err != nil {
		list = append(list, tui.Action{ID: tui.KeyRefresh, Run: b.reload})
	}
	return list
}

func (b *bulkScreen) reload() tea.Cmd {
	if b.id != "" {
		return b.loadLeft()
	}
	return b.plan()
}

func (b *bulkScreen) noRow() string {
	if _, ok := b.table.Current(); !ok {
		return "there is no run under the cursor"
	}
	return ""
}

// open shows the item's run, or the one that was started for it.
func (b *bulkScreen) open() tea.Cmd {
	row, _ := b.table.Current()
	return tui.Push(newRun(b.c, row.openable(), TabVerdict))
}

// Freshness is empty: what is shown is as new as it can be.
func (b *bulkScreen) Freshness() (read time.Time, loading bool, missing string) {
	return time.Time{}, b.s.Busy("plan") || b.s.Busy("left"), ""
}

// Subject is the results, to be copied as text or saved as JSON.
func (b *bulkScreen) Subject() *tui.Selection {
	if !b.ready {
		return nil
	}
	sel := &tui.Selection{
		Value: b.table.Text(), File: "bulk-" + string(b.request.Action) + ".json",
		Export: func() ([]byte, error) { return exportBulk(b.table.Shown()) },
	}
	if row, ok := b.table.Current(); ok {
		sel.ARN, sel.URL = row.item.RunARN, b.c.runPage(row.item.RunARN)
	}
	return sel
}

// bulkExport is an item as it is saved.
type bulkExport struct {
	ops.BulkItem
	Result   string          `json:"result"`
	Reason   string          `json:"reason,omitempty"`
	Outcome  ops.BulkOutcome `json:"outcome,omitzero"`
	Excluded bool            `json:"excluded,omitempty"`
}

func exportBulk(rows []*bulkRow) ([]byte, error) {
	out := make([]bulkExport, len(rows))
	for i, row := range rows {
		text, _ := row.why()
		out[i] = bulkExport{row.item, row.result(), text.String(), row.outcome, !row.excluded.Empty()}
	}
	data, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %d results as JSON: %w", len(out), err)
	}
	return data, nil
}
