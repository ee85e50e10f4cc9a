package ops

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Why diagnoses a run from its newest page of history, its tasks and the end of
// the log of the attempt in question; one that failed or waits because of a run
// that it started, from that run's too, one level at a time. It fails only when
// the run itself cannot be read; other parts that fail are told in the diagnosis.
func (s *Service) Why(ctx context.Context, runARN string, now time.Time) (workflow.Run, triage.Diagnosis, error) {
	ev, err := s.evidence(ctx, runARN, now)
	if err != nil {
		return ev.Run, triage.Diagnosis{}, err
	}
	if ev.Child, err = s.ChildEvidence(ctx, triage.ChildOf(ev), now); err != nil {
		lacks(&ev, triage.FromHistory, err)
	}
	return ev.Run, triage.Diagnose(ev), ctx.Err()
}

// deepestChild is how many levels of runs within runs are followed.
const deepestChild = 5

// ChildEvidence reads what is known of the run that another one failed or waits
// with (triage.ChildOf), and of those below it, a level at a time. It is nil
// without a run, and for an Express run, of which AWS keeps no history. A level
// costs what Why does: a page of history, the tasks, and the end of a log.
func (s *Service) ChildEvidence(ctx context.Context, runARN string, now time.Time) (*triage.Evidence, error) {
	return s.childEvidence(ctx, runARN, now, deepestChild)
}

func (s *Service) childEvidence(ctx context.Context, runARN string, now time.Time, levels int) (*triage.Evidence, error) {
	if levels == 0 || runARN == "" || workflow.IsExpress(runARN) {
		return nil, nil
	}
	child, err := s.evidence(ctx, runARN, now)
	if err != nil {
		return nil, err
	}
	if child.Child, err = s.childEvidence(ctx, triage.ChildOf(child), now, levels-1); err != nil {
		lacks(&child, triage.FromHistory, err)
	}
	return &child, nil
}

// evidence reads what is known of one run.
func (s *Service) evidence(ctx context.Context, runARN string, now time.Time) (triage.Evidence, error) {
	ev := triage.Evidence{Now: now, TaskDefinitions: map[string]workflow.TaskDefinition{}}
	var err error
	if ev.Run, err = s.DescribeRun(ctx, runARN); err != nil {
		return ev, err
	}
	var machineErr, historyErr error
	var page HistoryPage
	var wg sync.WaitGroup
	wg.Go(func() { ev.Machine, machineErr = s.MachineFor(ctx, runARN) })
	wg.Go(func() { page, historyErr = s.ports.Histories.History(ctx, HistoryQuery{RunARN: runARN, Reverse: true}) })
	wg.Wait()
	lacks(&ev, triage.FromDefinition, machineErr)
	lacks(&ev, triage.FromHistory, historyErr)
	if d, err := workflow.ParseDefinition(ev.Machine.Definition); err == nil {
		ev.Definition = &d
	}
	ev.Events = page.Events
	ev.Steps = workflow.Steps(ev.Events)
	if page.Next != "" {
		ev.Gaps = append(ev.Gaps, triage.Gap{Part: triage.FromHistory, Why: safe.Linef("only the newest %d events were read", len(ev.Events))})
	}
	ev.Tasks, err = s.TasksOf(ctx, ev.Steps)
	lacks(&ev, triage.FromECS, err)
	s.addLog(ctx, &ev, triage.Diagnose(ev).TaskARN)
	return ev, nil
}

func lacks(ev *triage.Evidence, part triage.Source, err error) {
	if err != nil {
		ev.Gaps = append(ev.Gaps, triage.Gap{Part: part, Why: Brief(err)})
	}
}

// addLog reads the end of the logs of all containers of the task.
func (s *Service) addLog(ctx context.Context, ev *triage.Evidence, taskARN string) {
	attempt := attemptOf(ev.Steps, taskARN)
	if attempt == nil {
		return
	}
	definition := cmp.Or(ev.Tasks[taskARN].DefinitionARN, attempt.DefinitionARN)
	if definition == "" {
		return
	}
	d, err := s.TaskDefinition(ctx, definition)
	if err != nil {
		lacks(ev, triage.FromLog, err)
		return
	}
	ev.TaskDefinitions[definition] = d
	for _, c := range d.Containers {
		ref, ok := d.LogOf(c.Name, taskARN)
		if !ok {
			continue
		}
		lines, err := s.endOfLog(ctx, ref, logWindow(ev.Tasks[taskARN], attempt))
		switch {
		case KindOf(err) == NotFound:
			ev.Logs = append(ev.Logs, triage.Log{Container: c.Name, TaskARN: taskARN, NoStream: ev.Tasks[taskARN].Gone()})
		case err != nil:
			lacks(ev, triage.FromLog, err)
		default:
			ev.Logs = append(ev.Logs, triage.Log{Container: c.Name, TaskARN: taskARN, Lines: lines})
		}
	}
}

func attemptOf(steps []workflow.Step, taskARN string) *workflow.Attempt {
	for i := range steps {
		for j := range steps[i].Attempts {
			if a := &steps[i].Attempts[j]; a.TaskARN == taskARN && taskARN != "" {
				return a
			}
		}
	}
	return nil
}

const (
	// lastMinutes of an attempt's log are read; the head, when nothing stands there.
	lastMinutes = 10 * time.Minute
	// mostLogPages bounds what a flood of lines costs (AWS: 1 MB a page).
	mostLogPages = 8
	keptLines    = 1000
)

// logWindow is where the end of the attempt's log begins, or zero when its end
// is not known.
func logWindow(t workflow.Task, a *workflow.Attempt) time.Time {
	end := a.Ended
	if !t.Stopped.IsZero() && (end.IsZero() || t.Stopped.Before(end)) {
		end = t.Stopped
	}
	if end.IsZero() {
		return time.Time{}
	}
	return end.Add(-lastMinutes)
}

// endOfLog reads the last lines of a stream since the time given, or from its
// head when there are none.
func (s *Service) endOfLog(ctx context.Context, ref workflow.LogRef, since time.Time) ([]workflow.LogLine, error) {
	var lines []workflow.LogLine
	q := LogQuery{Ref: ref, Since: since}
	for range mostLogPages {
		page, err := s.ports.Logs.LogPage(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read log %s: %w", safe.Line(ref.Stream), err)
		}
		lines = append(lines, page.Lines...)
		lines = lines[max(0, len(lines)-keptLines):]
		if page.Next == q.Page {
			break
		}
		q.Page = page.Next
	}
	if len(lines) == 0 && !since.IsZero() {
		return s.endOfLog(ctx, ref, time.Time{})
	}
	return lines, nil
}
