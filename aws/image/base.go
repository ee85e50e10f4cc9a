package image

import (
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/match"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// HostArchitecture is this computer's, in the words of images.
const HostArchitecture = runtime.GOARCH

// base opens what the layers go on.
func (s *Service) base(ctx context.Context, r Recipe) (v1.Image, error) {
	if r.Base == "" || r.Base == Scratch {
		return empty.Image, nil
	}
	var base v1.Image
	var err error
	info, missing := os.Stat(r.Base)
	switch {
	case missing != nil:
		base, err = s.remoteBase(ctx, r)
	case info.IsDir():
		base, err = layoutBase(r)
	default:
		base, err = tarball.ImageFromPath(r.Base, nil)
	}
	if err != nil {
		if ops.KindOf(err) != ops.Internal {
			return nil, err
		}
		return nil, refuse(ops.NotFound, err, "check --base: REGISTRY/NAME@sha256:…, an OCI layout's folder or a tarball", "the base image %s cannot be read", r.Base)
	}
	config, err := base.ConfigFile()
	if err != nil {
		return nil, refuse(ops.Usage, err, "name an image", "the base %s is not an image", r.Base)
	}
	if config.OS != "linux" || config.Architecture != r.Architecture {
		return nil, refuse(ops.Usage, nil, "take a base of that architecture, or choose another with --arch",
			"the base image %s is for %s/%s, the image for linux/%s", r.Base, config.OS, config.Architecture, r.Architecture)
	}
	return base, nil
}

// remoteBase reads a base from a registry, by digest: a tag may name another image tomorrow, and
// the same recipe would make another image.
func (s *Service) remoteBase(ctx context.Context, r Recipe) (v1.Image, error) {
	ref, err := name.NewDigest(r.Base)
	if err != nil {
		return nil, refuse(ops.Usage, err, "name it by digest, such as public.ecr.aws/NAME@sha256:…; or give an OCI layout's folder or a tarball that is there",
			"the base image %q is neither a file nor named by digest", r.Base)
	}
	options := []remote.Option{
		remote.WithContext(ctx), remote.WithRetryBackoff(s.backoff),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: r.Architecture}),
	}
	target := name.Reference(ref)
	if !privateHost(ref.RegistryStr()) {
		return remote.Image(target, append(options, remote.WithAuthFromKeychain(authn.DefaultKeychain))...)
	}
	login, err := s.ports.Registry.Login(ctx)
	if err != nil {
		return nil, err
	}
	repository, err := login.repository(ref.RepositoryStr())
	if err != nil {
		return nil, err
	}
	return remote.Image(repository.Digest(ref.DigestStr()), append(options, remote.WithAuth(login.auth()))...)
}

// privateHost recognises ECR's registries of accounts.
func privateHost(host string) bool { return strings.Contains(host, ".dkr.ecr.") }

// PrivateBase tells whether the base is in ECR, which wants a login.
func (r Recipe) PrivateBase() bool {
	host, _, _ := strings.Cut(r.Base, "/")
	return r.Dockerfile == nil && privateHost(host)
}

// layoutBase takes the image of the architecture out of an OCI layout.
func layoutBase(r Recipe) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(r.Base)
	if err != nil {
		return nil, err
	}
	platform := v1.Platform{OS: "linux", Architecture: r.Architecture}
	images, err := partial.FindImages(index, match.Platforms(platform))
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
