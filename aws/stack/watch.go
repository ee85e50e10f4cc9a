package stack

import (
	"context"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// The pauses between two looks at what moves. AWS: about 20 calls a second
// are allowed to an account.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

// poll calls look until it says that all is done. Throttling and lost
// connections are waited out.
func poll(ctx context.Context, look func() (done bool, err error)) error {
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		done, err := look()
		switch kind := ops.KindOf(err); {
		case err == nil && done:
			return nil
		case err != nil && kind != ops.Throttled && kind != ops.Unreachable:
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// operation is one operation on a stack, watched. Its events are those after
// the one called mark; without a mark those since the last beginning.
type operation struct {
	service *Service
	stack   Stack
	mark    string
	events  []Event
}

// newestEvent is the mark of what comes next.
func (s *Service) newestEvent(ctx context.Context, stack string) (string, error) {
	page, err := s.ports.Stacks.Events(ctx, EventQuery{Stack: stack})
	if err != nil || len(page.Events) == 0 {
		return "", err
	}
	return page.Events[0].ID, nil
}

// load reads the events of the operation that are new.
func (o *operation) load(ctx context.Context) error {
	known := o.mark
	if len(o.events) > 0 {
		known = o.events[0].ID
	}
	var fresh []Event
	for page := ""; ; {
		got, err := o.service.ports.Stacks.Events(ctx, EventQuery{Stack: o.stack.ID, Page: page})
		if err != nil {
			return err
		}
		for _, e := range got.Events {
			if e.ID == known {
				o.events = append(fresh, o.events...)
				return nil
			}
			fresh = append(fresh, e)
			if known == "" && begins(e) {
				o.events = append(fresh, o.events...)
				return nil
			}
		}
		if page = got.Next; page == "" {
			o.events = append(fresh, o.events...)
			return nil
		}
	}
}

// watch shows the operation until it has ended; show may be nil.
func (o *operation) watch(ctx context.Context, show func(Progress)) (Progress, error) {
	var p Progress
	shown := -1
	err := poll(ctx, func() (bool, error) {
		if err := o.load(ctx); err != nil {
			return false, err
		}
		p = progressOf(o.stack, o.events)
		if len(o.events) != shown {
			shown = len(o.events)
			if show != nil {
				show(p)
			}
		}
		return p.Done(), nil
	})
	if err != nil && ctx.Err() != nil {
		return p, &Detached{Stack: o.stack.Name, Err: err}
	}
	return p, err
}

// Detached tells that watching ended before the operation did: it goes on in AWS.
type Detached struct {
	Stack string
	Err   error
}

// Error says how to see the rest.
func (d *Detached) Error() string {
	return "the operation on stack " + d.Stack + " goes on in AWS: watch it with stepdeck stack status --watch --stack " + d.Stack
}

// Unwrap returns why watching ended.
func (d *Detached) Unwrap() error { return d.Err }

// Watch shows the operation that is at work on a stack, or was the last, to its end.
func (s *Service) Watch(ctx context.Context, name string, show func(Progress)) (Progress, error) {
	st, err := s.ports.Stacks.DescribeStack(ctx, name)
	if err != nil {
		return Progress{}, err
	}
	if st.Status == ReviewInProgress {
		return Progress{Stack: st.Name, Status: st.Status}, nil
	}
	o := &operation{service: s, stack: st}
	return o.watch(ctx, show)
}

// outcome makes a problem of an operation that did not end as it was meant to.
func outcome(p Progress, wanted ...Status) error {
	for _, w := range wanted {
		if p.Status == w {
			return nil
		}
	}
	problem := &ops.Problem{Kind: ops.Failed, Title: safe.Linef("stack %s: %s", p.Stack, ending(p.Status))}
	var next safe.Text
	if p.Failed != nil {
		var reason safe.Text
		reason, next = Explain(*p.Failed)
		problem.Detail = safe.Linef("%s: %s", p.Failed.Logical, reason)
	}
	if way := StuckState(p.Stack, p.Status); way != nil {
		sentence := safe.Linef("%s Run: stepdeck %s", way.Sentence, way.Command)
		if !next.Empty() {
			sentence = safe.Linef("%s. %s", next, sentence)
		}
		next = sentence
	}
	problem.Hint = next
	return problem
}

// ending says a final status in words.
func ending(s Status) string {
	switch s {
	case RollbackComplete:
		return "it could not be made, and what was made is undone"
	case RollbackFailed:
		return "it could not be made, and not all of what was made could be undone"
	case UpdateRollbackComplete:
		return "the update failed and was rolled back: everything is as it was"
	case UpdateRollbackFailed:
		return "the update failed, and so did its rollback"
	case DeleteFailed:
		return "not all of it could be deleted"
	default:
		return "it ended in " + string(s)
	}
}
