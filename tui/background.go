package tui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// background is work that outlives the screen that began it.
type background struct {
	badges chan safe.Text // the newest that was not taken
	badge  safe.Text      // as shown
	ended  bool
}

// badged is what a background's header badge says now.
type badged struct {
	work  *background
	badge safe.Text
	next  tea.Cmd
}

// backgroundEnded takes its badge away and tells of its outcome.
type backgroundEnded struct {
	work    *background
	outcome toasted
	then    func()
}

// Background runs fn until it returns, whatever becomes of the screen that asks.
// Its context ends with the program, which then waits some seconds for it. What
// fn tells stands in the header meanwhile; what it returns is a toast. then, unless nil, is called
// where screens are updated, before the toast is seen, also when the screen that asked was left.
func Background(s *Scope, fn func(ctx context.Context, tell func(badge safe.Text)) (ToastKind, safe.Text), then func()) tea.Cmd {
	w, clock, ctx := &background{badges: make(chan safe.Text, 1)}, s.Clock, s.work.ctx
	run := s.work.command(func() tea.Msg {
		defer close(w.badges)
		kind, text := fn(ctx, w.tell)
		return backgroundEnded{w, toasted{kind, text}, then}
	})
	var follow tea.Cmd
	follow = s.work.command(func() tea.Msg {
		badge, open := <-w.badges
		if !open {
			return nil
		}
		select {
		case <-clock.After(batchWindow):
		case <-ctx.Done():
		}
		return badged{w, badge, follow}
	})
	return tea.Batch(run, follow)
}

// tell replaces a badge that was not taken yet. It is called by one goroutine.
func (w *background) tell(badge safe.Text) {
	select {
	case <-w.badges:
	default:
	}
	w.badges <- badge
}

// badge shows what a background tells, and waits for the next.
func (r *Root) badge(m badged) tea.Cmd {
	if !m.work.ended && !slices.Contains(r.backgrounds, m.work) {
		r.backgrounds = append(r.backgrounds, m.work)
	}
	m.work.badge = m.badge
	return m.next
}

func (r *Root) unbadge(m backgroundEnded) {
	m.work.ended = true
	r.backgrounds = slices.DeleteFunc(r.backgrounds, func(w *background) bool { return w == m.work })
	if m.then != nil {
		m.then()
	}
	r.toast(m.outcome.kind, m.outcome.text)
}
