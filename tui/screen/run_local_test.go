package screen

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// localService is the use cases on a local AWS of this test's own.
func localService(t *testing.T) (*ops.Service, *local.Server) {
	t.Helper()
	steprun := filepath.Join(t.TempDir(), "steprun")
	build := exec.Command("go", "build", "-o", steprun, "../../cmd/steprun")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build steprun: %v\n%s", err, out)
	}
	server, err := local.Start(t.Context(), local.Options{Dir: t.TempDir(), Steprun: steprun})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	shippedtest.Up(t, server.URL())
	s, err := session.Open(t.Context(), session.Options{
		Endpoint: server.URL(), Region: server.Region(), Local: true, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl")),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ops.New(client.New(s), "me@host"), server
}

func TestARunOnLocalAWSIsFollowedToItsFailureAndLog(t *testing.T) {
	service, server := localService(t)
	run, _, err := service.Start(t.Context(), ops.StartSpec{
		MachineARN: server.MachineARN(shippedtest.Machine), Name: "nightly", Base: `{"args":["drill","fail","3","--after","3"]}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := theme.Options{Profile: theme.TrueColor}
	c := &Console{Service: service, Env: &tui.Env{Theme: theme.New(o), Clock: tui.RealClock()}, Place: Place{Local: true}}
	term := tuitest.Start(t, tui.Options{Home: newRun(c, run, TabVerdict), Env: c.Env, Theme: o, FixedTheme: true, Folder: t.TempDir()}, 120, 40)
	term.See("● RUNNING for")
	term.See("Run works since")
	term.Press("7")
	term.See("● following")
	term.Press("1")
	term.See("✖ FAILED after")
	term.See("exit code 3")
	term.See("redrive possible until")
	term.Press("3")
	term.See("InvalidInput")
	term.Press("4")
	term.See("TaskSubmitted")
	term.Press("6")
	term.See("TASK_TOKEN=…")
	term.Press("1", "l")
	term.See("attempt 1, task ")
	term.Press("G")
	term.See("drill")
}
