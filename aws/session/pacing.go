package session

import (
	"context"
	"sync"
	"time"
)

// pacer holds calls back so that no API gets more than its share of the account's quota.
// It is safe for concurrent use.
type pacer struct {
	region string

	mu      sync.Mutex
	buckets map[string]*bucket
}

func newPacer(region string) *pacer {
	return &pacer{region: region, buckets: map[string]*bucket{}}
}

// wait returns when the call may be sent, or with the context's error.
func (p *pacer) wait(ctx context.Context, service, operation string) error {
	delay := p.take(service, operation)
	if delay <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		p.giveBack(service, operation)
		return ctx.Err()
	}
}

// debit counts a call that is sent without asking: a retry by the SDK, which has its own back-off.
func (p *pacer) debit(service, operation string) { p.take(service, operation) }

func (p *pacer) take(service, operation string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bucket(service, operation).take(time.Now())
}

func (p *pacer) giveBack(service, operation string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bucket(service, operation).tokens++
}

func (p *pacer) bucket(service, operation string) *bucket {
	key := service + "." + operation
	b, ok := p.buckets[key]
	if !ok {
		share := quotaOf(service, operation, p.region).share()
		b = &bucket{quota: share, tokens: share.capacity, filled: time.Now()}
		p.buckets[key] = b
	}
	return b
}

// bucket may go below zero: the debt is the queue of callers that already wait.
type bucket struct {
	quota
	tokens float64
	filled time.Time
}

// take removes one token and returns how long its holder has to wait for it.
func (b *bucket) take(now time.Time) time.Duration {
	b.tokens = min(b.capacity, b.tokens+now.Sub(b.filled).Seconds()*b.refill)
	b.filled = now
	b.tokens--
	if b.tokens >= 0 {
		return 0
	}
	return time.Duration(-b.tokens / b.refill * float64(time.Second))
}
