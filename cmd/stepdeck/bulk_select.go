package main

import (
	"context"

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
	found, err := s.FailuresIn(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, u := range found.Unread {
		if u.Err != nil {
			return nil, u.Err
		}
		if f.limit == 0 || f.cause != "" {
			a.note("not loaded: %s runs of %s that started before %s", u.Status, workflow.MachineName(u.MachineARN), clockTime(u.Before, a.now()))
		}
	}
	runs := found.Runs
	if f.cause != "" {
		if runs, err = s.WithCause(ctx, runs, f.cause); err != nil {
			return nil, err
		}
	}
	if f.limit > 0 && len(runs) > f.limit {
		runs = runs[:f.limit]
	}
	if len(runs) == 0 {
		return nil, &ops.Problem{
			Kind: ops.NotFound, Title: safe.Linef("nothing to %s: no run fits", verb.command),
			Hint: safe.Line("stepdeck runs shows those there are; widen --since, --status or --cause"),
		}
	}
	return runs, nil
}

// bulkWindow is what the flags select. With a cause the limit is set after it was looked for.
func (a *app) bulkWindow(ctx context.Context, s *ops.Service, f bulkFlags, verb bulkVerb) (ops.Window, error) {
	w := ops.Window{Statuses: verb.statuses}
	if f.cause == "" {
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
