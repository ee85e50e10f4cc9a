package image_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// engineScript stands for an engine: it writes its arguments down, builds nothing, and gives out
// the image beside it.
const engineScript = `#!/bin/sh
here=${0%/*}
echo "$*" >>"$here/calls"
case $1 in
build)
  echo "Step 1/1 : FROM scratch"
  [ ! -e "$here/breaks" ] || { echo "no space left on device" >&2; exit 1; }
  [ ! -e "$here/hangs" ] || { touch "$here/hanging"; exec sleep 60; }
  while [ "$1" != --iidfile ]; do shift; done
  echo sha256:abc >"$2"
  ;;
*)
  for last in "$@"; do :; done
  case $last in
  docker-archive:*) cp "$here/image.tar" "${last#docker-archive:}" ;;
  *)
    while [ "$1" != --output ]; do shift; done
    cp "$here/image.tar" "$2"
    ;;
  esac
  ;;
esac
`

// engineNamed puts an engine of that name, and no other, on the PATH. It gives out made.
func engineNamed(t *testing.T, name string, made v1.Image) (dir string) {
	t.Helper()
	dir = t.TempDir()
	noError(t, os.WriteFile(filepath.Join(dir, name), []byte(engineScript), 0o700))
	for _, tool := range []string{"sh", "cp", "touch", "sleep"} {
		for _, folder := range []string{"/bin", "/usr/bin"} {
			if _, err := os.Stat(filepath.Join(folder, tool)); err == nil {
				noError(t, os.Symlink(filepath.Join(folder, tool), filepath.Join(dir, tool)))
				break
			}
		}
	}
	noError(t, tarball.WriteToFile(filepath.Join(dir, "image.tar"), nil, made))
	t.Setenv("PATH", dir)
	return dir
}

// byDockerfile is a recipe for an engine, for this computer's processor.
func byDockerfile(t *testing.T, arguments ...string) image.Recipe {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Dockerfile")
	noError(t, os.WriteFile(file, []byte("FROM scratch\n"), 0o600))
	return image.Recipe{
		Architecture: image.HostArchitecture,
		Dockerfile:   &image.Dockerfile{File: file, Context: "context", Target: "database", Arguments: arguments},
	}
}

func TestEachEngineBuildsAndGivesOutTheImage(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"docker", "save --output ARCHIVE sha256:abc"},
		{"podman", "save --format docker-archive --output ARCHIVE sha256:abc"},
		{"buildah", "push sha256:abc docker-archive:ARCHIVE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := byDockerfile(t, "--network", "host")
			dir := engineNamed(t, test.name, someBase(t, image.HostArchitecture, false))
			var lines []string
			built, err := newRig(t).Build(t.Context(), r, image.Watcher{Line: func(l safe.Text) { lines = append(lines, l.String()) }})
			noError(t, err)
			calls, err := os.ReadFile(filepath.Join(dir, "calls"))
			noError(t, err)
			first, second, _ := strings.Cut(strings.TrimSpace(string(calls)), "\n")
			words := strings.Fields(first)
			id := words[4]
			want := []string{"build", "--file", r.Dockerfile.File, "--iidfile", id, "--target", "database", "--network", "host", "context"}
			if diff := cmp.Diff(want, words); diff != "" {
				t.Error(diff)
			}
			if got := strings.ReplaceAll(second, filepath.Join(filepath.Dir(id), "image.tar"), "ARCHIVE"); got != test.want {
				t.Errorf("then %q, want %q", got, test.want)
			}
			if _, err := os.Stat(filepath.Dir(id)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the engine's files are left: %v", err)
			}
			said := strings.Join(lines, "\n")
			if !strings.Contains(said, test.name+" builds "+r.Dockerfile.File) || !strings.Contains(said, "Step 1/1 : FROM scratch") || !strings.Contains(said, built.Digest) {
				t.Errorf("said %q", said)
			}
		})
	}
}

// An engine writes into an image when and in which container it was built.
func TestWhenAnEngineBuiltMakesNoOtherImage(t *testing.T) {
	base := someBase(t, image.HostArchitecture, false)
	var digests []string
	for _, host := range []string{"0a1b2c", "3d4e5f"} {
		file, err := base.ConfigFile()
		noError(t, err)
		file = file.DeepCopy()
		file.Created, file.Container = v1.Time{Time: time.Now()}, host
		file.Config.Hostname, file.Config.Image = host, "sha256:"+host
		made, err := mutate.ConfigFile(base, file)
		noError(t, err)
		r := byDockerfile(t)
		engineNamed(t, "docker", made)
		digests = append(digests, newRig(t).build(r).Digest)
	}
	if digests[0] != digests[1] {
		t.Errorf("built %s, then %s", digests[0], digests[1])
	}
}

func TestAnEngineThatCannotBuild(t *testing.T) {
	t.Run("breaks", func(t *testing.T) {
		r := byDockerfile(t)
		dir := engineNamed(t, "docker", someBase(t, image.HostArchitecture, false))
		noError(t, os.WriteFile(filepath.Join(dir, "breaks"), nil, 0o600))
		_, err := newRig(t).Build(t.Context(), r, image.Watcher{})
		refused(t, err, ops.Failed, "docker could not build "+r.Dockerfile.File, "no space left on device", "is the engine running?")
	})
	t.Run("builds for another processor", func(t *testing.T) {
		other := map[string]string{image.AMD64: image.ARM64, image.ARM64: image.AMD64}[image.HostArchitecture]
		r := byDockerfile(t)
		engineNamed(t, "docker", someBase(t, other, false))
		_, err := newRig(t).Build(t.Context(), r, image.Watcher{})
		refused(t, err, ops.Usage, "the image that was built is for "+other, "--arch")
	})
	t.Run("is interrupted", func(t *testing.T) {
		r := byDockerfile(t)
		dir := engineNamed(t, "docker", someBase(t, image.HostArchitecture, false))
		noError(t, os.WriteFile(filepath.Join(dir, "hangs"), nil, 0o600))
		ctx, interrupt := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		s := newRig(t)
		go func() {
			_, err := s.Build(ctx, r, image.Watcher{})
			failed <- err
		}()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(filepath.Join(dir, "hanging")); err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the engine does not start")
			}
		}
		interrupt()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the interruption", err)
		}
	})
}
