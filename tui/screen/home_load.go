package screen

import (
	"context"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

const (
	lately       = 24 * time.Hour // the window of failures
	machinesPace = time.Minute    // between two listings of the machines
	surveySet    = 4              // machines that are read together at first
	surveyCauses = 10             // failures of a machine whose cause is read
	orphanRuns   = 20             // runs of a machine looked at for orphans
	tokensAge    = 30 * time.Second
	orphansAge   = 5 * time.Minute
)

// machineRow is a machine with what has been read of it so far.
type machineRow struct {
	machine workflow.Machine

	runs     []workflow.Run // the newest
	cut      bool           // older runs exist
	failures map[string]cause
	read     time.Time // zero: not yet
	stale    bool      // to be read again now; what is known stays until then
	err      error

	tokens    []ops.OpenToken
	tokensAt  time.Time
	orphans   []ops.Orphan
	orphansAt time.Time
	// What could not be read of tokens and orphans; the rest of the row is good.
	tokensErr, orphansErr error
}

// machinePage is a page of machines; page is the one that was asked for.
type machinePage struct {
	page string
	list ops.MachineList
}

// list reads one page of machines with one call.
func (h *homeScreen) list(page string) tea.Cmd {
	h.loading = true
	return tui.Load(h.s, "machines", loadLimit, func(ctx context.Context) (machinePage, error) {
		list, err := h.c.ListMachines(ctx, page, 1)
		return machinePage{page, list}, err
	})
}

func (h *homeScreen) listed(p machinePage, err error) tea.Cmd {
	h.loading, h.err = false, err
	if err != nil {
		return tui.Again(h.s, "poll", eachPace, err)
	}
	again := tui.Again(h.s, "poll", machinesPace, nil)
	if p.page == h.next {
		h.next = p.list.Next
	}
	if len(h.rows) == 0 && len(p.list.Machines) == 0 {
		h.table.SetEmpty(safe.Line("there is no machine in this account and region; P and R choose others"))
	}
	h.read = h.s.Clock.Now()
	for _, m := range p.list.Machines {
		if h.rows[m.ARN] == nil {
			h.rows[m.ARN] = &machineRow{machine: m}
		}
	}
	h.dropDeleted(p)
	h.arrange()
	return tea.Batch(again, h.rest(), h.c.findBulks(h.s))
}

// dropDeleted takes machines away that a listing of all of them lacks.
func (h *homeScreen) dropDeleted(p machinePage) {
	if p.page != "" || p.list.More() {
		return
	}
	for arn := range h.rows {
		if !slices.ContainsFunc(p.list.Machines, func(m workflow.Machine) bool { return m.ARN == arn }) {
			delete(h.rows, arn)
		}
	}
}

func (h *homeScreen) rest() tea.Cmd { return tui.After(h.s, "rest", restTime) }

// machineRead is what one look at a machine brought; what says at which part.
type machineRead struct {
	arn      string
	what     surveyed
	runs     ops.RunList
	failures map[string]cause
	tokens   ops.TokenList
	orphans  ops.OrphanList
	err      error
}

type surveyed int

const (
	theRuns surveyed = iota
	theTokens
	theOrphans
)

// survey reads what is missing of the machines that are seen; on a beat, when
// nothing is missing, what is oldest. A beat costs one ListExecutions.
func (h *homeScreen) survey(beat bool) tea.Cmd {
	if h.s.Busy("survey") {
		return nil
	}
	rows, what := h.unread()
	if len(rows) == 0 && beat {
		rows, what = h.oldest()
	}
	if len(rows) == 0 {
		if h.s.Busy("beat") {
			return nil
		}
		return tui.Again(h.s, "beat", eachPace, nil)
	}
	arns := make([]string, len(rows))
	for i, m := range rows {
		arns[i] = m.machine.ARN
	}
	since := h.s.Clock.Now().Add(-lately)
	return tui.Load(h.s, "survey", loadLimit, func(ctx context.Context) ([]machineRead, error) {
		out := make([]machineRead, len(arns))
		var wg sync.WaitGroup
		for i, arn := range arns {
			wg.Go(func() { out[i] = h.c.lookAt(ctx, arn, what, since) })
		}
		wg.Wait()
		return out, ctx.Err()
	})
}

// unread are seen machines of which nothing is known, or nothing that the user
// still takes for good, else one whose running
// runs have not been looked at.
func (h *homeScreen) unread() ([]*machineRow, surveyed) {
	var rows []*machineRow
	visible := h.table.Visible()
	for _, m := range visible {
		if m.machine.Type != workflow.Express && (m.read.IsZero() || m.stale) && len(rows) < surveySet {
			rows = append(rows, m)
		}
	}
	if len(rows) > 0 {
		return rows, theRuns
	}
	for _, m := range visible {
		if m.running() > 0 && m.tokensAt.IsZero() {
			return []*machineRow{m}, theTokens
		}
	}
	return nil, theRuns
}

// oldest is the part of a seen machine that is most overdue.
func (h *homeScreen) oldest() ([]*machineRow, surveyed) {
	now := h.s.Clock.Now()
	var row *machineRow
	var what surveyed
	worst := 1.0
	consider := func(m *machineRow, part surveyed, read time.Time, age time.Duration) {
		if late := float64(now.Sub(read)) / float64(age); late >= worst {
			worst, row, what = late, m, part
		}
	}
	for _, m := range h.table.Visible() {
		if m.machine.Type == workflow.Express {
			continue
		}
		consider(m, theRuns, m.read, 2*eachPace)
		if m.running() > 0 || len(m.tokens) > 0 {
			consider(m, theTokens, m.tokensAt, tokensAge)
		}
		if len(m.runs) > 0 {
			consider(m, theOrphans, m.orphansAt, orphansAge)
		}
	}
	if row == nil {
		return nil, theRuns
	}
	return []*machineRow{row}, what
}

// lookAt reads one part of a machine.
func (c *Console) lookAt(ctx context.Context, arn string, what surveyed, since time.Time) machineRead {
	r := machineRead{arn: arn, what: what}
	switch what {
	case theTokens:
		r.tokens, r.err = c.OpenTokens(ctx, ops.TokenFilter{MachineARN: arn, Limit: firstRuns})
	case theOrphans:
		r.orphans, r.err = c.Orphans(ctx, ops.OrphanFilter{MachineARN: arn, Since: since, Limit: orphanRuns})
	default:
		r.runs, r.err = c.ListRuns(ctx, ops.RunFilter{MachineARN: arn, Limit: firstRuns})
		r.failures = c.causes(ctx, r.runs.Runs, since)
	}
	return r
}

// cause is why a run failed, and what it shares with those that failed alike.
type cause struct {
	failure workflow.Failure
	alike   triage.Signature
}

// causes reads why the newest runs failed that failed since then.
func (c *Console) causes(ctx context.Context, runs []workflow.Run, since time.Time) map[string]cause {
	found := map[string]cause{}
	tried := 0
	for _, r := range runs {
		if !failedSince(r, since) || tried == surveyCauses {
			continue
		}
		tried++
		if f, err := c.Failure(ctx, r); err == nil {
			found[r.ARN] = cause{f, triage.SignatureOf(machineOf(r).ARN, f)}
		}
	}
	return found
}

// failedSince reports a failure; a run that someone stopped is none.
func failedSince(r workflow.Run, since time.Time) bool {
	return (r.Status == workflow.Failed || r.Status == workflow.TimedOut) && r.Stopped.After(since)
}

func (h *homeScreen) surveyed(reads []machineRead) tea.Cmd {
	now := h.s.Clock.Now()
	var failure error
	for _, r := range reads {
		if m := h.rows[r.arn]; m != nil {
			m.take(r, now)
		}
		if r.err != nil {
			failure = r.err
		}
	}
	h.arrange()
	h.findNeeds()
	if !slices.ContainsFunc(reads, func(r machineRead) bool { return r.err == nil }) {
		return h.goOn(failure)
	}
	return tea.Batch(tui.Attention(h.failed, h.stuck), h.goOn(failure))
}

// goOn reads on at once while something seen is unread, and else by the beat.
func (h *homeScreen) goOn(err error) tea.Cmd {
	if rows, _ := h.unread(); len(rows) > 0 && err == nil {
		return tui.After(h.s, "rest", time.Millisecond)
	}
	return tui.Again(h.s, "beat", eachPace, err)
}

// take keeps what was read; after a failure what was known before stays.
func (m *machineRow) take(r machineRead, now time.Time) {
	switch r.what {
	case theTokens:
		m.tokensAt, m.tokensErr = now, firstOf(r.err, r.tokens.Errs)
		if r.err == nil {
			m.tokens = r.tokens.Tokens
		}
	case theOrphans:
		m.orphansAt, m.orphansErr = now, firstOf(r.err, r.orphans.Errs)
		if r.err == nil {
			m.orphans = r.orphans.Orphans
		}
	default:
		m.read, m.err, m.stale = now, r.err, false
		if r.err == nil {
			m.runs, m.cut, m.failures = r.runs.Runs, r.runs.More, r.failures
		}
	}
}

func firstOf(err error, others []error) error {
	if err == nil && len(others) > 0 {
		return others[0]
	}
	return err
}
