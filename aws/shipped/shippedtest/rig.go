package shippedtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local"
)

// Rig is what the tests of a package share: an entrypoint, and the shipped stack
// as it is after its deployment. Its methods but Run are for the tests that Run
// runs, which may be parallel.
type Rig struct {
	folder string
	deploy sync.Once
	broken error
}

// Run is for TestMain: it builds the entrypoint, runs the tests and gives their
// exit code.
func (r *Rig) Run(tests func() int) int {
	if err := r.build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(r.folder) //nolint:errcheck // it is in the system's folder for what is temporary
	return tests()
}

func (r *Rig) build() (err error) {
	if r.folder, err = os.MkdirTemp("", "stepdeck"); err != nil {
		return err
	}
	return errors.Join(os.Mkdir(r.Programs(), 0o700), Build(r.Steprun()))
}

// Programs is the folder that the entrypoint is in. The tests may add to it.
func (r *Rig) Programs() string { return filepath.Join(r.folder, "bin") }

// Steprun is the path of the entrypoint.
func (r *Rig) Steprun() string { return filepath.Join(r.Programs(), "steprun") }

// Start serves local AWS with the shipped stack until the test ends. What o does
// not name is a folder of the test's own, and tasks that are processes.
func (r *Rig) Start(t testing.TB, o local.Options) *local.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "state")
	}
	if o.Steprun == "" && o.Runner == "" {
		o.Steprun = r.Steprun()
	}
	r.Deploy(t, o.Dir)
	server, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// Deploy makes dir the folder of a local AWS that has the stack and has done
// nothing else. The deployment itself is done once.
func (r *Rig) Deploy(t testing.TB, dir string) {
	t.Helper()
	deployed := filepath.Join(r.folder, "state")
	r.deploy.Do(func() {
		r.broken = errors.New("the deployment of the shipped stack has failed")
		server, err := local.Start(t.Context(), local.Options{Dir: deployed, Steprun: r.Steprun()})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { r.broken = errors.Join(r.broken, server.Close()) }()
		Up(t, server.URL())
		r.broken = nil
	})
	if r.broken != nil {
		t.Fatal(r.broken)
	}
	if err := os.CopyFS(dir, os.DirFS(deployed)); err != nil {
		t.Fatal(err)
	}
}

// Build makes the entrypoint, as small as `make build` does.
func Build(path string) error {
	command := exec.CommandContext(context.Background(), "go", "build", "-ldflags", "-s -w", "-o", path, "github.com/stepdeck/stepdeck/cmd/steprun")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build steprun: %w\n%s", err, out)
	}
	return nil
}
