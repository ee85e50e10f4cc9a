package ops

import (
	"context"
	"errors"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type bulkClone struct {
	s       *Service
	request BulkRequest
	id      string
}

// plan checks the overrides; whether they fit a run's input is seen when its
// turn comes, because lists do not carry inputs.
func (w *bulkClone) plan(_ context.Context, runs []workflow.Run) (BulkPlan, error) {
	var wrong []error
	for _, e := range w.request.Overrides.Check() {
		wrong = append(wrong, e)
	}
	if err := errors.Join(wrong...); err != nil {
		return BulkPlan{}, &Problem{Kind: Usage, Title: safe.Line("the change cannot be made"), Detail: safe.Line(err.Error()), Hint: safe.Line("correct it; nothing was sent"), Err: err}
	}
	var p BulkPlan
	for _, r := range runs {
		switch {
		case kindOfRun(r.ARN) == workflow.Express:
			p.Excluded = append(p.Excluded, Excluded{itemOf(r), safe.Line("it is an Express run, whose input AWS does not keep")})
		case r.MapRunARN != "":
			p.Excluded = append(p.Excluded, Excluded{itemOf(r), safe.Line("it is a child of a Map Run; clone the parent run")})
		default:
			p.Items = append(p.Items, itemOf(r))
		}
	}
	return p, nil
}

func (w *bulkClone) look(ctx context.Context, item BulkItem, begun bool) (BulkOutcome, error) {
	if !begun {
		return BulkOutcome{}, nil // do has to describe the run anyway
	}
	machineARN := workflow.MachineARNOf(item.RunARN)
	clone, err := w.s.DescribeRun(ctx, workflow.RunARNOf(machineARN, w.name(item)))
	switch {
	case KindOf(err) == NotFound:
		return BulkOutcome{}, nil
	case err != nil:
		return BulkOutcome{}, err
	}
	return BulkOutcome{State: BulkDone, NewRun: clone.ARN}, nil
}

func (w *bulkClone) do(ctx context.Context, item BulkItem) (BulkOutcome, error) {
	run, err := w.s.DescribeRun(ctx, item.RunARN)
	if err != nil {
		return BulkOutcome{}, err
	}
	if run.RedriveCount != item.Redrives {
		return skipped(item.changed(run)), nil
	}
	clone, _, err := w.s.Start(ctx, StartSpec{
		MachineARN: workflow.MachineARNOf(item.RunARN), Name: w.name(item), Base: run.Input,
		Overrides: w.request.Overrides, Container: w.request.Container,
	})
	if err != nil {
		return BulkOutcome{}, err
	}
	return BulkOutcome{State: BulkDone, NewRun: clone.ARN}, nil
}

// name is the clone's name: the original's, cut to make room, and what makes it
// the only one of this bulk action (AWS: StartExecution is idempotent by name).
func (w *bulkClone) name(item BulkItem) string {
	suffix := "-" + bulkKey(w.id, item)[:10]
	name := []rune(workflow.RunName(item.RunARN))
	return string(name[:min(len(name), workflow.MaxRunName-len(suffix))]) + suffix
}
