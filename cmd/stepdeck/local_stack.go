package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped"
)

// bringUp deploys the shipped stack to local AWS as to any account. What was
// deployed before is brought up to date.
func (a *app) bringUp(ctx context.Context, server *local.Server, log *slog.Logger) error {
	s, err := session.Open(ctx, session.Options{
		Endpoint: server.URL(), Local: true, Log: log,
		// Beside the user's own changes this would be noise.
		Journal: session.OpenJournal(filepath.Join(a.state, "local", "audit.jsonl")),
	})
	if err != nil {
		return err
	}
	// Its tasks run without the image, and there need not be a network.
	f := recipeFlags{base: image.Scratch}
	recipe, err := f.recipe(nil)
	if err != nil {
		return err
	}
	_, err = shipped.Up(ctx, s, image.Builder{Service: image.New(client.Image(s)), Recipe: recipe}, nil)
	return err
}
