package image_test

import (
	"context"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// hub is a public registry.
type hub struct {
	t    *testing.T
	host string
	// answer is in the place of the registry's, where it gives true.
	answer atomic.Value // of func(http.ResponseWriter, *http.Request) bool
}

func (h *hub) answers(with func(http.ResponseWriter, *http.Request) bool) { h.answer.Store(with) }

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{t: t}
	h.answers(nil)
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if with := h.answer.Load().(func(http.ResponseWriter, *http.Request) bool); with == nil || !with(w, r) {
			images.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	h.host = strings.TrimPrefix(server.URL, "http://")
	return h
}

// publish puts an image or, of several, an index under a name and a tag.
func (h *hub) publish(tagged string, images ...v1.Image) string {
	h.t.Helper()
	at, err := name.NewTag(h.host + "/" + tagged)
	noError(h.t, err)
	if len(images) == 1 {
		noError(h.t, remote.Write(at, images[0]))
		return at.Name()
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, i := range images {
		file, err := i.ConfigFile()
		noError(h.t, err)
		variant := map[string]string{image.ARM64: "v8"}[file.Architecture]
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: i, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: file.OS, Architecture: file.Architecture, Variant: variant},
		}})
	}
	// As the builders of official images add them for what is known of the build.
	index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: empty.Image, Descriptor: v1.Descriptor{
		Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"},
	}})
	noError(h.t, remote.WriteIndex(at, index))
	return at.Name()
}

func digestOf(t *testing.T, i v1.Image) string {
	t.Helper()
	digest, err := i.Digest()
	noError(t, err)
	return digest.String()
}

// server is as official images of databases are configured.
func server(t *testing.T, architecture string) v1.Image {
	t.Helper()
	base := someBase(t, architecture, true)
	file, err := base.ConfigFile()
	noError(t, err)
	file = file.DeepCopy()
	file.Config = v1.Config{
		Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"mariadbd"}, User: "mysql", WorkingDir: "/var/lib",
		Volumes: map[string]struct{}{"/var/lib/mysql": {}}, ExposedPorts: map[string]struct{}{"3306/tcp": {}}, StopSignal: "SIGINT",
		Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "healthcheck.sh"}}, OnBuild: []string{"RUN false"}, Shell: []string{"/bin/ash"},
		Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/lib/db/bin", "LANG=C.UTF-8", "HOME=/root"},
		Labels: map[string]string{
			"maintainer": "them", "org.opencontainers.image.title": "a database", "org.opencontainers.image.base.name": "docker.io/library/ubuntu:noble",
		},
	}
	base, err = mutate.ConfigFile(base, file)
	noError(t, err)
	return base
}

func TestATagIsResolvedOnceAndRecorded(t *testing.T) {
	h, s := newHub(t), newRig(t)
	amd, arm := server(t, image.AMD64), server(t, image.ARM64)
	tagged := h.publish("library/db:11", amd, arm)
	for architecture, base := range map[string]v1.Image{image.AMD64: amd, image.ARM64: arm} {
		t.Run(architecture, func(t *testing.T) {
			r := recipe(t)
			r.Architecture, r.Steprun, r.Base = architecture, program(t, architecture), tagged
			var lines []string
			built, err := s.Build(t.Context(), r, image.Watcher{Line: func(l safe.Text) { lines = append(lines, l.String()) }})
			noError(t, err)
			want := image.Base{Name: tagged, Digest: digestOf(t, base)}
			if diff := cmp.Diff(want, built.Base); diff != "" {
				t.Error(diff)
			}
			pinned := tagged + "@" + want.Digest
			if len(lines) != 2 || !strings.HasPrefix(lines[0], "base "+pinned) || !strings.Contains(lines[0], "--base") {
				t.Errorf("told %q", lines)
			}

			// The tag moves on; what is named by its digest stays.
			h.publish("library/db:11", server(t, architecture))
			if moved := s.build(r); moved.Digest == built.Digest {
				t.Error("a tag that moved gives the same image")
			}
			r.Base = pinned
			lines = nil
			again, err := s.Build(t.Context(), r, image.Watcher{Line: func(l safe.Text) { lines = append(lines, l.String()) }})
			noError(t, err)
			if again.Digest != built.Digest || len(lines) != 1 {
				t.Errorf("again %s, built %s; told %q", again.Digest, built.Digest, lines)
			}
			h.publish("library/db:11", amd, arm)
		})
	}
}

