package screen

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// Stacks are the use cases of the stack. They are stack.Service's.
type Stacks interface {
	Status(ctx context.Context, name string) (stack.State, error)
	Plan(ctx context.Context, r stack.Request) (*stack.Plan, error)
	Discard(ctx context.Context, p *stack.Plan)
	Deploy(ctx context.Context, p *stack.Plan, show func(stack.Progress)) (stack.Progress, error)
	Watch(ctx context.Context, name string, show func(stack.Progress)) (stack.Progress, error)
	Recover(ctx context.Context, stuck *stack.Stuck, show func(stack.Progress)) error
	Drift(ctx context.Context, name string) (stack.Drift, error)
	PlanDelete(ctx context.Context, name string) (stack.Deletion, error)
	Delete(ctx context.Context, d stack.Deletion, show func(stack.Progress)) error
	SecretNames(ctx context.Context, name string) (user, password string, err error)
	SetSecret(ctx context.Context, r stack.SecretRequest) (version int64, err error)
}

// Images tells of the image in the repository. It is image.Service.
type Images interface {
	Status(ctx context.Context, r image.StatusRequest) (image.Status, error)
}

// StackKit is what the stack screen works with. Where Stacks is nil there is no such screen.
type StackKit struct {
	Stacks Stacks
	Images Images
	// Name is the stack that is meant unless another is named.
	Name string
	// Source is the template that is deployed.
	Source stack.Source
	// Build makes the image that comes with stepdeck, for a value of the template's
	// CpuArchitecture, and pushes it to a repository; the answer is its URI by digest. Local makes
	// it and keeps it here, to compare. Either is nil where nothing can be built.
	Build func(ctx context.Context, architecture, repositoryURI string, w image.Watcher) (string, error)
	Local func(ctx context.Context, architecture string) (*image.Built, error)
}
