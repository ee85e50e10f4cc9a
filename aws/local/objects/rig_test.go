package objects_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/objects"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/transport"
)

const bucket = "stepdeck-artifacts"

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rig is S3 behind HTTP with the real client in front.
type rig struct {
	*s3.Client
	inside map[string]wire.Handler
	t      testing.TB
	dir    string
	url    string
	clock  *clock.Manual
	stop   func()

	// A handler may outlive the client's call.
	mu    sync.Mutex
	fault error
	calls []wire.Call
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, dir: t.TempDir(), clock: clock.NewManual(start)}
	r.open()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *rig) open() {
	service, err := objects.New(objects.Options{
		Dir: r.dir, Region: "us-east-1", Clock: r.clock, Log: slog.New(slog.DiscardHandler),
		Before: r.before,
	})
	noError(r.t, err)
	noError(r.t, service.EnsureBucket(bucket))
	server := httptest.NewServer(&wire.Router{Region: "us-east-1", Objects: service.Handler(), Log: slog.New(slog.DiscardHandler)})
	r.url, r.inside = server.URL, service.Inside()
	r.Client = r.client("us-east-1")
	r.stop = func() {
		server.Close()
		if err := service.Close(); err != nil {
			r.t.Error(err)
		}
	}
}

func (r *rig) before(_ context.Context, call wire.Call) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
	return r.fault
}

// answerWith makes every call fail so from now on.
func (r *rig) answerWith(fault error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = fault
}

// seen is the calls since it was last asked.
func (r *rig) seen() []wire.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

func (r *rig) restart() {
	r.stop()
	r.open()
}

func (r *rig) client(region string, more ...func(*s3.Options)) *s3.Client {
	return s3.New(s3.Options{
		Region: region, BaseEndpoint: &r.url, UsePathStyle: true, RetryMaxAttempts: 1, HTTPClient: transport.Exact(http.DefaultClient),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, more...)
}

func (r *rig) put(key, body string) *s3.PutObjectOutput {
	r.t.Helper()
	out, err := r.PutObject(r.t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(body)})
	noError(r.t, err)
	return out
}

func (r *rig) get(key string) (*s3.GetObjectOutput, string) {
	r.t.Helper()
	out, err := r.GetObject(r.t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: &key, ChecksumMode: "ENABLED"})
	noError(r.t, err)
	defer func() { _ = out.Body.Close() }()
	var body bytes.Buffer
	_, err = io.Copy(&body, out.Body)
	noError(r.t, err)
	return out, body.String()
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var known smithy.APIError
	if !errors.As(err, &known) || known.ErrorCode() != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}
