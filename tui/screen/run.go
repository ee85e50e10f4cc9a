package screen

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// runScreen shows one run on its tabs.
type runScreen struct {
	console  *Console
	scope    *tui.Scope
	data     runData
	tab      Tab
	state    safe.Text // the state under the cursor, for all tabs
	unfolded bool      // of the raw cause

	verdict sheet
	steps   *stepsPane
	events  *eventsPane
	io      *ioPane
	task    sheet
	log     *logPane
}

// newRun shows a run, at first as far as it is known from a list.
func newRun(c *Console, run workflow.Run, tab Tab) tui.Screen {
	t := c.Env.Theme
	r := &runScreen{
		console: c, tab: tab,
		data: runData{run: run, problems: map[part]error{}},
		io:   newIOPane(t),
	}
	r.steps = newStepsPane(t, r.zone())
	r.events = newEventsPane(t, r.zone())
	r.log = newLogPane(c, run)
	return r
}

// Title is the run's name.
func (r *runScreen) Title() string { return r.data.run.Name.OneLine().String() }

// Open starts reading the run.
func (r *runScreen) Open(s *tui.Scope) tea.Cmd {
	r.scope = s
	r.changed()
	return tea.Batch(r.load(), r.enter())
}

// enter starts what only the open tab needs.
func (r *runScreen) enter() tea.Cmd {
	if r.tab == TabLog {
		return r.log.open(r.scope)
	}
	return nil
}

// Update takes keys and answers.
func (r *runScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	if cmd, ok := r.log.update(msg); ok {
		return cmd
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return r.key(k)
	}
	return r.take(msg)
}

// changed lets every tab take what was read.
func (r *runScreen) changed() {
	now := r.now()
	if r.state.Empty() && r.data.whole {
		r.state = r.data.standsAt()
	}
	r.data.diagnose(now)
	r.steps.set(&r.data, now)
	r.steps.point(r.state)
	r.events.set(r.data.events, r.data.steps)
	r.io.set(&r.data, r.state)
}

func (r *runScreen) now() time.Time       { return r.console.Env.Clock.Now() }
func (r *runScreen) zone() *time.Location { return r.now().Location() }

// key goes to the open tab, after the keys of the tabs themselves.
func (r *runScreen) key(k tea.KeyPressMsg) tea.Cmd {
	key := k.String()
	if len(key) == 1 && key[0] >= '1' && key[0] <= '9' {
		if at := int(key[0] - '1'); at < len(tabNames) {
			return r.goTo(Tab(at))
		}
		return nil
	}
	switch r.tab {
	case TabVerdict:
		if key == "enter" || key == "right" || key == "left" {
			r.unfolded = !r.unfolded
			return nil
		}
		r.verdict.key(key)
	case TabTimeline, TabGraph:
		if key == "enter" {
			return r.openState()
		}
		r.steps.key(k, r.tab)
		r.point(r.steps.state())
	case TabEvents:
		r.events.key(k)
		if _, state := r.events.current(); !state.Empty() {
			r.point(state)
		}
	case TabIO:
		r.io.key(k)
		return nil
	case TabTask:
		r.task.key(key)
	case TabLog:
		return r.log.key(k)
	}
	switch key {
	case "tab":
		return r.goTo((r.tab + 1) % Tab(len(tabNames)))
	case "shift+tab":
		return r.goTo((r.tab + Tab(len(tabNames)) - 1) % Tab(len(tabNames)))
	}
	return nil
}

// goTo opens a tab at the state under the cursor; from the verdict the events
// open at the one that failed.
func (r *runScreen) goTo(tab Tab) tea.Cmd {
	if id := r.data.failedEvent(); tab == TabEvents && r.tab == TabVerdict && id != 0 {
		r.events.show(id)
	}
	r.tab = tab
	r.steps.point(r.state)
	return r.enter()
}

// point notes which state the tabs are about.
func (r *runScreen) point(state safe.Text) {
	if state.Empty() || state == r.state {
		return
	}
	r.state = state
	r.io.set(&r.data, state)
}

// openState shows the events of the state under the cursor.
func (r *runScreen) openState() tea.Cmd {
	r.point(r.steps.state())
	if r.state.Empty() {
		return nil
	}
	r.events.only(r.state)
	return r.goTo(TabEvents)
}

// value is what `y` copies on the open tab.
func (r *runScreen) value() string {
	switch r.tab {
	case TabIO:
		return r.io.value()
	case TabEvents:
		return r.events.value()
	case TabLog:
		return r.log.value()
	case TabTimeline, TabGraph:
		return r.state.String()
	default:
		name, cause := r.data.errorText()
		return workflow.MaskTokens(safe.Join("\n", presentTexts(name, cause)...).String())
	}
}

// Find goes to what was found in the log; the other tabs go there by themselves.
func (r *runScreen) Find() {
	if r.tab == TabLog {
		r.log.lines.Find()
	}
}

// Filter is the filter of the open tab.
func (r *runScreen) Filter() string {
	switch r.tab {
	case TabEvents:
		return r.events.text
	case TabIO:
		return r.io.pattern
	case TabLog:
		return r.log.pattern
	default:
		return ""
	}
}

// SetFilter filters events, or searches the open JSON or log. Tabs that have
// nothing to search go to the events.
func (r *runScreen) SetFilter(text string) error {
	switch r.tab {
	case TabIO:
		r.io.search(text)
		return nil
	case TabLog:
		return r.log.search(text)
	default:
		if text != "" {
			r.tab = TabEvents
		}
		return r.events.setFilter(text)
	}
}

// Freshness is when the run was last read, and how far its history is.
func (r *runScreen) Freshness() (read time.Time, loading bool, missing string) {
	d := &r.data
	if d.missing > 0 {
		missing = safe.Linef("%s of %s events", safe.Count(d.loaded), safe.Count(d.loaded+d.missing)).String()
	}
	loading = r.scope != nil && (r.scope.Busy(askHistory) || r.scope.Busy(askRun) || r.scope.Busy(askCause) || r.scope.Busy(askChild))
	return d.read, loading, missing
}

// Capturing is never so: text goes into the filter line.
func (r *runScreen) Capturing() bool { return false }

// View is the header, the tabs, what is missing, and the open tab.
func (r *runScreen) View(w, h int) string {
	t, now := r.console.Env.Theme, r.now()
	lines := append([]string{paintLine(t, r.header(w, now), w), paintLine(t, r.tabBar(w), w)}, r.progress(w)...)
	if h <= len(lines) {
		return fill(lines, w, h)
	}
	return strings.Join(lines, "\n") + "\n" + r.body(t, now, w, h-len(lines))
}

func (r *runScreen) body(t *theme.Theme, now time.Time, w, h int) string {
	switch r.tab {
	case TabVerdict:
		return r.verdict.view(t, r.verdictPage(w, h, now), w, h)
	case TabTimeline, TabGraph:
		return r.steps.view(r.tab, w, h)
	case TabEvents:
		return r.events.view(w, h)
	case TabIO:
		return r.io.view(w, h)
	case TabTask:
		return r.task.view(t, r.taskPage(w, now), w, h)
	default:
		return r.log.view(w, h)
	}
}
