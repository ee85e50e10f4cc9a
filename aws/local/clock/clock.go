// Package clock tells local AWS the time, so that tests can move it.
package clock

import (
	"sync"
	"time"
)

// Clock is the time that a service of local AWS lives by.
type Clock interface {
	// Now is the present instant.
	Now() time.Time
	// AfterFunc runs f in its own goroutine once d has passed. The returned
	// stop keeps f from running and reports whether it did so.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Real is the computer's own clock.
func Real() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// After is a channel that receives once d has passed on c, and a stop that
// releases the timer when nobody waits any longer.
func After(c Clock, d time.Duration) (<-chan struct{}, func()) {
	done := make(chan struct{})
	stop := c.AfterFunc(d, func() { close(done) })
	return done, func() { stop() }
}

// Manual stands still until Advance moves it.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*manualTimer]struct{}
}

type manualTimer struct {
	due time.Time
	run func()
}

// NewManual is a clock that stands at start.
func NewManual(start time.Time) *Manual {
	return &Manual{now: start, timers: map[*manualTimer]struct{}{}}
}

// Now is the instant that the clock was last moved to.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// AfterFunc registers f; Advance runs it.
func (m *Manual) AfterFunc(d time.Duration, f func()) func() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	timer := &manualTimer{due: m.now.Add(d), run: f}
	m.timers[timer] = struct{}{}
	return func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		_, waiting := m.timers[timer]
		delete(m.timers, timer)
		return waiting
	}
}

// Advance moves the clock on by d, running what falls due in order of its
// time. It returns when those functions have returned.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	end := m.now.Add(d)
	for {
		next := m.earliest(end)
		if next == nil {
			break
		}
		if next.due.After(m.now) {
			m.now = next.due
		}
		delete(m.timers, next)
		m.mu.Unlock()
		next.run()
		m.mu.Lock()
	}
	m.now = end
	m.mu.Unlock()
}

// Timers is how many functions wait, for tests that must not move the clock
// before a service has set its timer.
func (m *Manual) Timers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.timers)
}

func (m *Manual) earliest(limit time.Time) *manualTimer {
	var first *manualTimer
	for timer := range m.timers {
		if timer.due.After(limit) {
			continue
		}
		if first == nil || timer.due.Before(first.due) {
			first = timer
		}
	}
	return first
}
