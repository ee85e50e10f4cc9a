package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	machineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:dumps"
	goodARN    = "arn:aws:states:us-east-1:123456789012:execution:dumps:good"
	badARN     = "arn:aws:states:us-east-1:123456789012:execution:dumps:bad"
	stuckARN   = "arn:aws:states:us-east-1:123456789012:execution:dumps:stuck"
	taskARN    = "arn:aws:ecs:us-east-1:123456789012:task/jobs/0123456789abcdef"
	definition = "arn:aws:ecs:us-east-1:123456789012:task-definition/jobs:1"
	began      = 1_795_000_000 // 2026-11-18T11:06:40Z
)

// secret has the shape of a task token.
var secret = "AQCAAAAAKgAAAAMAAAAA" + strings.Repeat("Zx9k", 160)

// request is one call that the fake AWS got.
type request struct {
	operation string
	body      map[string]any
}

// fakeAWS answers operations with text, which may depend on the request. {…"__type"…} is an error.
type fakeAWS struct {
	mu       sync.Mutex
	answers  map[string]func(map[string]any) string
	requests []request
	url      string
}

const callerIdentity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/ann</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_local/health" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), "Action=GetCallerIdentity") {
		_, _ = io.WriteString(w, callerIdentity)
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	sent := map[string]any{}
	_ = json.Unmarshal(body, &sent)
	f.mu.Lock()
	f.requests = append(f.requests, request{operation, sent})
	answer := f.answers[operation]
	f.mu.Unlock()
	text := `{"__type":"UnknownOperationException"}`
	if answer != nil {
		text = answer(sent)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if strings.Contains(text, "__type") {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, text)
}

// on replaces the answer to an operation.
func (f *fakeAWS) on(operation, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[operation] = always(answer)
}

// sent returns the bodies of the calls of an operation.
func (f *fakeAWS) sent(operation string) []map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	var bodies []map[string]any
	for _, r := range f.requests {
		if r.operation == operation {
			bodies = append(bodies, r.body)
		}
	}
	return bodies
}

func always(answer string) func(map[string]any) string {
	return func(map[string]any) string { return answer }
}

// outcome is what a command line did.
type outcome struct {
	code     int
	out, err string
}

// world is a fake AWS with a console on it.
type world struct {
	*fakeAWS
	app *app
}

// newWorld is an account with one machine and three runs: good, bad, and stuck with a dead token.
func newWorld(t *testing.T) *world {
	t.Helper()
	f := &fakeAWS{answers: standardAnswers()}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "",
	} {
		t.Setenv(name, value)
	}
	return &world{fakeAWS: f, app: &app{
		now:   func() time.Time { return time.Unix(began+3600, 0).UTC() },
		state: filepath.Join(t.TempDir(), "state"),
		flags: flags{},
	}}
}

// run executes a command line on the fake AWS, with the given standard input.
func (w *world) run(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return w.runIn(t.Context(), t, stdin, append([]string{"--endpoint-url", w.url}, args...)...)
}

func (w *world) runIn(ctx context.Context, t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	a := *w.app
	a.in, a.out, a.err = strings.NewReader(stdin), &out, &err
	code := a.execute(ctx, args)
	return outcome{code, out.String(), err.String()}
}

// is checks a text against the expected one, which may start with a line break for looks.
func is(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
}

func exits0(t *testing.T, o outcome) {
	t.Helper()
	exitsWith(t, o, exitDone)
}

func exitsWith(t *testing.T, o outcome, code int) {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", o.code, code, o.out, o.err)
	}
}
