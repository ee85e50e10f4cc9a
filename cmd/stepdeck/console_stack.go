package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
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
	images := image.New(client.Image(s))
	here := &comparison{images: images, built: map[comparedOn]*image.Built{}}
	return screen.StackKit{
		Stacks: stack.New(client.Stack(s)), Images: images, Name: stack.DefaultName, Source: source,
		Local: here.on, Dockerfile: ownDockerfile,
		Make: func(c screen.ImageChoice) screen.ImageMaker {
			return &imageMaker{service: images, flags: recipeFlags{arch: c.Architecture, base: c.Base, file: c.Dockerfile, context: "."}}
		},
	}, nil
}

// ownDockerfile is the Dockerfile of the folder that the console was started in, and the engine
// that builds it, or why none does.
func ownDockerfile() (file, engine, unable string) {
	for _, name := range []string{filepath.Join("container", "Dockerfile"), "Dockerfile"} {
		if _, err := os.Stat(name); err == nil {
			file = name
			break
		}
	}
	if file == "" {
		return "", "", "there is neither container/Dockerfile nor Dockerfile in the folder that stepdeck was started in"
	}
	engine, err := image.Engine()
	if err != nil {
		return file, "", "nothing on this computer can build " + file + ": install docker, podman or buildah"
	}
	return file, engine, ""
}

// comparison makes the image that comes with stepdeck to compare it with what is deployed, once
// for each base.
type comparison struct {
	images *image.Service
	mu     sync.Mutex
	built  map[comparedOn]*image.Built
}

type comparedOn struct{ architecture, base string }

// on makes it on the base of the deployed image: on another, it would always differ.
func (c *comparison) on(ctx context.Context, architecture string, base image.Base) (*image.Built, error) {
	key := comparedOn{architecture, base.Reference()}
	if key.base == "" {
		return nil, &ops.Problem{Kind: ops.NotFound, Title: safe.Line("no image is deployed that tells what it stands on")}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if built := c.built[key]; built != nil {
		return built, nil
	}
	f := recipeFlags{arch: architecture, base: key.base}
	recipe, err := f.recipe(nil)
	if err != nil {
		return nil, err
	}
	built, err := c.images.Build(ctx, recipe, image.Watcher{})
	if err == nil {
		c.built[key] = built
	}
	return built, err
}
