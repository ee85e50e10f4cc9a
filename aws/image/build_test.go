package image_test

import (
	"archive/tar"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
)

// contents are the files of an image as "MODE OWNER NAME".
func contents(t *testing.T, i v1.Image) []string {
	t.Helper()
	var all []string
	layers, err := i.Layers()
	noError(t, err)
	for _, l := range layers {
		text, err := l.Uncompressed()
		noError(t, err)
		for files := tar.NewReader(text); ; {
			header, err := files.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			noError(t, err)
			if !header.ModTime.Equal(time.Unix(0, 0)) {
				t.Errorf("%s has the time %s", header.Name, header.ModTime)
			}
			all = append(all, fmt.Sprintf("%o %d %s", header.Mode, header.Uid, header.Name))
		}
		noError(t, text.Close())
	}
	return all
}

func TestAnImageOfLayers(t *testing.T) {
	r := recipe(t)
	r.Own = fstest.MapFS{"nightly": {Data: []byte("#!/bin/bash\n")}, "sub/data": {Data: []byte("x"), Mode: 0o755}, ".git/config": {}}
	built := newRig(t).build(r)
	want := []string{
		"755 0 usr/", "755 0 usr/local/", "755 0 usr/local/bin/", "755 0 usr/local/bin/steprun", "755 65532 work/",
		"755 0 usr/", "755 0 usr/local/", "755 0 usr/local/lib/", "755 0 usr/local/lib/stepdeck/", "755 0 usr/local/lib/stepdeck/scripts/",
		"755 0 usr/local/lib/stepdeck/scripts/dump", "644 0 usr/local/lib/stepdeck/scripts/job.sh",
		"755 0 usr/", "755 0 usr/local/", "755 0 usr/local/lib/", "755 0 usr/local/lib/stepdeck/", "755 0 usr/local/lib/stepdeck/own/",
		"755 0 usr/local/lib/stepdeck/own/nightly", "755 0 usr/local/lib/stepdeck/own/sub/", "755 0 usr/local/lib/stepdeck/own/sub/data",
	}
	if diff := cmp.Diff(want, contents(t, built.Image())); diff != "" {
		t.Error(diff)
	}
	file, err := built.Image().ConfigFile()
	noError(t, err)
	wantConfig := v1.Config{
		User: "65532:65532", WorkingDir: "/work", Entrypoint: []string{"/usr/local/bin/steprun"}, Volumes: map[string]struct{}{"/work": {}},
		Labels: map[string]string{"org.opencontainers.image.base.name": "scratch"},
		Env: []string{
			"PATH=/usr/local/lib/stepdeck/own:/usr/local/lib/stepdeck/scripts:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
			"HOME=/work", "TMPDIR=/work",
		},
	}
	if diff := cmp.Diff(wantConfig, file.Config); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(built.Warning.String(), "the image has no base") {
		t.Errorf("the warning is %q", built.Warning)
	}
}

func TestTheSameRecipeGivesOneDigest(t *testing.T) {
	s := newRig(t)
	one := s.build(recipe(t))
	again := recipe(t)
	copied := filepath.Join(t.TempDir(), "other-name")
	text, err := os.ReadFile(again.Steprun)
	noError(t, err)
	noError(t, os.WriteFile(copied, text, 0o700))
	again.Steprun = copied
	two := s.build(again)
	if one.Digest != two.Digest || one.Tag != two.Tag || !strings.HasPrefix(one.Digest, "sha256:"+one.Tag) {
		t.Errorf("built %s (%s), then %s (%s)", one.Digest, one.Tag, two.Digest, two.Tag)
	}
	again.Scripts = fstest.MapFS{"dump": {Data: []byte("#!/bin/sh\nexit 1\n")}, "job.sh": {Data: []byte("# sourced\n")}}
	if three := s.build(again); three.Digest == one.Digest {
		t.Error("other scripts give the same image")
	}
}

// someBase is an image that has a command, a user and a search path of its own.
func someBase(t *testing.T, architecture string, oci bool) v1.Image {
	t.Helper()
	base, err := random.Image(512, 1)
	noError(t, err)
	if oci {
		layer, err := random.Layer(512, types.OCILayer)
		noError(t, err)
		base, err = mutate.AppendLayers(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), layer)
		noError(t, err)
	}
	file, err := base.ConfigFile()
	noError(t, err)
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", architecture
	file.Config = v1.Config{Cmd: []string{"bash"}, User: "root", Env: []string{"A=1", "PATH=/opt/bin:/usr/local/bin:/usr/bin"}}
	base, err = mutate.ConfigFile(base, file)
	noError(t, err)
	return base
}

