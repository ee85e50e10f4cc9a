//go:build unix

package container_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/stepdeck/stepdeck/container"
)

// patience is for one job; none is meant to come near it.
const patience = 2 * time.Minute

// tools is the folder with steprun and the jobs.
var tools string

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "jobs")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover of a test
	tools = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "steprun"), "../cmd/steprun").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build steprun: %w\n%s", err, out)
	}
	if err := writeScripts(dir); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func writeScripts(dir string) error {
	return fs.WalkDir(container.Scripts, "scripts", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(container.Scripts, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, entry.Name()), text, 0o755)
	})
}

// bucket is S3 in memory with one bucket, "backups".
type bucket struct {
	t      *testing.T
	memory gofakes3.Backend
	url    string
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("backups"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(memory).Server())
	t.Cleanup(server.Close)
	return &bucket{t: t, memory: memory, url: server.URL}
}

func (b *bucket) env() []string {
	return []string{
		"AWS_ENDPOINT_URL_S3=" + b.url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
		"ARTIFACTS=s3://backups/dumps",
	}
}

// keys lists the objects, without the companions that hold checksums.
func (b *bucket) keys() []string {
	b.t.Helper()
	listed, err := b.memory.ListBucket("backups", nil, gofakes3.ListBucketPage{})
	if err != nil {
		b.t.Fatal(err)
	}
	keys := []string{}
	for _, object := range listed.Contents {
		if !strings.HasSuffix(object.Key, ".sha256") {
			keys = append(keys, object.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (b *bucket) get(key string) []byte {
	b.t.Helper()
	object, err := b.memory.GetObject("backups", key, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	defer object.Contents.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(object.Contents)
	if err != nil {
		b.t.Fatal(err)
	}
	return content
}

func (b *bucket) put(key string, content []byte) {
	b.t.Helper()
	if _, err := b.memory.PutObject("backups", key, nil, bytes.NewReader(content), int64(len(content)), nil); err != nil {
		b.t.Fatal(err)
	}
}

// wantNothing fails when there is an object, or the parts of an upload that nobody ended.
func (b *bucket) wantNothing() {
	b.t.Helper()
	if keys := b.keys(); len(keys) > 0 {
		b.t.Errorf("there are objects: %v", keys)
	}
	answer, err := http.Get(b.url + "/backups?uploads")
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if bytes.Contains(text, []byte("<Upload>")) {
		b.t.Errorf("an upload is unfinished: %s", text)
	}
}

// result is how a job ended. A job killed by a signal has the code 128 + signal.
type result struct {
	code           int
	stdout, stderr string
	output         map[string]string
}

// command prepares a job, or any program beside it, with an output file and the environment that is given.
func command(ctx context.Context, t *testing.T, env []string, words ...string) (*exec.Cmd, func(error) result) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "output")
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	if path := filepath.Join(tools, words[0]); exists(path) {
		cmd.Path, cmd.Err = path, nil
	}
	cmd.Env = append([]string{
		"PATH=" + tools + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "STEPRUN_OUTPUT=" + file,
	}, env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// A job and what it starts end together, as in a container.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd, func(err error) result {
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		code := cmd.ProcessState.ExitCode()
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
			code = 128 + int(status.Signal())
		}
		return result{code, stdout.String(), stderr.String(), readOutput(t, file)}
	}
}

func job(t *testing.T, env []string, words ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd, end := command(ctx, t, env, words...)
	return end(cmd.Run())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readOutput(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	output := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok {
			t.Fatalf("the output has the line %q, which is not name=value", line)
		}
		output[name] = value
	}
	return output
}

// wantEnd fails unless the job ended with the code and its errors have the sentence.
func (r result) wantEnd(t *testing.T, code int, sentence string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.stderr, sentence) {
		t.Errorf("ended with %d and\n%s%s\nwant %d and %q", r.code, r.stdout, r.stderr, code, sentence)
	}
}

// wantOutput fails unless these fields are in the output.
func (r result) wantOutput(t *testing.T, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if r.output[name] != value {
			t.Errorf("output %s is %q, want %q", name, r.output[name], value)
		}
	}
}

// wrapper puts a program of that name, in shell, before the real one in PATH.
func wrapper(t *testing.T, env []string, name, script string) []string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/bash\nPATH=${PATH#*:}\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(env), "PATH="+dir+":"+tools+":"+os.Getenv("PATH"))
}
