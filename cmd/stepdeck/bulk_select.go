package main

import (
	"context"
	"slices"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// bulkRuns finds the runs that are named or selected; none is a problem.
func (a *app) bulkRuns(ctx context.Context, s *ops.Service, args []string, f bulkFlags, verb bulkVerb) ([]workflow.Run, error) {
	if len(args) > 0 {
		return findRuns(ctx, s, args)
	}
	w, err := a.bulkWindow(ctx, s, f, verb)
	if err != nil {
		return nil, err
	}
	if f.dead {
		return a.stuckRuns(ctx, s, w, verb)
	}
	found, err := s.FailuresIn(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, u := range found.Unread {
		if u.Err != nil {
			return nil, u.Err
		}
		if f.limit == 0 || f.looksAtFailures() {
			a.note("not loaded: %s runs of %s that started before %s", u.Status, workflow.MachineName(u.MachineARN), clockTime(u.Before, a.now()))
		}
	}
	runs := found.Runs
	if f.cause != "" {
		if runs, err = s.WithCause(ctx, runs, f.cause); err != nil {
			return nil, err
		}
	}
	if f.group != "" {
		if runs, err = s.InGroup(ctx, runs, f.group); err != nil {
			return nil, err
		}
	}
	if f.limit > 0 && len(runs) > f.limit {
		runs = runs[:f.limit]
	}
	if len(runs) == 0 {
		return nil, &ops.Problem{
			Kind: ops.NotFound, Title: safe.Linef("nothing to %s: no run fits", verb.order),
			Hint: safe.Line("stepdeck runs shows those there are; widen --since, --status, --cause or --group"),
		}
	}
	return runs, nil
}

// stuckRuns finds the running runs of the window that have a dead token, newest first.
func (a *app) stuckRuns(ctx context.Context, s *ops.Service, w ops.Window, verb bulkVerb) ([]workflow.Run, error) {
	open, err := s.OpenTokens(ctx, ops.TokenFilter{MachineARN: w.MachineARN, Limit: 10_000})
	if err != nil {
		return nil, err
	}
	if len(open.Errs) > 0 {
		return nil, open.Errs[0]
	}
	if open.More {
		a.note("not looked at: running runs beyond the newest 10,000")
	}
	var runs []workflow.Run
	for _, t := range open.Tokens {
		if t.Verdict == workflow.Dead && !t.Run.Started.Before(w.Since) {
			runs = append(runs, t.Run)
		}
	}
	slices.SortStableFunc(runs, func(a, b workflow.Run) int { return b.Started.Compare(a.Started) })
	runs = slices.CompactFunc(runs, func(a, b workflow.Run) bool { return a.ARN == b.ARN })
	if w.Limit > 0 {
		runs = runs[:min(len(runs), w.Limit)]
	}
	if len(runs) == 0 {
		return nil, &ops.Problem{
			Kind: ops.NotFound, Title: safe.Linef("nothing to %s: no token is dead", verb.order),
			Hint: safe.Line("stepdeck tokens lists the open ones and their tasks"),
		}
	}
	return runs, nil
}

// looksAtFailures tells that the selection takes more than what lists tell of runs.
func (f *bulkFlags) looksAtFailures() bool { return f.cause != "" || f.group != "" }

// bulkWindow is what the flags select. Where failures are looked at, the limit is set after that.
func (a *app) bulkWindow(ctx context.Context, s *ops.Service, f bulkFlags, verb bulkVerb) (ops.Window, error) {
	w := ops.Window{Statuses: verb.statuses}
	if !f.looksAtFailures() {
		w.Limit = f.limit
	}
	if len(f.status) > 0 {
		w.Statuses = nil
	}
	for _, text := range f.status {
		status, ok := workflow.ParseStatus(text)
		if !ok {
			return w, refuse("--status", safe.Linef("%q is no status of a run", text), "use running, succeeded, failed, timed-out or aborted")
		}
		w.Statuses = append(w.Statuses, status)
	}
	var err error
	if w.Since, err = parseSince(f.since, a.now()); err != nil || f.machine == "" {
		return w, err
	}
	m, err := s.FindMachine(ctx, f.machine)
	w.MachineARN = m.ARN
	return w, err
}
