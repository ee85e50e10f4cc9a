package ops

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type bulkClone struct {
	s       *Service
	request BulkRequest
	id      string
}

// plan checks the change against what the machines take; whether it fits a run's
// input is seen when its turn comes, because lists do not carry inputs.
func (w *bulkClone) plan(ctx context.Context, runs []workflow.Run) (BulkPlan, error) {
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
	container, err := w.s.takesChange(ctx, p.Items, w.request)
	w.request.Container = container
	p.Request = w.request
	return p, err
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
	base, err := merged(run.Input, w.request.Merge)
	if err != nil {
		return BulkOutcome{}, err
	}
	clone, _, err := w.s.Start(ctx, StartSpec{
		MachineARN: workflow.MachineARNOf(item.RunARN), Name: w.name(item), Base: base,
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