func TestTheLayersGoOnABase(t *testing.T) {
	inTarball := func(base v1.Image) string {
		path := filepath.Join(t.TempDir(), "base.tar")
		noError(t, tarball.WriteToFile(path, nil, base))
		return path
	}
	inLayout := func(base v1.Image) string {
		path, err := layout.Write(t.TempDir(), empty.Index)
		noError(t, err)
		noError(t, path.AppendImage(base))
		return string(path)
	}
	for name, c := range map[string]struct {
		oci  bool
		put  func(v1.Image) string
		want types.MediaType
	}{
		"tarball":    {false, inTarball, types.DockerLayer},
		"OCI layout": {true, inLayout, types.OCILayer},
	} {
		t.Run(name, func(t *testing.T) {
			base := someBase(t, image.AMD64, c.oci)
			r := recipe(t)
			r.Base = c.put(base)
			built := newRig(t).build(r)
			below, err := base.Layers()
			noError(t, err)
			layers, err := built.Image().Layers()
			noError(t, err)
			if len(layers) != len(below)+2 {
				t.Fatalf("%d layers on %d", len(layers), len(below))
			}
			if got, err := layers[len(below)].MediaType(); err != nil || got != c.want {
				t.Errorf("the layers are %s, %v", got, err)
			}
			file, err := built.Image().ConfigFile()
			noError(t, err)
			want := []string{"A=1", "PATH=/usr/local/lib/stepdeck/own:/usr/local/lib/stepdeck/scripts:/usr/local/bin:/opt/bin:/usr/bin", "HOME=/work", "TMPDIR=/work"}
			if diff := cmp.Diff(want, file.Config.Env); diff != "" {
				t.Error(diff)
			}
			if !built.Warning.Empty() {
				t.Errorf("the warning is %q", built.Warning)
			}
		})
	}
}

func TestABaseInECRIsReadWithALogin(t *testing.T) {
	s := newRig(t)
	s.create()
	base := s.build(recipe(t))
	pushed, err := s.Push(t.Context(), base, repositoryURI, image.Watcher{})
	noError(t, err)
	r := recipe(t)
	r.Base = pushed.URI
	if built := s.build(r); built.Digest == base.Digest || !built.Warning.Empty() {
		t.Errorf("on the base %s stands %+v", base.Digest, built)
	}
}

func TestWhatCannotBeBuilt(t *testing.T) {
	arm := filepath.Join(t.TempDir(), "arm.tar")
	noError(t, tarball.WriteToFile(arm, nil, someBase(t, image.ARM64, false)))
	for name, c := range map[string]struct {
		change func(*image.Recipe)
		kind   ops.Kind
		words  []string
	}{
		"an unknown architecture": {func(r *image.Recipe) { r.Architecture = "mips" }, ops.Usage, []string{`"mips" is not an architecture of Fargate`, "amd64 or arm64"}},
		"an entrypoint that is not there": {func(r *image.Recipe) { r.Steprun = "/no/steprun" }, ops.NotFound, []string{
			"the entrypoint /no/steprun is not there", "GOARCH=amd64",
		}},
		"an entrypoint of another system": {func(r *image.Recipe) { r.Steprun = "build_test.go" }, ops.Usage, []string{"is not a Linux program"}},
		"an entrypoint for another processor": {func(r *image.Recipe) { r.Steprun = program(t, image.ARM64) }, ops.Usage, []string{
			"is for EM_AARCH64, the image for amd64", "build it with: CGO_ENABLED=0 GOOS=linux GOARCH=amd64",
		}},
		"an entrypoint that needs libraries": {func(r *image.Recipe) { r.Steprun = program(t, image.AMD64, elf.PT_LOAD, elf.PT_INTERP) }, ops.Usage, []string{
			"is not a static program", "CGO_ENABLED=0",
		}},
		"a base that is no image":    {func(r *image.Recipe) { r.Base = "build_test.go" }, ops.NotFound, []string{"the base image build_test.go cannot be read", "--base"}},
		"a folder that is no layout": {func(r *image.Recipe) { r.Base = "." }, ops.NotFound, []string{"the base image . cannot be read"}},
		"a base of another processor": {func(r *image.Recipe) { r.Base = arm }, ops.Usage, []string{
			"is for linux/arm64, the image for linux/amd64", "--arch",
		}},
		"a folder without scripts": {func(r *image.Recipe) { r.Own = fstest.MapFS{".hidden": {}} }, ops.Usage, []string{"the scripts folder has no script"}},
		"a link among the scripts": {func(r *image.Recipe) {
			dir := t.TempDir()
			noError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "job")))
			r.Own = os.DirFS(dir)
		}, ops.Usage, []string{"job in the scripts folder is not a file"}},
		"a Dockerfile that is not there": {func(r *image.Recipe) {
			dir := t.TempDir()
			noError(t, os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\n"), 0o700))
			t.Setenv("PATH", dir)
			r.Dockerfile = &image.Dockerfile{File: "/no/Dockerfile", Context: "."}
		}, ops.NotFound, []string{"the Dockerfile cannot be read", "name a Dockerfile that is there"}},
		"no engine": {func(r *image.Recipe) {
			t.Setenv("PATH", t.TempDir())
			r.Dockerfile = &image.Dockerfile{File: "build_test.go", Context: "."}
		}, ops.NotFound, []string{"nothing on this computer can build with a Dockerfile", "docker, podman or buildah", "--base"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := recipe(t)
			c.change(&r)
			_, err := newRig(t).Build(t.Context(), r, image.Watcher{})
			refused(t, err, c.kind, c.words...)
		})
	}
}
