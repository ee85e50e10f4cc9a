package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// Actions are those of every run, and those of the open tab.
func (r *runScreen) Actions() []tui.Action {
	if r.scope == nil {
		return nil
	}
	var own []tui.Action
	bind := func(id tui.ID, run func() tea.Cmd) { own = append(own, tui.Action{ID: id, Run: run}) }
	bind(tui.KeyRefresh, renewing(r.console, expiredIn(r.data.problems), r.refresh))
	bind(tui.KeyTab, nil)
	switch r.tab {
	case TabVerdict:
		bind(tui.KeyFold, nil)
		if r.data.remedy(triage.ActOpenRun) != nil {
			bind(tui.KeyOpen, r.openChild)
		}
	case TabTimeline:
		bind(tui.KeyOpen, nil)
		bind(tui.KeyZoomIn, nil)
		bind(tui.KeyZoomOut, nil)
		bind(tui.KeyPan, nil)
	case TabGraph, TabEvents:
		bind(tui.KeyOpen, nil)
	case TabIO:
		bind(tui.KeyFold, nil)
		bind(tui.KeyNextPane, nil)
	case TabLog:
		own = append(own, r.log.actions()...)
	}
	if r.tab == TabEvents && r.events.open {
		bind(tui.KeyBack, func() tea.Cmd { r.events.open = false; return nil })
	}
	if r.searching() {
		bind(tui.KeyNextHit, nil)
		bind(tui.KeyPrevHit, nil)
	}
	return append(own, r.ofRun()...)
}

// searching reports that n and N go from match to match.
func (r *runScreen) searching() bool {
	return r.tab == TabIO && r.io.pattern != ""
}

// ofRun are the actions on the run. Its log opens in the tab; keys that the
// tab itself needs are left to it.
func (r *runScreen) ofRun() []tui.Action {
	var out []tui.Action
	for _, a := range r.runActions() {
		if r.taken(a.ID) {
			continue
		}
		if a.ID == tui.KeyLog {
			a.Run = r.openLog
		}
		out = append(out, r.remedied(a))
	}
	return out
}

func (r *runScreen) runActions() []tui.Action {
	return runActions(r.console, r.scope, func() *workflow.Run { return &r.data.run })
}

// taken reports that the open tab has the action's key for itself.
func (r *runScreen) taken(id tui.ID) bool {
	switch r.tab {
	case TabLog:
		return r.log.takes(id)
	case TabIO:
		return r.searching() && slices.Contains([]tui.ID{tui.KeyNew, tui.KeyClone}, id)
	default:
		return false
	}
}

// openLog opens the log's tab: from the verdict at the line before the failure,
// from a state with its last attempt alone.
func (r *runScreen) openLog() tea.Cmd {
	to := goal{at: r.failedAt(), before: true}
	if a := r.data.culprit(); a != nil {
		to.attempt = a.number
	}
	if r.tab != TabVerdict && !r.state.Empty() {
		for i := range r.data.all {
			if a := &r.data.all[i]; a.step.State == r.state && a.number > 0 {
				to = goal{attempt: a.number}
			}
		}
	}
	r.log.seek(to)
	return r.goTo(TabLog)
}
