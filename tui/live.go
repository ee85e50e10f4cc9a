package tui

import (
	"context"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// Live is Stream for what is followed: it ends while nobody can see the screen
// or reading is paused, and is opened anew after that.
func Live[T any](s *Scope, key string, open func(context.Context) (<-chan T, error)) tea.Cmd {
	s.Cancel(key)
	s.live[key] = func() tea.Cmd { return Stream(s, key, open) }
	return s.goLive()
}

// goLive opens what is followed, or ends it for now.
func (s *Scope) goLive() tea.Cmd {
	var cmds []tea.Cmd
	for _, key := range slices.Sorted(maps.Keys(s.live)) {
		switch {
		case s.holds(poll):
			s.interrupt(key)
		case s.calls[key] == nil:
			open := s.live[key]
			cmds = append(cmds, open())
			s.live[key] = open // a new request forgets it
		}
	}
	return tea.Batch(cmds...)
}
