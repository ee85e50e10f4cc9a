package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// wheelWindow is the time whose turns of the wheel are taken together.
const wheelWindow = 16 * time.Millisecond

// wheelStep is the lines that one notch moves, mostWheel those of one window.
const (
	wheelStep = 3
	mostWheel = 60
)

// wheel gathers turns, positive is down.
type wheel struct {
	turned  int
	waiting bool
}

type wheelEnd struct{}

func (r *Root) turn(m tea.MouseWheelMsg) tea.Cmd {
	switch m.Button {
	case tea.MouseWheelDown:
		r.wheel.turned += wheelStep
	case tea.MouseWheelUp:
		r.wheel.turned -= wheelStep
	default:
		return nil
	}
	if r.wheel.waiting {
		return nil
	}
	r.wheel.waiting = true
	return r.env.work.command(func() tea.Msg {
		select {
		case <-r.env.Clock.After(wheelWindow):
			return wheelEnd{}
		case <-r.ctx.Done():
			return nil
		}
	})
}

// scroll moves by what was turned, as if by keys.
func (r *Root) scroll() tea.Cmd {
	n, code := r.wheel.turned, tea.KeyDown
	r.wheel = wheel{}
	if n < 0 {
		n, code = -n, tea.KeyUp
	}
	s := r.top()
	if s == nil || s.dialog() != nil || r.line != nil {
		return nil
	}
	var cmds []tea.Cmd
	for range min(n, mostWheel) {
		cmds = append(cmds, s.update(tea.KeyPressMsg{Code: code}))
	}
	return tea.Batch(cmds...)
}

// click is given to the screen in its own coordinates.
func (r *Root) click(m tea.MouseClickMsg) tea.Cmd {
	s := r.top()
	if s == nil || s.dialog() != nil || r.line != nil || !r.fits() {
		return nil
	}
	m.Y -= r.bodyTop()
	if m.Y < 0 || m.Y >= r.bodyHeight() {
		return nil
	}
	return s.update(m)
}
