package objects

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
)

// timeSource gives gofakes3 the time of a clock.
type timeSource struct{ clock.Clock }

// Since is the time that has passed.
func (t timeSource) Since(then time.Time) time.Duration { return t.Now().Sub(then) }
