package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// TailRequest says which part of a run's logs to read.
type TailRequest struct {
	RunARN    string
	Since     time.Time // zero: from the head
	Grep      string    // only lines with it, smart case
	Container string    // empty: all
	Attempt   int       // from 1, counted over the run's tasks; 0: all
	Follow    bool      // go on until the run has closed and its log is quiet
}

// TailItem is a line of a log, or a notice about the log. Err is set on the
// last item when reading failed.
type TailItem struct {
	Line      workflow.LogLine
	Container string
	Attempt   int // from 1, counted over the run's tasks
	TaskARN   string
	State     safe.Text       // that the task was started in
	Log       workflow.LogRef // where Line lies
	Notice    safe.Text       // set instead of Line
	Err       error
}

// Tail sends the run's log lines: attempt after attempt, in order within each
// stream, each line once. The channel is closed at the end; ending ctx ends it.
func (s *Service) Tail(ctx context.Context, req TailRequest) <-chan TailItem {
	out := make(chan TailItem)
	go func() {
		defer close(out)
		t := tailer{service: s, req: req, out: out, grep: safe.NewFold(req.Grep), tasks: map[string]*source{}}
		if err := t.run(ctx); err != nil && !ended(ctx, err) {
			t.send(ctx, TailItem{Err: err})
		}
	}()
	return out
}

// source is one task whose log is read, with its containers' streams.
type source struct {
	attempt int
	task    string // ARN
	state   safe.Text
	cluster string
	refs    []workflow.LogRef
	done    chan struct{} // closed when the task writes no more
	closed  bool
}

func (s *source) finish() {
	if !s.closed {
		s.closed = true
		close(s.done)
	}
}

type tailer struct {
	service *Service
	req     TailRequest
	out     chan<- TailItem
	grep    safe.Fold
	tasks   map[string]*source // by task ARN
	order   []*source
	readers sync.WaitGroup
	failed  error
	mu      sync.Mutex // guards failed
}

func (t *tailer) send(ctx context.Context, item TailItem) bool {
	select {
	case t.out <- item:
		return true
	case <-ctx.Done():
		return false
	}
}

// run finds the run's tasks as they come up and reads each of them.
func (t *tailer) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer t.readers.Wait()
	defer cancel()
	f := follower{service: t.service, runARN: t.req.RunARN, history: &workflow.History{}}
	p := newPace()
	for {
		u, _, err := f.poll(ctx)
		if err := p.after(err); err != nil {
			return err
		}
		if err == nil {
			if err := t.update(ctx, u.Run, f.history.Steps()); err != nil {
				return err
			}
			if u.Run.Status.Closed() || !t.req.Follow {
				return t.finish(ctx, u.Run)
			}
		}
		if err := t.failure(); err != nil {
			return err
		}
		if !sleep(ctx, p.pause) {
			return ctx.Err()
		}
	}
}

// finish lets the readers read to the end.
func (t *tailer) finish(ctx context.Context, run workflow.Run) error {
	for _, s := range t.order {
		s.finish()
	}
	t.readers.Wait()
	if err := t.failure(); err != nil {
		return err
	}
	if len(t.order) == 0 {
		notice := safe.Linef("there is no log yet: run %s has started no task", run.Name)
		if run.Status.Closed() {
			notice = safe.Linef("there is no log: run %s started no task; its verdict tells why", run.Name)
		}
		if t.req.Attempt > 0 {
			notice = safe.Linef("run %s has no attempt %d with a task", run.Name, t.req.Attempt)
		}
		t.send(ctx, TailItem{Notice: notice})
	}
	return nil
}

// update takes up new tasks and marks those that have stopped.
func (t *tailer) update(ctx context.Context, run workflow.Run, steps []workflow.Step) error {
	attempts := submitted(steps)
	check := map[string][]string{}
	for i, try := range attempts {
		a := try.Attempt
		if t.req.Attempt != 0 && t.req.Attempt != i+1 {
			continue
		}
		src := t.tasks[a.TaskARN]
		if src == nil {
			src = &source{attempt: i + 1, task: a.TaskARN, state: try.state, cluster: a.ClusterARN, done: make(chan struct{})}
			if !a.Open() || run.Status.Closed() || !t.req.Follow {
				src.finish()
			}
			if err := t.start(ctx, src, a, t.quiet(run, a)); err != nil {
				return err
			}
		}
		if !a.Open() {
			src.finish()
		}
		if !src.closed {
			check[src.cluster] = append(check[src.cluster], src.task)
		}
	}
	if len(check) == 0 {
		return nil
	}
	// A task that cannot be described is taken as running: its log goes on.
	tasks, _ := t.service.describeTasks(ctx, check)
	for arn, task := range tasks {
		if task.Gone() {
			t.tasks[arn].finish()
		}
	}
	return nil
}

