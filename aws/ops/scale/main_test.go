package scale_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// full asks for as many random histories as are promised; a race detector makes
// them slow.
var full = flag.Bool("full", false, "live through all random histories")

// steprun is the entrypoint of the tasks that local AWS runs.
var steprun string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "steprun")
	if err != nil {
		panic(err)
	}
	steprun = filepath.Join(dir, "steprun")
	build := exec.Command("go", "build", "-o", steprun, "../../../cmd/steprun")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build steprun: %v\n%s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir) // it is in the system's folder for what is temporary
	os.Exit(code)
}
