package engine

import (
	"errors"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
)

const (
	// redrivePeriod is how long after its end a run can be redriven.
	redrivePeriod = 14 * 24 * time.Hour
	// redriveTokenLife and redriveTokens bound how long a client token makes a
	// redrive idempotent.
	redriveTokenLife = 15 * time.Minute
	redriveTokens    = 10
)

// ErrNotRedrivable is returned by Redrive for a run that cannot be redriven.
var ErrNotRedrivable = errors.New("the run cannot be redriven")

// Redrivable says why a run cannot be redriven at the instant, in AWS's words;
// empty when it can.
func (r Record) Redrivable(now time.Time) string {
	switch {
	case r.Status == Running:
		return "Execution is RUNNING and cannot be redriven"
	case r.Status == Succeeded:
		return "Execution is SUCCEEDED and cannot be redriven"
	case r.Events >= history.Limit-1:
		return "Execution history event limit exceeded"
	case now.Sub(r.StartDate) > longestRun:
		return "Execution has exceeded the max execution time"
	case now.Sub(r.StopDate) > redrivePeriod:
		return "Execution redrivable period exceeded"
	}
	return ""
}

// Redrive goes on with a run that did not succeed, from where it failed: with
// the definition and input that it started with, all clocks and retry counters
// anew, and without what has succeeded. It returns when it was redriven; the
// same client token again returns the earlier instant.
func (r *Run) Redrive(clientToken string) (time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.engine.now()
	for _, earlier := range r.record.Redrives {
		if clientToken != "" && earlier.Token == clientToken && now.Sub(earlier.Date) < redriveTokenLife {
			return earlier.Date, nil
		}
	}
	if r.record.Redrivable(now) != "" {
		return time.Time{}, ErrNotRedrivable
	}
	if err := r.loadTree(); err != nil {
		return time.Time{}, err
	}
	r.reopen(clientToken, now)
	r.emit(history.ExecutionRedriven, r.record.Events, history.Details{Redriven: &history.Redrive{RedriveCount: r.record.RedriveCount}})
	r.root.Last = r.record.Events
	r.setDeadline()
	r.revive(r.root)
	return now, r.advance()
}

func (r *Run) reopen(clientToken string, now time.Time) {
	r.ended = make(chan struct{})
	r.record.Status, r.record.StopDate = Running, time.Time{}
	r.record.Error, r.record.Cause = nil, nil
	r.record.RedriveCount++
	r.record.RedriveDate = now
	if clientToken == "" {
		return
	}
	r.record.Redrives = append(r.record.Redrives, RedriveToken{Token: clientToken, Date: now})
	if extra := len(r.record.Redrives) - redriveTokens; extra > 0 {
		r.record.Redrives = r.record.Redrives[extra:]
	}
}

// revive makes a frame ready to go on: its state is carried out again without
// being entered again, except that a Fail state is, and that of a Parallel or
// Map state only the children that did not succeed go on.
func (r *Run) revive(f *frame) {
	if f.Phase == done {
		return
	}
	f.Task = nil
	clear(f.Tried)
	f.RetryCount = 0
	r.touch(f)
	state := f.state()
	switch {
	case f.Entered == 0, state.Type == asl.Fail:
		f.Phase = entering
		r.push(f)
	case f.Fan == nil || f.Restart:
		f.Fan, f.children, f.items = nil, nil, nil
		f.Phase = ready
		r.push(f)
	default:
		f.Phase = fanned
		f.begun(r.revive)
		r.widen(f, f.Last)
	}
}
