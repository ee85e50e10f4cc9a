package screen

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// deploying deploys the plan, and then the image that the stack lacks, nil for none.
func (x *planScreen) deploying(image *ImageChoice) stackWork {
	p := x.plan
	return stackWork{
		title: "deploy", badge: "deploy " + p.Stack, what: safe.Linef("the deployment of stack %s", p.Stack), total: len(p.Changes), lasting: true,
		do: func(ctx context.Context, n *workNews) (safe.Text, error) {
			if image == nil {
				_, err := x.kit.Stacks.Deploy(ctx, p, n.step)
				return x.left(), err
			}
			return safe.Text{}, x.deployWith(ctx, x.kit.Make(*image), n)
		},
		then: x.deployed,
	}
}

// left is what a deployment leaves to be done.
func (x *planScreen) left() safe.Text {
	if !x.plan.LacksImage() {
		return safe.Text{}
	}
	return safe.Line("done; no run can start before there is an image, which B builds")
}

// deployWith looks for what the image is made of before a stack is made that would wait for it.
func (x *planScreen) deployWith(ctx context.Context, image ImageMaker, n *workNews) error {
	p := x.plan
	if err := image.Prepare(ctx, n.watcher()); err != nil {
		x.kit.Stacks.Discard(ctx, p)
		return err
	}
	if _, err := x.kit.Stacks.Deploy(ctx, p, n.step); err != nil {
		return err
	}
	_, err := x.kit.Stacks.Bring(ctx, stack.Request{Stack: p.Stack, Source: x.kit.Source}, pushing{image, n}, stack.Visitor{Confirm: unasked, Show: n.step})
	return err
}

// unasked lets a plan pass that nothing is lost by: it was asked for with the one before.
func unasked(_ context.Context, p *stack.Plan, _ bool) error {
	if !p.Destroys() {
		return nil
	}
	return &ops.Problem{
		Kind: ops.Conflict, Title: safe.Linef("the image is not deployed: the plan would lose something in stack %s", p.Stack),
		Hint: safe.Line("U on the stack plans it, and shows what"),
	}
}

// pushing makes an image for a deployment, and tells of it where the work is shown.
type pushing struct {
	image ImageMaker
	news  *workNews
}

// EnsureImage builds and pushes it.
func (p pushing) EnsureImage(ctx context.Context, repositoryURI string, _ func(safe.Text)) (string, error) {
	return p.image.Push(ctx, repositoryURI, p.news.watcher())
}
