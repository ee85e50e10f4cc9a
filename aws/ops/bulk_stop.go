package ops

import (
	"cmp"
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type bulkStop struct {
	s       *Service
	request BulkRequest
	runs    *bulkRuns
}

func (w *bulkStop) plan(_ context.Context, runs []workflow.Run) (BulkPlan, error) {
	var p BulkPlan
	for _, r := range runs {
		switch {
		case kindOfRun(r.ARN) == workflow.Express:
			p.Excluded = append(p.Excluded, Excluded{itemOf(r), safe.Line("it is an Express run; AWS stops Standard runs only")})
		case r.Status != workflow.Running:
			p.Excluded = append(p.Excluded, Excluded{itemOf(r), safe.Linef("it is not running: it is %s", r.Status)})
		default:
			p.Items = append(p.Items, itemOf(r))
		}
	}
	return p, nil
}

// look completes a stop that was cut off between the run and its tasks.
func (w *bulkStop) look(ctx context.Context, item BulkItem, begun bool) (BulkOutcome, error) {
	run, err := w.runs.now(ctx, item, begun)
	if err != nil {
		return BulkOutcome{}, err
	}
	if begun && run.Status == workflow.Aborted && run.RedriveCount == item.Redrives {
		live, err := w.s.LiveTasks(ctx, item.RunARN)
		if err != nil {
			return BulkOutcome{}, err
		}
		res := StopResult{Left: live}
		if w.request.StopTasks {
			res = StopResult{Tasks: w.s.stopTasks(ctx, live, cmp.Or(w.request.Cause, w.s.stamp("stopped", "")))}
		}
		return stopOutcome(res)
	}
	if reason := item.changed(run); !reason.Empty() {
		return skipped(reason), nil
	}
	return BulkOutcome{}, nil
}

func (w *bulkStop) do(ctx context.Context, item BulkItem) (BulkOutcome, error) {
	res, err := w.s.Stop(ctx, StopRequest{RunARN: item.RunARN, Error: w.request.Error, Cause: w.request.Cause, StopTasks: w.request.StopTasks})
	if err != nil {
		return BulkOutcome{}, err
	}
	return stopOutcome(res)
}

// stopOutcome is an error while a task that was to be stopped is not.
func stopOutcome(res StopResult) (BulkOutcome, error) {
	out := BulkOutcome{State: BulkDone}
	for _, t := range res.Left {
		out.LeftTasks = append(out.LeftTasks, workflow.TaskID(t.ARN))
	}
	for _, t := range res.Tasks {
		if t.Err != nil {
			return out, fmt.Errorf("the run is stopped, but not its task: %w", t.Err)
		}
		out.StoppedTasks = append(out.StoppedTasks, workflow.TaskID(t.Task.ARN))
	}
	return out, nil
}
