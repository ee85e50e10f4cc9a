package tui_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// starter begins a background with the key b.
type starter struct {
	s  *tui.Scope
	fn func(context.Context, func(safe.Text)) (tui.ToastKind, safe.Text)
	// followed tells that what follows the work was done.
	followed bool
}

func (*starter) Title() string               { return "starter" }
func (x *starter) Open(s *tui.Scope) tea.Cmd { x.s = s; return nil }
func (*starter) View(int, int) string        { return "" }
func (*starter) Actions() []tui.Action       { return nil }
func (*starter) Capturing() bool             { return false }
func (x *starter) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "b" {
		return tui.Background(x.s, x.fn, func() { x.followed = true })
	}
	return nil
}

// background uses a console whose screen on top begins fn with b.
func background(t *testing.T, fn func(context.Context, func(safe.Text)) (tui.ToastKind, safe.Text), use func(*starter, *tuitest.Driver)) {
	synctest.Test(t, func(t *testing.T) {
		on := &starter{fn: fn}
		d := tuitest.Drive(t, tui.Options{
			Home: &starter{}, Env: &tui.Env{}, FixedTheme: true, Theme: theme.Options{},
			Commands: []tui.Command{{Name: "on", Run: func([]string) tea.Cmd { return tui.Push(on) }}},
		}, 80, 24)
		d.Press(":", "o", "n", "enter", "b")
		use(on, d)
	})
}

func TestWorkInTheBackgroundOutlivesItsScreenAndIsInTheHeader(t *testing.T) {
	background(t, func(_ context.Context, tell func(safe.Text)) (tui.ToastKind, safe.Text) {
		tell(safe.Line("half done"))
		time.Sleep(10 * time.Second)
		return tui.Done, safe.Line("all is done")
	}, func(on *starter, d *tuitest.Driver) {
		d.Advance(time.Second)
		d.Press("esc")
		if !d.Shows("half done") || on.followed {
			t.Errorf("the header says nothing:\n%s", d.Text())
		}
		d.Advance(10 * time.Second)
		if d.Shows("half done") || !d.Shows("all is done") || !on.followed {
			t.Errorf("the end is not told:\n%s", d.Text())
		}
	})
}

func TestWorkInTheBackgroundEndsWithTheProgram(t *testing.T) {
	ended := false
	background(t, func(ctx context.Context, _ func(safe.Text)) (tui.ToastKind, safe.Text) {
		<-ctx.Done()
		ended = true
		return tui.Done, safe.Text{}
	}, func(_ *starter, d *tuitest.Driver) {
		d.Close()
		if !ended {
			t.Error("the program ended before its work")
		}
	})
}
