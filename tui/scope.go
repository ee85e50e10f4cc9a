package tui

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// batchWindow is the shortest time between two messages of one stream, so that
// a flood costs frames, not lines.
const batchWindow = 50 * time.Millisecond

// slowestPoll bounds the back-off of Again.
const slowestPoll = time.Minute

// Scope is what a screen starts work through. It owns the context of that
// work and the one guard against stale answers: a message reaches the screen
// only while the screen is there and the request is the newest of its key.
// Its methods and the functions below are called from Update only.
type Scope struct {
	// Env is what the program gives every screen.
	*Env

	screen Screen
	ctx    context.Context
	cancel context.CancelFunc
	calls  map[string]*call
	// held are the ticks that fell due while the screen could not be seen.
	held   map[string]scoped
	hidden bool
	misses map[string]int
}

// call is the newest request of one key.
type call struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// scoped is a message on its way to the screen that asked for it. next goes on
// with a stream once the message has been taken.
type scoped struct {
	scope *Scope
	key   string
	call  *call
	msg   tea.Msg
	next  tea.Cmd
	tick  bool
}

// Loaded is the answer to Load.
type Loaded[T any] struct {
	Key   string
	Value T
	Err   error
}

// Batch is what a stream brought since the last one. Done is set on the last.
type Batch[T any] struct {
	Key   string
	Items []T
	Done  bool
	Err   error
}

// Tick is the answer to After and Again.
type Tick struct{ Key string }

func newScope(parent context.Context, env *Env, screen Screen) *Scope {
	ctx, cancel := context.WithCancel(parent)
	return &Scope{
		Env: env, screen: screen, ctx: ctx, cancel: cancel,
		calls: map[string]*call{}, held: map[string]scoped{}, misses: map[string]int{},
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

// Cancel ends the request of the key, if one is under way.
func (s *Scope) Cancel(key string) {
	if c := s.calls[key]; c != nil {
		c.cancel()
		delete(s.calls, key)
	}
	delete(s.held, key)
}

// Busy reports whether a request of the key is under way.
func (s *Scope) Busy(key string) bool { return s.calls[key] != nil }

// close ends everything that the screen started.
func (s *Scope) close() {
	s.cancel()
	clear(s.calls)
	clear(s.held)
}

// take hands a message to its screen, unless it is stale.
func (s *Scope) take(m scoped) tea.Cmd {
	if s.calls[m.key] != m.call {
		return nil
	}
	if m.tick && s.hidden {
		s.held[m.key] = m
		return nil
	}
	if m.next == nil {
		m.call.cancel()
		delete(s.calls, m.key)
	}
	return tea.Batch(s.screen.Update(m.msg), m.next)
}

// show says whether the screen can be seen; ticks held meanwhile come at once.
func (s *Scope) show(seen bool) tea.Cmd {
	s.hidden = !seen
	if s.hidden {
		return nil
	}
	var cmds []tea.Cmd
	for key, m := range s.held {
		delete(s.held, key)
		cmds = append(cmds, s.take(m))
	}
	return tea.Batch(cmds...)
}

// Load runs fn off the UI goroutine and brings its result as a Loaded. A
// second Load of the same key ends the first.
func Load[T any](s *Scope, key string, limit time.Duration, fn func(context.Context) (T, error)) tea.Cmd {
	c := s.begin(key)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, limit)
		defer cancel()
		value, err := fn(ctx)
		return scoped{scope: s, key: key, call: c, msg: Loaded[T]{Key: key, Value: value, Err: err}}
	}
}

// Stream brings what the channel delivers as Batches. open's channel must be
// closed when its context ends.
func Stream[T any](s *Scope, key string, open func(context.Context) (<-chan T, error)) tea.Cmd {
	c := s.begin(key)
	return func() tea.Msg {
		items, err := open(c.ctx)
		if err != nil {
			return scoped{scope: s, key: key, call: c, msg: Batch[T]{Key: key, Done: true, Err: err}}
		}
		return collect(s, key, c, items)
	}
}

// collect waits for one item and takes along what comes within the window.
func collect[T any](s *Scope, key string, c *call, items <-chan T) tea.Msg {
	batch := Batch[T]{Key: key}
	item, open := <-items
	if open {
		batch.Items = append(batch.Items, item)
		batch.Items, open = gather(batch.Items, items, s.Clock.After(batchWindow))
	}
	batch.Done = !open
	m := scoped{scope: s, key: key, call: c, msg: batch}
	if open {
		m.next = func() tea.Msg { return collect(s, key, c, items) }
	}
	return m
}

func gather[T any](batch []T, items <-chan T, end <-chan time.Time) ([]T, bool) {
	for {
		select {
		case item, open := <-items:
			if !open {
				return batch, false
			}
			batch = append(batch, item)
		case <-end:
			return batch, true
		}
	}
}

// After brings a Tick once d has passed and the screen can be seen.
func After(s *Scope, key string, d time.Duration) tea.Cmd {
	c := s.begin(key)
	return func() tea.Msg {
		select {
		case <-s.Clock.After(d):
			return scoped{scope: s, key: key, call: c, msg: Tick{Key: key}, tick: true}
		case <-c.ctx.Done():
			return nil
		}
	}
}

// Again is After for the next poll, asked for once the last one has answered:
// after base where it succeeded, ever later while AWS throttles or does not
// answer.
func Again(s *Scope, key string, base time.Duration, err error) tea.Cmd {
	kind := ops.KindOf(err)
	var problem *ops.Problem
	if err == nil || !errors.As(err, &problem) || (kind != ops.Throttled && kind != ops.Unreachable) {
		delete(s.misses, key)
		return After(s, key, base)
	}
	s.misses[key]++
	pause := base
	for range s.misses[key] {
		pause = min(2*pause, slowestPoll)
	}
	// Consoles that were throttled together must not come back together.
	pause += time.Duration(rand.Float64() * float64(pause) / 4) //nolint:gosec // chance, not a secret
	return After(s, key, min(pause, slowestPoll))
}
