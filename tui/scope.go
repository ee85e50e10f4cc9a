package tui

import (
	"context"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// batchWindow is the shortest time between two messages of one stream, so that
// a flood costs frames, not lines.
const batchWindow = 50 * time.Millisecond

// slowestPoll bounds the back-off of Again.
const slowestPoll = time.Minute

// Scope is what a screen starts work through. It owns the context of that
// work and the one guard against stale answers: a message reaches the screen
// only while the screen is there and the request is the newest of its key.
// Its methods and the functions that take it are called from Update only; the
// work itself, on other goroutines, sees nothing of it that changes.
type Scope struct {
	// Env is what the program gives every screen.
	*Env

	screen Screen
	ctx    context.Context
	cancel context.CancelFunc
	calls  map[string]*call
	// held are the ticks that fell due while nobody could see the screen.
	held map[string]scoped
	// live opens what is followed, by key.
	live map[string]func() tea.Cmd
	// hidden: the screen is covered, or the terminal has lost the focus.
	// paused: the user wants no reading by itself.
	hidden, paused bool
	misses         map[string]int
	// dialogs are asked over the screen, the last on top.
	dialogs []*asking
}

// call is the newest request of one key.
type call struct {
	ctx    context.Context
	cancel context.CancelFunc
	timer  timer
}

// timer tells waits from other calls. A poll can be paused, a delay cannot.
type timer int

const (
	noTimer timer = iota
	delay
	poll
)

// scoped is a message on its way to the screen that asked for it. next goes on
// with a stream once the message has been taken. change is set on the outcome
// of a change, which is told even where the screen has been left.
type scoped struct {
	scope  *Scope
	key    string
	call   *call
	msg    tea.Msg
	next   tea.Cmd
	change safe.Text
}

// Tick is the answer to After and Again.
type Tick struct{ Key string }

func newScope(parent context.Context, env *Env, screen Screen) *Scope {
	ctx, cancel := context.WithCancel(parent)
	return &Scope{
		Env: env, screen: screen, ctx: ctx, cancel: cancel, hidden: true,
		calls: map[string]*call{}, held: map[string]scoped{}, live: map[string]func() tea.Cmd{}, misses: map[string]int{},
	}
}

// begin makes a request of the key the newest one and ends the one before.
func (s *Scope) begin(key string) *call {
	s.Cancel(key)
	ctx, cancel := context.WithCancel(s.ctx)
	c := &call{ctx: ctx, cancel: cancel}
	s.calls[key] = c
	return c
}

// Cancel ends the request of the key, if one is under way. Its answer, and the
// rest of its stream, will not come.
func (s *Scope) Cancel(key string) {
	s.interrupt(key)
	delete(s.held, key)
	delete(s.live, key)
}

func (s *Scope) interrupt(key string) {
	if c := s.calls[key]; c != nil {
		c.cancel()
		delete(s.calls, key)
	}
}

// Busy reports whether a request of the key is under way, or is followed.
func (s *Scope) Busy(key string) bool { return s.calls[key] != nil || s.live[key] != nil }

// close ends everything that the screen started, changes excepted.
func (s *Scope) close() {
	s.cancel()
	for _, c := range s.calls {
		c.cancel()
	}
	clear(s.calls)
	clear(s.held)
	clear(s.live)
}

func (s *Scope) closed() bool { return s.ctx.Err() != nil }

// take hands a message to its screen, unless it is stale. It reports whether
// the screen got it.
func (s *Scope) take(m scoped) (tea.Cmd, bool) {
	if m.call == nil || s.calls[m.key] != m.call {
		return nil, false
	}
	if m.call.timer != noTimer && s.holds(m.call.timer) {
		s.held[m.key] = m
		return nil, false
	}
	return s.deliver(m), true
}

func (s *Scope) deliver(m scoped) tea.Cmd {
	if m.next == nil {
		m.call.cancel()
		delete(s.calls, m.key)
		delete(s.live, m.key)
	}
	return tea.Batch(s.update(m.msg), m.next)
}

func (s *Scope) holds(t timer) bool { return s.hidden || s.paused && t == poll }

// show says whether the screen can be seen and reads by itself; ticks held
// meanwhile come at once.
func (s *Scope) show(seen, paused bool) tea.Cmd {
	if s.hidden == !seen && s.paused == paused {
		return nil
	}
	s.hidden, s.paused = !seen, paused
	var cmds []tea.Cmd
	for _, key := range slices.Sorted(maps.Keys(s.held)) {
		if m, due := s.held[key]; due && !s.holds(m.call.timer) {
			delete(s.held, key)
			cmds = append(cmds, s.deliver(m))
		}
	}
	return tea.Batch(append(cmds, s.goLive())...)
}

// refresh lets every poll of the screen fall due now.
func (s *Scope) refresh() tea.Cmd {
	var cmds []tea.Cmd
	for _, key := range slices.Sorted(maps.Keys(s.calls)) {
		if c := s.calls[key]; c != nil && c.timer == poll {
			delete(s.held, key)
			cmds = append(cmds, s.deliver(scoped{scope: s, key: key, call: c, msg: Tick{Key: key}}))
		}
	}
	return tea.Batch(cmds...)
}

// update is the screen's Update; what it returns is marked as the screen's.
func (s *Scope) update(msg tea.Msg) tea.Cmd { return s.own(s.screen.Update(msg)) }

// own marks the navigation that cmd asks for, so that a screen that has been
// left or covered meanwhile moves nothing.
func (s *Scope) own(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		msg := cmd()
		if n, ok := msg.(navigation); ok {
			n.from = s
			return n
		}
		// A batch and a sequence, whose type is the library's own, hold commands.
		if v := reflect.ValueOf(msg); v.IsValid() && v.Type().Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() {
				v.Index(i).Set(reflect.ValueOf(s.own(v.Index(i).Interface().(tea.Cmd))))
			}
		}
		return msg
	}
}

// After brings a Tick once d has passed and the screen can be seen.
func After(s *Scope, key string, d time.Duration) tea.Cmd { return s.wait(key, d, delay) }

// Again is After for the next poll, asked for once the last one has answered:
// after base where it succeeded, ever later, up to a minute, while AWS
// throttles or does not answer. The user can pause polls, and ask for them at
// once by r, which brings the Tick early.
func Again(s *Scope, key string, base time.Duration, err error) tea.Cmd {
	if kind := ops.KindOf(err); kind != ops.Throttled && kind != ops.Unreachable {
		delete(s.misses, key)
		return s.wait(key, base, poll)
	}
	s.misses[key]++
	pause := base
	for range s.misses[key] {
		pause = min(2*pause, slowestPoll)
	}
	// Consoles that were throttled together must not come back together.
	pause -= time.Duration(rand.Float64() * float64(pause) / 4)
	return s.wait(key, max(pause, base), poll)
}

func (s *Scope) wait(key string, d time.Duration, kind timer) tea.Cmd {
	c := s.begin(key)
	c.timer = kind
	return s.work.command(func() tea.Msg {
		select {
		case <-s.Clock.After(d):
			return scoped{scope: s, key: key, call: c, msg: Tick{Key: key}}
		case <-c.ctx.Done():
			return nil
		}
	})
}
