package ecs

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of what goes to CloudWatch Logs at once. AWS: PutLogEvents.
const (
	mostEvents = 10_000
	mostBatch  = 1 << 20
	eventCost  = 26
	mostLine   = 256<<10 - eventCost
)

const (
	// flushEvery is how long a line waits for others to go with it.
	flushEvery = 100 * time.Millisecond
	// mostWaiting is how many bytes wait before the container is held back.
	mostWaiting = 4 * mostBatch
)

// output takes what a container writes, cuts it into lines and puts them in
// batches, in order. Write blocks while too much waits.
type output struct {
	now    func() time.Time
	put    func(ctx context.Context, events []logEvent)
	ctx    context.Context
	cancel context.CancelFunc
	// some says that an event waits, full that a batch does.
	some, full    chan struct{}
	closing, done chan struct{}
	late          sync.Once

	mu      sync.Mutex
	room    *sync.Cond
	partial []byte
	waiting []logEvent
	size    int
	last    int64
}

// newOutput starts the goroutine that puts; close ends it, not ctx.
func newOutput(ctx context.Context, now func() time.Time, put func(context.Context, []logEvent)) *output {
	o := &output{
		now: now, put: put, some: make(chan struct{}, 1), full: make(chan struct{}, 1),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	o.ctx, o.cancel = context.WithCancel(context.WithoutCancel(ctx))
	o.room = sync.NewCond(&o.mu)
	go o.run()
	return o
}

// Write takes bytes as they come; it never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	written := len(p)
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte{'\n'})
		o.extend(line)
		if ended {
			o.endLine()
		}
		p = rest
	}
	for o.size > mostWaiting {
		o.room.Wait()
	}
	return written, nil
}

// extend adds to the line that is being written, and cuts it where it is as
// long as an event may be.
func (o *output) extend(p []byte) {
	for len(o.partial)+len(p) > mostLine {
		n := mostLine - len(o.partial)
		o.partial = append(o.partial, p[:n]...)
		p = p[n:]
		cut := wholeRunes(o.partial)
		tail := bytes.Clone(o.partial[cut:])
		o.add(o.partial[:cut])
		o.partial = append(o.partial[:0], tail...)
	}
	o.partial = append(o.partial, p...)
}

// wholeRunes is the length of text without a character cut off at its end.
func wholeRunes(text []byte) int {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}

func (o *output) endLine() {
	o.add(o.partial)
	o.partial = o.partial[:0]
}

// add makes events of a line. CloudWatch Logs takes no empty message, so an
// empty line makes none; bytes that are not UTF-8 are replaced, which may make
// the line too long for one event.
func (o *output) add(line []byte) {
	text := strings.ToValidUTF8(string(line), "\uFFFD")
	for len(text) > 0 {
		n := min(len(text), mostLine)
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		o.last = max(o.last, o.now().UnixMilli())
		o.waiting = append(o.waiting, logEvent{Timestamp: o.last, Message: text[:n]})
		o.size += n + eventCost
		text = text[n:]
		notify(o.some)
	}
	if o.size >= mostBatch || len(o.waiting) >= mostEvents {
		notify(o.full)
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// close puts what is left and returns when it is kept, or has been tried for
// flushLimit. Nothing is written any longer.
func (o *output) close() {
	o.mu.Lock()
	o.endLine()
	o.mu.Unlock()
	o.hurry()
	close(o.closing)
	<-o.done
	o.cancel()
}

// hurry bounds the time that is left to put what was written.
func (o *output) hurry() {
	o.late.Do(func() {
		late := time.AfterFunc(flushLimit, o.cancel)
		context.AfterFunc(o.ctx, func() { late.Stop() })
	})
}

func (o *output) run() {
	defer close(o.done)
	for {
		select {
		case <-o.some:
		case <-o.closing:
		}
		o.gather()
		for batch := o.take(); len(batch) > 0; batch = o.take() {
			o.put(o.ctx, batch)
		}
		if o.ended() {
			return
		}
	}
}

// gather waits for more to go with the first event.
func (o *output) gather() {
	timer := time.NewTimer(flushEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-o.full:
	case <-o.closing:
	}
}

// ended tells whether nothing is left and nothing will come.
func (o *output) ended() bool {
	select {
	case <-o.closing:
	default:
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiting) == 0
}

// take is the next batch.
func (o *output) take() []logEvent {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, size := 0, 0
	for n < len(o.waiting) && n < mostEvents {
		cost := len(o.waiting[n].Message) + eventCost
		if size+cost > mostBatch {
			break
		}
		size += cost
		n++
	}
	batch := o.waiting[:n:n]
	o.waiting = o.waiting[n:]
	o.size -= size
	o.room.Broadcast()
	return batch
}
