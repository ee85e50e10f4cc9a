package screen

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// runGroup is the runs that a list is restricted to: those that failed alike.
// A run stays in it when an action has changed it.
type runGroup struct {
	ops.FailureGroup
	since  time.Time // of the window that they were found in
	marked bool      // all of them, once they were read
}

// newGroupRuns lists the runs of a group, all marked.
func newGroupRuns(c *Console, g ops.FailureGroup, since time.Time) tui.Screen {
	machine := machineOf(workflow.Run{MachineARN: g.Signature.Machine})
	r := newRunList(c, &machine)
	r.group = &runGroup{FailureGroup: g, since: since}
	return r
}

// describedAtOnce is how many runs of a group are asked about at a time that
// are failed no more.
const describedAtOnce = 40

// loadGroup reads the group's runs: those that are still failed by the
// thousand, of the others those that can be seen.
func (r *runsScreen) loadGroup() tea.Cmd {
	c, g := r.c, r.group
	seen := map[string]bool{}
	for _, row := range r.table.Visible() {
		seen[row.run.ARN] = true
	}
	first := len(r.rows) == 0
	return tui.Load(r.s, "runs", loadLimit, func(ctx context.Context) (machineRuns, error) {
		read := machineRuns{machine: g.Signature.Machine, limit: len(g.Runs)}
		runs, missing, err := c.stillFailed(ctx, read.machine, g.Runs, g.since)
		if err != nil {
			return read, err
		}
		var ask []string
		for _, arn := range missing {
			if (first || seen[arn]) && len(ask) < describedAtOnce {
				ask = append(ask, arn)
			}
		}
		changed, err := c.DescribeRuns(ctx, ask)
		read.list.Runs = append(runs, changed...)
		return read, err
	})
}

// markGroup marks the runs of a group when they are first there.
func (r *runsScreen) markGroup() {
	if r.group != nil && !r.group.marked && len(r.rows) > 0 {
		r.group.marked = true
		r.table.Key(tea.KeyPressMsg{Code: '*', Text: "*"})
	}
}

// groupBar says which runs are listed, where they are a group's.
func (r *runsScreen) groupBar(t *theme.Theme) string {
	return t.Paint(theme.Dim, "failed alike: ") + t.Paint(theme.Match, titleOf(r.group.Signature).Truncate(60).String())
}

func (r *runsScreen) noGroup() string {
	if r.group != nil {
		return "these runs failed alike; esc goes back to the other groups"
	}
	return r.express()
}

// groups shows the failures of the machine, or of all, by cause.
func (r *runsScreen) groups() tea.Cmd { return tui.Push(newFailures(r.c, r.machine)) }

// nothingLeft is said where a group has no run any more.
func (r *runsScreen) nothingLeft() safe.Text {
	return safe.Line("AWS lists none of these runs any more")
}
