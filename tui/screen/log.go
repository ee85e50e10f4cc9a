package screen

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// logScreen shows the log of a run on a screen of its own.
type logScreen struct {
	console *Console
	scope   *tui.Scope
	run     workflow.Run
	pane    *logPane
}

// newLog shows a run's log and follows its end.
func newLog(c *Console, run workflow.Run) tui.Screen {
	return &logScreen{console: c, run: run, pane: newLogPane(c, run)}
}

// Title is the run's name and that this is its log.
func (l *logScreen) Title() string { return l.run.Name.OneLine().String() + " log" }

// Open starts reading the log.
func (l *logScreen) Open(s *tui.Scope) tea.Cmd {
	l.scope = s
	return l.pane.open(s)
}

// Update takes keys and lines.
func (l *logScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return l.pane.key(k)
	}
	cmd, _ := l.pane.update(msg)
	return cmd
}

// Actions are those of a log, and those on its run whose keys are free.
func (l *logScreen) Actions() []tui.Action {
	if l.scope == nil {
		return nil
	}
	own := append(l.pane.actions(), tui.Action{ID: tui.KeyRefresh, Run: renewing(l.console, l.pane.err, l.pane.again)})
	for _, a := range runActions(l.console, l.scope, func() *workflow.Run { return &l.run }) {
		if !l.pane.takes(a.ID) {
			own = append(own, a)
		}
	}
	return own
}

// Subject is the line or the lines selected, of the run.
func (l *logScreen) Subject() *tui.Selection {
	return &tui.Selection{Value: l.pane.value(), ARN: l.run.ARN, URL: cmp.Or(l.pane.page(), l.console.runPage(l.run.ARN))}
}

// Filter is what is searched for.
func (l *logScreen) Filter() string { return l.pane.pattern }

// SetFilter searches.
func (l *logScreen) SetFilter(text string) error { return l.pane.search(text) }

// Find goes to what the search found.
func (l *logScreen) Find() { l.pane.lines.Find() }

// Freshness is when the last lines came.
func (l *logScreen) Freshness() (read time.Time, loading bool, missing string) {
	return l.pane.read, l.pane.reading() && !l.pane.followed(), ""
}

// Following reports that lines come as they are written.
func (l *logScreen) Following() bool { return l.pane.followed() }

// Capturing is never so: text goes into the filter line.
func (l *logScreen) Capturing() bool { return false }

// View is the log.
func (l *logScreen) View(w, h int) string { return l.pane.view(w, h) }
