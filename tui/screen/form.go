package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
)

// formScreen starts a run: its input as fields and as JSON, its name, and the
// preview of exactly what would be sent.
type formScreen struct {
	console *Console
	spec    FormSpec
}

func newForm(c *Console, spec FormSpec) tui.Screen {
	return &formScreen{console: c, spec: spec}
}

func (f *formScreen) Title() string {
	if f.spec.Like != nil {
		return "clone"
	}
	return "new run"
}

func (f *formScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (f *formScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (f *formScreen) View(int, int) string    { return "" }
func (f *formScreen) Actions() []tui.Action   { return nil }
func (f *formScreen) Capturing() bool         { return true }
