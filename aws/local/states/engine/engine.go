// Package engine carries out runs: it interprets a machine step by step, writes
// the history, and keeps what it needs to go on after a restart or a redrive.
//
// A run is a tree of frames: one for the machine, and one for each branch of a
// Parallel state and each iteration of a Map state that is under way. A frame
// is plain data; goroutines exist only for calls of other services.
package engine

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/states/tasks"
	"github.com/stepdeck/stepdeck/aws/local/store"
)

// closeGrace is how long Close lets calls of other services finish.
const closeGrace = 2 * time.Second

// Engine carries out runs. Its owner closes it.
type Engine struct {
	clock    clock.Clock
	region   string
	services tasks.Services
	log      *slog.Logger
	journal  journal
	tokens   *tokens

	calls  context.Context // of services; ends when Close loses patience
	waits  context.Context // for Sync tasks; ends with Close
	cancel func()
	drop   func()

	mu      sync.Mutex
	closed  bool
	working sync.WaitGroup
}

// Config is what an engine works with.
type Config struct {
	Store    *store.Store
	Region   string
	Services tasks.Services
	Log      *slog.Logger
}

// New makes an engine that keeps its runs in the store.
func New(c Config) (*Engine, error) {
	tokens, err := newTokens(c.Store)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		clock: c.Services.Clock, region: c.Region, services: c.Services, log: c.Log,
		journal: journal{store: c.Store}, tokens: tokens,
	}
	e.calls, e.drop = context.WithCancel(context.Background())
	e.waits, e.cancel = context.WithCancel(e.calls)
	return e, nil
}

// Close stops the timers' effect and waits for the calls under way. Runs that
// are open go on when an engine loads them again.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.cancel()
	patience := time.AfterFunc(closeGrace, e.drop)
	e.working.Wait()
	patience.Stop()
	e.drop()
}

// spawn runs f in a goroutine that Close waits for. After Close it does nothing.
func (e *Engine) spawn(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.working.Go(f)
}

// after runs f once d has passed, unless the engine is closed by then.
func (e *Engine) after(d time.Duration, f func()) (stop func() bool) {
	return e.clock.AfterFunc(d, func() {
		e.mu.Lock()
		if e.closed {
			e.mu.Unlock()
			return
		}
		e.working.Add(1)
		e.mu.Unlock()
		defer e.working.Done()
		f()
	})
}

func (e *Engine) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

func random() float64 { return rand.Float64() }
