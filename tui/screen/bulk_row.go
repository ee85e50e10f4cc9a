package screen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// bulkPart is which items are shown.
type bulkPart string

const (
	everyItem  bulkPart = "there"
	leftOut    bulkPart = "left out"
	itemTodo   bulkPart = "to do"
	itemDone   bulkPart = "done"
	itemSkip   bulkPart = "skipped"
	itemFailed bulkPart = "failed"
)

var bulkParts = []bulkPart{everyItem, leftOut, itemFailed, itemSkip, itemTodo, itemDone}

func (p bulkPart) has(row *bulkRow) bool { return p == everyItem || p == row.part() }

// nextPart shows the next part that has any item.
func (b *bulkScreen) nextPart() tea.Cmd {
	at := 0
	for i, p := range bulkParts {
		if p == b.part {
			at = i
		}
	}
	for range bulkParts {
		at = (at + 1) % len(bulkParts)
		if b.part = bulkParts[at]; b.partHasAny() {
			break
		}
	}
	b.refilter()
	return nil
}

func (b *bulkScreen) partHasAny() bool {
	for _, row := range b.rows {
		if b.part.has(row) {
			return true
		}
	}
	return b.part == everyItem
}

// bulkRow is one item, or a run that was left out.
type bulkRow struct {
	at       int
	verb     bulkVerb
	clock    tui.Clock
	item     ops.BulkItem
	excluded safe.Text
	outcome  ops.BulkOutcome
	text     filter.Text
}

func newBulkRow(b *bulkScreen, at int, item ops.BulkItem) *bulkRow {
	return &bulkRow{at: at, verb: bulkVerbs[b.request.Action], clock: b.s.Clock, item: item}
}

func (r *bulkRow) key() string { return strconv.Itoa(r.at) }

func (r *bulkRow) part() bulkPart {
	switch {
	case !r.excluded.Empty():
		return leftOut
	case r.outcome.State == ops.BulkDone:
		return itemDone
	case r.outcome.State == ops.BulkSkipped:
		return itemSkip
	case r.outcome.State == ops.BulkFailed:
		return itemFailed
	}
	return itemTodo
}

// result is what became of the item, in a word.
func (r *bulkRow) result() string {
	if p := r.part(); p != itemDone {
		return string(p)
	}
	return r.verb.done
}

// bulkSigns are the looks of the parts.
var bulkSigns = map[bulkPart]struct {
	glyph theme.Glyph
	role  theme.Role
}{
	leftOut: {theme.GlyphCatch, theme.Warning}, itemTodo: {theme.GlyphTask, theme.Dim}, itemDone: {theme.GlyphSucceeded, theme.Succeeded},
	itemSkip: {theme.GlyphUnknown, theme.Warning}, itemFailed: {theme.GlyphFailed, theme.Failed},
}

// why is what there is to know of the item besides its result.
func (r *bulkRow) why() (safe.Text, theme.Role) {
	switch {
	case !r.excluded.Empty():
		return r.excluded, theme.Warning
	case r.outcome.State == ops.BulkFailed:
		return safe.Line(r.outcome.Reason), theme.Failed
	case r.outcome.State == ops.BulkSkipped:
		return safe.Line(r.outcome.Reason), theme.Warning
	case r.outcome.NewRun != "":
		return safe.Linef("started %s", workflow.RunName(r.outcome.NewRun)), theme.Text
	case len(r.outcome.LeftTasks) > 0:
		return safe.Linef("task %s goes on working", strings.Join(r.outcome.LeftTasks, ", ")), theme.Warning
	case len(r.outcome.StoppedTasks) > 0:
		return safe.Linef("task %s is stopped", strings.Join(r.outcome.StoppedTasks, ", ")), theme.Text
	case r.outcome.State != ops.BulkPending:
		return safe.Text{}, theme.Text
	case !r.item.Warning.Empty():
		return r.item.Warning, theme.Warning
	case r.item.State != "":
		return safe.Linef("the token of %s", r.item.State), theme.Text
	}
	return safe.Linef("%s, started %s", r.item.Status, agoText(r.item.Started, r.clock.Now())), theme.Dim
}

