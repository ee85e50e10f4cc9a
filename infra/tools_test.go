package infra_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
	"github.com/stepdeck/stepdeck/infra"
)

// holds runs a driver of other people's tools on the template as it is written and with its definitions inlined. It
// leaves the test out, and says so, where the tools are missing.
func holds(t *testing.T, driver string) {
	t.Helper()
	t.Parallel()
	if out, err := exec.Command("python3", driver, "--check").CombinedOutput(); err != nil {
		t.Skipf("left out: %v %s", err, out)
	}
	stack, _ := deployed(t, expand.World{})
	text, err := stack.JSON()
	if err != nil {
		t.Fatal(err)
	}
	inlined := filepath.Join(t.TempDir(), "inlined.json")
	if err := os.WriteFile(inlined, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("python3", driver, infra.TemplateName, inlined).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLintersFindNothingInAnyPartition(t *testing.T) { holds(t, "../.ci/lint-template.py") }

func TestTheTemplateCanBePackagedAndDeployed(t *testing.T) { holds(t, "../.ci/deploy-template.py") }
