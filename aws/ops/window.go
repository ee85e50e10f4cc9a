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

// Window says which runs to read, by when they started.
type Window struct {
	MachineARN string            // empty: all Standard machines
	Statuses   []workflow.Status // empty: Failed and TimedOut; each is filtered by AWS
	Since      time.Time         // started at or after; zero: as far back as AWS remembers
	Until      time.Time         // started before; zero: now
	// Limit is the number of runs after which reading stops, of each machine
	// and status; 0: 10,000.
	Limit int
}

const windowLimit = 10_000

// WindowRuns is what was read of a window, newest start first.
type WindowRuns struct {
	Runs []workflow.Run
	// Unread tells what of the window is not loaded; empty: nothing.
	Unread []Unread
}

// Unread is a part of a window that was not read: the runs of a machine in a
// status that started before a time, as far as there are any.
type Unread struct {
	MachineARN string
	Status     workflow.Status
	Before     time.Time
	Err        error // why, if not for the limit
}

// FailuresIn pages back, per machine and status, until the window ends. It fails
// only when the machines cannot be listed; a part that cannot be read is told in
// Unread. A call returns up to a thousand runs.
func (s *Service) FailuresIn(ctx context.Context, w Window) (WindowRuns, error) {
	return s.failuresIn(ctx, w, func(int) {})
}

// failuresIn tells the number of runs found so far after each page that had some,
// by one goroutine at a time.
func (s *Service) failuresIn(ctx context.Context, w Window, found func(runs int)) (WindowRuns, error) {
	if len(w.Statuses) == 0 {
		w.Statuses = []workflow.Status{workflow.Failed, workflow.TimedOut}
	}
	if w.Limit <= 0 {
		w.Limit = windowLimit
	}
	machines := []string{w.MachineARN}
	if w.MachineARN == "" {
		err := patiently(ctx, func() (err error) {
			machines, err = s.standardMachines(ctx)
			return err
		})
		if err != nil {
			return WindowRuns{}, err
		}
	}
	var queries []RunQuery
	for _, machine := range machines {
		for _, status := range w.Statuses {
			queries = append(queries, RunQuery{MachineARN: machine, Status: status, Limit: min(1000, w.Limit)})
		}
	}
	var mu sync.Mutex
	var all WindowRuns
	sum := 0
	tell := func(more int) {
		mu.Lock()
		defer mu.Unlock()
		if sum += more; more > 0 {
			found(sum)
		}
	}
	each(ctx, queries, func(ctx context.Context, q RunQuery) error {
		runs, unread := s.readWindow(ctx, q, w, tell)
		mu.Lock()
		defer mu.Unlock()
		all.Runs = append(all.Runs, runs...)
		if unread != nil {
			all.Unread = append(all.Unread, *unread)
		}
		return nil
	})
	newestFirst(all.Runs)
	return all, ctx.Err()
}

// readWindow reads the part of the window that the query asks for.
func (s *Service) readWindow(ctx context.Context, q RunQuery, w Window, tell func(more int)) (runs []workflow.Run, unread *Unread) {
	told := 0
	defer func() { tell(len(runs) - told) }()
	rest := &Unread{MachineARN: q.MachineARN, Status: q.Status, Before: w.Until}
	for {
		var page RunPage
		err := patiently(ctx, func() (err error) {
			page, err = s.ports.Runs.ListRuns(ctx, q)
			return err
		})
		if err != nil {
			rest.Err = fmt.Errorf("list runs of %s: %w", workflow.MachineName(q.MachineARN), err)
			return runs, rest
		}
		for _, r := range page.Runs {
			switch {
			case r.Started.Before(w.Since):
				return runs, nil
			case !w.Until.IsZero() && !r.Started.Before(w.Until):
				continue
			case len(runs) == w.Limit:
				return runs, rest
			}
			runs, rest.Before = append(runs, r), r.Started
		}
		switch q.Page = page.Next; {
		case page.Next == "":
			return runs, nil
		case len(runs) == w.Limit:
			return runs, rest
		}
		tell(len(runs) - told)
		told = len(runs)
	}
}

// Causes reads why the runs ended badly, a few at a time, one call each unless
// it is known already. found is told of each, in no order, by one goroutine at a
// time; err then tells that the history could not be read. It returns when all
// are told, or ctx has ended.
func (s *Service) Causes(ctx context.Context, runs []workflow.Run, found func(r workflow.Run, f workflow.Failure, err error)) error {
	var mu sync.Mutex
	each(ctx, runs, func(ctx context.Context, r workflow.Run) error {
		f, err := s.Failure(ctx, r)
		mu.Lock()
		defer mu.Unlock()
		found(r, f, err)
		return nil
	})
	return ctx.Err()
}

// WithCause keeps the runs that failed with the pattern in error, cause or state
// (smart case), in their order. A run whose history cannot be read is an error:
// leaving it out would say that it does not match.
func (s *Service) WithCause(ctx context.Context, runs []workflow.Run, pattern string) ([]workflow.Run, error) {
	fold := safe.NewFold(pattern)
	fits := map[string]bool{}
	var failed error
	err := s.Causes(ctx, runs, func(r workflow.Run, f workflow.Failure, err error) {
		switch {
		case KindOf(err) == Conflict: // it has not failed, or was redriven just now
		case err != nil:
			failed = err
		default:
			fits[r.ARN] = tells(f, fold)
		}
	})
	if err == nil {
		err = failed
	}
	return slices.DeleteFunc(slices.Clone(runs), func(r workflow.Run) bool { return !fits[r.ARN] }), err
}
