package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// asSteprun makes the test binary behave as steprun, so that the tests run it as a process.
const asSteprun = "STEPDECK_TEST_AS_STEPRUN"

func TestMain(m *testing.M) {
	if os.Getenv(asSteprun) != "" {
		main()
	}
	os.Exit(m.Run())
}

// stepFunctions answers SendTask* as Step Functions does: a token is answered once.
type stepFunctions struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []call
	closed bool
	rules  []rule
	seen   chan struct{} // gets one item per call
}

type call struct {
	Operation string
	TaskToken string
	Output    string
	Error     string
	Cause     string
}

// rule makes the next `times` calls of an operation fail.
type rule struct {
	operation string
	after     int // calls let through first
	times     int
	status    int
	code      string
	message   string
}

const always = 1 << 30

func newStepFunctions(t *testing.T, rules ...rule) *stepFunctions {
	t.Helper()
	s := &stepFunctions{rules: rules, seen: make(chan struct{}, 10_000)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *stepFunctions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	received := call{Operation: strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AWSStepFunctions.")}
	if err := json.NewDecoder(r.Body).Decode(&received); err != nil {
		panic(err)
	}
	s.calls = append(s.calls, received)
	s.seen <- struct{}{}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if failing := s.failing(received.Operation); failing != nil {
		refuse(w, failing.status, failing.code, failing.message)
		return
	}
	switch {
	case s.closed:
		refuse(w, http.StatusBadRequest, "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
		return
	case received.Operation != "SendTaskHeartbeat":
		s.closed = true
	}
	fmt.Fprint(w, "{}")
}

func (s *stepFunctions) failing(operation string) *rule {
	for i := range s.rules {
		rule := &s.rules[i]
		switch {
		case rule.operation != operation || rule.times == 0:
		case rule.after > 0:
			rule.after--
			return nil
		default:
			rule.times--
			return rule
		}
	}
	return nil
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":"com.amazonaws.swf.service.v2.model#%s","message":%q}`, code, message)
}

// closeToken ends the token, as a timeout of its state does.
func (s *stepFunctions) closeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// of returns the calls of one operation.
func (s *stepFunctions) of(operation string) []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []call
	for _, call := range s.calls {
		if call.Operation == operation {
			found = append(found, call)
		}
	}
	return found
}

// program is one run of steprun as a process.
type program struct {
	t      *testing.T
	folder string
	env    []string
	attach func(*exec.Cmd)
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr watched
}

// newProgram has a scripts folder with steprun itself in it, and nothing of the tests' environment.
func newProgram(t *testing.T, env ...string) *program {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, folder: t.TempDir()}
	if err := os.Symlink(binary, filepath.Join(p.folder, "steprun")); err != nil {
		t.Fatal(err)
	}
	p.env = append([]string{
		asSteprun + "=1", "PATH=" + p.folder + ":/usr/bin:/bin", "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir(),
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1",
	}, env...)
	return p
}

// withToken gives the program a token of the endpoint.
func withToken(t *testing.T, states *stepFunctions, env ...string) *program {
	t.Helper()
	return newProgram(t, append([]string{
		"TASK_TOKEN=the-token", "AWS_ENDPOINT_URL_SFN=" + states.URL,
		"STEPRUN_HEARTBEAT_SECONDS=1", "STEPRUN_GRACE_SECONDS=20",
	}, env...)...)
}

// script adds a job.
func (p *program) script(name, body string) *program {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.folder, name), []byte("#!/bin/bash\n"+body+"\n"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	return p
}

func (p *program) start(args ...string) *program {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	p.t.Cleanup(cancel)
	p.cmd = exec.CommandContext(ctx, filepath.Join(p.folder, "steprun"), args...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, &p.stdout, &p.stderr
	if p.attach != nil {
		p.attach(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// wait returns the exit code.
func (p *program) wait() int {
	p.t.Helper()
	_ = p.cmd.Wait()
	p.t.Cleanup(func() {
		if p.t.Failed() {
			p.t.Logf("stdout: %s\nstderr: %s", p.stdout.String(), p.stderr.String())
		}
	})
	return p.cmd.ProcessState.ExitCode()
}

// until waits for a text on stderr.
func (p *program) until(text string) {
	p.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		grew := p.stderr.changed() // asked before looking, so that no growth is missed
		if strings.Contains(p.stderr.String(), text) {
			return
		}
		select {
		case <-grew:
		case <-deadline:
			p.t.Fatalf("no %q on stderr:\n%s", text, p.stderr.String())
		}
	}
}

// untilGone waits until a process has ended; a zombie that nobody collects counts as ended.
func untilGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		if err != nil || strings.HasPrefix(string(state), "Z") {
			return
		}
	}
	t.Errorf("process %d was left behind", pid)
}

// watched is a buffer that tells when it grows.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	grew chan struct{}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grew != nil {
		close(w.grew)
		w.grew = nil
	}
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// changed is closed at the next growth.
func (w *watched) changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grew == nil {
		w.grew = make(chan struct{})
	}
	return w.grew
}

// causeOf decodes the cause of the one failure reported.
func causeOf(t *testing.T, states *stepFunctions, name string) map[string]any {
	t.Helper()
	failures := states.of("SendTaskFailure")
	if len(failures) == 0 {
		t.Fatalf("nothing was reported, want %s", name)
	}
	last := failures[len(failures)-1]
	if last.Error != name || last.TaskToken != "the-token" {
		t.Fatalf("reported %q for %q, want %q for the token", last.Error, last.TaskToken, name)
	}
	if len(last.Cause) > 32_768 {
		t.Fatalf("the cause has %d bytes", len(last.Cause))
	}
	var cause map[string]any
	if err := json.Unmarshal([]byte(last.Cause), &cause); err != nil {
		t.Fatalf("cause %q: %v", last.Cause, err)
	}
	return cause
}
