package ops_test

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// logStream is a CloudWatch stream in memory with its live tail sessions.
type logStream struct {
	mu       sync.Mutex
	lines    []workflow.LogLine
	sessions []*session
	opened   int
	perPage  int
	delay    time.Duration // of the live tail
}

func streamName(task string) string { return "run/job/" + task }

func (a *account) addStream(task string) *logStream {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := &logStream{perPage: 3}
	a.logs[streamName(task)] = s
	return s
}

// write ingests a batch; how is what the live tail makes of it.
func (s *logStream) write(how delivery, texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var update ops.LiveUpdate
	for i, text := range texts {
		l := workflow.LogLine{Time: now.Truncate(time.Millisecond), Ingested: now, Text: safe.Line(text), Raw: text}
		s.lines = append(s.lines, l)
		if how == whole || i%2 == 0 && how == sampled {
			update.Lines = append(update.Lines, ops.LiveLine{Stream: streamName("t1"), LogLine: l})
		}
	}
	update.Sampled = how == sampled
	for _, session := range s.sessions {
		if how != dropped {
			session.deliver(update, s.delay)
		}
	}
}

type delivery int

const (
	whole delivery = iota
	sampled
	dropped
)

// end ends the live sessions that are open, as AWS does after three hours.
func (s *logStream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		session.finish(err)
	}
	s.sessions = nil
}

func (a *account) LogPage(_ context.Context, q ops.LogQuery) (ops.LogPage, error) {
	unlock, err := a.call("LogPage")
	stream := a.logs[q.Ref.Stream]
	unlock()
	if err != nil {
		return ops.LogPage{}, err
	}
	if stream == nil {
		return ops.LogPage{}, &ops.Problem{Kind: ops.NotFound, Title: safe.Line("The specified log stream does not exist.")}
	}
	stream.mu.Lock()
	defer stream.mu.Unlock()
	from, _ := strconv.Atoi(q.Page)
	to := min(from+stream.perPage, len(stream.lines))
	page := ops.LogPage{Next: strconv.Itoa(to)}
	for _, l := range stream.lines[from:to] {
		if !l.Time.Before(q.Since) {
			page.Lines = append(page.Lines, l)
		}
	}
	return page, nil
}

func (a *account) LiveTail(_ context.Context, refs []workflow.LogRef) (ops.LiveTail, error) {
	unlock, _ := a.call("LiveTail")
	stream, err := a.logs[refs[0].Stream], a.liveErr
	unlock()
	if err != nil {
		return nil, err
	}
	s := &session{updates: make(chan ops.LiveUpdate, 10_000)}
	stream.mu.Lock()
	defer stream.mu.Unlock()
	stream.opened++
	s.deliver(ops.LiveUpdate{Started: true}, stream.delay)
	stream.sessions = append(stream.sessions, s)
	return s, nil
}

// session delivers in order, each update after a delay.
type session struct {
	mu      sync.Mutex
	updates chan ops.LiveUpdate
	closed  bool
	err     error
}

func (s *session) deliver(u ops.LiveUpdate, delay time.Duration) {
	time.AfterFunc(delay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			s.updates <- u
		}
	})
}

func (s *session) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed, s.err = true, err
		close(s.updates)
	}
}

func (s *session) Updates() <-chan ops.LiveUpdate { return s.updates }
func (s *session) Err() error                     { s.mu.Lock(); defer s.mu.Unlock(); return s.err }
func (s *session) Close() error                   { s.finish(nil); return nil }
