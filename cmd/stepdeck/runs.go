package main

import (
	"context"
	"sync"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// explained is how many failed runs of a list are looked into: each costs a call.
const explained = 50

type runsFlags struct {
	status, since, cause string
	limit                int
}

func newRunsCommand(a *app) *cobra.Command {
	f := runsFlags{}
	c := &cobra.Command{
		Use:   "runs [MACHINE]",
		Short: "List runs, newest first",
		Example: "  stepdeck runs dumps --status failed --since 24h\n" +
			"  stepdeck runs --cause OutOfMemory --output json",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.listRuns(c.Context(), args, f) },
	}
	c.Flags().StringVar(&f.status, "status", "", "only runs with this `STATUS`: running, succeeded, failed, timed-out or aborted")
	c.Flags().StringVar(&f.since, "since", "", "only runs started since: a `SPAN` such as 24h or 7d, a date or a time")
	c.Flags().StringVar(&f.cause, "cause", "", "only failed runs with this `TEXT` in error, cause or state")
	c.Flags().IntVar(&f.limit, "limit", 20, "at most this many runs")
	return c
}

func (a *app) listRuns(ctx context.Context, args []string, f runsFlags) error {
	filter, err := a.runFilter(f)
	if err != nil {
		return err
	}
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		m, err := s.FindMachine(ctx, args[0])
		if err != nil {
			return err
		}
		filter.MachineARN = m.ARN
	}
	list, err := s.ListRuns(ctx, filter)
	if err != nil {
		return err
	}
	return a.printList(a.runListing(list, failures(ctx, s, list)))
}

func (a *app) runFilter(f runsFlags) (ops.RunFilter, error) {
	filter := ops.RunFilter{Cause: f.cause, Limit: f.limit}
	if f.status != "" {
		status, ok := workflow.ParseStatus(f.status)
		if !ok {
			return filter, refuse("--status", safe.Linef("%q is no status of a run", f.status), "use running, succeeded, failed, timed-out or aborted")
		}
		filter.Status = status
	}
	if f.limit < 1 || f.limit > 10_000 {
		return filter, refuse("--limit", safe.Linef("%d is not from 1 to 10,000", f.limit), "choose a number in that range")
	}
	var err error
	filter.Since, err = parseSince(f.since, a.now())
	return filter, err
}

// failures reads why the listed runs failed, as far as the list does not know it. A run whose
// history cannot be read is listed without.
func failures(ctx context.Context, s *ops.Service, list ops.RunList) map[string]workflow.Failure {
	found := make(map[string]workflow.Failure, len(list.Failures))
	var missing []workflow.Run
	for _, r := range list.Runs {
		if f, ok := list.Failures[r.ARN]; ok {
			found[r.ARN] = f
		} else if r.Status.Bad() && len(missing) < explained {
			missing = append(missing, r)
		}
	}
	var mu sync.Mutex
	forEach(missing, func(r workflow.Run) {
		if f, err := s.Failure(ctx, r); err == nil {
			mu.Lock()
			defer mu.Unlock()
			found[r.ARN] = f
		}
	})
	return found
}

func (a *app) runListing(list ops.RunList, failures map[string]workflow.Failure) listing {
	out := listing{
		head:  []string{"STATUS", "MACHINE", "NAME", "STARTED", "TOOK", "REDRIVES", "WHY"},
		empty: "No run fits.",
	}
	if list.More {
		out.more = "There are older runs: raise --limit, or narrow with --status, --since or --cause."
	}
	items := make([]runView, 0, len(list.Runs))
	for _, r := range list.Runs {
		var failure *workflow.Failure
		if f, ok := failures[r.ARN]; ok {
			failure = &f
		}
		items = append(items, viewRun(r, failure, a.now()))
		out.names = append(out.names, reference(r.ARN))
		out.rows = append(out.rows, append([]cell{a.status(r.Status)}, cells(
			safe.Line(workflow.MachineName(r.MachineARN)), r.Name, clockTime(r.Started, a.now()),
			safe.Duration(r.Duration(a.now())), safe.Linef("%d", r.RedriveCount), why(failure),
		)...))
	}
	out.items = items
	return out
}

// why says in one line where and with what a run failed.
func why(f *workflow.Failure) safe.Text {
	if f == nil {
		return safe.Text{}
	}
	state := f.State
	if state == f.Error {
		state = safe.Text{} // a Fail state named after its error
	}
	return safe.Join(": ", nonEmpty(state, f.Error, workflow.ReadCause(f.Cause).Brief())...).Truncate(160)
}
