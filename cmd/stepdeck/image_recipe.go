package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/container"
)

// recipeFlags say what an image is made of.
type recipeFlags struct {
	scripts, base, file, context, target, arch string
}

func (f *recipeFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.scripts, "scripts", "", "`FOLDER` with jobs of your own, found before those that come with stepdeck")
	f.registerBase(c, "what the layers go on", "that of the newest image in the repository, or else mysql")
	flags.StringVar(&f.file, "file", "", "build with this `DOCKERFILE`, by docker, podman or buildah")
	flags.StringVar(&f.context, "context", ".", "`FOLDER` that the Dockerfile copies from")
	flags.StringVar(&f.target, "target", "", "build this `STAGE` of the Dockerfile")
	flags.StringVar(&f.arch, "arch", image.AMD64, "`PROCESSOR` that tasks run on: amd64 or arm64")
}

// registerBase adds --base, which is for what, and tells its default.
func (f *recipeFlags) registerBase(c *cobra.Command, what, without string) {
	c.Flags().StringVar(&f.base, "base", "", what+": mysql or postgres (the clients of those), scratch (nothing), `IMAGE`:TAG or @sha256:…, an OCI layout's folder or a tarball (default: "+without+")")
}

var architectures = map[string]string{
	"": image.AMD64, "amd64": image.AMD64, "x86_64": image.AMD64, "arm64": image.ARM64, "aarch64": image.ARM64,
}

// recipe checks the flags; args are for the engine.
func (f *recipeFlags) recipe(args []string) (image.Recipe, error) {
	architecture, known := architectures[strings.ToLower(f.arch)]
	if !known {
		return image.Recipe{}, refuse("--arch", safe.Linef("%q is no processor of Fargate", f.arch), "use amd64 or arm64")
	}
	r := image.Recipe{Architecture: architecture, Base: f.base}
	if f.file != "" {
		if f.base != "" || f.scripts != "" {
			return r, refuse("--file", safe.Line("the Dockerfile names its own base and scripts"), "leave out --base and --scripts, or leave out --file")
		}
		r.Dockerfile = &image.Dockerfile{File: f.file, Context: f.context, Target: f.target, Arguments: args}
		return r, nil
	}
	if len(args) > 0 || f.target != "" {
		return r, refuse("--file is missing", safe.Line("a target and arguments are for a Dockerfile"), "name one with --file, or leave those out")
	}
	if f.scripts != "" {
		info, err := os.Stat(f.scripts)
		if err != nil {
			return r, refuse("--scripts", safe.Line(err.Error()), "name a folder that is there")
		}
		if !info.IsDir() {
			return r, refuse("--scripts", safe.Linef("%s is not a folder", f.scripts), "name the folder that the jobs are in")
		}
		r.Own = os.DirFS(f.scripts)
	}
	jobs, err := fs.Sub(container.Scripts, "scripts")
	if err != nil {
		return r, err
	}
	r.Scripts = jobs
	r.Steprun, err = steprunFor(architecture)
	return r, err
}

// steprunFor finds the entrypoint for an architecture: steprun-ARCH beside this program, or else
// the one that local AWS runs tasks with.
func steprunFor(architecture string) (string, error) {
	if own, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(own), "steprun-"+architecture)
		if _, err := os.Stat(beside); !errors.Is(err, fs.ErrNotExist) {
			return beside, nil
		}
	}
	return findSteprun()
}
