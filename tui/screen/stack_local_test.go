package screen

import (
	"path/filepath"
	"testing"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// The use cases are what the screen takes.
var (
	_ Stacks = (*stack.Service)(nil)
	_ Images = (*image.Service)(nil)
)

func TestTheStackOnLocalAWSIsChangedLookedAtAndDeleted(t *testing.T) {
	_, server := localService(t)
	s, err := session.Open(t.Context(), session.Options{
		Endpoint: server.URL(), Region: server.Region(), Local: true, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl")),
	})
	if err != nil {
		t.Fatal(err)
	}
	source, err := shipped.Source()
	if err != nil {
		t.Fatal(err)
	}
	clock := tuitest.NewAhead()
	o := theme.Options{Profile: theme.TrueColor}
	c := &Console{Env: &tui.Env{Theme: theme.New(o), Clock: clock}, Place: Place{Local: true}, Stack: StackKit{
		Stacks: stack.New(client.Stack(s)), Images: image.New(client.Image(s)), Name: stack.DefaultName, Source: source,
	}}
	term := tuitest.Start(t, tui.Options{Home: newStack(c, ""), Env: c.Env, Theme: o, FixedTheme: true, Folder: t.TempDir()}, 120, 40)
	asks := func(text string) { clock.Asked(term, text) }
	term.See("_COMPLETE")
	term.See("StepFunctions::State")

	term.Press("2", "/")
	term.Type("TaskMemory")
	term.Press("enter", "enter")
	asks("keep for the next plan")
	term.Press("backspace", "backspace", "backspace")
	term.Type("1024")
	term.Press("enter")
	term.See("1024  (was 512)")
	term.Press("esc")
	term.See("ProjectName")
	term.Press("U")
	term.See("The plan updates dumps:")
	term.See("replaced, the old one kept")
	term.Press("U")
	asks("Deploy stack dumps?")
	term.Press("y")
	term.See("UPDATE_COMPLETE  dumps")
	term.See("the deployment of stack dumps is done")
	term.Press("esc")
	term.See("4 drift")
	term.Press("d")
	term.See("IN_SYNC")
	term.Press("U")
	term.See("no changes: stack dumps")
	term.Press("W")
	asks("/dumps/db/password")
	term.Press("enter")
	asks("type or paste it")
	term.Type("s3cr3t")
	term.Press("enter")
	term.See("/dumps/db/user is set, version 2")
	term.Press("X")
	asks("Delete stack dumps?")
	term.See("kept in AWS")
	term.Type("dumps")
	term.Press("enter")
	term.See("the deletion of stack dumps is done")
}
