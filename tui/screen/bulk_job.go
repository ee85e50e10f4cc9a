package screen

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

// bulkJob is a bulk action that is under way or has ended. It goes on without
// the screen that shows it.
type bulkJob struct {
	bulk     *ops.Bulk
	excluded []ops.Excluded
	began    time.Time
	halt     chan struct{} // closed to begin no more
	stopOnce sync.Once

	mu       sync.Mutex
	progress ops.BulkProgress
	before   int           // items that had a result when it began
	changed  chan struct{} // closed and made anew with each change
	ended    time.Time     // zero: it goes on
	err      error         // why it ended before its end
}

func newBulkJob(b *ops.Bulk, excluded []ops.Excluded, now time.Time) *bulkJob {
	p := b.Progress()
	return &bulkJob{
		bulk: b, excluded: excluded, began: now, halt: make(chan struct{}), changed: make(chan struct{}),
		progress: p, before: p.Done + p.Skipped,
	}
}

// start does the items in the background until all have a result, the job is
// stopped or the program ends. What is left then stays in the journal.
func (j *bulkJob) start(c *Console, s *tui.Scope) tea.Cmd {
	c.bulks().add(j)
	clock := s.Clock
	return tui.Background(s, func(ctx context.Context, tell func(safe.Text)) (tui.ToastKind, safe.Text) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() {
			select {
			case <-j.halt:
				cancel()
			case <-ctx.Done():
			}
		})
		wg.Go(func() {
			for p := range j.bulk.Updates() {
				j.note(func() { j.progress = p })
				tell(j.badge(p))
			}
		})
		err := j.bulk.Run(ctx)
		cancel()
		err = errors.Join(j.outcome(err), j.bulk.Close())
		wg.Wait()
		now := clock.Now()
		j.note(func() { j.progress, j.ended, j.err = j.bulk.Progress(), now, err })
		return j.told()
	}, nil)
}

// outcome is the error of a run that ended early; being stopped is none.
func (j *bulkJob) outcome(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (j *bulkJob) note(change func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change()
	close(j.changed)
	j.changed = make(chan struct{})
}

// bulkNow is a job at a moment.
type bulkNow struct {
	progress ops.BulkProgress
	before   int
	ended    time.Time
	err      error
}

func (j *bulkJob) now() (bulkNow, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return bulkNow{j.progress, j.before, j.ended, j.err}, j.changed
}

// watch delivers each change until the job has ended, or ctx.
func (j *bulkJob) watch(ctx context.Context) (<-chan bulkNow, error) {
	out := make(chan bulkNow)
	go func() {
		defer close(out)
		for {
			now, changed := j.now()
			if !sent(ctx, out, now) || !now.ended.IsZero() {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

func (j *bulkJob) stop() { j.stopOnce.Do(func() { close(j.halt) }) }

func (j *bulkJob) badge(p ops.BulkProgress) safe.Text {
	word := string(j.bulk.Request().Action)
	if j.bulk.Request().Action == ops.BulkFailToken {
		word = "tokens"
	}
	text := safe.Linef("%s %s/%s", word, safe.Count(p.Total-p.Open()), safe.Count(p.Total))
	if p.Paused {
		text = safe.Linef("%s paused", text)
	}
	return text
}

// told is the job's end in a line.
func (j *bulkJob) told() (tui.ToastKind, safe.Text) {
	now, _ := j.now()
	p, verb := now.progress, bulkVerbs[j.bulk.Request().Action]
	text := safe.Linef("%s %s", verb.count(p.Done), verb.done)
	kind := tui.Done
	add := func(n int, word string) {
		if n > 0 {
			kind, text = tui.Warn, safe.Linef("%s, %s %s", text, safe.Count(n), word)
		}
	}
	add(p.Skipped, "skipped")
	add(p.Failed, "failed")
	add(p.Open(), "left")
	if now.err != nil {
		return tui.Fail, safe.Linef("%s: %s", text, briefly(now.err))
	}
	return kind, text
}

// bulkJobs are the jobs of the program, whichever place they work in. It is
// used on the UI goroutine only.
type bulkJobs struct{ list []*bulkJob }

func (js *bulkJobs) add(j *bulkJob) {
	js.list = slices.DeleteFunc(js.list, func(old *bulkJob) bool {
		now, _ := old.now()
		return !now.ended.IsZero()
	})
	js.list = append(js.list, j)
}

// running are the jobs that go on, the newest first.
func (js *bulkJobs) running() []*bulkJob {
	var out []*bulkJob
	for _, j := range slices.Backward(js.list) {
		if now, _ := j.now(); now.ended.IsZero() {
			out = append(out, j)
		}
	}
	return out
}

func (c *Console) bulks() *bulkJobs {
	if c.jobs == nil {
		c.jobs = &bulkJobs{}
	}
	return c.jobs
}
