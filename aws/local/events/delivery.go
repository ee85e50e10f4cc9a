package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// startLimit bounds one start of a run.
const startLimit = 10 * time.Second

// The pauses before a start is tried again: the first, doubled each time up to the longest.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// delivery is one event on its way to one target.
type delivery struct {
	// Number is the delivery's place in the order of the events.
	Number uint64
	// Run is the name of the run to start, the same in each attempt.
	Run      string
	RuleARN  string
	Target   target
	Event    json.RawMessage
	Due      time.Time // of the event itself
	Attempts int

	// waiting is set between attempts; stop ends the wait.
	waiting bool
	stop    func() bool
}

func (d *delivery) key() string { return fmt.Sprintf("%020d", d.Number) }

// TaskChange takes the detail of an "ECS Task State Change" event, and has it
// delivered to the targets of every rule that it matches. It does not wait for
// the deliveries; when it returns they are kept.
func (s *Service) TaskChange(detail []byte) {
	var task struct {
		TaskARN string `json:"taskArn"`
	}
	if err := json.Unmarshal(detail, &task); err != nil {
		s.opts.Log.Error("read a task's event", "error", err)
		return
	}
	now := s.opts.Clock.Now().UTC()
	event, err := wire.Encode(map[string]any{
		"version": "0", "id": ids.UUID(), "detail-type": "ECS Task State Change", "source": "aws.ecs",
		"account": s.opts.Account, "region": s.opts.Region, "time": now.Format(time.RFC3339),
		"resources": []string{task.TaskARN}, "detail": json.RawMessage(detail),
	})
	if err == nil {
		err = s.take(now, event)
	}
	if err != nil {
		s.opts.Log.Error("take a task's event", "task", task.TaskARN, "error", err)
	}
}

// take keeps a delivery for each target of each rule that matches.
func (s *Service) take(now time.Time, event []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failures error
	for _, name := range slices.Sorted(maps.Keys(s.rules)) {
		r := s.rules[name]
		matched, err := r.pattern.Match(event)
		if err != nil {
			return err
		}
		if !matched || r.State != enabled {
			continue
		}
		for _, t := range r.Targets {
			s.last++
			d := &delivery{Number: s.last, Run: ids.UUID() + "_" + ids.UUID(), RuleARN: r.ARN, Target: t, Event: event, Due: now}
			if err := s.opts.Store.Put(deliveryBucket, d.key(), d); err != nil {
				failures = errors.Join(failures, err)
				continue
			}
			s.queue = append(s.queue, d)
		}
	}
	s.nudge()
	return failures
}

func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// deliverAll tries what is due, in the order of the events; what has to be
// tried again holds nothing up.
func (s *Service) deliverAll() {
	for {
		for d := s.next(); d != nil; d = s.next() {
			s.attempt(d)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		}
	}
}

func (s *Service) next() *delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	for _, d := range s.queue {
		if !d.waiting {
			return d
		}
	}
	return nil
}

func (s *Service) attempt(d *delivery) {
	err := s.start(d)
	if s.ctx.Err() != nil {
		return // the next service tries it again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Attempts++
	if err != nil && s.again(d, err) {
		return
	}
	if err != nil {
		s.bury(d, err)
	}
	if err := s.opts.Store.Delete(deliveryBucket, d.key()); err != nil {
		s.opts.Log.Error("forget a delivered event", "target", d.Target.ARN, "error", err)
	}
	s.queue = slices.DeleteFunc(s.queue, func(other *delivery) bool { return other == d })
}

func (s *Service) start(d *delivery) error {
	ctx, cancel := context.WithTimeout(s.ctx, startLimit)
	defer cancel()
	input := string(d.Event)
	if d.Target.Input != "" {
		input = d.Target.Input
	}
	request, err := wire.Encode(map[string]string{"stateMachineArn": d.Target.ARN, "name": d.Run, "input": input})
	if err != nil {
		return fmt.Errorf("encode a start: %w", err)
	}
	_, err = s.opts.Invoke(ctx, "states", "StartExecution", request)
	if known := new(wire.Error); errors.As(err, &known) && known.Code == "ExecutionAlreadyExists" {
		return nil // an attempt whose answer was lost
	}
	return err
}

// again has a failed start tried later, and tells whether it does. What the
// target refuses for good is not tried again. The caller holds s.mu.
func (s *Service) again(d *delivery, err error) bool {
	attempts, age := d.Target.retries()
	pause := min(firstPause<<min(d.Attempts-1, 10), longestPause)
	if !passing(err) || d.Attempts > attempts || s.opts.Clock.Now().Add(pause).Sub(d.Due) > age {
		return false
	}
	if err := s.opts.Store.Put(deliveryBucket, d.key(), d); err != nil {
		s.opts.Log.Error("keep an event to deliver", "target", d.Target.ARN, "error", err)
	}
	d.waiting = true
	if !s.closed {
		d.stop = s.opts.Clock.AfterFunc(pause, func() {
			s.mu.Lock()
			d.waiting = false
			s.mu.Unlock()
			s.nudge()
		})
	}
	return true
}

// passing tells whether a later start may do better.
func passing(err error) bool {
	var known *wire.Error
	if !errors.As(err, &known) {
		return true
	}
	return known.Status >= http.StatusInternalServerError || strings.Contains(known.Code, "Throttl") || strings.Contains(known.Code, "LimitExceeded")
}
