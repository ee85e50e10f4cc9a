package stack

import (
	"context"
	"errors"
)

var errUnbuilt = errors.New("not built")

// Plan checks the request and makes a change set of it. A plan whose checks
// found a Blocker comes with a *Refused and has no change set.
func (s *Service) Plan(ctx context.Context, r Request) (*Plan, error) { return nil, errUnbuilt }

// Discard deletes the change set of a plan that is not deployed.
func (s *Service) Discard(ctx context.Context, p *Plan) error { return errUnbuilt }

// Deploy executes the plan and watches it to its end. A deployment that was
// rolled back is a Problem of kind Failed. When ctx ends it goes on in AWS.
func (s *Service) Deploy(ctx context.Context, p *Plan, show func(Progress)) (State, error) {
	return State{}, errUnbuilt
}

// Watch shows the operation that is at work on a stack, to its end.
func (s *Service) Watch(ctx context.Context, stack string, show func(Progress)) (Progress, error) {
	return Progress{}, errUnbuilt
}

// Status tells what there is to know of a stack.
func (s *Service) Status(ctx context.Context, stack string) (State, error) { return State{}, errUnbuilt }

// Drift looks for differences between a stack and its template.
func (s *Service) Drift(ctx context.Context, stack string) (Drift, error) { return Drift{}, errUnbuilt }

// PlanDelete tells what deleting a stack would do.
func (s *Service) PlanDelete(ctx context.Context, stack string) (Deletion, error) {
	return Deletion{}, errUnbuilt
}

// Delete deletes the stack and watches it to its end.
func (s *Service) Delete(ctx context.Context, d Deletion, show func(Progress)) error { return errUnbuilt }

// Recover takes the way out of a stuck stack: waits, continues the rollback, or deletes what a failed first deployment left.
func (s *Service) Recover(ctx context.Context, st State, show func(Progress)) error { return errUnbuilt }

// SetSecret makes or renews a secret and returns its version.
func (s *Service) SetSecret(ctx context.Context, r SecretRequest) (version int64, err error) {
	return 0, errUnbuilt
}

// Bring deploys the request; a stack without an image gets the one that the builder makes: two change sets, one operation.
func (s *Service) Bring(ctx context.Context, r Request, b ImageBuilder, v Visitor) (State, error) {
	return State{}, errUnbuilt
}
