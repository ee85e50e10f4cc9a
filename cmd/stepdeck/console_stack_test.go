package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/tui/screen"
)

func TestTheConsoleBuildsAndPushesTheImageOfTheStack(t *testing.T) {
	t.Parallel()
	station := newStation(t)
	open := func(readOnly bool) *session.Session {
		s, err := session.Open(t.Context(), session.Options{
			Endpoint: station.server.URL(), Local: true, ReadOnly: readOnly, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl")),
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	kit, err := stackKit(open(false))
	if err != nil {
		t.Fatal(err)
	}
	state, err := kit.Stacks.Status(t.Context(), kit.Name)
	if err != nil {
		t.Fatal(err)
	}
	architecture, repository := state.Stack.Parameter("CpuArchitecture"), state.Stack.Output("RepositoryUri")
	look := func() image.Status {
		t.Helper()
		here, err := kit.Local(t.Context(), architecture, image.Base{Name: image.Scratch})
		if err != nil {
			t.Fatal(err)
		}
		st, err := kit.Images.Status(t.Context(), image.StatusRequest{Repository: kit.Name, Family: shippedtest.Family, Local: here})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if look().LocalPushed {
		t.Fatal("the image was pushed before")
	}

	readOnly, err := stackKit(open(true))
	if err != nil {
		t.Fatal(err)
	}
	choice := screen.ImageChoice{Architecture: architecture, Base: image.Scratch}
	if _, err := readOnly.Make(choice).Push(t.Context(), repository, image.Watcher{}); ops.KindOf(err) != ops.Denied {
		t.Errorf("a read-only console pushed: %v", err)
	}

	var lines []string
	uri, err := kit.Make(choice).Push(t.Context(), repository, image.Watcher{Line: func(text safe.Text) { lines = append(lines, text.String()) }})
	if err != nil {
		t.Fatal(err)
	}
	after := look()
	if !after.LocalPushed || uri != repository+"@"+after.Local.Digest || !after.Outdated() {
		t.Errorf("pushed %s; then %+v", uri, after)
	}
	if said := strings.Join(lines, "\n"); !strings.Contains(said, "no base") {
		t.Errorf("nobody is warned that the image has no shell: %s", said)
	}
	described, err := kit.Images.Describe(t.Context(), uri)
	if err != nil || described.Base.Name != image.Scratch {
		t.Errorf("the image tells the base %+v, %v", described.Base, err)
	}
	if _, err := kit.Local(t.Context(), architecture, image.Base{}); ops.KindOf(err) != ops.NotFound {
		t.Errorf("on a base that is not known: %v", err)
	}
	if !strings.HasPrefix(repository, local.Account+".dkr.ecr.") {
		t.Errorf("the repository is %s", repository)
	}
}
