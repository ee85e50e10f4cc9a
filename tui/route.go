package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

const readOnlyReason = "read-only: nothing can be changed from here"

// key gives a key to whoever comes first: the dialog on top, the open line,
// the screen's actions, the program, the screen.
func (r *Root) key(k tea.KeyPressMsg) tea.Cmd {
	s := r.top()
	switch {
	case k.String() == "ctrl+c":
		return r.quit()
	case s == nil:
		return nil
	case s.dialog() != nil:
		return s.answer(k)
	case r.line != nil:
		return r.line.key(r, k)
	}
	if a, bound := r.action(k); bound && (k.Text == "" || !s.screen.Capturing()) {
		return r.act(a, k)
	}
	if s.screen.Capturing() {
		return s.update(k)
	}
	if id, bound := global(k); bound {
		if cmd, done := r.globally(id); done {
			return cmd
		}
	}
	return s.update(k)
}

// action is the first of the top screen's actions that the key is bound to.
func (r *Root) action(k tea.KeyPressMsg) (Action, bool) {
	for _, a := range r.top().screen.Actions() {
		if slices.Contains(BindingOf(a.ID).Keys, k.String()) {
			return a, true
		}
	}
	return Action{}, false
}

// reason is why an action cannot be done now.
func (e *Env) reason(a Action) string {
	if e.ReadOnly && BindingOf(a.ID).Changes {
		return readOnlyReason
	}
	return a.Disabled
}

// act runs an action, or gives its key to the screen that does so itself.
func (r *Root) act(a Action, k tea.KeyPressMsg) tea.Cmd {
	if reason := r.env.reason(a); reason != "" {
		b := BindingOf(a.ID)
		r.toast(Warn, safe.Linef("%s %s: %s", b.Name(), b.title(), reason))
		return nil
	}
	if a.Run == nil {
		return r.top().update(k)
	}
	return r.top().own(a.Run())
}

// global is the row of the table that works everywhere.
func global(k tea.KeyPressMsg) (ID, bool) {
	for _, b := range Bindings {
		if b.Place == Everywhere && slices.Contains(b.Keys, k.String()) {
			return b.ID, true
		}
	}
	return "", false
}

// globally does what the program itself does for a key; the rest of the
// Everywhere keys are the screen's.
func (r *Root) globally(id ID) (cmd tea.Cmd, done bool) {
	switch id {
	case KeyCommand:
		r.line = newCommandLine(r, "")
	case KeyFilter:
		return nil, r.openFilter()
	case KeyHelp:
		return r.help(), true
	case KeyAudit:
		return r.audit(), true
	case KeyBack:
		r.back()
	case KeyClose:
		if !r.pop() {
			return r.quit(), true
		}
	case KeyRefresh:
		return r.top().refresh(), true
	case KeyPause:
		r.paused = !r.paused
	case KeyMouse:
		r.mouse = !r.mouse
	case KeyZoom:
		return r.zoom(), true
	case KeyProfile:
		return nil, r.openCommand("profile")
	case KeyRegion:
		return nil, r.openCommand("region")
	case KeyCopy, KeyCopyARN, KeyWeb, KeyExport:
		return r.pick(id), true
	default:
		return nil, false
	}
	return nil, true
}

// back takes one step back and never quits.
func (r *Root) back() {
	if f, ok := r.top().screen.(Filterable); ok && f.Filter() != "" {
		_ = f.SetFilter("") // no filter is always right
		return
	}
	if r.zooms() {
		r.zoomed = nil
		return
	}
	r.pop()
}

// paste gives pasted text to a field; it is never taken for keys.
func (r *Root) paste(msg tea.PasteMsg) tea.Cmd {
	s := r.top()
	switch {
	case s == nil:
	case s.dialog() != nil:
		if d := s.dialog(); d.armed(r.env.Clock.Now()) {
			d.paste(msg.Content)
		}
	case r.line != nil:
		r.line.paste(r, msg.Content)
	case s.screen.Capturing():
		return s.update(msg)
	}
	return nil
}
