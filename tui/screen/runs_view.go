package screen

import (
	"encoding/json"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// View is the status line, the list, and what went wrong.
func (r *runsScreen) View(w, h int) string {
	if r.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	top := []string{r.bar(w)}
	bottom := inPlace(r.s.Theme, r.problem(), w, h, len(r.rows) == 0)
	return stacked(top, bottom, w, h, func(w, h int) string {
		if len(r.rows) == 0 && r.problem() != nil {
			return fill(nil, w, h)
		}
		return r.list(w, h)
	})
}

func (r *runsScreen) list(w, h int) string {
	if w < previewFrom || h < 4 {
		return r.table.View(w, h)
	}
	left := paneWidth(w)
	return widget.Beside(r.s.Theme, r.table.View(left, h), left, r.preview(w-left-3, h), h)
}

func (r *runsScreen) nothing() safe.Text {
	switch {
	case r.machine != nil && r.machine.Type == workflow.Express:
		return safe.Line("this is an Express machine: AWS lists no runs of it; look in its log group")
	case r.group != nil:
		return r.nothingLeft()
	case r.status != "":
		return safe.Linef("no run is %s; f asks for the next status", r.status)
	}
	return safe.Line("no run yet: n starts one")
}

// bar says which runs are listed.
func (r *runsScreen) bar(w int) string {
	t := r.s.Theme
	parts := []string{t.Paint(theme.Dim, "f")}
	for _, s := range statuses {
		word := "all"
		if s != "" {
			word = strings.ToLower(strings.ReplaceAll(string(s), "_", " "))
		}
		if s == r.status {
			parts = append(parts, t.Paint(theme.Badge, " "+word+" "))
		} else {
			parts = append(parts, t.Paint(theme.Dim, word))
		}
	}
	line := " " + strings.Join(parts, " ")
	if r.group != nil {
		line = " " + r.groupBar(t)
	}
	shown, all := r.table.Count()
	count := safe.Count(all).String() + " runs"
	if r.read.IsZero() {
		count = "not read yet"
	} else if shown != all {
		count = fmt.Sprintf("%s of %s runs", safe.Count(shown), safe.Count(all))
	}
	if marked := len(r.table.Marked()); marked > 0 {
		count += ", " + t.Paint(theme.Mark, safe.Count(marked).String()+" marked")
	}
	line += "   " + count
	return fill([]string{line}, w, 1)
}

// Actions are those of the list and of the run under its cursor, or of the
// marked ones.
func (r *runsScreen) Actions() []tui.Action {
	if r.s == nil {
		return nil
	}
	none := ""
	if r.current() == nil {
		none = "there is no run under the cursor"
	}
	list := []tui.Action{
		{ID: tui.KeyOpen, Disabled: none, Run: r.open},
		{ID: tui.KeyStatus, Disabled: r.noGroup(), Run: r.nextStatus},
		{ID: tui.KeyGroup, Disabled: r.noGroup(), Run: r.groups},
		{ID: tui.KeyMore, Disabled: r.noMore(), Run: r.loadMore},
		{ID: tui.KeyTokens, Run: func() tea.Cmd { return tui.Push(newTokens(r.c)) }},
		{ID: tui.KeyMark},
		{ID: tui.KeyMarkAll},
		{ID: tui.KeySort},
		{ID: tui.KeyReverse},
	}
	marked := r.table.Marked()
	for _, a := range runActions(r.c, r.s, r.current) {
		list = append(list, r.adapt(a, marked))
	}
	return append(list, renewal(r.c, r.s, r.problem())...)
}

func (r *runsScreen) express() string {
	if r.machine != nil && r.machine.Type == workflow.Express {
		return "AWS lists no runs of an Express machine"
	}
	return ""
}

// adapt makes an action one over the marks, and lets a run be started where
// there is none yet.
func (r *runsScreen) adapt(a tui.Action, marked []*runRow) tui.Action {
	all := many{c: r.c, s: r.s, runs: runsOf(marked)}
	if do := all.over(a.ID); do != nil && len(marked) > 0 {
		a.Disabled, a.Run = "", do
	}
	if a.ID == tui.KeyNew && r.machine != nil {
		a.Disabled = ""
		a.Run = func() tea.Cmd { return tui.Push(newForm(r.c, FormSpec{Machine: *r.machine})) }
	}
	return a
}

func (r *runsScreen) open() tea.Cmd { return tui.Push(newRun(r.c, *r.current(), TabVerdict)) }

func exportRuns(rows []*runRow) ([]byte, error) {
	runs := make([]workflow.Run, len(rows))
	for i, row := range rows {
		runs[i] = row.run
		if row.failure != nil {
			runs[i].Error, runs[i].Cause = row.failure.Error, row.failure.Cause
		}
	}
	data, err := json.MarshalIndent(runs, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %d runs as JSON: %w", len(runs), err)
	}
	return data, nil
}
