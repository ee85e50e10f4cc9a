package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/screen"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// console is the console on the station's AWS.
func (s *station) console(t *testing.T, clock tui.Clock) *tuitest.Term {
	t.Helper()
	looks := theme.Options{Profile: theme.TrueColor}
	o := &opener{
		options: session.Options{Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl"))}, state: t.TempDir(),
		env: &tui.Env{Theme: theme.New(looks), Clock: clock},
	}
	c, err := o.open(t.Context(), screen.Place{Endpoint: s.server.URL(), Local: true})
	if err != nil {
		t.Fatal(err)
	}
	return tuitest.Start(t, tui.Options{
		Home: screen.NewHome(c), Env: o.env, Commands: screen.Commands(c), Theme: looks, FixedTheme: true, Folder: t.TempDir(),
	}, 120, 40)
}

func TestAViewerWhoMayNotReadTheImageSeesWhatElseThereIs(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	exits0(t, s.run(t, "stack", "deploy", "--base", "scratch", "--yes"))
	s.faults(t, `[{"kind":"denied","service":"ecr","operation":"GetAuthorizationToken"}]`)
	term := s.console(t, tui.RealClock())
	term.See("dumps-run")
	term.Press(":")
	term.Type("stack")
	term.Press("enter")
	term.See("is the newest")
	term.Press("5")
	term.See("what it stands on is not known: AWS denied")
	term.See("GetAuthorizationToken")
	term.See("not known: an image made here is compared")
}

func TestAStackWithoutAnImageGetsOneInTheConsole(t *testing.T) {
	t.Parallel()
	s, base := newStation(t), publishedBase(t, image.AMD64)
	exits0(t, s.run(t, "stack", "deploy", "--stack", "shop", "--vpc", network.VPC, "--parameter", "ImageUri=", "--yes"))
	clock := tuitest.NewAhead()
	term := s.console(t, clock)
	asks := func(text string) { clock.Asked(term, text) }
	term.See("dumps-run")
	term.Press(":")
	term.Type("stack shop")
	term.Press("enter")
	term.See("no image yet")
	term.Press("B")
	asks("clients of MySQL and MariaDB")
	term.Type("another")
	term.Press("enter")
	asks("REGISTRY/NAME:TAG")
	term.Type(base)
	term.Press("enter")
	asks("Build the image and push it?")
	term.Press("y")
	term.See("pushed as ")
	term.Press("esc")
	term.See("1 value to deploy")
	term.Press("U")
	term.See("The plan updates shop")
	term.Press("U")
	asks("Deploy stack shop?")
	term.Press("y")
	term.See("the deployment of stack shop is done")
	if deployed := s.stack(t, "shop").Image; !strings.Contains(deployed, "/shop@sha256:") {
		t.Errorf("tasks run %q", deployed)
	}
	term.Press("esc")
	term.See("is the newest")
	term.Press("5")
	term.See("on " + base + ", ")
	term.See("which was pushed")
	term.Press("B")
	asks("the base of the deployed image")
}
