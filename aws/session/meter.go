package session

import (
	"sync"
	"time"
)

// Meter counts the calls that were sent to AWS. It is safe for concurrent use.
type Meter struct {
	mu        sync.Mutex
	calls     minute
	throttles minute
	waiting   int
}

// Rates is what the meter showed at one moment.
type Rates struct {
	// CallsPerMinute and ThrottlesPerMinute count requests, retries included, in the last 60 seconds.
	CallsPerMinute     int
	ThrottlesPerMinute int
	// Waiting is how many calls are held back now to stay inside the share of the quota.
	Waiting int
}

// Rates reads the meter.
func (m *Meter) Rates() Rates {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	return Rates{
		CallsPerMinute:     m.calls.sum(now),
		ThrottlesPerMinute: m.throttles.sum(now),
		Waiting:            m.waiting,
	}
}

func (m *Meter) sent(throttled bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.calls.add(now)
	if throttled {
		m.throttles.add(now)
	}
}

// hold counts a caller as waiting until the returned function is called.
func (m *Meter) hold() (release func()) {
	m.wait(1)
	return func() { m.wait(-1) }
}

func (m *Meter) wait(delta int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting += delta
}

// minute is a ring of per-second counts: constant memory whatever the rate.
type minute struct {
	counts [60]int
	second [60]int64
}

func (m *minute) add(now time.Time) {
	s := now.Unix()
	slot := s % 60
	if m.second[slot] != s {
		m.second[slot], m.counts[slot] = s, 0
	}
	m.counts[slot]++
}

func (m *minute) sum(now time.Time) int {
	total, oldest := 0, now.Unix()-59
	for i, s := range m.second {
		if s >= oldest {
			total += m.counts[i]
		}
	}
	return total
}
