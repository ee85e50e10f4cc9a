package ops

import (
	"context"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// atOnce is how many calls of one use case run at the same time; pacing
// against AWS's quotas is the session's.
const atOnce = 4

// Service does the use cases on the ports. It is safe for concurrent use.
type Service struct {
	ports Ports
	who   string
	now   func() time.Time

	mu          sync.Mutex
	machines    map[string]workflow.MachineDetail  // by run ARN: what a run uses never changes
	definitions map[string]workflow.TaskDefinition // by ARN: revisions never change
	endings     map[failureKey]ending              // of closed runs
	attempts    map[failureKey]attempts            // of closed runs
}

type failureKey struct {
	runARN  string
	redrive int
}

// New makes the service. who (USER@HOST) is stamped into what is done by hand.
func New(p Ports, who string) *Service {
	return &Service{
		ports: p, who: who, now: time.Now,
		machines:    map[string]workflow.MachineDetail{},
		definitions: map[string]workflow.TaskDefinition{},
		endings:     map[failureKey]ending{},
		attempts:    map[failureKey]attempts{},
	}
}

// WithClock makes now the date that rules on a run's age go by. Pauses and
// deadlines stay those of the computer.
func (s *Service) WithClock(now func() time.Time) *Service {
	s.now = now
	return s
}

// The bounds of the caches; a full one is emptied, since what is on the screen
// is soon back in it. Endings are small, and a window has as many.
const (
	cacheLimit   = 2000
	endingsLimit = windowLimit
)

// cached returns the value for key, or loads and keeps it, among at most limit.
func cached[K comparable, V any](mu *sync.Mutex, m map[K]V, limit int, key K, load func() (V, error)) (V, error) {
	v, ok := recall(mu, m, key)
	if ok {
		return v, nil
	}
	v, err := load()
	if err == nil {
		keep(mu, m, limit, key, v)
	}
	return v, err
}

func recall[K comparable, V any](mu *sync.Mutex, m map[K]V, key K) (V, bool) {
	mu.Lock()
	defer mu.Unlock()
	v, ok := m[key]
	return v, ok
}

func keep[K comparable, V any](mu *sync.Mutex, m map[K]V, limit int, key K, v V) {
	mu.Lock()
	defer mu.Unlock()
	if len(m) >= limit {
		clear(m)
	}
	m[key] = v
}

// MachineFor returns the machine as the run uses it, and remembers it: a later
// update of the machine does not change that.
func (s *Service) MachineFor(ctx context.Context, runARN string) (workflow.MachineDetail, error) {
	return cached(&s.mu, s.machines, cacheLimit, runARN, func() (workflow.MachineDetail, error) {
		return s.ports.Machines.MachineForRun(ctx, runARN)
	})
}

// TaskDefinition is the task definition of an ARN. It is read once: a revision
// does not change.
func (s *Service) TaskDefinition(ctx context.Context, arn string) (workflow.TaskDefinition, error) {
	return cached(&s.mu, s.definitions, cacheLimit, arn, func() (workflow.TaskDefinition, error) {
		return s.ports.TaskDefinitions.DescribeTaskDefinition(ctx, arn)
	})
}

// each calls f for every item, atOnce at a time, and waits for all. It returns
// the errors by item, nil where there was none.
func each[T any](ctx context.Context, items []T, f func(context.Context, T) error) []error {
	return eachOf(ctx, len(items), func(ctx context.Context, i int) error { return f(ctx, items[i]) })
}

// eachOf is each for the numbers below n.
func eachOf(ctx context.Context, n int, f func(context.Context, int) error) []error {
	errs := make([]error, n)
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = f(ctx, i)
			}
		})
	}
	wg.Wait()
	return errs
}

// firstError returns the first error that is not nil.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
