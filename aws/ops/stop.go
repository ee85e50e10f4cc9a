package ops

import (
	"context"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// The limits of what an operator may say (AWS: StopExecution, SendTaskFailure), in bytes.
const (
	maxError = 256
	maxCause = 32_768
)

// StopRequest says which run to stop and why.
type StopRequest struct {
	RunARN string
	Error  string // optional
	Cause  string // empty: says who stopped it
	// StopTasks also stops the run's live tasks, which AWS leaves running.
	StopTasks bool
}

// StopResult tells what was done.
type StopResult struct {
	Stopped time.Time
	Cause   string
	Tasks   []TaskStop
	// Left are live tasks that still run because stopping them was not asked for.
	Left []workflow.Task
}

// TaskStop is the outcome of stopping one task.
type TaskStop struct {
	Task workflow.Task
	Err  error
}

// Stop stops a run. Its tasks are looked up before, so that the result can tell
// which go on. A task that could not be stopped is an entry in Tasks, no error.
func (s *Service) Stop(ctx context.Context, req StopRequest) (StopResult, error) {
	name := workflow.RunName(req.RunARN)
	res := StopResult{Cause: req.Cause}
	if res.Cause == "" {
		res.Cause = s.stamp("stopped", "")
	}
	res.Cause = clip(res.Cause, maxCause)
	live, lookup := s.LiveTasks(ctx, req.RunARN)
	stopped, err := s.ports.Stopper.StopRun(ctx, req.RunARN, clip(req.Error, maxError), res.Cause)
	if err != nil {
		return res, fmt.Errorf("stop run %s: %w", name, err)
	}
	res.Stopped = stopped
	if lookup != nil {
		return res, &Problem{
			Kind: KindOf(lookup), Title: safe.Linef("run %s is stopped, but its tasks could not be looked up", name),
			Detail: safe.Line(lookup.Error()), Hint: safe.Line("they may still run; look in ECS"), Err: lookup,
		}
	}
	if !req.StopTasks {
		res.Left = live
		return res, nil
	}
	res.Tasks = s.stopTasks(ctx, live, res.Cause)
	return res, nil
}

// LiveTasks returns the tasks of a run that have not stopped: the working one
// of an open run, and orphans.
func (s *Service) LiveTasks(ctx context.Context, runARN string) ([]workflow.Task, error) {
	h, err := s.LoadHistory(ctx, runARN, nil)
	if err != nil {
		return nil, err
	}
	tasks, err := s.TasksOf(ctx, h.Steps())
	var live []workflow.Task
	for _, t := range tasks {
		if t.Live() {
			live = append(live, t)
		}
	}
	return live, err
}

// maxStopReason is the length AWS keeps of a reason (AWS: StopTask), in bytes.
const maxStopReason = 1024

// StopTask stops one task, with who and why in its reason.
func (s *Service) StopTask(ctx context.Context, t workflow.Task, why string) error {
	if err := s.ports.Tasks.StopTask(ctx, t.ClusterARN, t.ARN, clip(s.stamp("stopped", why), maxStopReason)); err != nil {
		return fmt.Errorf("stop task %s: %w", workflow.TaskID(t.ARN), err)
	}
	return nil
}

func (s *Service) stopTasks(ctx context.Context, tasks []workflow.Task, reason string) []TaskStop {
	stops := make([]TaskStop, len(tasks))
	for i, t := range tasks {
		err := s.ports.Tasks.StopTask(ctx, t.ClusterARN, t.ARN, clip(reason, maxStopReason))
		if err != nil {
			err = fmt.Errorf("stop task %s: %w", workflow.TaskID(t.ARN), err)
		}
		stops[i] = TaskStop{Task: t, Err: err}
	}
	return stops
}

// stamp says who did what by hand, and why.
func (s *Service) stamp(did, why string) string {
	if why == "" {
		return fmt.Sprintf("%s by %s via stepdeck", did, s.who)
	}
	return fmt.Sprintf("%s by %s via stepdeck: %s", did, s.who, clip(why, maxStopReason))
}

// clip cuts text to at most n bytes without splitting a character.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	cut := max(0, n-len("…"))
	for cut > 0 && text[cut]&0xc0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}
