package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// bulkVerb is how a command speaks of its bulk action.
type bulkVerb struct {
	command, does, done string
	// operation is the API whose share of the quota sets the pace.
	operation string
	// after is a run's status when it was done.
	after workflow.Status
	// statuses are those of the runs that are selected if none are named.
	statuses []workflow.Status
}

var bulkVerbs = map[ops.BulkAction]bulkVerb{
	ops.BulkRedrive: {"redrive", "Redrive", "redriven", "RedriveExecution", workflow.Running, []workflow.Status{workflow.Failed, workflow.TimedOut}},
	ops.BulkStop:    {"stop", "Stop", "stopped", "StopExecution", workflow.Aborted, []workflow.Status{workflow.Running}},
}

// bulkFlags select runs without naming them.
type bulkFlags struct {
	machine, since, cause, resume string
	status                        []string
	limit                         int
}

// resumeNewest is what --resume means without an id.
const resumeNewest = "newest"

func (f *bulkFlags) register(c *cobra.Command, action ops.BulkAction) {
	flags := c.Flags()
	flags.StringVar(&f.machine, "machine", "", "select runs of this `MACHINE`")
	flags.StringVar(&f.since, "since", "", "select runs started since: a `SPAN` such as 24h or 7d, a date or a time")
	flags.IntVar(&f.limit, "limit", 0, "select the newest `N` at most; all, up to 10,000, if left out")
	if action == ops.BulkRedrive {
		flags.StringSliceVar(&f.status, "status", nil, "select runs with this `STATUS`: failed, timed-out or aborted; failed and timed-out if left out")
		flags.StringVar(&f.cause, "cause", "", "select runs with this `TEXT` in error, cause or state of their failure")
	} else {
		flags.StringSliceVar(&f.status, "status", nil, "select runs with this `STATUS`; only running ones can be stopped")
	}
	flags.StringVar(&f.resume, "resume", "", "go on with an interrupted one: the newest, or that with this `ID` as in --resume=ID")
	flags.Lookup("resume").NoOptDefVal = resumeNewest
}

// selects reports whether runs are selected rather than named.
func (f *bulkFlags) selects() bool {
	return f.machine != "" || f.since != "" || f.cause != "" || len(f.status) > 0 || f.limit != 0
}

// single reports whether the command is about one run that it names.
func (f *bulkFlags) single(args []string) bool {
	return len(args) == 1 && !f.selects() && f.resume == ""
}

// checkBulk refuses flags and arguments that say nothing, or two things.
func (f *bulkFlags) checkBulk(args []string) error {
	switch {
	case f.resume != "" && (f.selects() || len(args) > 0):
		return refuse("--resume", safe.Line("what is resumed has its runs already"), "name no run and no --machine, --status, --since or --limit")
	case f.selects() && len(args) > 0:
		return refuse("RUN and a selection", safe.Line("runs are either named or selected"), "leave out the RUNs, or --machine, --status, --since, --cause and --limit")
	case f.resume == "" && !f.selects() && len(args) == 0:
		return refuse("no run is named", safe.Text{}, "name RUNs, or select them with --machine, --status, --since")
	case f.limit < 0 || f.limit > 10_000:
		return refuse("--limit", safe.Linef("%d is not from 1 to 10,000", f.limit), "choose a number in that range, or leave it out")
	}
	return nil
}

