package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// RunView is all that is known of one run.
type RunView struct {
	Run        workflow.Run
	Machine    workflow.MachineDetail // as the run uses it
	Definition *workflow.Definition   // nil when it could not be read
	Events     []workflow.Event       // oldest first
	Missing    int                    // events that were not loaded
	Steps      []workflow.Step
	Tasks      map[string]workflow.Task // by ARN; those older than an hour are Missing
	Failure    *workflow.Failure        // nil unless the run ended badly
	// Partial tells which parts could not be read, and why; the rest is good.
	Partial []error
}

// Task returns the attempt's task, or nil when it is not known.
func (v *RunView) Task(a *workflow.Attempt) *workflow.Task {
	if t, ok := v.Tasks[a.TaskARN]; ok && a.TaskARN != "" {
		return &t
	}
	return nil
}

// ShowRun reads a run, its history, definition and tasks. It fails only when
// the run itself cannot be read; other parts that fail are told in Partial.
func (s *Service) ShowRun(ctx context.Context, runARN string) (*RunView, error) {
	run, err := s.DescribeRun(ctx, runARN)
	if err != nil {
		return nil, err
	}
	v := &RunView{Run: run, Tasks: map[string]workflow.Task{}}
	var history *workflow.History
	var wg sync.WaitGroup
	var machineErr, historyErr error
	wg.Go(func() { v.Machine, machineErr = s.MachineFor(ctx, runARN) })
	wg.Go(func() { history, historyErr = s.LoadHistory(ctx, runARN, nil) })
	wg.Wait()
	if machineErr != nil {
		v.Partial = append(v.Partial, fmt.Errorf("read definition: %w", machineErr))
	} else if d, err := workflow.ParseDefinition(v.Machine.Definition); err == nil {
		v.Definition = &d
	}
	if historyErr != nil {
		v.Partial = append(v.Partial, historyErr)
	}
	v.Events, v.Steps, v.Missing = history.Events(), history.Steps(), history.Missing()
	if f, ok := workflow.FailureOf(v.Events); ok {
		v.Failure = &f
	}
	tasks, err := s.TasksOf(ctx, v.Steps)
	if err != nil {
		v.Partial = append(v.Partial, err)
	}
	v.Tasks = tasks
	return v, ctx.Err()
}

// LoadHistory reads a run's whole history, from both ends at once. progress, if
// not nil, is told after each page how many events there are and how many are
// still missing; it is called from one goroutine at a time. On an error the
// events read so far are returned with it.
func (s *Service) LoadHistory(ctx context.Context, runARN string, progress func(loaded, missing int)) (*workflow.History, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h := &workflow.History{}
	var mu sync.Mutex
	add := func(events []workflow.Event) (complete bool) {
		mu.Lock()
		defer mu.Unlock()
		h.Add(events...)
		if progress != nil {
			progress(len(h.Events()), h.Missing())
		}
		return h.Missing() == 0
	}
	first, err := s.ports.Histories.History(ctx, HistoryQuery{RunARN: runARN, Reverse: true})
	if err != nil {
		return h, fmt.Errorf("read history of %s: %w", workflow.RunName(runARN), err)
	}
	if add(first.Events) || first.Next == "" {
		return h, nil
	}
	var wg sync.WaitGroup
	errs := make([]error, 2)
	read := func(i int, q HistoryQuery) {
		for {
			page, err := s.ports.Histories.History(ctx, q)
			if err != nil {
				errs[i] = err
				return
			}
			if add(page.Events) {
				cancel()
				return
			}
			if q.Page = page.Next; q.Page == "" {
				return
			}
		}
	}
	wg.Go(func() { read(0, HistoryQuery{RunARN: runARN}) })
	wg.Go(func() { read(1, HistoryQuery{RunARN: runARN, Reverse: true, Page: first.Next}) })
	wg.Wait()
	if h.Missing() == 0 {
		return h, nil
	}
	if err := errors.Join(errs...); err != nil {
		return h, fmt.Errorf("read history of %s: %w", workflow.RunName(runARN), err)
	}
	return h, nil
}

// refreshHistory reads the newest events until one is known already.
func (s *Service) refreshHistory(ctx context.Context, runARN string, h *workflow.History) error {
	q := HistoryQuery{RunARN: runARN, Reverse: true, Limit: failurePage}
	for {
		page, err := s.ports.Histories.History(ctx, q)
		if err != nil {
			return fmt.Errorf("read history of %s: %w", workflow.RunName(runARN), err)
		}
		known := slices.ContainsFunc(page.Events, func(e workflow.Event) bool { return h.Has(e.ID) })
		h.Add(page.Events...)
		if q.Page = page.Next; known || q.Page == "" {
			return nil
		}
		q.Limit = 0
	}
}

// describeAtOnce is how many tasks DescribeTasks takes (AWS).
const describeAtOnce = 100

// TasksOf describes the tasks of all attempts, by ARN. What could be read is
// returned even with an error.
func (s *Service) TasksOf(ctx context.Context, steps []workflow.Step) (map[string]workflow.Task, error) {
	byCluster := map[string][]string{}
	for i := range steps {
		for j := range steps[i].Attempts {
			if a := &steps[i].Attempts[j]; a.TaskARN != "" {
				byCluster[a.ClusterARN] = append(byCluster[a.ClusterARN], a.TaskARN)
			}
		}
	}
	return s.describeTasks(ctx, byCluster)
}

// describeTasks describes tasks given by cluster. What could be read is
// returned even with an error.
func (s *Service) describeTasks(ctx context.Context, byCluster map[string][]string) (map[string]workflow.Task, error) {
	type batch struct {
		cluster string
		arns    []string
	}
	var batches []batch
	for cluster, arns := range byCluster {
		slices.Sort(arns)
		for chunk := range slices.Chunk(slices.Compact(arns), describeAtOnce) {
			batches = append(batches, batch{cluster, chunk})
		}
	}
	tasks := map[string]workflow.Task{}
	var mu sync.Mutex
	errs := each(ctx, batches, func(ctx context.Context, b batch) error {
		described, err := s.ports.Tasks.DescribeTasks(ctx, b.cluster, b.arns)
		if err != nil {
			return fmt.Errorf("describe %d tasks of cluster %s: %w", len(b.arns), safe.Line(workflow.TaskID(b.cluster)), err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, t := range described {
			tasks[t.ARN] = t
		}
		return nil
	})
	return tasks, firstError(errs)
}
