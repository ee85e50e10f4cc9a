package faults

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Set is the rules in force. The zero of everything but the clock strikes
// nothing; the seed makes chance repeatable.
type Set struct {
	clock clock.Clock

	mu     sync.Mutex
	random *rand.Rand
	rules  []*active
}

type active struct {
	Rule
	seen, struck int
}

// New is an empty set.
func New(c clock.Clock, seed uint64) *Set {
	return &Set{clock: c, random: rand.New(rand.NewPCG(seed, seed))}
}

// Replace puts rules in force in place of those before.
func (s *Set) Replace(rules []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
	for _, r := range rules {
		s.rules = append(s.rules, &active{Rule: r})
	}
}

// Rules are those in force.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := []Rule{}
	for _, r := range s.rules {
		rules = append(rules, r.Rule)
	}
	return rules
}

// Before is wire.Router's hook: the error that a call is to get. It waits out
// the faults of latency.
func (s *Set) Before(ctx context.Context, call wire.Call) error {
	for _, rule := range s.striking(callKinds, func(r Rule) bool {
		return (r.Service == "" || r.Service == call.Service) && (r.Operation == "" || r.Operation == call.Operation) && (r.Kind != Full || stores(call))
	}) {
		if rule.Kind == Latency {
			if err := s.wait(ctx, rule.Delay()); err != nil {
				return err
			}
			continue
		}
		return answer(rule.Kind, call)
	}
	return nil
}

// Task is the rules that strike a task of the family that is about to start.
func (s *Set) Task(family string) []Rule {
	return s.striking(taskKinds, func(r Rule) bool { return r.Family == "" || r.Family == family })
}

func (s *Set) striking(kinds []string, fits func(Rule) bool) []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var striking []Rule
	for _, r := range s.rules {
		if slices.Contains(kinds, r.Kind) && fits(r.Rule) && s.strikes(r) {
			striking = append(striking, r.Rule)
		}
	}
	return striking
}

func (s *Set) strikes(r *active) bool {
	r.seen++
	switch {
	case r.Times > 0 && r.struck >= r.Times:
		return false
	case r.Every > 1 && r.seen%r.Every != 0:
		return false
	case r.Probability > 0 && s.random.Float64() >= r.Probability:
		return false
	}
	r.struck++
	return true
}

func (s *Set) wait(ctx context.Context, d time.Duration) error {
	done, stop := clock.After(s.clock, d)
	defer stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stores tells the calls of S3 that add to a bucket.
func stores(call wire.Call) bool {
	return call.Service == "s3" && slices.Contains([]string{"PutObject", "UploadPart", "CopyObject", "UploadPartCopy"}, call.Operation)
}

func answer(kind string, call wire.Call) error {
	switch kind {
	case Throttle:
		return wire.Errorf("ThrottlingException", "Rate exceeded")
	case ServerError:
		return &wire.Error{Code: "InternalFailure", Message: "The request processing has failed because of an unknown error, exception or failure.", Status: http.StatusInternalServerError}
	case Expired:
		return wire.Errorf("ExpiredTokenException", "The security token included in the request is expired")
	case Denied:
		return wire.Errorf("AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/local/operator is not authorized to perform: %s:%s because no identity-based policy allows the %[1]s:%[2]s action", call.Service, call.Operation)
	case Full:
		return &wire.Error{Code: "ServiceQuotaExceeded", Message: "The bucket is full: local AWS refuses to store more on demand.", Status: http.StatusInsufficientStorage}
	default:
		return wire.ErrDrop
	}
}