// try is an attempt that started a task, and its state.
type try struct {
	*workflow.Attempt
	state safe.Text
}

// submitted lists the attempts that started a task, in order.
func submitted(steps []workflow.Step) []try {
	var out []try
	for i := range steps {
		for j := range steps[i].Attempts {
			if a := &steps[i].Attempts[j]; a.TaskARN != "" {
				out = append(out, try{a, steps[i].State})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b try) int { return a.Scheduled.Compare(b.Scheduled) })
	return out
}

// start reads the source: a stopped one at once to its end, so that attempts
// come in order; a live one beside what follows.
func (t *tailer) start(ctx context.Context, src *source, a *workflow.Attempt, quiet time.Duration) error {
	t.tasks[src.task] = src
	t.order = append(t.order, src)
	d, err := t.service.TaskDefinition(ctx, a.DefinitionARN)
	if err != nil {
		return fmt.Errorf("find the log of task %s: %w", workflow.TaskID(src.task), err)
	}
	if err := t.locate(ctx, src, d); err != nil {
		return err
	}
	for _, ref := range src.refs {
		if src.closed {
			t.read(ctx, src, ref, quiet)
			continue
		}
		t.readers.Go(func() { t.read(ctx, src, ref, quiet) })
	}
	return t.failure()
}

// settled is how long after its end a log is surely whole.
const settled = time.Minute

// quiet is how long to read on after the task's end: not at all when only what
// is there is asked for, or when the end is long past.
func (t *tailer) quiet(run workflow.Run, a *workflow.Attempt) time.Duration {
	end := a.Ended
	if end.IsZero() {
		end = run.Stopped
	}
	if !t.req.Follow || !end.IsZero() && time.Since(end) > settled {
		return 0
	}
	return quietFor
}

// locate fills in the streams of the containers asked for.
func (t *tailer) locate(ctx context.Context, src *source, d workflow.TaskDefinition) error {
	var names []string
	for _, c := range d.Containers {
		names = append(names, c.Name)
		if t.req.Container != "" && t.req.Container != c.Name {
			continue
		}
		ref, ok := d.LogOf(c.Name, src.task)
		if !ok {
			t.send(ctx, TailItem{Attempt: src.attempt, TaskARN: src.task, State: src.state, Container: c.Name, Notice: safe.Linef(
				"container %s logs to %s, which stepdeck cannot read", c.Name, safe.Line(c.LogDriver).Or(safe.Line("nowhere")))})
			continue
		}
		src.refs = append(src.refs, ref)
	}
	if t.req.Container != "" && !slices.Contains(names, t.req.Container) {
		return &Problem{Kind: Usage, Title: safe.Linef("the task has no container %s", t.req.Container), Hint: safe.Linef("it has: %s", strings.Join(names, ", "))}
	}
	return nil
}

// read reads one stream to its end and keeps the first failure for run.
func (t *tailer) read(ctx context.Context, src *source, ref workflow.LogRef, quiet time.Duration) {
	item := TailItem{Container: ref.Container, Attempt: src.attempt, TaskARN: src.task, State: src.state, Log: ref}
	notice := func(text safe.Text) {
		n := item
		n.Notice = text
		t.send(ctx, n)
	}
	st := stream{
		logs: t.service.ports.Logs, ref: ref, since: t.req.Since, done: src.done, quiet: quiet, live: t.req.Follow, notice: notice,
		line: func(l workflow.LogLine) bool {
			if !t.grep.Match(l.Text) {
				return true
			}
			n := item
			n.Line = l
			return t.send(ctx, n)
		},
	}
	exists, err := st.run(ctx)
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.failed == nil {
			t.failed = fmt.Errorf("read log %s: %w", ref.Stream, err)
		}
	case err == nil && !exists:
		notice(safe.Linef("no log stream %s: container %s never started, or wrote nothing", ref.Stream, ref.Container))
	}
}

func (t *tailer) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}
