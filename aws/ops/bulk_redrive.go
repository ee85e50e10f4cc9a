package ops

import (
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type bulkRedrive struct {
	s    *Service
	id   string
	runs *bulkRuns
}

// plan costs one page of history for each run that AWS would redrive, and a call
// for each hundred of their tasks.
func (w *bulkRedrive) plan(ctx context.Context, runs []workflow.Run) (BulkPlan, error) {
	reasons := make([]safe.Text, len(runs))
	endings := make([]ending, len(runs))
	var suspects []int
	for i, r := range runs {
		if r.MapRunARN != "" && r.RedriveStatus == "" {
			r.RedriveStatus = workflow.RedrivableByMapRun // AWS: ListExecutions leaves it out
		}
		ok, reason := workflow.CheckRedrive(r, kindOfRun(r.ARN), 0, w.s.now())
		if !ok {
			reasons[i] = reason
			continue
		}
		suspects = append(suspects, i)
	}
	each(ctx, suspects, func(ctx context.Context, i int) error {
		e, err := w.s.endingOf(ctx, runs[i])
		endings[i] = e
		if err != nil {
			reasons[i] = safe.Linef("whether a task of it still works could not be checked: %v", err)
		} else if ok, reason := workflow.CheckRedrive(runs[i], workflow.Standard, e.events, w.s.now()); !ok {
			reasons[i] = reason
		}
		return nil
	})
	w.excludeLive(ctx, endings, reasons)
	var p BulkPlan
	for i, r := range runs {
		item := itemOf(r)
		if state := endings[i].failState; !state.Empty() {
			item.Warning = safe.Linef("it resumes in the Fail state %s and will fail again", state)
		}
		if reasons[i].Empty() {
			p.Items = append(p.Items, item)
		} else {
			p.Excluded = append(p.Excluded, Excluded{item, reasons[i]})
		}
	}
	return p, ctx.Err()
}

// excludeLive gives a reason to the runs of which a task still works, or of
// which that cannot be told: a redrive would start another task beside it.
func (w *bulkRedrive) excludeLive(ctx context.Context, endings []ending, reasons []safe.Text) {
	byCluster := map[string][]string{}
	for i, e := range endings {
		for _, a := range e.tasks {
			if reasons[i].Empty() {
				byCluster[a.cluster] = append(byCluster[a.cluster], a.arn)
			}
		}
	}
	var tasks map[string]workflow.Task
	unknown := patiently(ctx, func() (err error) {
		tasks, err = w.s.describeTasks(ctx, byCluster)
		return err
	})
	for i, e := range endings {
		for _, a := range e.tasks {
			t, described := tasks[a.arn]
			switch {
			case !reasons[i].Empty():
			case described && t.Live():
				reasons[i] = safe.Linef("its task %s is still %s, and a redrive would start another beside it: stop the task first", workflow.TaskID(a.arn), t.LastStatus)
			case unknown != nil && !described:
				reasons[i] = safe.Linef("whether its task still works could not be checked: %v", unknown)
			}
		}
	}
}

func (w *bulkRedrive) look(ctx context.Context, item BulkItem, begun bool) (BulkOutcome, error) {
	run, err := w.runs.now(ctx, item, begun)
	if err != nil {
		return BulkOutcome{}, err
	}
	if begun && run.RedriveCount > item.Redrives {
		return BulkOutcome{State: BulkDone}, nil
	}
	if reason := item.changed(run); !reason.Empty() {
		return skipped(reason), nil
	}
	return BulkOutcome{}, nil
}

func (w *bulkRedrive) do(ctx context.Context, item BulkItem) (BulkOutcome, error) {
	if _, err := w.s.ports.Redriver.RedriveRun(ctx, item.RunARN, bulkKey(w.id, item)); err != nil {
		return BulkOutcome{}, fmt.Errorf("redrive run %s: %w", workflow.RunName(item.RunARN), err)
	}
	return BulkOutcome{State: BulkDone}, nil
}
