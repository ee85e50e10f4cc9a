package screen

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// Actions are those of the list, and those on the runs of the marked groups or
// of the one under the cursor.
func (x *failuresScreen) Actions() []tui.Action {
	if x.s == nil {
		return nil
	}
	none, noMore := "", ""
	if x.current() == nil {
		none = "there is no group under the cursor"
	}
	if !x.cut() {
		noMore = "all failures of the window are loaded; w looks further back"
	}
	list := []tui.Action{
		{ID: tui.KeyOpen, Disabled: none, Run: x.open},
		{ID: tui.KeyWindow, Run: x.nextWindow},
		{ID: tui.KeyRedrive, Disabled: none, Run: x.redrive},
		{ID: tui.KeyClone, Disabled: none, Run: x.clone},
		{ID: tui.KeyLog, Disabled: none, Run: x.openLog},
		{ID: tui.KeyMore, Disabled: noMore, Run: x.loadMore},
		{ID: tui.KeyTokens, Run: func() tea.Cmd { return tui.Push(newTokens(x.c)) }},
		{ID: tui.KeyMark},
		{ID: tui.KeyMarkAll},
		{ID: tui.KeySort},
		{ID: tui.KeyReverse},
	}
	return append(list, renewal(x.c, x.s, x.problem())...)
}

// open lists the group's runs. The groups are read again on return.
func (x *failuresScreen) open() tea.Cmd {
	return tea.Batch(tui.Push(newGroupRuns(x.c, x.current().group, x.since())), tui.After(x.s, runChanged, restTime))
}

func (x *failuresScreen) openLog() tea.Cmd {
	return tui.Push(newLog(x.c, runAt(x.current().newest())))
}

func runAt(arn string) workflow.Run {
	return workflow.Run{ARN: arn, Name: safe.Line(workflow.RunName(arn)), MachineARN: workflow.MachineARNOf(arn)}
}

// chosen are the groups that an action is for.
func (x *failuresScreen) chosen() []*failureRow {
	if marked := x.table.Marked(); len(marked) > 0 {
		return marked
	}
	return []*failureRow{x.current()}
}

func (x *failuresScreen) redrive() tea.Cmd {
	c, groups, since := x.c, x.chosen(), x.since()
	return look(x.s, func(ctx context.Context) ([]workflow.Run, error) { return c.runsOfGroups(ctx, groups, since) }, func(runs []workflow.Run, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		return many{c: c, s: x.s, runs: runs}.over(tui.KeyRedrive)()
	})
}

// clone proposes the change that the diagnosis of the newest run proposes.
func (x *failuresScreen) clone() tea.Cmd {
	c, groups, since, now := x.c, x.chosen(), x.since(), x.s.Clock.Now()
	m := many{c: c, s: x.s}
	return look(x.s, func(ctx context.Context) (many, error) {
		runs, err := c.runsOfGroups(ctx, groups, since)
		if err == nil {
			m.runs, m.change = runs, c.proposed(ctx, groups[0].newest(), now)
		}
		return m, err
	}, func(m many, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		return m.over(tui.KeyClone)()
	})
}

// proposed is what the diagnosis of a run would change; nothing where it cannot be had.
func (c *Console) proposed(ctx context.Context, runARN string, now time.Time) workflow.Overrides {
	_, d, err := c.Why(ctx, runARN, now)
	if err != nil {
		return workflow.Overrides{}
	}
	at := slices.IndexFunc(d.Remedies, func(m triage.Remedy) bool { return m.Action == triage.ActNewRun && !m.Useless && m.For(runARN) })
	if at < 0 {
		return workflow.Overrides{}
	}
	m := d.Remedies[at]
	return workflow.Overrides{CPU: m.CPU, Memory: m.Memory, Capacity: m.Capacity, Timeout: time.Duration(m.TimeoutSeconds) * time.Second}
}

func (c *Console) runsOfGroups(ctx context.Context, groups []*failureRow, since time.Time) ([]workflow.Run, error) {
	var all []workflow.Run
	for _, row := range groups {
		runs, missing, err := c.stillFailed(ctx, row.group.Signature.Machine, row.group.Runs, since)
		if err != nil {
			return nil, err
		}
		changed, err := c.DescribeRuns(ctx, missing)
		if err != nil {
			return nil, err
		}
		all = slices.Concat(all, runs, changed)
	}
	return all, nil
}

// stillFailed reads those of a machine's runs that are failed now, with a call
// for each thousand failures since then; missing are the others.
func (c *Console) stillFailed(ctx context.Context, machine string, arns []string, since time.Time) (runs []workflow.Run, missing []string, err error) {
	wanted := make(map[string]bool, len(arns))
	for _, arn := range arns {
		wanted[arn] = true
	}
	found, err := c.FailuresIn(ctx, ops.Window{MachineARN: machine, Since: since})
	if err != nil {
		return nil, nil, fmt.Errorf("list the runs of the group: %w", err)
	}
	for _, r := range found.Runs {
		if wanted[r.ARN] {
			runs = append(runs, r)
			delete(wanted, r.ARN)
		}
	}
	for _, arn := range arns {
		if wanted[arn] {
			missing = append(missing, arn)
		}
	}
	return runs, missing, nil
}
