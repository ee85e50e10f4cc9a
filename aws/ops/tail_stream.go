package ops

import (
	"context"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// The paces of reading one stream.
const (
	readPace    = 2 * time.Second  // between polls without a live tail
	confirmPace = 15 * time.Second // between reads that confirm the live tail
	quietFor    = 10 * time.Second // without a line after the task's end, then the log is whole
	leastQuiet  = 2 * time.Second  // the same for a stream without delay
	liveMemory  = 5 * time.Minute  // how long a line may be under way in the live tail
	perCall     = 30 * time.Second
)

// stream reads one log stream to its end.
type stream struct {
	logs  Logs
	ref   workflow.LogRef
	since time.Time
	done  <-chan struct{} // closed when the task writes no more
	live  bool            // try a live tail
	quiet time.Duration   // how long at most to read on after done

	line   func(workflow.LogLine) bool // false: nobody listens any more
	notice func(safe.Text)

	seam    *seam
	token   string        // forward token behind the last page
	newest  time.Time     // latest ingestion seen
	lag     time.Duration // the longest a line took from its writing to its ingestion
	readAny bool          // the stream exists
}

// run reads until the stream is whole, nobody listens or ctx ends. It reports
// whether the stream exists at all.
func (s *stream) run(ctx context.Context) (exists bool, err error) {
	s.seam = newSeam()
	if err := s.poll(ctx, func() bool { return s.readAny }); err != nil {
		return s.readAny, err
	}
	for s.live && s.readAny && !s.isDone() {
		again, err := s.follow(ctx)
		if err != nil {
			return true, err
		}
		s.live = again
	}
	err = s.poll(ctx, func() bool { return false })
	return s.readAny, err
}

func (s *stream) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// poll reads pages until enough says so, or until the task is done and the
// stream has been quiet for long enough.
func (s *stream) poll(ctx context.Context, enough func() bool) error {
	p := &pace{pause: readPace}
	var quietSince time.Time
	for {
		wasDone := s.isDone()
		n, err := s.readToEnd(ctx)
		if err := p.after(err); err != nil {
			return err
		}
		if err == nil {
			p.pause = readPace
			if enough() {
				return nil
			}
			if n > 0 || quietSince.IsZero() {
				quietSince = time.Now()
			}
			if wasDone && time.Since(quietSince) >= s.patience() {
				return nil
			}
		}
		if !s.pause(ctx, p.pause, wasDone) {
			return ctx.Err()
		}
	}
}

// patience is how long to wait for one more line. A stream whose lines came
// without delay is whole sooner.
func (s *stream) patience() time.Duration {
	if s.newest.IsZero() {
		return s.quiet
	}
	return min(s.quiet, leastQuiet+3*s.lag)
}

// pause sleeps, but no longer than until the task is done.
func (s *stream) pause(ctx context.Context, d time.Duration, wasDone bool) bool {
	if wasDone {
		return sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-s.done:
	case <-t.C:
	}
	return true
}

// readToEnd reads pages until the end of the stream as it is now. A stream
// that does not exist yet is an empty one.
func (s *stream) readToEnd(ctx context.Context) (lines int, err error) {
	for {
		call, cancel := context.WithTimeout(ctx, perCall)
		page, err := s.logs.LogPage(call, LogQuery{Ref: s.ref, Since: s.since, Page: s.token})
		cancel()
		if KindOf(err) == NotFound {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		s.readAny = true
		atEnd := page.Next == s.token || page.Next == ""
		s.token = page.Next
		fresh := s.seam.page(page.Lines)
		lines += len(page.Lines)
		if !s.emit(fresh) {
			return lines, context.Canceled
		}
		if atEnd {
			return lines, nil
		}
	}
}

func (s *stream) emit(lines []workflow.LogLine) bool {
	for _, l := range lines {
		if l.Ingested.After(s.newest) {
			s.newest = l.Ingested
		}
		s.lag = max(s.lag, l.Ingested.Sub(l.Time))
		if !s.line(l) {
			return false
		}
	}
	return true
}

// follow reads through a live tail, and confirms it with pages from time to
// time: they hold what was sampled away or lost. again is whether another
// session is worth trying when this one has ended.
func (s *stream) follow(ctx context.Context) (again bool, err error) {
	tail, err := s.logs.LiveTail(ctx, []workflow.LogRef{s.ref})
	if err != nil {
		s.notice(safe.Linef("no live tail (%v); reading every %s instead", err, safe.Duration(readPace)))
		return false, ctx.Err()
	}
	defer func() { _ = tail.Close() }()
	started := false
	confirm := time.NewTicker(confirmPace)
	defer confirm.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-s.done:
			return false, nil
		case <-confirm.C:
			err = s.confirm(ctx)
		case u, open := <-tail.Updates():
			if !open {
				return s.sessionEnded(ctx, tail.Err(), started)
			}
			// What was written before the session began is in the pages only.
			if u.Started || u.Sampled {
				err = s.confirm(ctx)
			}
			started = started || u.Started
			if u.Sampled {
				s.notice(safe.Line("more than 500 lines a second: the live tail is sampled, reading the rest in pages"))
			}
			if err == nil && !s.emit(s.seam.live(s.mine(u.Lines))) {
				return false, context.Canceled
			}
		}
		if err != nil {
			return false, err
		}
	}
}

// confirm reads the pages up. A passing failure waits for the next time.
func (s *stream) confirm(ctx context.Context) error {
	_, err := s.readToEnd(ctx)
	s.seam.forget(s.newest.Add(-liveMemory))
	if kind := KindOf(err); kind == Throttled || kind == Unreachable {
		return nil
	}
	return err
}

// sessionEnded tells why a live tail ended and whether to open another one.
func (s *stream) sessionEnded(ctx context.Context, err error, started bool) (again bool, _ error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil && !started {
		s.notice(safe.Linef("no live tail (%v); reading every %s instead", err, safe.Duration(readPace)))
	}
	return started && sleep(ctx, readPace), ctx.Err()
}

// mine keeps the lines of this stream.
func (s *stream) mine(lines []LiveLine) []workflow.LogLine {
	out := make([]workflow.LogLine, 0, len(lines))
	for _, l := range lines {
		if l.Stream == s.ref.Stream && !l.Time.Before(s.since) {
			out = append(out, l.LogLine)
		}
	}
	return out
}