func TestAPreparedRecipeStandsOnWhatWasFound(t *testing.T) {
	h, s := newHub(t), newRig(t)
	base := server(t, image.AMD64)
	r := recipe(t)
	r.Base = h.publish("db:1", base)
	pinned, err := s.Prepare(t.Context(), r, image.Watcher{})
	noError(t, err)
	h.publish("db:1", server(t, image.AMD64))
	if built := s.build(pinned); built.Base.Digest != digestOf(t, base) {
		t.Errorf("pinned as %s, and built on %s", pinned.Base, built.Base.Digest)
	}
	if on, err := s.Prepare(t.Context(), recipe(t), image.Watcher{}); err != nil || on.Base != image.Scratch {
		t.Errorf("nothing is pinned as %q, %v", on.Base, err)
	}
}

// What a database's server is started with is not what a job is.
func TestOfABasesConfigurationTheEnvironmentIsLeft(t *testing.T) {
	h := newHub(t)
	r := recipe(t)
	r.Base = h.publish("db:1", server(t, image.AMD64))
	built := newRig(t).build(r)
	file, err := built.Image().ConfigFile()
	noError(t, err)
	want := v1.Config{
		User: "65532:65532", WorkingDir: "/work", Entrypoint: []string{"/usr/local/bin/steprun"}, Volumes: map[string]struct{}{"/work": {}},
		Env: []string{
			"LANG=C.UTF-8", "PATH=/usr/local/lib/stepdeck/own:/usr/local/lib/stepdeck/scripts:/usr/local/bin:/usr/bin:/bin:/usr/lib/db/bin",
			"HOME=/work", "TMPDIR=/work",
		},
		Labels: map[string]string{
			"maintainer": "them", "org.opencontainers.image.base.name": h.host + "/db:1", "org.opencontainers.image.base.digest": built.Base.Digest,
		},
	}
	if diff := cmp.Diff(want, file.Config); diff != "" {
		t.Error(diff)
	}
}

func TestARepositoryTellsTheBaseOfItsNewestImage(t *testing.T) {
	h, s := newHub(t), newRig(t)
	s.create()
	tells := func(want image.Base) {
		t.Helper()
		got, err := s.Newest(t.Context(), "dumps")
		noError(t, err)
		if diff := cmp.Diff(want, got.Base); diff != "" {
			t.Error(diff)
		}
	}
	push := func(r image.Recipe) *image.Built {
		t.Helper()
		s.clock.Advance(time.Minute)
		built := s.build(r)
		_, err := s.Push(t.Context(), built, repositoryURI, image.Watcher{})
		noError(t, err)
		return built
	}
	tells(image.Base{})
	push(recipe(t))
	tells(image.Base{Name: image.Scratch})
	r := recipe(t)
	r.Base = h.publish("db:1", server(t, image.AMD64))
	first := push(r)
	tells(first.Base)
	r.Base = first.Base.Reference()
	r.Own = fstest.MapFS{"mine": {Data: []byte("#!/bin/sh\n")}}
	if second := push(r); second.Base != first.Base || second.Digest == first.Digest {
		t.Errorf("first %+v, second %+v", first, second)
	}
}

