package resources_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stepdeck/stepdeck/aws/local/access"
	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/ecs"
	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/aws/local/events"
	"github.com/stepdeck/stepdeck/aws/local/logs"
	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/local/objects"
	"github.com/stepdeck/stepdeck/aws/local/registry"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
	"github.com/stepdeck/stepdeck/aws/local/states"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const (
	region  = "us-east-1"
	account = "123456789012"
)

// records keeps what has no service in a map, as JSON.
type records map[string][]byte

func (r records) Put(kind, id string, value any) error {
	text, err := json.Marshal(value)
	r[kind+" "+id] = text
	return err
}

func (r records) Get(kind, id string, into any) (bool, error) {
	text, ok := r[kind+" "+id]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(text, into)
}

func (r records) Delete(kind, id string) error {
	delete(r, kind+" "+id)
	return nil
}

// rig is local AWS as stack resources see it.
type rig struct {
	*testing.T
	env     resources.Env
	records records
	fail    map[string]error // what an operation fails with, by its name
	failing func(operation string) error
	handler http.Handler // of S3
	images  *httptest.Server
}

// noRunner runs nothing: no test here starts a task.
type noRunner struct{ runner.Runner }

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, records: records{}, fail: map[string]error{}}
	kept, err := store.Open(t.TempDir())
	r.ok(err)
	now, log := clock.NewManual(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)), slog.New(slog.DiscardHandler)
	router := &wire.Router{Region: region, Log: log, Before: r.before}

	group, err := logs.New(logs.Options{Store: kept, Clock: now, Account: account, Region: region})
	r.ok(err)
	bucket, err := objects.New(objects.Options{Dir: filepath.Join(t.TempDir(), "s3"), Region: region, Clock: now, Log: log})
	r.ok(err)
	var images *registry.Service
	r.images = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { images.Handler().ServeHTTP(w, req) }))
	t.Cleanup(r.images.Close)
	images, err = registry.New(registry.Options{Store: kept, Clock: now, Dir: t.TempDir(), Account: account, Region: region, Endpoint: r.images.URL})
	r.ok(err)
	roles, err := access.New(access.Options{Store: kept, Clock: now, Account: account})
	r.ok(err)
	nets, err := network.New(network.Options{Store: kept, Account: account, Region: region})
	r.ok(err)
	rules, err := events.New(events.Options{Store: kept, Clock: now, Account: account, Region: region, Invoke: router.Invoke, Log: log})
	r.ok(err)
	clusters, err := ecs.New(ecs.Options{Store: kept, Clock: now, Account: account, Region: region, Invoke: router.Invoke, Runner: noRunner{}, Log: log})
	r.ok(err)
	machines, err := states.New(states.Options{
		Store: kept, Clock: now, Account: account, Region: region, Invoke: router.Invoke, Log: log, TaskStopped: clusters.Stopped,
	})
	r.ok(err)
	for _, api := range []wire.Service{group.API(), images.API(), rules.API(), clusters.API(), machines.API()} {
		router.Register(api)
	}
	r.handler = bucket.Handler()
	router.RegisterInside("s3", bucket.Inside())
	router.RegisterInside("iam", roles.Inside())
	router.RegisterInside("ec2", nets.Inside())
	t.Cleanup(func() {
		machines.Close()
		clusters.Close()
		rules.Close()
		for _, closing := range []func() error{group.Close, bucket.Close, images.Close, roles.Close, nets.Close, kept.Close} {
			r.ok(closing())
		}
	})
	r.env = resources.Env{
		Account: account, Region: region, Partition: "aws", StackName: "dumps", Records: r.records,
		StackID: "arn:aws:cloudformation:us-east-1:123456789012:stack/dumps/1",
		Invoke: func(ctx context.Context, service, operation string, request, into any) error {
			body, err := json.Marshal(request)
			if err != nil {
				return err
			}
			answer, err := router.Invoke(ctx, service, operation, body)
			if err != nil || into == nil {
				return err
			}
			return json.Unmarshal(answer, into)
		},
	}
	return r
}

func (r *rig) before(_ context.Context, call wire.Call) error {
	if r.failing != nil {
		return r.failing(call.Operation)
	}
	return r.fail[call.Operation]
}

// put puts an object into a bucket.
func (r *rig) put(bucket, key, body string) {
	r.Helper()
	request := httptest.NewRequest(http.MethodPut, "/"+bucket+"/"+key, strings.NewReader(body))
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	request.Header.Set("Content-Length", strconv.Itoa(len(body)))
	answer := httptest.NewRecorder()
	r.handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		r.Fatalf("put %s: %d %s", key, answer.Code, answer.Body)
	}
}

// push pushes an image to a repository.
func (r *rig) push(repository string) {
	r.Helper()
	var login struct {
		AuthorizationData []struct{ AuthorizationToken []byte }
	}
	r.ok(r.env.Invoke(r.Context(), "ecr", "GetAuthorizationToken", map[string]any{}, &login))
	user, password, _ := strings.Cut(string(login.AuthorizationData[0].AuthorizationToken), ":")
	to, err := name.ParseReference(strings.TrimPrefix(r.images.URL, "http://")+"/"+repository+":one", name.Insecure)
	r.ok(err)
	image, err := random.Image(64, 1)
	r.ok(err)
	r.ok(remote.Write(to, image, remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithContext(r.Context())))
}

func (r *rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// call changes something behind the stack's back.
func (r *rig) call(service, operation, request string) {
	r.Helper()
	r.ok(r.env.Invoke(context.WithoutCancel(r.Context()), service, operation, json.RawMessage(request), nil))
}

// props are properties as a stack gives them.
func props(t testing.TB, text string) resources.Properties {
	t.Helper()
	var p resources.Properties
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return p
}

func kindOf(t testing.TB, name string) resources.Kind {
	t.Helper()
	kind, ok := resources.Known()[name]
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return kind
}

func (r *rig) create(kind, logical, properties string) resources.Made {
	r.Helper()
	made, err := kindOf(r, kind).Create(r.Context(), r.env, logical, props(r, properties))
	r.ok(err)
	return made
}

// drift is what the live properties have other than the template; "gone" is a deleted one.
func (r *rig) drift(kind, id, properties string) string {
	r.Helper()
	p := props(r, properties)
	live, err := kindOf(r, kind).Read(r.Context(), r.env, id, p)
	r.ok(err)
	if live == nil {
		return "gone"
	}
	text, err := json.Marshal(live) // types that only Go tells apart are no drift
	r.ok(err)
	return cmp.Diff(p, props(r, string(text)))
}

// refused checks that an error has all the parts.
func (r *rig) refused(err error, parts ...string) {
	r.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			r.Errorf("got %v, want %s", err, part)
		}
	}
}

func broken() error {
	return &wire.Error{Code: "ServiceUnavailable", Message: "out of order", Status: http.StatusServiceUnavailable}
}
