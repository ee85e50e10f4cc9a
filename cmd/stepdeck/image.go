package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newImageCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "image",
		Short: "Build and push the image that tasks run",
		Long: "The image holds steprun, the jobs that come with stepdeck, and yours. Without a container engine it is\n" +
			"made of layers on a base that has the clients the jobs need: MariaDB's, which dump MySQL too, unless\n" +
			"--base says otherwise. The base's digest is told and recorded: the same base and files give the same\n" +
			"digest. With --file, docker, podman or buildah builds it.",
		Example: "  stepdeck image push --scripts jobs\n  stepdeck image push --base postgres\n" +
			"  stepdeck image build --base public.ecr.aws/NAME:TAG@sha256:… --scripts jobs\n" +
			"  stepdeck image push --file container/Dockerfile\n  stepdeck image status",
	}
	c.AddCommand(newImageBuildCommand(a), newImagePushCommand(a), newImageStatusCommand(a))
	return c
}

// images connects and returns the use cases of the image.
func (a *app) images(ctx context.Context) (*image.Service, error) {
	s, _, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	return image.New(client.Image(s)), nil
}

func newImageBuildCommand(a *app) *cobra.Command {
	var f recipeFlags
	var save string
	c := &cobra.Command{
		Use:   "build [-- ENGINE-ARGUMENTS…]",
		Short: "Build the image and tell its digest; nothing leaves this computer",
		RunE: func(c *cobra.Command, args []string) error {
			built, err := a.buildImage(c.Context(), f, args)
			if err != nil {
				return err
			}
			if save != "" {
				if err := built.Save(save); err != nil {
					return refuse("--save", safe.Line(err.Error()), "name a file that can be written")
				}
			}
			return a.printResult(built, built.Digest, func(w *bytes.Buffer) {
				fmt.Fprintf(w, "digest   %s\ntag      %s\nsize     %s compressed\n", built.Digest, built.Tag, safe.Bytes(built.Bytes))
				if base := built.Base.Reference(); base != "" {
					fmt.Fprintf(w, "base     %s\n", safe.Line(base))
				}
				if save != "" {
					fmt.Fprintf(w, "saved    %s\n", safe.Line(save))
				}
			})
		},
	}
	f.register(c)
	c.Flags().StringVar(&save, "save", "", "write the image to this `FILE` for docker load")
	return c
}

func newImagePushCommand(a *app) *cobra.Command {
	var f recipeFlags
	var where repositoryFlags
	c := &cobra.Command{
		Use:   "push [-- ENGINE-ARGUMENTS…]",
		Short: "Build the image and push it to the stack's repository",
		Long: "Build the image and push it under a tag made of its content. What the repository has is not sent again,\n" +
			"neither the image nor, after ctrl-C or a lost connection, the layers that arrived. Tasks run it once the\n" +
			"stack does: stepdeck stack deploy --image URI.",
		RunE: func(c *cobra.Command, args []string) error { return a.pushImage(c.Context(), f, where, args) },
	}
	f.register(c)
	where.register(c)
	return c
}

func (a *app) pushImage(ctx context.Context, f recipeFlags, where repositoryFlags, args []string) error {
	s, ports, err := a.connectImages(ctx)
	if err != nil {
		return err
	}
	repository, err := ports.Registry.Repository(ctx, where.name())
	if err != nil {
		return err
	}
	if err := a.stayOnBase(ctx, s, &f, repository.Name); err != nil {
		return err
	}
	recipe, err := f.recipe(args)
	if err != nil {
		return err
	}
	meter := a.newMeter()
	built, err := s.Build(ctx, recipe, meter.watcher())
	if err != nil {
		return err
	}
	a.warnImage(built)
	if err := a.confirm(ctx, safe.Linef("Push %s (%s) to %s?", built.Digest, safe.Bytes(built.Bytes), repository.URI)); err != nil {
		return err
	}
	pushed, err := s.Push(ctx, built, repository.URI, meter.watcher())
	meter.end()
	if err != nil {
		return err
	}
	return a.printResult(pushed, pushed.URI, func(w *bytes.Buffer) {
		fmt.Fprintf(w, "%s\n", pushed.URI)
		if pushed.Already {
			fmt.Fprintln(w, "The repository had it already.")
		}
		fmt.Fprintf(w, "next: %s\n", a.placed(where.deploy(pushed.URI)))
	})
}

func (a *app) connectImages(ctx context.Context) (*image.Service, image.Ports, error) {
	s, _, err := a.connect(ctx)
	if err != nil {
		return nil, image.Ports{}, err
	}
	ports := client.Image(s)
	return image.New(ports), ports, nil
}

// stayOnBase takes the base of the repository's newest image where none is named: other scripts do
// not bring another base along.
func (a *app) stayOnBase(ctx context.Context, s *image.Service, f *recipeFlags, repository string) error {
	if f.base != "" || f.file != "" {
		return nil
	}
	newest, err := s.Newest(ctx, repository)
	if err != nil {
		return err
	}
	base := newest.Base
	if base.Name == "" && base.Digest != "" {
		return refuse("--base is missing", safe.Linef("the newest image in %s stands on a base that was a file (%s)", repository, base.Digest),
			"name that file with --base, or another base")
	}
	if f.base = base.Reference(); newest.Architecture != architectures[strings.ToLower(f.arch)] {
		f.base = base.Name // its digest is of the other architecture
	}
	if f.base != "" {
		a.note("base %s, as of the newest image in %s; --base names another", f.base, repository)
	}
	return nil
}

// buildImage builds without a connection unless the base is in a private registry.
func (a *app) buildImage(ctx context.Context, f recipeFlags, args []string) (*image.Built, error) {
	recipe, err := f.recipe(args)
	if err != nil {
		return nil, err
	}
	var ports image.Ports
	if recipe.PrivateBase() {
		if _, ports, err = a.connectImages(ctx); err != nil {
			return nil, err
		}
	}
	meter := a.newMeter()
	built, err := image.New(ports).Build(ctx, recipe, meter.watcher())
	if err != nil {
		return nil, err
	}
	a.warnImage(built)
	return built, nil
}

func (a *app) warnImage(b *image.Built) {
	if !b.Warning.Empty() {
		a.note("warning: %s", b.Warning)
	}
}

// repositoryFlags say which stack's repository is meant.
type repositoryFlags struct{ stack, repository string }

func (f *repositoryFlags) register(c *cobra.Command) {
	stackNameFlag(c, &f.stack)
	c.Flags().StringVar(&f.repository, "repository", "", "`NAME` of the ECR repository (default: the stack's name)")
}

func (f *repositoryFlags) name() string {
	if f.repository != "" {
		return f.repository
	}
	return f.stack
}

// deploy is the command that has tasks run an image.
func (f *repositoryFlags) deploy(uri string) string {
	if f.stack == stack.DefaultName {
		return "stack deploy --image " + uri
	}
	return "stack deploy --stack " + f.stack + " --image " + uri
}

// family is the task definition's, as the template names it.
func (f *repositoryFlags) family() string { return f.stack + "-task" }
