package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// work counts what runs off the UI goroutine, so that the program can wait for
// it when it ends.
type work struct {
	// ctx ends with the program.
	ctx     context.Context
	mu      sync.Mutex
	running sync.WaitGroup
	closed  bool
}

// start reports false once the program has ended.
func (w *work) start() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.running.Add(1)
	return true
}

// close lets nothing new start and waits for what runs, at most limit.
func (w *work) close(limit time.Duration) bool {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		w.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// command makes fn a command that the program waits for.
func (w *work) command(fn func() tea.Msg) tea.Cmd {
	return func() tea.Msg {
		if !w.start() {
			return nil
		}
		defer w.running.Done()
		return fn()
	}
}

// Loaded is the answer to Load and Do.
type Loaded[T any] struct {
	Key   string
	Value T
	Err   error
}

func (l Loaded[T]) failure() error { return l.Err }

// Batch is what a stream brought since the last one. Done is set on the last.
type Batch[T any] struct {
	Key   string
	Items []T
	Done  bool
	Err   error
}

func (b Batch[T]) failure() error { return b.Err }

// Load runs fn off the UI goroutine and brings its result as a Loaded. A
// second Load of the same key ends the first. limit bounds the whole of fn.
func Load[T any](s *Scope, key string, limit time.Duration, fn func(context.Context) (T, error)) tea.Cmd {
	c := s.begin(key)
	return s.work.command(func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, limit)
		defer cancel()
		value, err := fn(ctx)
		return scoped{scope: s, key: key, call: c, msg: Loaded[T]{Key: key, Value: value, Err: err}}
	})
}

// Do is Load for a change: once asked for it runs to its end or limit, also
// when the screen is left or the program quits. If the screen has been left,
// a toast tells what became of it. While one is under way, another of the same
// key is refused.
func Do[T any](s *Scope, key string, what safe.Text, limit time.Duration, fn func(context.Context) (T, error)) tea.Cmd {
	if s.Busy(key) {
		return Toast(Warn, safe.Linef("%s is under way already; wait for its result", what))
	}
	c := s.begin(key)
	c.cancel()
	c.cancel = func() {}
	lasting := context.WithoutCancel(s.ctx)
	return s.work.command(func() tea.Msg {
		ctx, cancel := context.WithTimeout(lasting, limit)
		defer cancel()
		value, err := fn(ctx)
		return scoped{scope: s, key: key, call: c, change: what, msg: Loaded[T]{Key: key, Value: value, Err: err}}
	})
}

// Stream brings what the channel delivers as Batches, at most one per 50 ms.
// open's channel must be closed when its context ends.
func Stream[T any](s *Scope, key string, open func(context.Context) (<-chan T, error)) tea.Cmd {
	c := s.begin(key)
	return s.work.command(func() tea.Msg {
		items, err := open(c.ctx)
		if err != nil {
			return scoped{scope: s, key: key, call: c, msg: Batch[T]{Key: key, Done: true, Err: err}}
		}
		return collect(s, key, c, items)
	})
}

// collect waits for one item and takes along what comes within the window. It
// ends with the stream's context, whatever the channel does.
func collect[T any](s *Scope, key string, c *call, items <-chan T) tea.Msg {
	batch := Batch[T]{Key: key}
	var item T
	var open bool
	select {
	case item, open = <-items:
	case <-c.ctx.Done():
		return nil
	}
	if open {
		batch.Items = append(batch.Items, item)
		batch.Items, open = gather(c.ctx, batch.Items, items, s.Clock.After(batchWindow))
	}
	batch.Done = !open
	m := scoped{scope: s, key: key, call: c, msg: batch}
	if open {
		m.next = s.work.command(func() tea.Msg { return collect(s, key, c, items) })
	}
	return m
}

func gather[T any](ctx context.Context, batch []T, items <-chan T, end <-chan time.Time) ([]T, bool) {
	for {
		select {
		case item, open := <-items:
			if !open {
				return batch, false
			}
			batch = append(batch, item)
		case <-end:
			return batch, true
		case <-ctx.Done():
			return batch, true
		}
	}
}
