package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// runScreen shows one run on its tabs.
type runScreen struct {
	console *Console
	run     workflow.Run
	tab     Tab
}

func newRun(c *Console, run workflow.Run, tab Tab) tui.Screen {
	return &runScreen{console: c, run: run, tab: tab}
}

func (r *runScreen) Title() string           { return r.run.Name.String() }
func (r *runScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (r *runScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (r *runScreen) View(int, int) string    { return "" }
func (r *runScreen) Actions() []tui.Action   { return nil }
func (r *runScreen) Capturing() bool         { return false }

// logScreen shows the log of a run.
type logScreen struct {
	console *Console
	run     workflow.Run
	at      time.Time
}

func newLog(c *Console, run workflow.Run, at time.Time) tui.Screen {
	return &logScreen{console: c, run: run, at: at}
}

func (l *logScreen) Title() string           { return "log" }
func (l *logScreen) Open(*tui.Scope) tea.Cmd { return nil }
func (l *logScreen) Update(tea.Msg) tea.Cmd  { return nil }
func (l *logScreen) View(int, int) string    { return "" }
func (l *logScreen) Actions() []tui.Action   { return nil }
func (l *logScreen) Capturing() bool         { return false }
