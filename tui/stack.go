package tui

import (
	tea "charm.land/bubbletea/v2"
)

func (r *Root) top() *Scope {
	if len(r.stack) == 0 {
		return nil
	}
	return r.stack[len(r.stack)-1]
}

func (r *Root) push(screen Screen) tea.Cmd {
	s := newScope(r.ctx, r.env, screen)
	r.stack = append(r.stack, s)
	r.line = nil
	return s.own(screen.Open(s))
}

// drop leaves the top screen.
func (r *Root) drop() {
	if r.zooms() {
		r.zoomed = nil
	}
	r.top().close()
	r.stack = r.stack[:len(r.stack)-1]
	r.line = nil
}

// navigate moves between screens. A screen that has been left or covered
// since it asked moves nothing.
func (r *Root) navigate(n navigation) tea.Cmd {
	from := n.from
	if from == nil {
		from = r.top()
	}
	if what, ok := n.what.(asked); ok {
		if !from.closed() {
			from.ask(what.dialog)
		}
		return nil
	}
	if from != r.top() {
		return nil
	}
	switch what := n.what.(type) {
	case pushed:
		return r.push(what.screen)
	case popped:
		r.pop()
	case returned:
		for r.pop() {
		}
	case replaced:
		r.drop()
		return r.push(what.screen)
	case restarted:
		for len(r.stack) > 0 {
			r.drop()
		}
		r.env.Where, r.env.Protected = what.where, what.protected
		r.failed, r.stuck = tally{}, tally{}
		return r.push(what.home)
	}
	return nil
}

// pop leaves the top screen unless it is the only one.
func (r *Root) pop() bool {
	if len(r.stack) < 2 {
		return false
	}
	r.drop()
	return true
}

// settle tells every screen whether it can be seen: nothing polls while the
// terminal is elsewhere, or another screen or a question is on top.
func (r *Root) settle() tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range r.stack {
		onTop := s == r.top()
		s.seen(onTop)
		cmds = append(cmds, s.show(onTop && !r.blurred && s.dialog() == nil, r.paused))
	}
	return tea.Batch(cmds...)
}
