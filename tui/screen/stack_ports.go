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
	Bring(ctx context.Context, r stack.Request, b stack.ImageBuilder, v stack.Visitor) (stack.State, error)
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
	Describe(ctx context.Context, uri string) (image.Description, error)
}

// ImageChoice is what an image is to be made of.
type ImageChoice struct {
	// Architecture is a value of the template's CpuArchitecture.
	Architecture string
	// Base is as of image.Recipe; it is not used where there is a Dockerfile.
	Base       string
	Dockerfile string
}

// ImageMaker makes an image that was chosen, of the jobs that come with stepdeck.
type ImageMaker interface {
	// Prepare looks for all that the image is made of.
	Prepare(ctx context.Context, w image.Watcher) error
	// Push builds the image and pushes it to a repository; the answer is its URI by digest.
	Push(ctx context.Context, repositoryURI string, w image.Watcher) (string, error)
}

// StackKit is what the stack screen works with. Where Stacks is nil there is no such screen.
type StackKit struct {
	Stacks Stacks
	Images Images
	// Name is the stack that is meant unless another is named.
	Name string
	// Source is the template that is deployed.
	Source stack.Source
	// Make gives who makes the image. Local makes one on a base and keeps it here, to compare.
	// Dockerfile is that of the folder the program was started in, and what builds it, or else why
	// nothing does. Any is nil where nothing can be built.
	Make       func(ImageChoice) ImageMaker
	Local      func(ctx context.Context, architecture string, on image.Base) (*image.Built, error)
	Dockerfile func() (file, engine, unable string)
}
