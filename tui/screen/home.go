package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
)

// homeScreen lists the machines, and above them what needs a person.
type homeScreen struct{ c *Console }

// NewHome makes the first screen of a console.
func NewHome(c *Console) tui.Screen { return &homeScreen{c: c} }

func (h *homeScreen) Title() string           { return "machines" }
func (h *homeScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (h *homeScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (h *homeScreen) View(int, int) string    { return "" }
func (h *homeScreen) Actions() []tui.Action   { return nil }
func (h *homeScreen) Capturing() bool         { return false }
