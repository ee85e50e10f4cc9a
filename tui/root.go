// Package tui is the frame of the console: the program that runs a stack of
// screens, and what all of them share (keys, dialogs, toasts, command line,
// filter line, help, audit).
package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Root is the program's only tea.Model. It routes messages and composes the
// frame; what is done and shown is the screens' own.
type Root struct {
	env      *Env
	options  Options
	commands []Command
	ctx      context.Context
	cancel   context.CancelFunc

	// stack are the open screens, the first one at the bottom.
	stack  []*Scope
	zoomed *Scope // has the whole window while it is on top
	line   *line  // the command or filter line, when open

	toasts   toasts
	problems []problem
	failed   tally
	stuck    tally
	// backgrounds go on, each with a badge.
	backgrounds []*background

	w, h           int
	blurred        bool
	paused         bool
	mouse          bool
	wheel          wheel
	alarm          time.Time // when the next wake falls due; zero: none asked for
	frame          tea.View
	dirty, quitted bool
}

// wake redraws what changes by time alone.
type wake struct{ at time.Time }

// NewRoot makes the program's model. ctx ends everything that the screens start.
func NewRoot(ctx context.Context, o Options) *Root {
	env := o.Env
	if env == nil {
		env = &Env{}
	}
	if env.Clock == nil {
		env.Clock = RealClock()
	}
	if env.Theme == nil {
		env.Theme = theme.New(o.Theme)
	}
	r := &Root{env: env, options: o, mouse: o.Mouse, dirty: true}
	r.ctx, r.cancel = context.WithCancel(ctx)
	env.work = &work{ctx: r.ctx}
	r.commands = append(r.builtins(), o.Commands...)
	return r
}

// Close ends all work of the screens and waits for it, at most limit; it
// reports whether all of it ended. Nothing may be sent to the Root afterwards.
func (r *Root) Close(limit time.Duration) bool {
	for len(r.stack) > 0 {
		r.drop()
	}
	r.cancel()
	return r.env.work.close(limit)
}

// Init opens the first screen and asks the terminal for its background.
func (r *Root) Init() tea.Cmd {
	ask := tea.RequestBackgroundColor
	if r.options.FixedTheme {
		ask = nil
	}
	return tea.Batch(r.push(r.options.Home), r.settle(), ask)
}

// Update routes a message and does what follows from it.
func (r *Root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if r.quitted {
		return r, nil
	}
	cmd := r.route(msg)
	return r, tea.Batch(cmd, r.settle(), r.wakeUp())
}

func (r *Root) route(msg tea.Msg) tea.Cmd {
	changed := true
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.w, r.h = max(0, msg.Width), max(0, msg.Height)
	case tea.FocusMsg:
		r.blurred = false
	case tea.BlurMsg:
		r.blurred = true
	case tea.BackgroundColorMsg:
		r.restyle(!msg.IsDark())
	case scoped:
		cmd, changed = r.scoped(msg)
	case navigation:
		cmd = r.navigate(msg)
	case tea.KeyPressMsg:
		cmd = r.key(msg)
	case tea.PasteMsg:
		cmd = r.paste(msg)
	case tea.MouseWheelMsg:
		cmd, changed = r.turn(msg), false
	case wheelEnd:
		cmd = r.scroll()
	case tea.MouseClickMsg:
		cmd = r.click(msg)
	case wake:
		// One that an earlier one has overtaken asks for no further one.
		if msg.at.Equal(r.alarm) {
			r.alarm = time.Time{}
		}
		r.toasts.expire(r.env.Clock.Now())
	default:
		cmd, changed = r.service(msg)
	}
	r.dirty = r.dirty || changed
	return cmd
}

// service does what screens ask of the program.
func (r *Root) service(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case toasted:
		r.toast(msg.kind, msg.text)
	case relocated:
		r.env.Where = msg.where
	case attention:
		now := r.env.Clock.Now()
		r.failed, r.stuck = tally{msg.failed, now}, tally{msg.stuck, now}
	case stuck:
		r.stuck = tally{msg.runs, r.env.Clock.Now()}
	case badged:
		return r.badge(msg), true
	case backgroundEnded:
		r.unbadge(msg)
	case saved:
		return r.save(msg), true
	default:
		return nil, false
	}
	return nil, true
}

func (r *Root) toast(kind ToastKind, text safe.Text) {
	r.toasts.add(r.env.Clock.Now(), kind, text)
}

// scoped takes a message to the screen that asked for it, covered or not.
func (r *Root) scoped(m scoped) (tea.Cmd, bool) {
	if m.scope.closed() {
		if m.change.Empty() {
			return nil, false
		}
		r.outcome(m)
		return nil, true
	}
	if m.call != nil && m.scope.calls[m.key] == m.call {
		r.note(m.msg)
	}
	return m.scope.take(m)
}

// outcome tells of a change whose screen has been left.
func (r *Root) outcome(m scoped) {
	r.note(m.msg)
	if err := failureOf(m.msg); err != nil {
		r.toast(Fail, safe.Linef("%s: %s", m.change, err))
		return
	}
	r.toast(Done, safe.Linef("%s: done", m.change))
}

// restyle makes the theme anew for a light or a dark background. All hold the
// same Theme, so it is changed in place.
func (r *Root) restyle(light bool) {
	o := r.env.Theme.Options()
	o.Light = light
	*r.env.Theme = *theme.New(o)
}

// wakeUp asks for a redraw at the moment when a toast expires or an age shows
// another number, unless an earlier one has been asked for.
func (r *Root) wakeUp() tea.Cmd {
	if r.quitted {
		return nil
	}
	now := r.env.Clock.Now()
	at, ok := r.toasts.next()
	if next, dated := r.nextAge(now); dated && (!ok || next.Before(at)) {
		at, ok = next, true
	}
	for _, counted := range []tally{r.failed, r.stuck} {
		if next, old := counted.nextAge(now); old && !r.blurred && (!ok || next.Before(at)) {
			at, ok = next, true
		}
	}
	if !ok || !r.alarm.IsZero() && !at.Before(r.alarm) {
		return nil
	}
	r.alarm = at
	return r.env.work.command(func() tea.Msg {
		select {
		case <-r.env.Clock.After(at.Sub(now)):
			return wake{at}
		case <-r.ctx.Done():
			return nil
		}
	})
}

// quit ends the program. What runs in AWS goes on.
func (r *Root) quit() tea.Cmd {
	r.quitted = true
	return tea.Quit
}
