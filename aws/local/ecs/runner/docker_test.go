package runner_test

import (
	"archive/tar"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
)

const image = "stepdeck-test/job:1"

// docker is a runner with the image of testdata/job in its engine.
func docker(t *testing.T) *runner.Docker {
	t.Helper()
	d, err := runner.NewDocker(t.Context(), runner.DockerOptions{})
	if err != nil {
		if os.Getenv("STEPDECK_TEST_ENGINE") != "" {
			t.Fatal(err)
		}
		t.Skipf("without an engine this is tested by make test-image alone: %v", err)
	}
	program := filepath.Join(t.TempDir(), "job")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/job")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the job: %v: %s", err, out)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var layer bytes.Buffer
	files := tar.NewWriter(&layer)
	if err := files.WriteHeader(&tar.Header{Name: "job", Mode: 0o755, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	load := exec.CommandContext(t.Context(), "docker", "import", "--change", `ENTRYPOINT ["/job"]`, "-", image)
	load.Stdin = &layer
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("import the image: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("docker", "image", "rm", image).CombinedOutput(); err != nil {
			t.Errorf("remove the image: %v: %s", err, out)
		}
	})
	return d
}

// text is what a container wrote.
type text struct {
	mu    sync.Mutex
	bytes []byte
}

func (o *text) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes = append(o.bytes, p...)
	return len(p), nil
}

func (o *text) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.bytes)
}

func start(t *testing.T, r runner.Runner, spec runner.Spec) (runner.Container, *text) {
	t.Helper()
	out := &text{}
	spec.Image, spec.Output, spec.StopTimeout = image, out, 30*time.Second
	c, err := r.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return c, out
}

func wait(t *testing.T, c runner.Container) runner.Exit {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	select {
	case <-c.Done():
		return c.Exit()
	case <-ctx.Done():
		t.Fatal("the container does not end")
		return runner.Exit{}
	}
}

func TestDocker(t *testing.T) {
	d := docker(t)
	if digest, err := d.Pull(t.Context(), image); err != nil || !strings.HasPrefix(digest, "sha256:") {
		t.Errorf("Pull gives %q, %v", digest, err)
	}
	for name, c := range map[string]struct {
		spec   runner.Spec
		exit   runner.Exit
		output string
	}{
		"exit code":      {runner.Spec{Command: []string{"exit", "5"}}, runner.Exit{Code: 5}, "going\n"},
		"entrypoint":     {runner.Spec{EntryPoint: []string{"/job", "exit"}, Command: []string{"6"}}, runner.Exit{Code: 6}, "going\n"},
		"out of memory":  {runner.Spec{Command: []string{"eat"}, MemoryBytes: 32 << 20}, runner.Exit{Code: 137, OutOfMemory: true}, ""},
		"user":           {runner.Spec{Command: []string{"user"}, User: "1234"}, runner.Exit{}, "1234\n"},
		"read-only root": {runner.Spec{Command: []string{"write"}, ReadOnlyRoot: true}, runner.Exit{Code: 1}, "open /file: read-only file system\n"},
		"writable root":  {runner.Spec{Command: []string{"write"}}, runner.Exit{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			container, out := start(t, d, c.spec)
			if got := wait(t, container); got != c.exit || out.String() != c.output {
				t.Errorf("ended %+v and wrote %q", got, out)
			}
		})
	}
	t.Run("environment", func(t *testing.T) {
		container, out := start(t, d, runner.Spec{Command: []string{"env"}, Env: []runner.Var{{Name: "A", Value: "x y"}, {Name: "B", Value: "two\nlines"}}})
		wait(t, container)
		if !strings.Contains(out.String(), `"A=x y"`) || !strings.Contains(out.String(), `"B=two\nlines"`) || strings.Contains(out.String(), "GOPATH") {
			t.Errorf("the container was told %s", out)
		}
	})
	t.Run("signals", func(t *testing.T) {
		gentle, said := start(t, d, runner.Spec{Command: []string{"wait"}})
		until(t, "ready\n", said)
		if err := gentle.Terminate(); err != nil {
			t.Error(err)
		}
		if got := wait(t, gentle); got.Code != 9 || said.String() != "ready\nstopped\n" {
			t.Errorf("SIGTERM: ended %+v and wrote %q", got, said)
		}
		stubborn, said := start(t, d, runner.Spec{Command: []string{"ignore"}})
		until(t, "ready\n", said)
		if err := stubborn.Kill(); err != nil {
			t.Error(err)
		}
		if got := wait(t, stubborn); got.Code != 137 || got.OutOfMemory {
			t.Errorf("SIGKILL: ended %+v", got)
		}
	})
	t.Run("command that is not there", func(t *testing.T) {
		_, err := d.Start(t.Context(), runner.Spec{Image: image, EntryPoint: []string{"/no-such"}, Output: &text{}})
		if err == nil || !strings.Contains(err.Error(), "/no-such") {
			t.Errorf("Start gives %v", err)
		}
	})
	if out, err := exec.Command("docker", "ps", "--all", "--quiet", "--filter", "ancestor="+image).Output(); err != nil || len(out) > 0 {
		t.Errorf("containers are left: %q, %v", out, err)
	}
}

func until(t *testing.T, want string, out *text) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); out.String() != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the container wrote %q, not %q", out, want)
		}
	}
}
