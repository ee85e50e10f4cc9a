package registry_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/registry"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rig is the service behind HTTP with the real clients in front.
type rig struct {
	*ecr.Client
	t      *testing.T
	dir    string
	clock  *clock.Manual
	before func(wire.Call) error
	url    string
	stop   func()
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, dir: t.TempDir(), clock: clock.NewManual(start), before: func(wire.Call) error { return nil }}
	r.open()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *rig) open() {
	kept, err := store.Open(r.dir)
	noError(r.t, err)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	r.url = server.URL
	service, err := registry.New(registry.Options{
		Store: kept, Dir: r.dir + "/images", Clock: r.clock, Account: "123456789012", Region: "us-east-1", Endpoint: server.URL,
		Before: func(_ context.Context, call wire.Call) error { return r.before(call) },
	})
	noError(r.t, err)
	router := wiretest.Router()
	router.Register(service.API())
	mux.Handle("/v2/", service.Handler())
	mux.Handle("/", router)
	r.Client = ecr.NewFromConfig(wiretest.Config(server.URL))
	r.stop = func() {
		server.Close()
		if err := errors.Join(service.Close(), kept.Close()); err != nil {
			r.t.Error(err)
		}
	}
}

func (r *rig) restart() {
	r.stop()
	r.open()
}

func (r *rig) create(repository string, mutability types.ImageTagMutability) {
	r.t.Helper()
	_, err := r.CreateRepository(r.t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: &repository, ImageTagMutability: mutability, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
	})
	noError(r.t, err)
}

// login is the password of a new login.
func (r *rig) login() authn.Authenticator {
	r.t.Helper()
	out, err := r.GetAuthorizationToken(r.t.Context(), &ecr.GetAuthorizationTokenInput{})
	noError(r.t, err)
	if got := aws.ToString(out.AuthorizationData[0].ProxyEndpoint); got != r.url {
		r.t.Errorf("the login is for %s, want %s", got, r.url)
	}
	text, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	noError(r.t, err)
	user, password, _ := strings.Cut(string(text), ":")
	return &authn.Basic{Username: user, Password: password}
}

func (r *rig) ref(reference string) name.Reference {
	r.t.Helper()
	ref, err := name.ParseReference(strings.TrimPrefix(r.url, "http://") + "/" + reference)
	noError(r.t, err)
	return ref
}

func (r *rig) push(reference string, i v1.Image) error {
	return remote.Write(r.ref(reference), i, remote.WithAuth(r.login()), remote.WithRetryStatusCodes(), remote.WithContext(r.t.Context()))
}

func (r *rig) pull(reference string) (v1.Image, error) {
	return remote.Image(r.ref(reference), remote.WithAuth(r.login()), remote.WithRetryStatusCodes(), remote.WithContext(r.t.Context()))
}

func (r *rig) images(repository string) []types.ImageDetail {
	r.t.Helper()
	out, err := r.DescribeImages(r.t.Context(), &ecr.DescribeImagesInput{RepositoryName: &repository})
	noError(r.t, err)
	return out.ImageDetails
}

func someImage(t *testing.T) v1.Image {
	t.Helper()
	i, err := random.Image(2048, 2)
	noError(t, err)
	return i
}

func digestOf(t *testing.T, i v1.Image) string {
	t.Helper()
	h, err := i.Digest()
	noError(t, err)
	return h.String()
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks an error's code and a part of its text.
func refused(t *testing.T, err error, code, text string) {
	t.Helper()
	var known smithy.APIError
	if !errors.As(err, &known) || known.ErrorCode() != code || !strings.Contains(known.ErrorMessage(), text) {
		t.Errorf("got %v, want %s: %s", err, code, text)
	}
}
