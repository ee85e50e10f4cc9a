// Package logs is CloudWatch Logs of local AWS: groups, streams, events,
// filters, retention and Live Tail.
package logs

import (
	"errors"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Options are what a Service works with. All are needed.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	// Account and Region stand in the ARNs.
	Account, Region string
}

// Service holds every group in memory and writes through to the store. Events
// take about 60 bytes each beyond their text.
type Service struct {
	opts Options

	mu         sync.RWMutex
	groups     map[string]*group
	lastStream uint64
	tails      map[*tail]struct{}
	closed     bool

	closing chan struct{}
	serving sync.WaitGroup
}

// New loads what the store has. The caller closes the Service.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Clock == nil || opts.Account == "" || opts.Region == "" {
		return nil, errors.New("logs: store, clock, account and region must be given")
	}
	s := &Service{opts: opts, groups: map[string]*group{}, tails: map[*tail]struct{}{}, closing: make(chan struct{})}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the Live Tail sessions and waits for them.
func (s *Service) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.serving.Wait()
	return nil
}

// API is the service for the router.
func (s *Service) API() wire.Service {
	return wire.Service{
		Name: "logs", Target: "Logs_20140328", JSON: "1.1",
		Operations: map[string]wire.Handler{
			"CreateLogGroup":        wire.Op(s.createLogGroup),
			"DeleteLogGroup":        wire.Op(s.deleteLogGroup),
			"DescribeLogGroups":     wire.Op(s.describeLogGroups),
			"CreateLogStream":       wire.Op(s.createLogStream),
			"DeleteLogStream":       wire.Op(s.deleteLogStream),
			"DescribeLogStreams":    wire.Op(s.describeLogStreams),
			"PutLogEvents":          wire.Op(s.putLogEvents),
			"GetLogEvents":          wire.Op(s.getLogEvents),
			"FilterLogEvents":       wire.Op(s.filterLogEvents),
			"PutRetentionPolicy":    wire.Op(s.putRetentionPolicy),
			"DeleteRetentionPolicy": wire.Op(s.deleteRetentionPolicy),
			"TagResource":           wire.Op(s.tagResource),
			"UntagResource":         wire.Op(s.untagResource),
			"ListTagsForResource":   wire.Op(s.listTagsForResource),
		},
		Streams: map[string]wire.StreamHandler{"StartLiveTail": s.startLiveTail},
	}
}

// none is the answer of operations that tell nothing.
type none struct{}