// bulk does the request to the runs that are named, or selected, or left of an interrupted one.
func (a *app) bulk(ctx context.Context, request ops.BulkRequest, args []string, f bulkFlags) error {
	if err := f.checkBulk(args); err != nil {
		return err
	}
	session, ports, err := a.connect(ctx)
	if err != nil {
		return err
	}
	verb, s := bulkVerbs[request.Action], ops.New(ports, operator()).WithClock(a.now)
	var rate ops.Rate
	rate.Burst, rate.PerSecond = session.Share("SFN", verb.operation)
	if f.resume != "" {
		return a.resumeBulk(ctx, s, request.Action, f.resume, rate)
	}
	runs, err := a.bulkRuns(ctx, s, args, f, verb)
	if err != nil {
		return err
	}
	plan, err := s.PlanBulk(ctx, request, runs)
	if err != nil {
		return err
	}
	if len(plan.Items) == 0 {
		return a.nothingToDo(plan, len(args) > 0)
	}
	if err := a.confirmBulk(ctx, previewOf(plan, rate), len(plan.Items), verb); err != nil {
		return err
	}
	b, err := s.BeginBulk(a.bulkFolder(), plan, rate)
	if err != nil {
		return err
	}
	return a.runBulk(ctx, b, plan.Excluded, len(args) > 0)
}

func (a *app) bulkFolder() string { return filepath.Join(a.state, "bulk") }

// resumeBulk goes on with an interrupted bulk action of the kind.
func (a *app) resumeBulk(ctx context.Context, s *ops.Service, action ops.BulkAction, id string, rate ops.Rate) error {
	left, err := ops.BulksLeft(a.bulkFolder())
	if err != nil {
		return err
	}
	verb := bulkVerbs[action]
	var found *ops.BulkLeft
	for i := range left {
		if left[i].Request.Action == action && (id == resumeNewest || id == left[i].ID) && found == nil {
			found = &left[i]
		}
	}
	if found == nil {
		return &ops.Problem{
			Kind: ops.NotFound, Title: safe.Linef("no %s is left to resume", verb.command),
			Hint: safe.Linef("begin one with: stepdeck %s --machine MACHINE --since 24h", verb.command),
		}
	}
	b, err := s.ResumeBulk(a.bulkFolder(), found.ID, rate)
	if err != nil {
		return err
	}
	n := b.Progress().Open() + b.Progress().Failed
	preview := safe.Linef("%s the %d runs left of the %d begun on %s by %s.", verb.does, n, found.Items, found.Time.In(a.now().Location()).Format("2006-01-02 15:04"), found.Who)
	if err := a.confirmBulk(ctx, []safe.Text{preview}, n, verb); err != nil {
		return errors.Join(err, b.Close())
	}
	return a.runBulk(ctx, b, nil, false)
}

// runBulk runs it to its end, or to where it was interrupted, and shows what was done. named
// tells that every run was asked for by name, so that one left out is a failure.
func (a *app) runBulk(ctx context.Context, b *ops.Bulk, excluded []ops.Excluded, named bool) error {
	verb := bulkVerbs[b.Request().Action]
	shown := a.showProgress(b, verb)
	ended := b.Run(ctx)
	p, items, outcomes := b.Progress(), b.Items(), b.Outcomes()
	err := b.Close()
	shown()
	err = errors.Join(err, a.printBulk(items, outcomes, excluded, verb))
	switch missing := p.Failed + p.Skipped + len(excluded); {
	case err != nil:
		return err
	case ended != nil:
		a.note("%d of %d runs were %s. Go on with: stepdeck %s --resume=%s", p.Done, p.Total, verb.done, verb.command, b.ID())
		return ended
	case p.Failed > 0:
		return &ops.Problem{
			Kind: firstKind(outcomes), Title: safe.Linef("%d of %d runs were not %s", missing, p.Total+len(excluded), verb.done),
			Hint: safe.Linef("try those that failed again with: stepdeck %s --resume=%s", verb.command, b.ID()),
		}
	case named && missing > 0:
		return &ops.Problem{
			Kind: ops.Conflict, Title: safe.Linef("%d of %d runs were not %s", missing, p.Total+len(excluded), verb.done),
			Hint: safe.Line("the list tells why"),
		}
	}
	return nil
}

func firstKind(outcomes []ops.BulkOutcome) ops.Kind {
	for _, o := range outcomes {
		if o.State == ops.BulkFailed {
			return o.Kind
		}
	}
	return ops.Failed
}