// openable is the run to look at.
func (r *bulkRow) openable() workflow.Run {
	arn := r.item.RunARN
	if r.outcome.NewRun != "" {
		arn = r.outcome.NewRun
	}
	return workflow.Run{ARN: arn, Name: safe.Line(workflow.RunName(arn)), MachineARN: workflow.MachineARNOf(arn), Status: r.item.Status, Started: r.item.Started}
}

func (r *bulkRow) name() safe.Text    { return safe.Line(workflow.RunName(r.item.RunARN)) }
func (r *bulkRow) machine() safe.Text { return safe.Line(workflow.MachineName(r.item.RunARN)) }

func (r *bulkRow) index() {
	why, _ := r.why()
	r.text = filter.NewText(r.name(), r.machine(), safe.Line(r.result()), why)
}

// Text is what words of a filter are looked for in.
func (r *bulkRow) Text() filter.Text { return r.text }

// Field is what a filter asks for by name; a status is the result.
func (r *bulkRow) Field(name string) filter.Text {
	switch name {
	case "status":
		return filter.NewText(safe.Line(r.result()))
	case "state":
		return filter.NewText(safe.Line(r.item.State))
	case "cause":
		why, _ := r.why()
		return filter.NewText(why)
	case "name":
		return filter.NewText(r.name())
	}
	return filter.Text{}
}

// Age is how long ago the run was started.
func (r *bulkRow) Age() (time.Duration, bool) {
	return r.clock.Now().Sub(r.item.Started), !r.item.Started.IsZero()
}

// bulkTable lists the rows; their machine is named where they are of several.
func bulkTable(s *tui.Scope, action ops.BulkAction, several bool) *widget.Table[*bulkRow] {
	columns := []widget.Column[*bulkRow]{
		{
			Title: "RESULT", Min: 10,
			Spans: func(r *bulkRow) []widget.Span {
				sign := bulkSigns[r.part()]
				return []widget.Span{{Text: safe.Line(s.Theme.Glyph(sign.glyph) + " " + r.result()), Role: sign.role}}
			},
			Less: func(a, b *bulkRow) bool { return a.result() < b.result() },
		},
		{
			Title: "RUN", Min: 20, Max: 44, Weight: 1, Cell: (*bulkRow).name,
			Less: func(a, b *bulkRow) bool { return a.name().String() < b.name().String() },
		},
	}
	if several {
		columns = append(columns, widget.Column[*bulkRow]{
			Title: "MACHINE", Min: 12, Max: 28, Weight: 1, Drop: 2, Cell: (*bulkRow).machine,
			Less: func(a, b *bulkRow) bool { return a.machine().String() < b.machine().String() },
		})
	}
	if action == ops.BulkFailToken {
		columns = append(columns, widget.Column[*bulkRow]{
			Title: "STATE", Min: 10, Max: 24, Weight: 1, Drop: 1, Cell: func(r *bulkRow) safe.Text { return safe.Line(r.item.State) },
		})
	}
	columns = append(columns, widget.Column[*bulkRow]{
		Title: "WHY", Min: 20, Weight: 5,
		Cell: func(r *bulkRow) safe.Text { text, _ := r.why(); return text },
		Role: func(r *bulkRow) theme.Role { _, role := r.why(); return role },
		Less: func(a, b *bulkRow) bool {
			x, _ := a.why()
			y, _ := b.why()
			return x.String() < y.String()
		},
	})
	return widget.NewTable(s.Theme, (*bulkRow).key, columns...)
}

func ofSeveral(rows []*bulkRow) bool {
	return slices.ContainsFunc(rows, func(r *bulkRow) bool { return r.machine() != rows[0].machine() })
}
