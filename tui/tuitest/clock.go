// Package tuitest lets tests use the console as a user does: press keys, let
// time pass, and look at the screen.
package tuitest

import (
	"sync"
	"time"
)

// Clock stands still until Advance moves it. It is safe for concurrent use.
// Tests with a Driver need none: they run in a bubble of testing/synctest.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	waiting []waiter
}

type waiter struct {
	due  time.Time
	wake chan time.Time
}

// NewClock is a clock that stands at start.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now is the instant that the clock was last moved to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After is a channel that receives once the clock has been moved on by d.
func (c *Clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := waiter{due: c.now.Add(d), wake: make(chan time.Time, 1)}
	c.waiting = append(c.waiting, w)
	c.fire()
	return w.wake
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.fire()
}

func (c *Clock) fire() {
	left := c.waiting[:0]
	for _, w := range c.waiting {
		if w.due.After(c.now) {
			left = append(left, w)
			continue
		}
		w.wake <- c.now
	}
	c.waiting = left
}
