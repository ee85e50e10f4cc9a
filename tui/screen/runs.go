package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// runsScreen lists the runs of one machine, or of all.
type runsScreen struct {
	c       *Console
	machine *workflow.Machine
}

func newRuns(c *Console, machine *workflow.Machine) tui.Screen {
	return &runsScreen{c: c, machine: machine}
}

func (r *runsScreen) Title() string           { return "runs" }
func (r *runsScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (r *runsScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (r *runsScreen) View(int, int) string    { return "" }
func (r *runsScreen) Actions() []tui.Action   { return nil }
func (r *runsScreen) Capturing() bool         { return false }
