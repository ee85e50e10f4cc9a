package ops

import (
	"context"
	"fmt"
	"sync"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// FindRun finds the run that a selector names: an ARN, a name, @latest or
// @failed. machine (name or ARN) narrows the search; empty searches all
// Standard machines.
func (s *Service) FindRun(ctx context.Context, selector, machine string) (workflow.Run, error) {
	sel, err := workflow.ParseSelector(selector)
	if err != nil {
		return workflow.Run{}, &Problem{Kind: Usage, Title: safe.Line(err.Error()), Err: err}
	}
	if sel.Kind == workflow.ByARN {
		return s.DescribeRun(ctx, sel.Value)
	}
	machines, err := s.searchIn(ctx, machine)
	if err != nil {
		return workflow.Run{}, err
	}
	found, err := s.candidates(ctx, sel, machines)
	switch {
	case err != nil:
		return workflow.Run{}, err
	case len(found) == 0:
		return workflow.Run{}, noSuchRun(sel, machine)
	case len(found) > 1 && sel.Kind == workflow.ByName:
		return workflow.Run{}, &Problem{
			Kind: Usage, Title: safe.Linef("%d machines have a run named %s", len(found), sel.Value),
			Hint: safe.Linef("name the machine, or give the ARN: %s", found[0].ARN),
		}
	}
	newestFirst(found)
	return s.DescribeRun(ctx, found[0].ARN)
}

// DescribeRun reads one run with its input and output.
func (s *Service) DescribeRun(ctx context.Context, runARN string) (workflow.Run, error) {
	r, err := s.ports.Runs.DescribeRun(ctx, runARN)
	if err != nil {
		return r, fmt.Errorf("describe run %s: %w", workflow.RunName(runARN), err)
	}
	return r, nil
}

// DescribeRuns describes runs, a call each and a few at a time, in their order. One
// that cannot be described fails all.
func (s *Service) DescribeRuns(ctx context.Context, runARNs []string) ([]workflow.Run, error) {
	runs := make([]workflow.Run, len(runARNs))
	err := firstError(eachOf(ctx, len(runARNs), func(ctx context.Context, i int) (err error) {
		runs[i], err = s.DescribeRun(ctx, runARNs[i])
		return err
	}))
	return runs, err
}

func (s *Service) searchIn(ctx context.Context, machine string) ([]string, error) {
	if machine == "" {
		return s.standardMachines(ctx)
	}
	m, err := s.FindMachine(ctx, machine)
	if err != nil {
		return nil, err
	}
	return []string{m.ARN}, nil
}

// candidates asks every machine for its runs that the selector may name.
func (s *Service) candidates(ctx context.Context, sel workflow.Selector, machines []string) ([]workflow.Run, error) {
	var mu sync.Mutex
	var found []workflow.Run
	add := func(runs ...workflow.Run) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, runs...)
	}
	errs := each(ctx, machines, func(ctx context.Context, machineARN string) error {
		switch sel.Kind {
		case workflow.ByName:
			r, err := s.ports.Runs.DescribeRun(ctx, workflow.RunARNOf(machineARN, sel.Value))
			if KindOf(err) == NotFound {
				return nil
			}
			if err == nil {
				add(r)
			}
			return err
		case workflow.LastFailed:
			for _, status := range []workflow.Status{workflow.Failed, workflow.TimedOut} {
				page, err := s.ports.Runs.ListRuns(ctx, RunQuery{MachineARN: machineARN, Status: status, Limit: 1})
				if err != nil {
					return err
				}
				add(page.Runs...)
			}
			return nil
		default:
			page, err := s.ports.Runs.ListRuns(ctx, RunQuery{MachineARN: machineARN, Limit: 1})
			add(page.Runs...)
			return err
		}
	})
	if err := firstError(errs); err != nil {
		return nil, fmt.Errorf("find run %s: %w", sel, err)
	}
	return found, nil
}

func noSuchRun(sel workflow.Selector, machine string) *Problem {
	where := "any machine of this account and region"
	if machine != "" {
		where = "machine " + machine
	}
	switch sel.Kind {
	case workflow.Latest:
		return &Problem{Kind: NotFound, Title: safe.Linef("%s has no run yet", where)}
	case workflow.LastFailed:
		return &Problem{Kind: NotFound, Title: safe.Linef("no run of %s has failed", where)}
	}
	return &Problem{
		Kind: NotFound, Title: safe.Linef("no run of %s is named %s", where, sel.Value),
		Hint: safe.Line("`stepdeck runs` lists the newest; AWS forgets runs 90 days after their end"),
	}
}
