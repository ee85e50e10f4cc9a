package ops

import (
	"context"
	"fmt"
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type bulkFailToken struct {
	s       *Service
	request BulkRequest
}

// plan makes an item of every open token of the runs that nothing will answer;
// with StopTasks also of those whose task still works.
func (w *bulkFailToken) plan(ctx context.Context, runs []workflow.Run) (BulkPlan, error) {
	found := make([][]OpenToken, len(runs))
	reasons := make([]safe.Text, len(runs))
	eachOf(ctx, len(runs), func(ctx context.Context, i int) error {
		if runs[i].Status != workflow.Running {
			reasons[i] = safe.Linef("it has no open token: it is %s", runs[i].Status)
			return nil
		}
		var tokens []OpenToken
		err := patiently(ctx, func() (err error) {
			tokens, err = w.s.openTokensOf(ctx, runs[i])
			return err
		})
		switch found[i] = tokens; {
		case err != nil:
			reasons[i] = safe.Linef("its tokens could not be looked at: %v", err)
		case len(tokens) == 0:
			reasons[i] = safe.Line("it has no open token")
		}
		return nil
	})
	all := slices.Concat(found...)
	unjudged := patiently(ctx, func() error { return w.s.judge(ctx, all) })
	var p BulkPlan
	for i, r := range runs {
		if !reasons[i].Empty() {
			p.Excluded = append(p.Excluded, Excluded{itemOf(r), reasons[i]})
		}
	}
	for _, t := range all {
		item := itemOf(t.Run)
		item.State, item.EventID = t.Step.State.String(), t.Attempt.ScheduledID
		if reason := w.refuse(t, unjudged); !reason.Empty() {
			p.Excluded = append(p.Excluded, Excluded{item, reason})
		} else {
			p.Items = append(p.Items, item)
		}
	}
	return p, ctx.Err()
}

// refuse tells why the token is not to be failed; empty: it may be.
func (w *bulkFailToken) refuse(t OpenToken, unjudged error) safe.Text {
	switch {
	case t.Token.Empty():
		return safe.Linef("the token of state %s was not found in its history", t.Step.State)
	case t.Verdict == workflow.Dead || w.request.StopTasks && t.Verdict == workflow.Alive:
		return safe.Text{}
	case t.Verdict == workflow.Alive:
		return safe.Linef("the task of state %s is still %s and can answer itself", t.Step.State, t.Task.LastStatus)
	case unjudged != nil:
		return safe.Linef("whether the task of state %s still works could not be checked: %v", t.Step.State, unjudged)
	}
	return safe.Linef("state %s has no task yet that could be looked at", t.Step.State)
}

func (w *bulkFailToken) look(ctx context.Context, item BulkItem, begun bool) (BulkOutcome, error) {
	if !begun {
		return BulkOutcome{}, nil // do has to find the token anyway
	}
	_, reason, err := w.find(ctx, item)
	if err != nil || reason.Empty() {
		return BulkOutcome{}, err
	}
	return BulkOutcome{State: BulkDone}, nil
}

// find returns the planned token, or why it is open no more.
func (w *bulkFailToken) find(ctx context.Context, item BulkItem) (OpenToken, safe.Text, error) {
	run, err := w.s.DescribeRun(ctx, item.RunARN)
	if err != nil {
		return OpenToken{}, safe.Text{}, err
	}
	if run.Status.Closed() {
		return OpenToken{}, safe.Linef("it ended meanwhile: it is %s now", run.Status), nil
	}
	open, err := w.s.openTokensOf(ctx, run)
	if err != nil {
		return OpenToken{}, safe.Text{}, err
	}
	at := slices.IndexFunc(open, func(t OpenToken) bool { return t.Attempt.ScheduledID == item.EventID })
	if at < 0 {
		return OpenToken{}, safe.Linef("the token of state %s was answered meanwhile", item.State), nil
	}
	return open[at], safe.Text{}, nil
}

func (w *bulkFailToken) do(ctx context.Context, item BulkItem) (BulkOutcome, error) {
	t, reason, err := w.find(ctx, item)
	if err != nil || !reason.Empty() {
		return skipped(reason), err
	}
	tokens := []OpenToken{t}
	if err := w.s.judge(ctx, tokens); err != nil {
		return BulkOutcome{}, fmt.Errorf("check that the task has stopped: %w", err)
	}
	if reason := w.refuse(tokens[0], nil); !reason.Empty() {
		return skipped(reason), nil
	}
	res := ResolveResult{Token: tokens[0]}
	req := ResolveRequest{As: Fail, Error: w.request.Error, Cause: w.request.Cause, Why: w.request.Why}
	if err := w.s.answer(ctx, req, &res); err != nil {
		return BulkOutcome{}, fmt.Errorf("fail token of run %s: %w", workflow.RunName(item.RunARN), err)
	}
	out := BulkOutcome{State: BulkDone}
	if task := tokens[0].Task; w.request.StopTasks && task != nil && task.Live() {
		if err := w.s.StopTask(ctx, *task, w.request.Why); err != nil {
			return out, fmt.Errorf("the token is answered, but: %w", err)
		}
		out.StoppedTasks = []string{workflow.TaskID(task.ARN)}
	}
	return out, nil
}
