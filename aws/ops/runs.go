package ops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// RunFilter says which runs to list.
type RunFilter struct {
	MachineARN string          // empty: all Standard machines
	Status     workflow.Status // empty: all; filtered by AWS
	Since      time.Time       // started at or after; zero: any time
	Cause      string          // in error, cause or state of a failure, smart case; keeps failed runs only
	Limit      int             // 0: 100
}

const defaultRuns = 100

// RunList is what was found, newest start first.
type RunList struct {
	Runs []workflow.Run
	// Failures of the runs, by ARN, as far as the filter had to read them.
	Failures map[string]workflow.Failure
	// More tells that older runs exist which were not read; Read is how many were.
	More bool
	Read int
}

// ListRuns lists runs by filter. It pages until Limit runs fit, the window ends
// or no more exist.
func (s *Service) ListRuns(ctx context.Context, f RunFilter) (RunList, error) {
	if f.Limit <= 0 {
		f.Limit = defaultRuns
	}
	machines := []string{f.MachineARN}
	if f.MachineARN == "" {
		var err error
		if machines, err = s.standardMachines(ctx); err != nil {
			return RunList{}, err
		}
	}
	var mu sync.Mutex
	all := RunList{Failures: map[string]workflow.Failure{}}
	errs := each(ctx, machines, func(ctx context.Context, machineARN string) error {
		list, err := s.listMachineRuns(ctx, machineARN, f)
		mu.Lock()
		defer mu.Unlock()
		all.merge(list)
		return err
	})
	newestFirst(all.Runs)
	if len(all.Runs) > f.Limit {
		all.Runs, all.More = all.Runs[:f.Limit], true
	}
	return all, firstError(errs)
}

func (l *RunList) merge(other RunList) {
	l.Runs = append(l.Runs, other.Runs...)
	l.More = l.More || other.More
	l.Read += other.Read
	for arn, f := range other.Failures {
		l.Failures[arn] = f
	}
}

func newestFirst(runs []workflow.Run) {
	slices.SortStableFunc(runs, func(a, b workflow.Run) int { return b.Started.Compare(a.Started) })
}

// standardMachines lists the ARNs of the machines whose runs can be listed.
func (s *Service) standardMachines(ctx context.Context) ([]string, error) {
	list, err := s.ListMachines(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, m := range list.Machines {
		if m.Type != workflow.Express {
			arns = append(arns, m.ARN)
		}
	}
	return arns, nil
}

func (s *Service) listMachineRuns(ctx context.Context, machineARN string, f RunFilter) (RunList, error) {
	list := RunList{Failures: map[string]workflow.Failure{}}
	q := RunQuery{MachineARN: machineARN, Status: f.Status, Limit: pageSize(f)}
	for {
		page, err := s.ports.Runs.ListRuns(ctx, q)
		if err != nil {
			return list, fmt.Errorf("list runs of %s: %w", workflow.MachineName(machineARN), err)
		}
		inWindow := page.Runs
		if !f.Since.IsZero() {
			if i := slices.IndexFunc(page.Runs, func(r workflow.Run) bool { return r.Started.Before(f.Since) }); i >= 0 {
				inWindow, page.Next = page.Runs[:i], ""
			}
		}
		list.Read += len(inWindow)
		if err := s.keepMatching(ctx, &list, inWindow, f.Cause); err != nil {
			return list, err
		}
		if q.Page = page.Next; page.Next == "" || len(list.Runs) >= f.Limit {
			list.More = page.Next != ""
			return list, nil
		}
	}
}

// pageSize asks for no more than needed, unless most of a page may be filtered out.
func pageSize(f RunFilter) int {
	if f.Cause != "" {
		return defaultRuns
	}
	return min(f.Limit, 1000)
}

// keepMatching adds the runs whose failure matches; all of them without a pattern.
func (s *Service) keepMatching(ctx context.Context, list *RunList, runs []workflow.Run, pattern string) error {
	if pattern == "" {
		list.Runs = append(list.Runs, runs...)
		return nil
	}
	runs = slices.DeleteFunc(slices.Clone(runs), func(r workflow.Run) bool { return !r.Status.Bad() })
	fold := safe.NewFold(pattern)
	var mu sync.Mutex
	errs := each(ctx, runs, func(ctx context.Context, r workflow.Run) error {
		f, err := s.Failure(ctx, r)
		if err != nil {
			return err
		}
		if tells(f, fold) {
			mu.Lock()
			defer mu.Unlock()
			list.Failures[r.ARN] = f
		}
		return nil
	})
	for _, r := range runs {
		if _, ok := list.Failures[r.ARN]; ok {
			list.Runs = append(list.Runs, r)
		}
	}
	return firstError(errs)
}

// tells reports that the pattern is in the failure's error, cause or state.
func tells(f workflow.Failure, pattern safe.Fold) bool {
	return pattern.Match(f.Error) || pattern.Match(f.Cause) || pattern.Match(f.State)
}

// failurePage is how many of the newest events are read to find a failure; the
// closing events and the task's are the last few even after many branches.
const failurePage = 100

// Failure reads why a run ended badly with one call, and remembers it for as
// long as the run is not redriven.
func (s *Service) Failure(ctx context.Context, r workflow.Run) (workflow.Failure, error) {
	if !r.Status.Bad() {
		return workflow.Failure{}, &Problem{Kind: Conflict, Title: safe.Linef("run %s has not failed: it is %s", r.Name, r.Status)}
	}
	e, err := s.endingOf(ctx, r)
	return e.failure, err
}
