package ops

import (
	"context"
	"sync"
	"time"
)

// Rate is a token bucket: Burst calls at once, then PerSecond. A PerSecond of 0
// paces nothing.
type Rate struct{ Burst, PerSecond float64 }

// Time is how long n calls take at the rate, after the bucket was full.
func (r Rate) Time(n int) time.Duration {
	if r.PerSecond <= 0 || float64(n) <= r.Burst {
		return 0
	}
	return time.Duration((float64(n) - r.Burst) / r.PerSecond * float64(time.Second))
}

// bucket hands out calls at a rate.
type bucket struct {
	rate Rate

	mu     sync.Mutex
	tokens float64
	filled time.Time
}

func newBucket(r Rate) *bucket {
	return &bucket{rate: r, tokens: max(1, r.Burst), filled: time.Now()}
}

// wait returns when the next call may be made. It is false when ctx ended before.
func (b *bucket) wait(ctx context.Context) bool {
	if b.rate.PerSecond <= 0 {
		return ctx.Err() == nil
	}
	if delay := b.take(time.Now()); delay > 0 {
		return sleep(ctx, delay)
	}
	return ctx.Err() == nil
}

func (b *bucket) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(max(1, b.rate.Burst), b.tokens+now.Sub(b.filled).Seconds()*b.rate.PerSecond)
	b.filled = now
	b.tokens--
	return time.Duration(max(0, -b.tokens/b.rate.PerSecond*float64(time.Second)))
}

// patiently repeats f, ever more slowly, for as long as AWS throttles it.
func patiently(ctx context.Context, f func() error) error {
	for pause := followPace; ; pause = min(2*pause, slowestPace) {
		if err := f(); KindOf(err) != Throttled || !sleep(ctx, pause) {
			return err
		}
	}
}
