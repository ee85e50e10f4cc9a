package image_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
)

// pull reads an image as an engine would.
func (r *rig) pull(digest string) v1.Image {
	r.t.Helper()
	login, err := r.ports.Registry.Login(r.t.Context())
	noError(r.t, err)
	ref, err := name.ParseReference(strings.TrimPrefix(login.Endpoint, "http://") + "/dumps@" + digest)
	noError(r.t, err)
	pulled, err := remote.Image(ref, remote.WithAuth(&authn.Basic{Username: login.User, Password: login.Password}), remote.WithContext(r.t.Context()))
	noError(r.t, err)
	return pulled
}

func TestAPushedImageIsPulledWholeAndNeverSentTwice(t *testing.T) {
	r := newRig(t)
	r.create()
	built := r.build(recipe(t))
	var lines []string
	var done, total int64
	w := image.Watcher{
		Line: func(l safe.Text) { lines = append(lines, l.String()) },
		Sent: func(d, of int64) { done, total = d, of },
	}
	pushed, err := r.Push(t.Context(), built, repositoryURI, w)
	noError(t, err)
	want := image.Pushed{URI: repositoryURI + "@" + built.Digest, Digest: built.Digest, Tag: built.Tag}
	if diff := cmp.Diff(want, pushed); diff != "" {
		t.Error(diff)
	}
	noError(t, validate.Image(r.pull(built.Digest)))
	if done != total || total != built.Bytes {
		t.Errorf("told of %d of %d bytes, the image has %d", done, total, built.Bytes)
	}
	if diff := cmp.Diff([]string{"pushed " + want.URI}, lines); diff != "" {
		t.Error(diff)
	}
	uploads := r.counted("InitiateLayerUpload")
	again, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
	noError(t, err)
	if want.Already = true; again != want || r.counted("InitiateLayerUpload") != uploads {
		t.Errorf("pushed again: %+v, with %d uploads", again, r.counted("InitiateLayerUpload")-uploads)
	}
}

func TestTheImageOfAStackIsMadeOnce(t *testing.T) {
	r := newRig(t)
	r.create()
	b := image.Builder{Service: r.Service, Recipe: recipe(t)}
	var lines []string
	first, err := b.EnsureImage(t.Context(), repositoryURI, func(l safe.Text) { lines = append(lines, l.String()) })
	noError(t, err)
	second, err := b.EnsureImage(t.Context(), repositoryURI, nil)
	noError(t, err)
	if first != second || !strings.HasPrefix(first, repositoryURI+"@sha256:") {
		t.Errorf("first %s, then %s", first, second)
	}
	if text := strings.Join(lines, "\n"); !strings.Contains(text, "built sha256:") || !strings.Contains(text, "no base") || !strings.Contains(text, "pushed "+first) {
		t.Errorf("said %q", lines)
	}
}

func TestADroppedConnectionIsTakenUpAgain(t *testing.T) {
	r := newRig(t)
	r.create()
	drops := map[string]int{"UploadLayerPart": 2, "PutImage": 1, "InitiateLayerUpload": 1}
	r.before = func(operation string) error {
		if drops[operation] > 0 {
			drops[operation]--
			return wire.ErrDrop
		}
		return nil
	}
	built := r.build(recipe(t))
	_, err := r.Push(t.Context(), built, repositoryURI, image.Watcher{})
	noError(t, err)
	noError(t, validate.Image(r.pull(built.Digest)))
}

