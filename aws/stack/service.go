package stack

import (
	"time"
)

// Service does the use cases on the ports. It is safe for concurrent use.
type Service struct {
	ports Ports
	now   func() time.Time
}

// New makes the service.
func New(p Ports) *Service { return &Service{ports: p, now: time.Now} }

// WithClock makes now the date that change sets are named by and durations go by.
func (s *Service) WithClock(now func() time.Time) *Service {
	s.now = now
	return s
}
