// Package stacks is CloudFormation of local AWS: stacks, change sets, events
// and drift, over kinds of resources that are made in the other services.
package stacks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// callLimit bounds each call of a kind of resource.
const callLimit = time.Minute

// Options are what a Service works with. All but ReadObject are needed.
type Options struct {
	Store           *store.Store
	Clock           clock.Clock
	Region, Account string
	// Invoke calls an operation of another service of local AWS.
	Invoke func(ctx context.Context, service, operation string, body []byte) ([]byte, error)
	// Kinds are the resources that stacks can have, by type.
	Kinds map[string]resources.Kind
	// Expand is the transform AWS::Serverless-2016-10-31. Its error's text says what is wrong.
	Expand func(template map[string]any) (map[string]any, error)
	// ReadObject reads an object of S3, for TemplateURL; nil refuses TemplateURL.
	ReadObject func(ctx context.Context, bucket, key string) ([]byte, error)
}

// Service holds all stacks in memory and writes them through. Each operation
// on a stack runs in a goroutine of its own.
type Service struct {
	opts Options
	env  resources.Env

	mu         sync.Mutex
	closing    bool
	broken     error
	stacks     map[string]*stack
	changeSets map[string]*changeSet
	detections map[string]*detection
	running    sync.WaitGroup
}

// New loads what the store has; Recover goes on with what was under way. The
// caller closes the Service.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Clock == nil || opts.Region == "" || opts.Account == "" || opts.Invoke == nil || opts.Kinds == nil || opts.Expand == nil {
		return nil, errors.New("stacks: store, clock, region, account, invoke, kinds and expand must be given")
	}
	s := &Service{
		opts: opts, stacks: map[string]*stack{}, changeSets: map[string]*changeSet{}, detections: map[string]*detection{},
	}
	s.env = resources.Env{
		Account: opts.Account, Region: opts.Region, Partition: partition(opts.Region),
		Invoke: s.invoke, Records: records{opts.Store},
	}
	return s, s.load()
}

// Recover goes on with the operations that were under way when the process
// before this one ended. Call it once all services are there.
func (s *Service) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.stacks {
		if st.Operation.under() {
			s.start(st)
		}
	}
	for _, d := range s.detections {
		if d.Status == detecting {
			d.Status, d.Reason = detectionFailed, "Local AWS was stopped while it detected drift."
			s.put(detectionBucket, d.ID, d)
		}
	}
}

// Close waits for the resources that are being made; the rest of an operation
// is left to Recover. The error is that of the store, where it failed.
func (s *Service) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// API is the service for the router.
func (s *Service) API() wire.QueryService {
	return wire.QueryService{
		Name: "cloudformation", Version: "2010-05-15", Namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
		Operations: s.operations(),
	}
}

// invoke is Env.Invoke over JSON.
func (s *Service) invoke(ctx context.Context, service, operation string, request, into any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode %s: %w", operation, err)
	}
	answer, err := s.opts.Invoke(ctx, service, operation, body)
	if err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", operation, err)
	}
	return nil
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
