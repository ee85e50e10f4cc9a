package runner_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
)

func TestProcessNeedsItsEntrypoint(t *testing.T) {
	_, err := runner.NewProcess(runner.ProcessOptions{Entrypoint: t.TempDir() + "/steprun"})
	if err == nil || !strings.HasPrefix(err.Error(), "entrypoint of tasks: ") {
		t.Errorf("NewProcess gives %v", err)
	}
}

func TestPullErrorNamesTheWholeReference(t *testing.T) {
	r, err := runner.NewProcess(runner.ProcessOptions{Entrypoint: "/bin/sh", Images: func(string) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for image, want := range map[string]string{
		"busybox":                        "docker.io/library/busybox:latest",
		"busybox:1":                      "docker.io/library/busybox:1",
		"team/job":                       "docker.io/team/job:latest",
		"registry.example/job":           "registry.example/job:latest",
		"localhost/job:2":                "localhost/job:2",
		"localhost:5000/team/job":        "localhost:5000/team/job:latest",
		"registry.example/job@sha256:00": "registry.example/job@sha256:00",
	} {
		if _, err := r.Pull(t.Context(), image); err == nil || !strings.Contains(err.Error(), "failed to resolve ref "+want+": pull access denied") {
			t.Errorf("Pull of %s gives %v", image, err)
		}
	}
}

func TestProcessesOfOneRunnerAreApart(t *testing.T) {
	dir := t.TempDir()
	r, err := runner.NewProcess(runner.ProcessOptions{Entrypoint: "/bin/sh", Dir: dir, Images: func(string) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	first, said := start(t, r, runner.Spec{Name: "first", MemoryBytes: 64 << 20, Command: []string{"-c", "pwd; exec sleep 600"}})
	second, also := start(t, r, runner.Spec{Name: "second", MemoryBytes: 64 << 20, Command: []string{"-c", "pwd"}})
	if got := wait(t, second); got.Code != 0 || also.String() == "" || also.String() == said.String() {
		t.Errorf("the second ended %+v in %q", got, also)
	}
	select {
	case <-first.Done():
		t.Error("the first ended with the second")
	default:
	}
	if err := first.Kill(); err != nil {
		t.Error(err)
	}
	if got := wait(t, first); got.Code != 137 || got.OutOfMemory {
		t.Errorf("the first ended %+v", got)
	}
	if err := first.Terminate(); err != nil {
		t.Errorf("a signal after the end: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
