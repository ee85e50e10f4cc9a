package screen

import (
	"cmp"
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

const (
	firstRuns = 100              // of a list, one page
	mostRuns  = 1000             // of a page (AWS: ListExecutions)
	runsPace  = 12 * time.Second // between two refreshes of a list
	restTime  = 150 * time.Millisecond
	glanceAge = 10 * time.Second // after which a running run is looked at again
	glanceSet = 4                // runs that are looked at together
	eachPace  = 5 * time.Second  // between two ListExecutions in the long run
	listLag   = 2 * time.Minute  // how long AWS's lists may lack a new run
)

// machineRuns is what was read of one machine's runs.
type machineRuns struct {
	machine string // its ARN
	limit   int
	list    ops.RunList
	err     error
}

// load reads the newest runs up to limit.
func (r *runsScreen) load(limit int) tea.Cmd {
	r.loading = true
	switch {
	case r.machine == nil:
		return r.loadAll(limit)
	case r.group != nil:
		return r.loadGroup()
	}
	arn := r.machine.ARN
	f := ops.RunFilter{MachineARN: arn, Status: r.status, Limit: limit}
	return tui.Load(r.s, "runs", loadLimit, func(ctx context.Context) (machineRuns, error) {
		list, err := r.c.ListRuns(ctx, f)
		return machineRuns{machine: arn, limit: limit, list: list}, err
	})
}

func (r *runsScreen) loadAll(limit int) tea.Cmd {
	status := r.status
	return overMachines(r.c, r.s, "runs", func(ctx context.Context, m workflow.Machine) machineRuns {
		list, err := r.c.ListRuns(ctx, ops.RunFilter{MachineARN: m.ARN, Status: status, Limit: limit})
		return machineRuns{machine: m.ARN, limit: limit, list: list, err: err}
	})
}

// loaded takes the runs of one machine in.
func (r *runsScreen) loaded(read machineRuns) tea.Cmd {
	r.take(read)
	return r.settled(read.err)
}

// gathered takes in what was read of many machines.
func (r *runsScreen) gathered(b tui.Batch[machineRuns]) tea.Cmd {
	for _, read := range b.Items {
		r.take(read)
		r.seen[read.machine] = true
	}
	if !b.Done {
		r.arrange()
		return r.rest()
	}
	return r.settled(b.Err)
}

// settled ends a reading and asks for the next.
func (r *runsScreen) settled(err error) tea.Cmd {
	r.loading, r.err = false, err
	if err == nil {
		r.read = r.s.Clock.Now()
		r.table.SetEmpty(r.nothing())
	}
	r.arrange()
	r.markGroup()
	pace := max(runsPace, time.Duration(len(r.seen))*eachPace)
	return tea.Batch(tui.Again(r.s, "poll", pace, err), r.rest())
}

// take merges the newest runs of a machine with those that are there.
func (r *runsScreen) take(read machineRuns) {
	if read.err != nil {
		r.trouble[read.machine] = read.err
		return
	}
	delete(r.trouble, read.machine)
	now := r.s.Clock.Now()
	listed := make(map[string]bool, len(read.list.Runs))
	var oldest time.Time
	for _, run := range read.list.Runs {
		listed[run.ARN] = true
		oldest = run.Started
		r.put(run)
	}
	if !read.list.More {
		oldest = time.Time{}
	}
	for arn, row := range r.rows {
		gone := machineOf(row.run).ARN == read.machine && !listed[arn] && !row.run.Started.Before(oldest)
		if r.group == nil && gone && now.Sub(row.run.Started) > listLag {
			delete(r.rows, arn)
		}
	}
	r.mergeStarted(read.machine, now)
	if read.limit > firstRuns || !r.grown[read.machine] {
		r.more[read.machine] = read.list.More
		r.grown[read.machine] = read.limit > firstRuns
	}
}

func (r *runsScreen) put(run workflow.Run) {
	row := r.rows[run.ARN]
	if row == nil {
		row = newRunRow(r.s.Clock, run)
		if g, ok := r.c.recall(run); ok {
			row.learn(g, r.s.Clock.Now())
		}
		r.rows[run.ARN] = row
		return
	}
	if row.run.Status != run.Status || row.run.RedriveCount != run.RedriveCount {
		row.become(run)
	}
}

// mergeStarted adds runs that were started from here and that AWS's list does
// not have yet.
func (r *runsScreen) mergeStarted(machineARN string, now time.Time) {
	if r.group != nil || r.status != "" && r.status != workflow.Running {
		return
	}
	for _, run := range r.c.memory.started {
		if machineOf(run).ARN == machineARN && r.rows[run.ARN] == nil && now.Sub(run.Started) < listLag {
			r.put(run)
		}
	}
}

// arrange hands the rows to the table, newest first.
func (r *runsScreen) arrange() {
	rows := make([]*runRow, 0, len(r.rows))
	for _, row := range r.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *runRow) int {
		return cmp.Or(b.run.Started.Compare(a.run.Started), cmp.Compare(a.run.ARN, b.run.ARN))
	})
	r.table.SetRows(rows)
}

// rest waits for the user to rest before rows are looked at.
func (r *runsScreen) rest() tea.Cmd { return tui.After(r.s, "rest", restTime) }

// enrich looks at some visible rows that are not known well enough.
func (r *runsScreen) enrich() tea.Cmd {
	if r.s.Busy("glance") {
		return nil
	}
	now := r.s.Clock.Now()
	var runs []workflow.Run
	for _, row := range r.table.Visible() {
		if row.wants(now) && len(runs) < glanceSet {
			runs = append(runs, row.run)
		}
	}
	if len(runs) == 0 {
		return nil
	}
	return glanceAt(r.c, r.s, "glance", runs)
}

// wants reports whether a row needs to be read: once when closed, now and then
// while it runs, and again where reading failed.
func (r *runRow) wants(now time.Time) bool {
	switch {
	case r.glanced.IsZero():
		return true
	case r.glance.err != nil:
		return now.Sub(r.glanced) > time.Minute
	}
	return r.run.Status == workflow.Running && now.Sub(r.glanced) > glanceAge
}

func (r *runsScreen) glanced(read []glanced) tea.Cmd {
	for _, g := range read {
		r.c.remember(g.run, g.glance)
		if row := r.rows[g.run.ARN]; row != nil && row.run.Status == g.run.Status && row.run.RedriveCount == g.run.RedriveCount {
			row.learn(g.glance, r.s.Clock.Now())
		}
	}
	r.refilter()
	return r.rest()
}
