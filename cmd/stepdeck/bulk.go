package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// bulkVerb is how a command speaks of its bulk action.
type bulkVerb struct {
	// command is the words of the command, order what a person is asked to do to them.
	command, order, does, done string
	// operation is the API whose share of the quota sets the pace.
	operation string
	// after is a run's status when it was done; empty: the action does not tell.
	after workflow.Status
	// statuses are those of the runs that are selected if none are named.
	statuses []workflow.Status
}

var failedOrTimedOut = []workflow.Status{workflow.Failed, workflow.TimedOut}

var bulkVerbs = map[ops.BulkAction]bulkVerb{
	ops.BulkRedrive:   {"redrive", "redrive", "Redrive", "redriven", "RedriveExecution", workflow.Running, failedOrTimedOut},
	ops.BulkStop:      {"stop", "stop", "Stop", "stopped", "StopExecution", workflow.Aborted, []workflow.Status{workflow.Running}},
	ops.BulkClone:     {"clone", "clone", "Clone", "cloned", "StartExecution", "", failedOrTimedOut},
	ops.BulkFailToken: {"token fail", "fail", "Fail the tokens of", "answered", "SendTaskFailure", "", []workflow.Status{workflow.Running}},
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
		return a.resumeBulk(ctx, s, request.Action, f.resume, session.Region(), rate)
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

// resumeBulk goes on with an interrupted bulk action of the kind, in the region that it was begun in.
func (a *app) resumeBulk(ctx context.Context, s *ops.Service, action ops.BulkAction, id, region string, rate ops.Rate) error {
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
	if begunIn := regionOf(b.Items()[0].RunARN); begunIn != region {
		return errors.Join(refuse("--resume", safe.Linef("it was begun in %s, and this is %s", begunIn, region), "add --region "+begunIn+", and the profile that it was begun with"), b.Close())
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
	case ctx.Err() != nil:
		a.writeProblem(&ops.Problem{
			Kind: ops.Conflict, Title: safe.Linef("interrupted: %d of %d runs were %s", p.Done, p.Total, verb.done),
			Hint: safe.Linef("nothing is done twice; go on with: %s", a.resumeCommand(verb, b)),
		})
		return ended
	case ended != nil:
		a.note("%d of %d runs were %s. Go on with: %s", p.Done, p.Total, verb.done, a.resumeCommand(verb, b))
		return ended
	case p.Failed > 0:
		return &ops.Problem{
			Kind: firstKind(outcomes), Title: safe.Linef("%d of %d runs were not %s", missing, p.Total+len(excluded), verb.done),
			Hint: safe.Linef("try those that failed again with: %s", a.resumeCommand(verb, b)),
		}
	case named && missing > 0:
		return &ops.Problem{
			Kind: ops.Conflict, Title: safe.Linef("%d of %d runs were not %s", missing, p.Total+len(excluded), verb.done),
			Hint: safe.Line("the list tells why"),
		}
	}
	return nil
}

func (a *app) resumeCommand(verb bulkVerb, b *ops.Bulk) safe.Text {
	return a.placed(verb.command + " --resume=" + b.ID())
}

// regionOf is the region in an ARN (arn:aws:SERVICE:REGION:…).
func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 5)
	return parts[min(3, len(parts)-1)]
}

func firstKind(outcomes []ops.BulkOutcome) ops.Kind {
	for _, o := range outcomes {
		if o.State == ops.BulkFailed {
			return o.Kind
		}
	}
	return ops.Failed
}
