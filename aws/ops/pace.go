package ops

import (
	"context"
	"errors"
	"time"
)

// The paces of polling. Polls come after the answer of the last.
const (
	followPace  = 1 * time.Second // the first pause
	followSlow  = 2 * time.Second // the pause after some polls without change
	slowestPace = time.Minute     // while AWS throttles
)

// pace is the pause before the next poll.
type pace struct{ pause time.Duration }

func newPace() *pace { return &pace{pause: followPace} }

// after adapts the pause to how the poll went. It returns err if polling is to
// end with it: throttling and lost connections pass, everything else does not.
func (p *pace) after(err error) error {
	switch KindOf(err) {
	case Throttled, Unreachable:
		p.pause = min(p.pause*2, slowestPace)
		return nil
	}
	if err == nil {
		p.pause = min(max(followPace, p.pause+followPace/4), followSlow)
	}
	return err
}

// sleep waits for d. It is false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// ended reports whether err is the caller's own cancelling.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}
