package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
)

// tokensScreen lists the open tokens.
type tokensScreen struct{ c *Console }

func newTokens(c *Console) tui.Screen { return &tokensScreen{c: c} }

func (t *tokensScreen) Title() string           { return "tokens" }
func (t *tokensScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (t *tokensScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (t *tokensScreen) View(int, int) string    { return "" }
func (t *tokensScreen) Actions() []tui.Action   { return nil }
func (t *tokensScreen) Capturing() bool         { return false }
