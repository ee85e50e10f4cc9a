package shippedtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// WithSteprun is for a package's TestMain: it runs the tests with the path of an
// entrypoint, built for them, in *path, and gives their exit code. Its folder is
// theirs too; it is removed after the last.
func WithSteprun(path *string, tests func() int) int {
	folder, err := os.MkdirTemp("", "steprun")
	if err == nil {
		defer os.RemoveAll(folder) //nolint:errcheck // it is in the system's folder for what is temporary
		*path = filepath.Join(folder, "steprun")
		err = Build(*path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return tests()
}

// Build makes the entrypoint, as small as `make build` does.
func Build(path string) error {
	command := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, "github.com/stepdeck/stepdeck/cmd/steprun")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build steprun: %w\n%s", err, out)
	}
	return nil
}