func TestAnInterruptedPushGoesOnWhereItWas(t *testing.T) {
	r := newRig(t)
	r.create()
	built := r.build(recipe(t))
	ctx, interrupt := context.WithCancel(t.Context())
	r.before = func(operation string) error {
		if operation == "PutImage" {
			interrupt()
			return wire.ErrDrop
		}
		return nil
	}
	_, err := r.Push(ctx, built, repositoryURI, image.Watcher{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the interruption", err)
	}
	r.mu.Lock()
	r.before = nil
	r.mu.Unlock()
	uploads := r.counted("InitiateLayerUpload")
	_, err = r.Push(t.Context(), built, repositoryURI, image.Watcher{})
	noError(t, err)
	if again := r.counted("InitiateLayerUpload") - uploads; again != 0 {
		t.Errorf("%d layers were sent again", again)
	}
	noError(t, validate.Image(r.pull(built.Digest)))
}

func TestAMissingPermissionIsNamed(t *testing.T) {
	for _, operation := range []string{"BatchGetImage", "BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"} {
		t.Run(operation, func(t *testing.T) {
			r := newRig(t)
			r.create()
			built := r.build(recipe(t))
			r.before = func(asked string) error {
				if asked == operation {
					return wire.Errorf("AccessDeniedException", "no")
				}
				return nil
			}
			_, err := r.Push(t.Context(), built, repositoryURI, image.Watcher{})
			refused(t, err, ops.Denied, "the caller may not ecr:"+operation+" on arn:aws:ecr:us-east-1:123456789012:repository/dumps",
				"allow ecr:"+operation, "stepdeck iam deployer")
		})
	}
}

func TestWhatARegistryRefuses(t *testing.T) {
	t.Run("a repository that is not there", func(t *testing.T) {
		r := newRig(t)
		_, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
		refused(t, err, ops.NotFound, "the repository "+repositoryURI+" is not there", "stepdeck stack deploy")
		_, err = r.Status(t.Context(), image.StatusRequest{Repository: "dumps", Family: "dumps-task"})
		refused(t, err, ops.NotFound, "there is no repository dumps in us-east-1", "stepdeck stack deploy")
	})
	t.Run("a URI that is none", func(t *testing.T) {
		r := newRig(t)
		_, err := r.Push(t.Context(), r.build(recipe(t)), "dumps", image.Watcher{})
		refused(t, err, ops.Usage, `"dumps" is not the URI of an ECR repository`)
	})
	t.Run("too many calls", func(t *testing.T) {
		r := newRig(t)
		r.create()
		r.before = func(operation string) error {
			if operation == "PutImage" {
				return wire.Errorf("ThrottlingException", "Rate exceeded")
			}
			return nil
		}
		_, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
		refused(t, err, ops.Throttled, "AWS throttles the push", "Rate exceeded")
	})
	// The first has an answer with words, the second is a HEAD, whose answer has none.
	for _, at := range []string{"InitiateLayerUpload", "BatchCheckLayerAvailability"} {
		t.Run("a login that has ended at "+at, func(t *testing.T) {
			r := newRig(t)
			r.create()
			r.before = func(operation string) error {
				if operation == at {
					r.clock.Advance(13 * time.Hour)
				}
				return nil
			}
			_, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
			refused(t, err, ops.Expired, "does not accept the login", "run it again")
		})
	}
}

func TestAReadOnlySessionPushesNothing(t *testing.T) {
	r := newRig(t)
	r.create()
	r.connect(session.Options{Local: true, Endpoint: r.session.Endpoint(), Journal: r.session.Journal(), ReadOnly: true})
	_, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
	refused(t, err, ops.Denied, "PutImage of dumps was not sent", "read-only")
	if r.counted("InitiateLayerUpload") != 0 {
		t.Error("something was sent")
	}
}

func TestAPushIsInTheJournal(t *testing.T) {
	r := newRig(t)
	r.create()
	_, err := r.Push(t.Context(), r.build(recipe(t)), repositoryURI, image.Watcher{})
	noError(t, err)
	entries, err := r.session.Journal().Last(1)
	noError(t, err)
	if len(entries) != 1 || entries[0].Service != "ECR" || entries[0].Operation != "PutImage" || entries[0].Target != "dumps" || entries[0].Result != "ok" {
		t.Errorf("the journal ends with %+v", entries)
	}
}

func TestASavedImageIsOneToLoad(t *testing.T) {
	r := newRig(t)
	built := r.build(recipe(t))
	base := recipe(t)
	base.Base = t.TempDir() + "/image.tar"
	noError(t, built.Save(base.Base))
	base.Own = fstest.MapFS{"mine": {Data: []byte("#!/bin/sh\n")}}
	if over := r.build(base); over.Digest == built.Digest {
		t.Error("the saved image is no base")
	}
	if err := built.Save("/no/folder/image.tar"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("saving into no folder gives %v", err)
	}
}

func TestARefusedLayerIsNotSent(t *testing.T) {
	r := newRig(t)
	r.create()
	big := make([]byte, 4<<20)
	_, _ = rand.Read(big)
	of := recipe(t)
	of.Own = fstest.MapFS{"big": {Data: big}}
	built := r.build(of)
	r.before = func(asked string) error {
		if asked == "UploadLayerPart" {
			return wire.Errorf("AccessDeniedException", "no")
		}
		return nil
	}
	for range 10 {
		most := int64(0)
		_, err := r.Push(t.Context(), built, repositoryURI, image.Watcher{Sent: func(done, _ int64) { most = max(most, done) }})
		refused(t, err, ops.Denied, "ecr:UploadLayerPart")
		if most > built.Bytes {
			t.Errorf("told of %d bytes of %d", most, built.Bytes)
		}
	}
}

func TestWhatArrivedCountsAsSent(t *testing.T) {
	r := newRig(t)
	r.create()
	drops := 3
	r.before = func(asked string) error {
		if asked == "UploadLayerPart" && drops > 0 {
			drops--
			return wire.ErrDrop
		}
		return nil
	}
	first := r.build(recipe(t))
	_, err := r.Push(t.Context(), first, repositoryURI, image.Watcher{})
	noError(t, err)
	more := recipe(t)
	more.Own = fstest.MapFS{"mine": {Data: []byte("#!/bin/sh\n")}}
	built := r.build(more)
	drops = 1
	var done, total int64
	_, err = r.Push(t.Context(), built, repositoryURI, image.Watcher{Sent: func(d, of int64) { done, total = d, of }})
	noError(t, err)
	if done != total || total != built.Bytes {
		t.Errorf("told of %d of %d bytes, the image has %d", done, total, built.Bytes)
	}
}
