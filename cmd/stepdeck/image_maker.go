package main

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// imageMaker makes the image of flags, once it is needed: a stack that has its image does without
// the entrypoint and the base.
type imageMaker struct {
	service *image.Service
	flags   recipeFlags
	// ready is the recipe once all that it names was found.
	ready *image.Recipe
}

// Prepare looks for all that the image is made of.
func (m *imageMaker) Prepare(ctx context.Context, w image.Watcher) error {
	recipe, err := m.flags.recipe(nil)
	if err != nil {
		return err
	}
	if recipe, err = m.service.Prepare(ctx, recipe, w); err != nil {
		return err
	}
	m.ready = &recipe
	return nil
}

func (m *imageMaker) builder(ctx context.Context, w image.Watcher) (image.Builder, error) {
	if m.ready == nil {
		if err := m.Prepare(ctx, w); err != nil {
			return image.Builder{}, err
		}
	}
	return image.Builder{Service: m.service, Recipe: *m.ready}, nil
}

// Push builds the image and pushes it, and gives its URI by digest.
func (m *imageMaker) Push(ctx context.Context, repositoryURI string, w image.Watcher) (string, error) {
	b, err := m.builder(ctx, w)
	if err != nil {
		return "", err
	}
	return b.Push(ctx, repositoryURI, w)
}

// EnsureImage does so for a deployment, which is told by lines.
func (m *imageMaker) EnsureImage(ctx context.Context, repositoryURI string, progress func(safe.Text)) (string, error) {
	b, err := m.builder(ctx, image.Watcher{Line: progress})
	if err != nil {
		return "", err
	}
	return b.EnsureImage(ctx, repositoryURI, progress)
}
