package ops

import (
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// WaitRun polls a run until it has closed, and returns it as it ended. It rides
// out throttling and lost connections; ending ctx only stops the waiting.
func (s *Service) WaitRun(ctx context.Context, runARN string) (workflow.Run, error) {
	p := newPace()
	for {
		r, err := s.ports.Runs.DescribeRun(ctx, runARN)
		if err == nil && r.Status.Closed() {
			return r, nil
		}
		if err := p.after(err); err != nil {
			return r, fmt.Errorf("wait for run %s: %w", workflow.RunName(runARN), err)
		}
		if !sleep(ctx, p.pause) {
			return r, fmt.Errorf("wait for run %s: %w", workflow.RunName(runARN), ctx.Err())
		}
	}
}

// RunUpdate is a change of a followed run. Run and Steps are its state now.
type RunUpdate struct {
	Run     workflow.Run
	Steps   []workflow.Step
	Events  []workflow.Event // all loaded so far, oldest first
	Missing int
	Err     error // set on the last update when following failed
	// Stalled is why the last poll failed while following goes on (throttling,
	// lost connection); Run and Steps are then those of the last good poll.
	Stalled error
}

// FollowRun sends the run's state whenever it changed, until the run has
// closed, following failed or ctx ends; then the channel is closed.
func (s *Service) FollowRun(ctx context.Context, runARN string) <-chan RunUpdate {
	out := make(chan RunUpdate)
	go func() {
		defer close(out)
		f := follower{service: s, runARN: runARN, history: &workflow.History{}}
		p := newPace()
		for {
			update, changed, err := f.poll(ctx)
			fatal := p.after(err)
			if ended(ctx, fatal) {
				return
			}
			update.Err = fatal
			if err != nil && fatal == nil {
				update.Stalled = err
			}
			if changed || err != nil {
				select {
				case out <- update:
				case <-ctx.Done():
					return
				}
			}
			if fatal != nil || err == nil && update.Run.Status.Closed() || !sleep(ctx, p.pause) {
				return
			}
		}
	}()
	return out
}

// follower keeps a run's history current, reading only what is new.
type follower struct {
	service *Service
	runARN  string
	run     workflow.Run
	history *workflow.History
	loaded  bool
}

// poll reads the run and what its history has gained. The run is read first,
// so that the events of a closed run are complete.
func (f *follower) poll(ctx context.Context) (u RunUpdate, changed bool, err error) {
	before, status, redrives := len(f.history.Events()), f.run.Status, f.run.RedriveCount
	run, err := f.service.DescribeRun(ctx, f.runARN)
	if err == nil {
		f.run = run
		err = f.load(ctx)
	}
	events := f.history.Events()
	changed = len(events) != before || f.run.Status != status || f.run.RedriveCount != redrives
	u = RunUpdate{Run: f.run, Events: events, Missing: f.history.Missing()}
	if changed || err != nil {
		u.Steps = f.history.Steps()
	}
	return u, changed, err
}

func (f *follower) load(ctx context.Context) error {
	if f.loaded {
		return f.service.refreshHistory(ctx, f.runARN, f.history)
	}
	h, err := f.service.LoadHistory(ctx, f.runARN, nil)
	f.history.Add(h.Events()...)
	f.loaded = err == nil
	return err
}
