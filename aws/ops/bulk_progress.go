package ops

import "time"

// BulkProgress is how far a bulk action is.
type BulkProgress struct {
	Total, Done, Skipped, Failed int
	// Waiting items are held back because AWS throttles or does not answer.
	Waiting int
	Paused  bool
	// Left is how long the rest takes at the rate, if nothing slows it down.
	Left time.Duration
}

// Open is how many items have no result yet.
func (p BulkProgress) Open() int { return p.Total - p.Done - p.Skipped - p.Failed }

// Updates delivers the progress after each change; one that was not taken in
// time is replaced by the next. It is closed by Close.
func (b *Bulk) Updates() <-chan BulkProgress { return b.updates }

// Progress is how far it is now.
func (b *Bulk) Progress() BulkProgress {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.progress()
}

func (b *Bulk) progress() BulkProgress {
	p := BulkProgress{Total: len(b.outcomes), Waiting: b.waiting, Paused: b.gate != nil}
	for _, o := range b.outcomes {
		switch o.State {
		case BulkDone:
			p.Done++
		case BulkSkipped:
			p.Skipped++
		case BulkFailed:
			p.Failed++
		}
	}
	p.Left = Rate{PerSecond: b.rate.PerSecond}.Time(p.Open())
	return p
}

// tell delivers the progress. The caller holds the lock, so that it is the only
// one who sends.
func (b *Bulk) tell() {
	select {
	case <-b.updates:
	default:
	}
	b.updates <- b.progress()
}

// Pause begins no more items until Continue; those under way end.
func (b *Bulk) Pause() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gate == nil {
		b.gate = make(chan struct{})
		b.tell()
	}
}

// Continue ends a pause.
func (b *Bulk) Continue() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gate != nil {
		close(b.gate)
		b.gate = nil
		b.tell()
	}
}
