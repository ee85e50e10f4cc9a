package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// runChanged tells the screen on top that an action changed a run, so that it
// reads it again.
type runChanged struct{ ARN string }

// step is how an action goes on once its work has come back.
type step struct{ next func() tea.Cmd }

// acted goes on with an action of runActions. Every screen that offers them
// hands its messages here first; ok is false for a message of its own.
func acted(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	loaded, ok := msg.(tui.Loaded[step])
	if !ok || loaded.Value.next == nil {
		return nil, ok
	}
	return loaded.Value.next(), true
}

// runActions are what can be done with the run under a screen's cursor; run is
// nil where there is none.
func runActions(c *Console, s *tui.Scope, run func() *workflow.Run) []tui.Action { return nil }
