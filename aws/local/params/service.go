// Package params is SSM Parameter Store of local AWS.
package params

import (
	"errors"
	"fmt"
	"sync"
	"time"

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

// Service holds the parameters in memory and writes through to the store.
// Values are stored as they are, also those of type SecureString.
type Service struct {
	opts Options

	mu     sync.RWMutex
	params map[string]record
}

const recordBucket = "ssm.parameters"

// record is a parameter as it is stored, under its name.
type record struct {
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	Value       string    `json:"value"`
	Description string    `json:"description,omitempty"`
	Version     int64     `json:"version"`
	Modified    time.Time `json:"modified"`
}

// New loads what the store has. The caller closes the Service.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Clock == nil || opts.Account == "" || opts.Region == "" {
		return nil, errors.New("params: store, clock, account and region must be given")
	}
	s := &Service{opts: opts, params: map[string]record{}}
	err := store.Load(opts.Store, recordBucket, "", func(name string, r *record) error {
		s.params[name] = *r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load parameters: %w", err)
	}
	return s, nil
}

// Close has nothing to end: no goroutine outlives a call.
func (s *Service) Close() error { return nil }

// API is the service for the router.
func (s *Service) API() wire.Service {
	return wire.Service{
		Name: "ssm", Target: "AmazonSSM", JSON: "1.1",
		Operations: map[string]wire.Handler{
			"PutParameter":        wire.Op(s.putParameter),
			"GetParameter":        wire.Op(s.getParameter),
			"GetParameters":       wire.Op(s.getParameters),
			"GetParametersByPath": wire.Op(s.getParametersByPath),
			"DescribeParameters":  wire.Op(s.describeParameters),
			"DeleteParameter":     wire.Op(s.deleteParameter),
		},
	}
}
