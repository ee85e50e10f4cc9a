package ops

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// bulkAtOnce is how many items are under way at the same time: enough to keep
// up with the largest rate at the usual time of an answer.
const bulkAtOnce = 16

// Bulk is a bulk action with its journal. It is safe for concurrent use, except
// that one Run goes on at a time. It must be closed.
type Bulk struct {
	work    bulkWork
	journal *bulkJournal
	rate    Rate
	updates chan BulkProgress

	mu       sync.Mutex
	outcomes []BulkOutcome
	begun    []bool
	waiting  int
	gate     chan struct{} // not nil: paused; closed to go on
}

// BeginBulk makes the plan's journal in folder, which is made if need be. Items
// begin at the rate, besides which the session paces every call.
func (s *Service) BeginBulk(folder string, plan BulkPlan, rate Rate) (*Bulk, error) {
	if len(plan.Items) == 0 {
		return nil, &Problem{Kind: NotFound, Title: safe.Linef("nothing to %s", plan.Request.Action), Hint: safe.Line("select other runs")}
	}
	j, err := createBulkJournal(folder, bulkHeader{
		ID: time.Now().UTC().Format("20060102-150405-") + randomHex(3), Time: time.Now().UTC(), Who: s.who,
		Request: plan.Request, Items: len(plan.Items),
	}, plan.Items)
	if err != nil {
		return nil, err
	}
	return s.bulk(j, rate)
}

// ResumeBulk opens the journal of an interrupted bulk action by its id. It fails
// with a Problem of kind Conflict while another process works on it.
func (s *Service) ResumeBulk(folder, id string, rate Rate) (*Bulk, error) {
	j, err := openBulkJournal(filepath.Join(folder, id+bulkSuffix))
	if err != nil {
		return nil, err
	}
	return s.bulk(j, rate)
}

func (s *Service) bulk(j *bulkJournal, rate Rate) (*Bulk, error) {
	w, err := s.work(j.header.Request, j.header.ID, &bulkRuns{s: s, items: j.items})
	if err != nil {
		_ = j.close() // the error that matters is the other
		return nil, err
	}
	b := &Bulk{
		work: w, journal: j, rate: rate, updates: make(chan BulkProgress, 1),
		outcomes: make([]BulkOutcome, len(j.items)), begun: make([]bool, len(j.items)),
	}
	for _, r := range j.records {
		b.begun[r.Item] = true
		if r.State != BulkBegun {
			b.outcomes[r.Item] = r.BulkOutcome
		}
	}
	return b, nil
}

// ID names the bulk action, for ResumeBulk.
func (b *Bulk) ID() string { return b.journal.header.ID }

// Request is what is done.
func (b *Bulk) Request() BulkRequest { return b.journal.header.Request }

// Items are the planned items, in order.
func (b *Bulk) Items() []BulkItem { return slices.Clone(b.journal.items) }

// Outcomes are the items' outcomes, in the order of Items.
func (b *Bulk) Outcomes() []BulkOutcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.outcomes)
}

// Run does the items that are neither done nor skipped, those that failed
// included, and returns when all have a result. Before that it returns when ctx
// ends, or when going on is of no use: AWS cannot be reached, the login has
// expired, or the first item was denied. What is left can be run again, or
// resumed later.
func (b *Bulk) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := b.open()
	pace := newBucket(b.rate)
	slots := make(chan struct{}, bulkAtOnce)
	var wg sync.WaitGroup
	for _, i := range todo {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if !pace.wait(ctx) || !b.admitted(ctx) {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := b.item(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// open lists the items to be done and forgets the failures among them.
func (b *Bulk) open() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	var todo []int
	for i, o := range b.outcomes {
		if o.State != BulkDone && o.State != BulkSkipped {
			b.outcomes[i] = BulkOutcome{}
			todo = append(todo, i)
		}
	}
	b.tell()
	return todo
}

// admitted waits while paused. It is false when ctx has ended.
func (b *Bulk) admitted(ctx context.Context) bool {
	for {
		b.mu.Lock()
		gate := b.gate
		b.mu.Unlock()
		if gate == nil {
			return ctx.Err() == nil
		}
		select {
		case <-gate:
		case <-ctx.Done():
			return false
		}
	}
}

// unreachableTries is how often an item is tried while AWS cannot be reached.
const unreachableTries = 5

// item does one item, through throttles and lost connections. An error ends the
// whole run.
func (b *Bulk) item(ctx context.Context, i int) error {
	pause := followPace
	for tries := 1; ; tries++ {
		out, err := b.try(ctx, i)
		kind := KindOf(err)
		switch {
		case err == nil:
			return b.record(i, out)
		case ctx.Err() != nil:
			return ctx.Err()
		case kind == Throttled || kind == Unreachable && tries < unreachableTries:
			if !b.hold(ctx, pause) {
				return ctx.Err()
			}
			pause = min(2*pause, slowestPace)
		case kind == Unreachable, kind == Expired, kind == Denied && b.Progress().Done == 0, isJournal(err):
			return err
		default:
			return b.record(i, BulkOutcome{State: BulkFailed, Kind: kind, Reason: err.Error()})
		}
	}
}

func (b *Bulk) hold(ctx context.Context, pause time.Duration) bool {
	b.wait(1)
	defer b.wait(-1)
	return sleep(ctx, pause)
}

func (b *Bulk) wait(delta int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting += delta
	b.tell()
}

// try does an item unless it is found to be done, or not to be done any more.
func (b *Bulk) try(ctx context.Context, i int) (BulkOutcome, error) {
	item := b.journal.items[i]
	b.mu.Lock()
	begun := b.begun[i]
	b.mu.Unlock()
	if out, err := b.work.look(ctx, item, begun); err != nil || out.State != BulkPending {
		return out, err
	}
	if !begun {
		if err := b.record(i, BulkOutcome{State: BulkBegun}); err != nil {
			return BulkOutcome{}, err
		}
	}
	out, err := b.work.do(ctx, item)
	if KindOf(err) != Conflict {
		return out, err
	}
	// The refusal may be of a repetition whose first answer was lost on the way.
	out, lookErr := b.work.look(ctx, item, true)
	if lookErr != nil {
		return out, lookErr
	}
	if out.State == BulkPending {
		out = skipped(safe.Line(err.Error()))
	}
	return out, nil
}

// record keeps an outcome in the journal, and only then here.
func (b *Bulk) record(i int, out BulkOutcome) error {
	if err := b.journal.append(bulkRecord{Item: i, Time: time.Now().UTC(), BulkOutcome: out}); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun[i] = true
	if out.State != BulkBegun {
		b.outcomes[i] = out
		b.tell()
	}
	return nil
}

// Close ends the bulk action after Run has returned. Its journal stays while
// something is left to do or to try again.
func (b *Bulk) Close() error {
	return b.end(b.Progress().Open()+b.Progress().Failed == 0)
}

// Discard closes the bulk action for good: what is left will not be done.
func (b *Bulk) Discard() error { return b.end(true) }

func (b *Bulk) end(remove bool) error {
	close(b.updates)
	if remove {
		if err := b.journal.remove(); err != nil {
			return fmt.Errorf("remove the journal of a bulk action: %w", err)
		}
	}
	return b.journal.close()
}
