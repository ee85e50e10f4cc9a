package screen

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// bulkPlanLimit bounds the making of a plan, which may read a page of history of
// each of 10,000 runs.
const bulkPlanLimit = 30 * time.Minute

// bulkScreen shows a bulk action from its preview to the result of each item.
type bulkScreen struct {
	c       *Console
	s       *tui.Scope
	request ops.BulkRequest
	runs    []workflow.Run // to be planned
	id      string         // of one that is resumed, or tried again
	job     *bulkJob       // nil: not begun

	ready    bool // the plan, or what is left, is there
	items    []ops.BulkItem
	excluded []ops.Excluded
	left     ops.BulkProgress // of what was resumed
	now      bulkNow

	table     *widget.Table[*bulkRow]
	tableLine int // where the last View began it
	rows      []*bulkRow
	typed     string
	part      bulkPart
	text      string
	match     filter.Filter
	err       error
}

// newBulk previews what the request would do to the runs.
func newBulk(c *Console, request ops.BulkRequest, runs []workflow.Run) tui.Screen {
	return &bulkScreen{c: c, part: everyItem, request: request, runs: runs}
}

// newBulkLeft previews what is left of one that was interrupted.
func newBulkLeft(c *Console, left ops.BulkLeft) tui.Screen {
	return &bulkScreen{c: c, part: everyItem, request: left.Request, id: left.ID}
}

// newBulkProgress shows a bulk action that is under way.
func newBulkProgress(c *Console, job *bulkJob) tui.Screen {
	return &bulkScreen{c: c, part: everyItem, request: job.bulk.Request(), id: job.bulk.ID(), job: job}
}

func (b *bulkScreen) Title() string {
	verb := bulkVerbs[b.request.Action]
	if b.ready {
		return safe.Linef("%s %s", verb.does, verb.count(len(b.items))).String()
	}
	return safe.Linef("%s %s", verb.does, verb.many).String()
}

func (b *bulkScreen) Capturing() bool { return false }

func (b *bulkScreen) Open(s *tui.Scope) tea.Cmd {
	b.s = s
	b.table = bulkTable(s, b.request.Action, true)
	b.table.SetEmpty(safe.Line("looking at each of them…"))
	switch {
	case b.job != nil:
		b.excluded = b.job.excluded
		b.take(b.job.bulk.Items(), b.job.bulk.Outcomes())
		return b.watch()
	case b.id != "":
		return b.loadLeft()
	}
	return b.plan()
}

// plan asks what can be done and what not. It changes nothing.
func (b *bulkScreen) plan() tea.Cmd {
	b.err = nil
	c, request, runs := b.c, b.request, b.runs
	return tui.Load(b.s, "plan", bulkPlanLimit, func(ctx context.Context) (ops.BulkPlan, error) {
		return c.PlanBulk(ctx, request, runs)
	})
}

// bulkRest is what a journal tells.
type bulkRest struct {
	items    []ops.BulkItem
	outcomes []ops.BulkOutcome
	progress ops.BulkProgress
}

func (b *bulkScreen) loadLeft() tea.Cmd {
	b.err = nil
	c, id := b.c, b.id
	return tui.Load(b.s, "left", loadLimit, func(context.Context) (bulkRest, error) { return c.readBulk(id) })
}

// readBulk reads a journal and lets go of it.
func (c *Console) readBulk(id string) (bulkRest, error) {
	bulk, err := c.ResumeBulk(c.Bulks, id, ops.Rate{})
	if err != nil {
		return bulkRest{}, err
	}
	return bulkRest{bulk.Items(), bulk.Outcomes(), bulk.Progress()}, bulk.Close()
}

func (b *bulkScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tui.Loaded[ops.BulkPlan]:
		if b.err = msg.Err; msg.Err == nil {
			b.request, b.excluded = msg.Value.Request, msg.Value.Excluded
			b.take(msg.Value.Items, nil)
		}
	case tui.Loaded[bulkRest]:
		if b.err = msg.Err; msg.Err == nil {
			b.left = msg.Value.progress
			b.take(msg.Value.items, msg.Value.outcomes)
		}
	case tui.Loaded[*bulkJob]:
		return b.begun(msg.Value, msg.Err)
	case tui.Batch[bulkNow]:
		b.went(msg)
	case tui.Loaded[struct{}]:
		return b.dropped(msg.Err)
	case tea.KeyPressMsg:
		b.key(msg)
	case tea.MouseClickMsg:
		b.table.Click(msg.Y - b.tableLine)
	}
	return nil
}

// key takes the digits of the count; all else is the table's.
func (b *bulkScreen) key(k tea.KeyPressMsg) {
	switch {
	case !b.asking():
	case len(k.Text) == 1 && k.Text[0] >= '0' && k.Text[0] <= '9':
		if len(b.typed) < 6 {
			b.typed += k.Text
		}
		return
	case k.String() == "backspace" && b.typed != "":
		b.typed = b.typed[:len(b.typed)-1]
		return
	}
	b.table.Key(k)
}

// take shows items, in the order in which they are done, and those left out.
func (b *bulkScreen) take(items []ops.BulkItem, outcomes []ops.BulkOutcome) {
	b.ready, b.items = true, items
	b.rows = b.rows[:0]
	for i, item := range items {
		row := newBulkRow(b, i, item)
		if outcomes != nil {
			row.outcome = outcomes[i]
		}
		b.rows = append(b.rows, row)
	}
	for i, x := range b.excluded {
		row := newBulkRow(b, len(items)+i, x.Item)
		row.excluded = x.Reason
		b.rows = append(b.rows, row)
	}
	for _, row := range b.rows {
		row.index()
	}
	b.table = bulkTable(b.s, b.request.Action, ofSeveral(b.rows))
	b.arrange()
}

func (b *bulkScreen) arrange() {
	b.table.SetEmpty(safe.Linef("nothing is %s", b.part))
	b.table.SetRows(slices.Clone(b.rows))
	b.refilter()
}

func (b *bulkScreen) refilter() {
	b.table.SetFilter(func(row *bulkRow) bool { return b.part.has(row) && b.match.Match(row) }, false)
}

func (b *bulkScreen) Filter() string { return b.text }

// SetFilter shows the items that the text fits.
func (b *bulkScreen) SetFilter(text string) error {
	f, err := filter.Parse(text)
	if err != nil {
		return err
	}
	b.text, b.match = text, f
	b.refilter()
	return nil
}
