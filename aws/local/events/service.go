// Package events is the EventBridge of local AWS: rules on the default bus,
// and the delivery of ECS events to the state machines that rules name.
package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Buckets of the store.
const (
	ruleBucket     = "events/rules"
	deliveryBucket = "events/deliveries"
	letterBucket   = "events/deadletters"
)

// Options are what a Service works with. All are needed.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	// Account and Region stand in ARNs and events.
	Account, Region string
	// Invoke reaches Step Functions.
	Invoke func(ctx context.Context, service, operation string, body []byte) ([]byte, error)
	// Log takes events that could not be delivered.
	Log *slog.Logger
}

// Service is EventBridge. What it is to deliver is kept in the store until it
// is delivered, at least once each.
type Service struct {
	opts Options

	mu     sync.Mutex
	rules  map[string]*ruleRecord // by name
	queue  []*delivery
	last   uint64 // the number of the newest delivery
	letter uint64 // the number of the newest dead letter
	closed bool

	wake    chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// New loads the rules and what is to deliver; Recover begins to deliver. The
// caller closes the Service.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Clock == nil || opts.Account == "" || opts.Region == "" || opts.Invoke == nil || opts.Log == nil {
		return nil, errors.New("events: store, clock, account, region, invoke and log must be given")
	}
	s := &Service{opts: opts, rules: map[string]*ruleRecord{}, wake: make(chan struct{}, 1)}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("load EventBridge: %w", err)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// load reads what an earlier service kept.
func (s *Service) load() error {
	return errors.Join(
		store.Load(s.opts.Store, ruleBucket, "", func(name string, r *ruleRecord) error {
			s.rules[name] = r
			return r.parse()
		}),
		store.Load(s.opts.Store, deliveryBucket, "", func(_ string, d *delivery) error {
			s.queue = append(s.queue, d)
			s.last = max(s.last, d.Number)
			return nil
		}),
		s.opts.Store.Each(letterBucket, "", func(key string, _ []byte) error {
			_, err := fmt.Sscanf(key, "%d", &s.letter)
			return err
		}))
}

// Recover delivers what an earlier service did not get to, and from now on
// what comes. Call it once, when Step Functions is there.
func (s *Service) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Go(s.deliverAll)
	}
}

// Close waits until no delivery is under way. What is left stays in the store.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for _, d := range s.queue {
		if d.stop != nil {
			d.stop()
		}
	}
	s.mu.Unlock()
	s.cancel()
	s.running.Wait()
}

// API is the service for the router.
func (s *Service) API() wire.Service {
	return wire.Service{
		Name: "events", Target: "AWSEvents", JSON: "1.1",
		Operations: map[string]wire.Handler{
			"PutRule":           wire.Op(s.putRule),
			"DescribeRule":      wire.Op(s.describeRule),
			"DeleteRule":        wire.Op(s.deleteRule),
			"ListRules":         wire.Op(s.listRules),
			"EnableRule":        wire.Op(s.enableRule),
			"DisableRule":       wire.Op(s.disableRule),
			"PutTargets":        wire.Op(s.putTargets),
			"RemoveTargets":     wire.Op(s.removeTargets),
			"ListTargetsByRule": wire.Op(s.listTargets),
			"TestEventPattern":  wire.Op(s.testPattern),
		},
	}
}
