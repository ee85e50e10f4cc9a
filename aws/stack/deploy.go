package stack

import (
	"context"
	"errors"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// Deploy executes the plan and watches it to its end; a plan without changes
// is done already. A deployment that failed is a Problem of kind Failed with
// the first reason. When ctx ends the deployment goes on in AWS, and the error
// is a *Detached.
func (s *Service) Deploy(ctx context.Context, p *Plan, show func(Progress)) (Progress, error) {
	if p.Empty() {
		return Progress{Stack: p.Stack}, nil
	}
	st, err := s.ports.Stacks.DescribeStack(ctx, p.StackID)
	if err != nil {
		return Progress{}, err
	}
	mark, err := s.newestEvent(ctx, st.ID)
	if err != nil {
		return Progress{}, err
	}
	if err := s.ports.Stacks.ExecuteChangeSet(ctx, p.ChangeSet, s.newName()); err != nil {
		return Progress{}, staleChangeSet(err, p)
	}
	o := &operation{service: s, stack: st, mark: mark}
	progress, err := o.watch(ctx, show)
	if err != nil {
		return progress, err
	}
	return progress, outcome(progress, CreateComplete, UpdateComplete, ImportComplete)
}

// staleChangeSet tells that the stack changed after the plan.
func staleChangeSet(err error, p *Plan) error {
	kind := ops.KindOf(err)
	if kind != ops.Failed && kind != ops.Conflict && kind != ops.NotFound {
		return err
	}
	detail := safe.Line(err.Error())
	var problem *ops.Problem
	if errors.As(err, &problem) {
		detail = problem.Detail.Or(problem.Title)
	}
	return &ops.Problem{
		Kind: ops.Conflict, Title: safe.Linef("the plan for stack %s cannot be carried out", p.Stack),
		Detail: detail, Hint: safe.Line("plan again: the stack, or the plan, has changed meanwhile"), Err: err,
	}
}

// Bring plans and deploys the request. A stack without an image then gets the
// one that the builder makes, by a second change set. Without a builder it is
// left without.
func (s *Service) Bring(ctx context.Context, r Request, b ImageBuilder, v Visitor) (State, error) {
	plan, err := s.carryOut(ctx, r, v, false)
	if err != nil {
		return State{}, err
	}
	st, err := s.find(ctx, r.Stack)
	if err != nil {
		return State{}, err
	}
	if st.Parameter(imageParameter) == "" && b != nil {
		if r, err = s.withImage(ctx, r, st, b, v); err != nil {
			return State{}, err
		}
		if _, err := s.carryOut(ctx, r, v, !plan.Empty()); err != nil {
			return State{}, err
		}
	}
	return s.Status(ctx, r.Stack)
}

// carryOut plans, asks, and deploys. A plan that is not carried out is discarded.
func (s *Service) carryOut(ctx context.Context, r Request, v Visitor, again bool) (*Plan, error) {
	p, err := s.Plan(ctx, r)
	if err != nil {
		if p != nil && v.Refused != nil {
			v.Refused(p)
		}
		return p, err
	}
	if err := v.Confirm(ctx, p, again); err != nil {
		s.Discard(ctx, p)
		return p, err
	}
	_, err = s.Deploy(ctx, p, v.Show)
	return p, err
}

func (s *Service) withImage(ctx context.Context, r Request, st Stack, b ImageBuilder, v Visitor) (Request, error) {
	repository := st.Output("RepositoryUri")
	if repository == "" {
		return r, &ops.Problem{
			Kind: ops.Failed, Title: safe.Linef("stack %s has no output RepositoryUri", st.Name),
			Detail: safe.Line("so there is nowhere to push an image to"), Hint: safe.Line("deploy the template that comes with stepdeck"),
		}
	}
	uri, err := b.EnsureImage(ctx, repository, v.Image)
	if err != nil {
		return r, withoutImage(st.Name, err)
	}
	// What was given the first time is what the stack has by now.
	r.Parameters = map[string]string{imageParameter: uri}
	return r, nil
}

// withoutImage adds to the problem of an image that its stack is there, and waits for it.
func withoutImage(stack string, err error) error {
	var problem *ops.Problem
	if !errors.As(err, &problem) {
		return err
	}
	waits := safe.Linef("stack %s is made and has no image yet: then go on with: stepdeck stack deploy --stack %s", stack, stack)
	if !problem.Hint.Empty() {
		waits = safe.Linef("%s. %s", problem.Hint, waits)
	}
	told := *problem
	told.Hint, told.Err = waits, err
	return &told
}

// Recover takes the way out of a stuck stack, where it is a change: it goes on
// with a rollback, or deletes what a failed first deployment left.
func (s *Service) Recover(ctx context.Context, stuck *Stuck, show func(Progress)) error {
	switch stuck.Way.Do {
	case RemedyDelete:
		d, err := s.PlanDelete(ctx, stuck.Stack)
		if err != nil {
			return err
		}
		return s.Delete(ctx, d, show)
	case RemedyContinueRollback:
		st, err := s.find(ctx, stuck.Stack)
		if err != nil {
			return err
		}
		mark, err := s.newestEvent(ctx, st.ID)
		if err != nil {
			return err
		}
		if err := s.ports.Stacks.ContinueRollback(ctx, st.ID, s.newName()); err != nil {
			return err
		}
		o := &operation{service: s, stack: st, mark: mark}
		p, err := o.watch(ctx, show)
		if err != nil {
			return err
		}
		return outcome(p, UpdateRollbackComplete)
	default:
		return stuck
	}
}
