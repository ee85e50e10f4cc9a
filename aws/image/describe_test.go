package image_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
)

func TestAnImageIsDescribedByItsURI(t *testing.T) {
	r := newRig(t)
	r.create()
	pushed, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
	noError(t, err)
	want := image.Description{Digest: pushed.Digest, Architecture: image.AMD64, Base: image.Base{Name: image.Scratch}}
	for _, uri := range []string{pushed.URI, repositoryURI + ":" + pushed.Tag} {
		got, err := r.Describe(t.Context(), uri)
		noError(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", uri, diff)
		}
	}
}

func TestAnIndexIsDescribedByItsPlatforms(t *testing.T) {
	r := newRig(t)
	r.create()
	var index v1.ImageIndex = empty.Index
	for _, platform := range []v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}, {OS: "unknown", Architecture: "unknown"}} {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: someBase(t, platform.Architecture, false), Descriptor: v1.Descriptor{Platform: &platform}})
	}
	login, err := r.ports.Registry.Login(t.Context())
	noError(t, err)
	ref, err := name.ParseReference(strings.TrimPrefix(login.Endpoint, "http://") + "/dumps:all")
	noError(t, err)
	noError(t, remote.WriteIndex(ref, index, remote.WithAuth(&authn.Basic{Username: login.User, Password: login.Password})))
	got, err := r.Describe(t.Context(), repositoryURI+":all")
	noError(t, err)
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, got.Platforms); diff != "" || got.Architecture != "" {
		t.Errorf("%+v: %s", got, diff)
	}
}

func TestWhatCannotBeDescribed(t *testing.T) {
	r := newRig(t)
	r.create()
	for uri, want := range map[string]struct {
		kind  ops.Kind
		words string
	}{
		repositoryURI + "@" + digest("a"):              {ops.NotFound, "stepdeck image push"},
		repositoryURI + ":none":                        {ops.NotFound, "is not there"},
		"public.ecr.aws/docker/library/busybox:stable": {ops.Usage, "is not the URI of an ECR repository"},
		"dumps": {ops.Usage, "names no image of a repository"},
	} {
		_, err := r.Describe(t.Context(), uri)
		refused(t, err, want.kind, want.words)
	}
}
