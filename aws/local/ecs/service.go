// Package ecs is the Amazon ECS of local AWS: clusters, task definitions, and
// Fargate tasks that run on this computer.
package ecs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// defaultStartDelay is the start delay when the options name none.
const defaultStartDelay = 50 * time.Millisecond

// Invoker calls an operation of another service of local AWS.
type Invoker func(ctx context.Context, service, operation string, body []byte) ([]byte, error)

// Options are what the service needs. Store, Invoke and Runner are required.
type Options struct {
	Account, Region string
	// Clock tells the time; nil means the real one.
	Clock clock.Clock
	// Store keeps clusters, definitions and tasks. The caller closes it after the service.
	Store *store.Store
	// Faults make tasks misbehave; nil means none.
	Faults *faults.Set
	// Invoke reaches SSM for secrets and CloudWatch Logs for output.
	Invoke Invoker
	// Runner runs the containers; the caller closes it after the service.
	Runner runner.Runner
	// Endpoint is the URL of local AWS, which containers are told.
	Endpoint string
	// OnChange gets the detail of each "ECS Task State Change" event, in the
	// order of the changes, one at a time. It may block: tasks go on. It may be nil.
	OnChange func(detail []byte)
	// StartDelay is how long a task takes from RunTask to RUNNING besides its
	// work, and from its end to STOPPED. 0 means 50 ms; negative means none.
	StartDelay time.Duration
	// Log takes what went wrong inside; nil means slog's default.
	Log *slog.Logger
}

// Service is ECS. Its methods may be called from several goroutines.
type Service struct {
	options Options
	clock   clock.Clock
	log     *slog.Logger
	events  *events
	context context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu          sync.Mutex
	closed      bool
	sequence    int64
	clusters    map[string]*clusterRecord
	definitions map[string][]*definitionRecord
	tasks       map[string]*task
	// left are the tasks that were alive when the store was closed.
	left []*task
}

// New loads the service from the store. Tasks that were alive when it was
// closed stay as they were until Recover.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Invoke == nil || o.Runner == nil {
		return nil, errors.New("local ECS needs a store, an invoker and a runner")
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.StartDelay == 0 {
		o.StartDelay = defaultStartDelay
	}
	s := &Service{
		options: o, clock: o.Clock, log: o.Log,
		clusters:    map[string]*clusterRecord{},
		definitions: map[string][]*definitionRecord{},
		tasks:       map[string]*task{},
	}
	s.context, s.cancel = context.WithCancel(context.Background())
	if err := s.load(); err != nil {
		s.cancel()
		return nil, err
	}
	s.events = newEvents(o.OnChange)
	return s, nil
}

// API is the service on the wire.
func (s *Service) API() wire.Service {
	return wire.Service{
		Name: "ecs", Target: "AmazonEC2ContainerServiceV20141113", JSON: "1.1",
		Operations: map[string]wire.Handler{
			"CreateCluster":               wire.Op(s.createCluster),
			"DeleteCluster":               wire.Op(s.deleteCluster),
			"UpdateCluster":               wire.Op(s.updateCluster),
			"PutClusterCapacityProviders": wire.Op(s.putCapacityProviders),
			"DescribeClusters":            wire.Op(s.describeClusters),
			"ListClusters":                wire.Op(s.listClusters),
			"RegisterTaskDefinition":      wire.Op(s.registerTaskDefinition),
			"DescribeTaskDefinition":      wire.Op(s.describeTaskDefinition),
			"DeregisterTaskDefinition":    wire.Op(s.deregisterTaskDefinition),
			"ListTaskDefinitions":         wire.Op(s.listTaskDefinitions),
			"ListTaskDefinitionFamilies":  wire.Op(s.listFamilies),
			"RunTask":                     wire.Op(s.runTask),
			"StopTask":                    wire.Op(s.stopTask),
			"DescribeTasks":               wire.Op(s.describeTasks),
			"ListTasks":                   wire.Op(s.listTasks),
			"TagResource":                 wire.Op(s.tagResource),
			"UntagResource":               wire.Op(s.untagResource),
			"ListTagsForResource":         wire.Op(s.listTags),
		},
	}
}

// Close kills every container and waits for all that the service started. The
// tasks stay alive in the store: the Recover of the next start stops them. The
// services that Invoke reaches must still be there.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.running.Wait()
	s.events.close()
}

// begin runs f as a goroutine that Close waits for; not after Close. The
// caller holds s.mu.
func (s *Service) begin(f func()) {
	if !s.closed {
		s.running.Go(f)
	}
}
