package main

import (
	"context"
	"sync"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui/screen"
)

// stackKit is what the console's stack screen works with in a session.
func stackKit(s *session.Session) (screen.StackKit, error) {
	source, err := shipped.Source()
	if err != nil {
		return screen.StackKit{}, err
	}
	b := &builder{images: image.New(client.Image(s)), built: map[string]*image.Built{}}
	return screen.StackKit{
		Stacks: stack.New(client.Stack(s)), Images: b.images, Name: stack.DefaultName, Source: source, Build: b.push, Local: b.local,
	}, nil
}

// builder makes the image that comes with stepdeck, once for each architecture.
type builder struct {
	images *image.Service
	mu     sync.Mutex
	built  map[string]*image.Built
}

func (b *builder) make(ctx context.Context, architecture string, w image.Watcher) (*image.Built, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if built := b.built[architecture]; built != nil {
		return built, nil
	}
	f := recipeFlags{arch: architecture}
	recipe, err := f.recipe(nil)
	if err != nil {
		return nil, err
	}
	built, err := b.images.Build(ctx, recipe, w)
	if err == nil {
		b.built[architecture] = built
	}
	return built, err
}

func (b *builder) local(ctx context.Context, architecture string) (*image.Built, error) {
	return b.make(ctx, architecture, image.Watcher{})
}

func (b *builder) push(ctx context.Context, architecture, repositoryURI string, w image.Watcher) (string, error) {
	built, err := b.make(ctx, architecture, w)
	if err != nil {
		return "", err
	}
	if w.Line != nil && !built.Warning.Empty() {
		w.Line(built.Warning)
	}
	pushed, err := b.images.Push(ctx, built, repositoryURI, w)
	return pushed.URI, err
}
