package image

import (
	"context"
	"errors"
	"os"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// HostArchitecture is this computer's, in the words of images.
const HostArchitecture = runtime.GOARCH

// Prepare looks for all that a recipe names, and gives the recipe with its base by digest: what is
// built later stands on what is found now. Where the base is a word or has a tag, w is told what it is.
func (s *Service) Prepare(ctx context.Context, r Recipe, w Watcher) (Recipe, error) {
	if err := r.check(); err != nil {
		return r, err
	}
	if r.Dockerfile != nil {
		return r, nil
	}
	_, base, err := s.base(ctx, r, w)
	if err == nil && base.Reference() != "" {
		r.Base = base.Reference()
	}
	return r, err
}

// base opens what the layers go on.
func (s *Service) base(ctx context.Context, r Recipe, w Watcher) (v1.Image, Base, error) {
	if r.Base == "" {
		r.Base = DefaultBase
	}
	if r.Base == Scratch {
		return empty.Image, Base{Name: Scratch}, nil
	}
	if info, err := os.Stat(r.Base); err == nil && published[r.Base] == "" {
		return fileBase(r, info)
	}
	return s.remoteBase(ctx, r, w)
}

// fileBase opens an OCI layout's folder or a tarball.
func fileBase(r Recipe, info os.FileInfo) (v1.Image, Base, error) {
	open := layoutBase
	if !info.IsDir() {
		open = func(r Recipe) (v1.Image, error) { return tarball.ImageFromPath(r.Base, nil) }
	}
	opened, err := open(r)
	if err == nil {
		err = fits(opened, r)
	}
	var known *ops.Problem
	if err != nil && !errors.As(err, &known) {
		err = refuse(ops.NotFound, err, "check --base: an OCI layout's folder, a tarball, or REGISTRY/NAME:TAG", "the base image %s cannot be read", r.Base)
	}
	if err != nil {
		return nil, Base{}, err
	}
	digest, err := opened.Digest()
	return opened, Base{Digest: digest.String()}, err
}

// fits refuses a base for another processor.
func fits(base v1.Image, r Recipe) error {
	config, err := base.ConfigFile()
	if err != nil {
		return err
	}
	if config.OS != "linux" || config.Architecture != r.Architecture {
		return otherArchitecture(r, config.OS+"/"+config.Architecture)
	}
	return nil
}

func otherArchitecture(r Recipe, platforms string) error {
	return refuse(ops.Usage, nil, "take a base of that architecture, or choose another with --arch (a stack's CpuArchitecture)",
		"the base image %s is for %s, the image for linux/%s", r.Base, platforms, r.Architecture)
}

// layoutBase takes the image of the architecture out of an OCI layout.
func layoutBase(r Recipe) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(r.Base)
	if err != nil {
		return nil, err
	}
	images, err := partial.FindImages(index, func(d v1.Descriptor) bool { return isFor(d, r.Architecture) })
	if err != nil {
		return nil, err
	}
	if len(images) == 0 {
		// An index of one image need not say what it is for.
		if images, err = partial.FindImages(index, func(v1.Descriptor) bool { return true }); err != nil {
			return nil, err
		}
	}
	if len(images) != 1 {
		return nil, refuse(ops.Usage, nil, "give a layout with one image for the architecture", "the OCI layout %s has %d images for linux/%s", r.Base, len(images), r.Architecture)
	}
	return images[0], nil
}

// isFor tells whether an index's image is for an architecture, of whichever variant.
func isFor(d v1.Descriptor, architecture string) bool {
	return d.Platform != nil && d.Platform.Satisfies(v1.Platform{OS: "linux", Architecture: architecture})
}
