package screen

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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

// failureWindows are how far back failures are read. AWS keeps 90 days.
var failureWindows = []struct {
	name string
	span time.Duration
}{{"24h", 24 * time.Hour}, {"7d", 7 * 24 * time.Hour}, {"30d", 30 * 24 * time.Hour}, {"90d", 90 * 24 * time.Hour}}

const (
	stripParts = 12 // of the time that the failures span
	// failuresPace is between two readings of one machine's failures, of which
	// each takes a few calls.
	failuresPace = time.Minute
)

// failuresScreen groups the failures of a window by cause.
type failuresScreen struct {
	c       *Console
	s       *tui.Scope
	machine *workflow.Machine // nil: all

	table  *widget.Table[*failureRow]
	window int // index into failureWindows
	limit  int // failures that are read at most
	found  ops.GroupedFailures
	wanted string // the group that the cursor goes to

	text    string
	match   filter.Filter
	read    time.Time
	loading bool
	err     error
}

func newFailures(c *Console, machine *workflow.Machine) *failuresScreen {
	return &failuresScreen{c: c, machine: machine, limit: mostRuns}
}

// newFailuresAt opens the failures of a machine with the cursor on a group.
func newFailuresAt(c *Console, machine *workflow.Machine, group string) *failuresScreen {
	x := newFailures(c, machine)
	x.wanted = group
	return x
}

func (x *failuresScreen) Title() string {
	if x.machine == nil {
		return "failures"
	}
	return x.machine.Name.String() + " failures"
}

func (x *failuresScreen) Capturing() bool { return false }

func (x *failuresScreen) Open(s *tui.Scope) tea.Cmd {
	x.s = s
	x.table = widget.NewTable(s.Theme, func(r *failureRow) string { return r.group.ID }, failureColumns(s, x.machine == nil)...)
	return x.load()
}

// since is where the window begins, by when runs started.
func (x *failuresScreen) since() time.Time {
	return x.s.Clock.Now().Add(-failureWindows[x.window].span)
}

// load reads the window; what is known so far is shown meanwhile.
func (x *failuresScreen) load() tea.Cmd {
	x.loading = true
	if x.read.IsZero() {
		x.table.SetEmpty(safe.Line("reading the failed runs…"))
	}
	c, w := x.c, ops.Window{Since: x.since(), Limit: x.limit}
	if x.machine != nil {
		w.MachineARN = x.machine.ARN
	}
	return tui.Live(x.s, "failures", func(ctx context.Context) (<-chan grouped, error) {
		out := make(chan grouped)
		go func() {
			defer close(out)
			found, err := c.GroupFailures(ctx, w, stripParts, func(part ops.GroupedFailures) { sent(ctx, out, grouped{found: part}) })
			sent(ctx, out, grouped{found: found, err: err, whole: true})
		}()
		return out, nil
	})
}

// grouped is what is known of a window so far, or the whole of it.
type grouped struct {
	found ops.GroupedFailures
	whole bool
	err   error
}

func (x *failuresScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	switch msg := msg.(type) {
	case tui.Batch[grouped]:
		return x.gathered(msg)
	case tui.Tick:
		return x.load()
	case tea.KeyPressMsg:
		x.table.Key(msg)
	case tea.MouseClickMsg:
		x.table.Click(msg.Y - 1) // the bar is above
	}
	return nil
}

// gathered takes in the newest of what was told. A later reading replaces
// the one before when it is whole.
func (x *failuresScreen) gathered(b tui.Batch[grouped]) tea.Cmd {
	if n := len(b.Items); n > 0 {
		last := b.Items[n-1]
		x.err = last.err
		if last.err == nil && (last.whole || x.read.IsZero()) {
			x.found = last.found
			x.arrange()
		}
		if last.whole && last.err == nil {
			x.read = x.s.Clock.Now()
			x.table.SetEmpty(x.nothing())
		}
	}
	if !b.Done {
		return nil
	}
	x.loading, x.err = false, cmp.Or(b.Err, x.err)
	pace := failuresPace
	if x.machine == nil {
		pace = max(pace, time.Duration(len(x.c.memory.machines))*2*eachPace)
	}
	return tui.Again(x.s, "poll", pace, x.err)
}

func (x *failuresScreen) nothing() safe.Text {
	return safe.Linef("no run that started in the last %s has failed; w looks further back", failureWindows[x.window].name)
}

func (x *failuresScreen) arrange() {
	rows := make([]*failureRow, len(x.found.Groups))
	for i, g := range x.found.Groups {
		rows[i] = newFailureRow(x.s.Clock, g)
	}
	x.table.SetRows(rows)
	if x.wanted != "" && x.table.Select(x.wanted) {
		x.wanted = ""
	}
}

func (x *failuresScreen) nextWindow() tea.Cmd {
	x.window = (x.window + 1) % len(failureWindows)
	x.limit, x.read, x.found = mostRuns, time.Time{}, ops.GroupedFailures{}
	x.arrange()
	return x.load()
}

func (x *failuresScreen) loadMore() tea.Cmd {
	x.limit *= 10
	return x.load()
}

func (x *failuresScreen) Filter() string { return x.text }

// SetFilter shows the groups that the text fits.
func (x *failuresScreen) SetFilter(text string) error {
	f, err := filter.Parse(text)
	if err != nil {
		return err
	}
	x.text, x.match = text, f
	x.table.SetFilter(func(r *failureRow) bool { return x.match.Match(r) }, false)
	return nil
}

// Freshness is when the window was read, and what of it is not loaded.
func (x *failuresScreen) Freshness() (read time.Time, loading bool, missing string) {
	if x.cut() {
		missing = "older failures are not loaded: + loads more"
	}
	return x.read, x.loading, missing
}

// cut reports failures in the window that were left out for their number.
func (x *failuresScreen) cut() bool {
	return slices.ContainsFunc(x.found.Unread, func(u ops.Unread) bool { return u.Err == nil })
}

// problem is what the screen tells in place: the reading itself, a machine
// whose runs cannot be listed, causes that cannot be read.
func (x *failuresScreen) problem() error {
	if x.err != nil {
		return x.err
	}
	for _, u := range x.found.Unread {
		if u.Err != nil {
			return u.Err
		}
	}
	return x.found.Err
}

func (x *failuresScreen) current() *failureRow {
	if row, ok := x.table.Current(); ok {
		return row
	}
	return nil
}

// Subject is the group under the cursor; all shown are exported.
func (x *failuresScreen) Subject() *tui.Selection {
	row := x.current()
	if row == nil {
		return nil
	}
	return &tui.Selection{
		Value: row.sentence().String(), ARN: row.newest(), URL: x.c.runPage(row.newest()),
		File: "failures.json", Export: func() ([]byte, error) { return exportFailures(x.table.Shown()) },
	}
}

func exportFailures(rows []*failureRow) ([]byte, error) {
	groups := make([]ops.FailureGroup, len(rows))
	for i, r := range rows {
		groups[i] = r.group
	}
	data, err := json.MarshalIndent(groups, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %d groups as JSON: %w", len(groups), err)
	}
	return data, nil
}