func TestABaseThatCannotBeHad(t *testing.T) {
	h := newHub(t)
	db := h.publish("db:1", server(t, image.AMD64))
	one := h.publish("arm:1", server(t, image.ARM64))
	several := h.publish("several:1", server(t, image.ARM64), someBase(t, "s390x", true))
	gone := httptest.NewServer(nil)
	gone.Close()
	says := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/manifests/") {
				return false
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	const ways = "--base scratch"
	for name, c := range map[string]struct {
		base   string
		answer func(http.ResponseWriter, *http.Request) bool
		kind   ops.Kind
		words  []string
	}{
		"an unknown tag":      {h.host + "/db:2", nil, ops.NotFound, []string{"there is no base image " + h.host + "/db:2", "check its name and tag", ways}},
		"an unknown digest":   {h.host + "/db@sha256:" + strings.Repeat("0", 64), nil, ops.NotFound, []string{"there is no base image"}},
		"an unknown name":     {h.host + "/other:1", nil, ops.NotFound, []string{"there is no base image " + h.host + "/other:1"}},
		"no tag":              {"docker.io/library/debian", nil, ops.Usage, []string{`"docker.io/library/debian" is neither a file nor an image with a tag or a digest`, "mysql, postgres or scratch", "NAME:TAG"}},
		"a port and no tag":   {h.host + "/db", nil, ops.Usage, []string{"is neither"}},
		"a word":              {"mysq", nil, ops.Usage, []string{`"mysq" is neither`}},
		"a bad digest":        {db + "@sha256:12", nil, ops.Usage, []string{"is neither"}},
		"another processor":   {one, nil, ops.Usage, []string{one + " is for linux/arm64, the image for linux/amd64", "--arch"}},
		"other processors":    {several, nil, ops.Usage, []string{several + " is for linux/arm64, linux/s390x, the image for linux/amd64"}},
		"nobody there":        {strings.TrimPrefix(gone.URL, "http://") + "/db:1", nil, ops.Unreachable, []string{"the base image " + strings.TrimPrefix(gone.URL, "http://") + "/db:1 cannot be reached", "check the network", ways}},
		"a login that is old": {db, says(http.StatusForbidden, `{"errors":[{"code":"DENIED","message":"Your authorization token has expired."}]}`), ops.Denied, []string{h.host + " does not give out the base image " + db, "Your authorization token has expired", "docker login " + h.host, "or out"}},
		"too many pulls":      {db, says(http.StatusTooManyRequests, `{"errors":[{"code":"TOOMANYREQUESTS","message":"pull rate limit"}]}`), ops.Throttled, []string{"throttles", "pull rate limit", "try again in some minutes"}},
		"a registry in need":  {db, says(http.StatusServiceUnavailable, ""), ops.Unreachable, []string{"the registry of the base image " + db + " is in trouble", "503"}},
		"a registry that does not answer": {db, func(_ http.ResponseWriter, r *http.Request) bool {
			<-r.Context().Done()
			return true
		}, ops.Unreachable, []string{h.host, "cannot be reached", "did not answer in time", ways}},
	} {
		t.Run(name, func(t *testing.T) {
			h.answers(c.answer)
			s := newRig(t)
			if c.answer != nil {
				s.WithLookUp(time.Second)
			}
			r := recipe(t)
			r.Base = c.base
			_, err := s.Build(t.Context(), r, image.Watcher{})
			refused(t, err, c.kind, c.words...)
		})
	}
}

func TestALoginThatHasEndedIsLeftOut(t *testing.T) {
	h := newHub(t)
	r := recipe(t)
	r.Base = h.publish("db:1", server(t, image.AMD64))
	folder := t.TempDir()
	noError(t, os.WriteFile(filepath.Join(folder, "config.json"), []byte(`{"auths":{"`+h.host+`":{"auth":"`+base64.StdEncoding.EncodeToString([]byte("AWS:old"))+`"}}}`), 0o600))
	t.Setenv("DOCKER_CONFIG", folder)
	var refusals atomic.Int32
	h.answers(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "" {
			return false
		}
		refusals.Add(1)
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	if built := newRig(t).build(r); built.Base.Name != h.host+"/db:1" || refusals.Load() == 0 {
		t.Errorf("built on %+v after %d refusals", built.Base, refusals.Load())
	}

	// One that cannot be read is none.
	noError(t, os.WriteFile(filepath.Join(folder, "config.json"), []byte(`{"credHelpers":{"`+h.host+`":"not-installed"}}`), 0o600))
	newRig(t).build(r)
}

// A layer that its registry no longer gives out is no trouble of the repository's.
func TestABaseWithheldFromAPushIsNamed(t *testing.T) {
	h, s := newHub(t), newRig(t)
	s.create()
	r := recipe(t)
	r.Base = h.publish("db:1", server(t, image.AMD64))
	built := s.build(r)
	h.answers(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	_, err := s.Push(t.Context(), built, repositoryURI, image.Watcher{})
	refused(t, err, ops.Denied, h.host+" does not give out the base image "+h.host+"/db:1", "docker login")
}

// The time is over before anything is asked for: no network is needed to see what would be.
func TestAWordStandsForAnOfficialImage(t *testing.T) {
	ended, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	for word, want := range map[string]string{
		"": "public.ecr.aws/docker/library/mariadb:", image.MySQL: "public.ecr.aws/docker/library/mariadb:", image.PostgreSQL: "public.ecr.aws/docker/library/postgres:",
	} {
		r := recipe(t)
		r.Base = word
		_, err := newRig(t).Prepare(ended, r, image.Watcher{})
		refused(t, err, ops.Unreachable, "the base image "+want, "cannot be reached", "--base scratch")
	}
}
