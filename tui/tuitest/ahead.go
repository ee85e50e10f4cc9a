package tuitest

import (
	"sync/atomic"
	"time"

	"github.com/stepdeck/stepdeck/tui"
)

// Ahead is the computer's clock, which can be set ahead, for tests with a Term. Only Now is ahead:
// waiting takes as long as it does.
type Ahead struct {
	tui.Clock
	by atomic.Int64 // nanoseconds
}

// NewAhead is a clock that is right so far.
func NewAhead() *Ahead { return &Ahead{Clock: tui.RealClock()} }

// Now is the time that was set.
func (c *Ahead) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.by.Load())) }

// Asked waits for a dialog with the text, and until it takes keys.
func (c *Ahead) Asked(term *Term, text string) {
	term.t.Helper()
	term.See(text)
	c.by.Add(int64(time.Second))
}
