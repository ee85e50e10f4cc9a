package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
)

// contextPage is what the context screen lets choose.
type contextPage int

const (
	chooseProfile contextPage = iota
	chooseRegion
	chooseRole
)

// contextScreen chooses whose AWS the console looks at.
type contextScreen struct {
	c    *Console
	page contextPage
}

func newContext(c *Console, start contextPage) tui.Screen {
	return &contextScreen{c: c, page: start}
}

func (x *contextScreen) Title() string           { return "context" }
func (x *contextScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (x *contextScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (x *contextScreen) View(int, int) string    { return "" }
func (x *contextScreen) Actions() []tui.Action   { return nil }
func (x *contextScreen) Capturing() bool         { return false }
