package ops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// reason is why a run failed, as its history tells, and its task where that
// tells more.
type reason struct {
	kind       triage.Kind
	confidence triage.Confidence
	sentence   safe.Text
	signature  triage.Signature
	stopped    time.Time
}

// vague kinds are those behind which ECS may know more: who killed the
// container, or that nothing was left to send a heartbeat.
var vague = []triage.Kind{triage.Unknown, triage.ScriptFailed, triage.Killed, triage.Terminated, triage.HeartbeatLost}

func (e *ending) diagnose(r workflow.Run, events []workflow.Event, steps []workflow.Step, now time.Time) {
	ev := triage.Evidence{Run: r, Events: events, Steps: steps, Now: now}
	d := triage.Diagnose(ev)
	e.reason = reason{d.Kind, d.Confidence, d.Sentence, triage.SignatureOf(r.MachineARN, e.failure), r.Stopped}
	at := slices.IndexFunc(e.tasks, func(t taskRef) bool { return t.arn == d.TaskARN })
	if at < 0 || !slices.Contains(vague, d.Kind) {
		return
	}
	e.blamed = e.tasks[at]
	ev.Events, ev.Steps = slices.Clone(events), slices.Clone(steps)
	forget(ev.Events, ev.Steps)
	e.open = &ev
}

// forget drops what makes events and steps large: it tells no reason.
func forget(events []workflow.Event, steps []workflow.Step) {
	for i := range events {
		events[i].Input, events[i].Output, events[i].Parameters = "", "", ""
	}
	for i := range steps {
		steps[i].Input, steps[i].Output = "", ""
		steps[i].Attempts = slices.Clone(steps[i].Attempts)
		for j := range steps[i].Attempts {
			a := &steps[i].Attempts[j]
			a.Parameters, a.Response, a.Output = "", "", ""
		}
	}
}

// ask lets the task tell more. A task that still works may tell it later.
func (e *ending) ask(tasks map[string]workflow.Task) {
	t, ok := tasks[e.blamed.arn]
	if !ok || t.Live() {
		return
	}
	ev := *e.open
	ev.Tasks, e.open = map[string]workflow.Task{t.ARN: t}, nil
	d := triage.Diagnose(ev)
	if d.Kind == e.reason.kind {
		return
	}
	e.reason.kind, e.reason.confidence, e.reason.sentence = d.Kind, d.Confidence, d.Sentence
	if len(d.Evidence) > 0 && d.Evidence[0].Decisive && d.Evidence[0].Source == triage.FromECS {
		e.reason.signature.Cause = triage.Normalise(d.Evidence[0].Text.String())
	}
}

// reasonsOf reads why the runs failed, by ARN. A run that has not failed, or was
// redriven just now, has no reason. What is known is returned even with an error.
func (s *Service) reasonsOf(ctx context.Context, runs []workflow.Run) (map[string]reason, error) {
	known := map[string]reason{}
	open := map[string]ending{}
	var mu sync.Mutex
	errs := each(ctx, runs, func(ctx context.Context, r workflow.Run) error {
		e, err := s.endingOf(ctx, r)
		switch {
		case KindOf(err) == Conflict:
			return nil
		case err != nil:
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		known[r.ARN] = e.reason
		if e.open != nil {
			open[r.ARN] = e
		}
		return nil
	})
	err := s.askTasks(ctx, open)
	for _, r := range runs {
		if e, ok := open[r.ARN]; ok && e.open == nil {
			known[r.ARN] = e.reason
			s.mu.Lock()
			s.endings[failureKey{r.ARN, r.RedriveCount}] = e
			s.mu.Unlock()
		}
	}
	return known, firstError(append(errs, err))
}

// askTasks asks ECS about the tasks of all the endings, by the hundred.
func (s *Service) askTasks(ctx context.Context, open map[string]ending) error {
	byCluster := map[string][]string{}
	for _, e := range open {
		byCluster[e.blamed.cluster] = append(byCluster[e.blamed.cluster], e.blamed.arn)
	}
	var tasks map[string]workflow.Task
	err := patiently(ctx, func() (err error) {
		tasks, err = s.describeTasks(ctx, byCluster)
		return err
	})
	for arn, e := range open {
		e.ask(tasks)
		open[arn] = e
	}
	if err != nil {
		return fmt.Errorf("ask ECS why tasks stopped: %w", err)
	}
	return nil
}
