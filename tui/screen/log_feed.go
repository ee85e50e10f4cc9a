package screen

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const (
	// overlap is how far before its newest line a log is read again after a
	// pause: CloudWatch may take lines in late and out of order.
	overlap = 2 * time.Minute
	// fewRecent is from how many lines on those are let go that no pause needs.
	fewRecent = 4096
)

// feed turns what a tail brings into lines. A log that was not read for a
// while is read again from a little before its newest line; the feed knows
// which lines it had then, so that none is lost or doubled.
type feed struct {
	newest atomic.Int64 // Unix milliseconds, 0 before the first line; read off the UI goroutine
	recent []written
	keep   int              // recent lines are sifted when there are more
	had    map[written]int  // lines that reading again brings once more
	told   map[written]bool // notices
	task   string           // whose line came last
}

// written tells one line from another, as far as their writer does.
type written struct {
	task, container string
	at              int64
	text            string
}

// feedItem is an item of a tail. The first one after each opening has begun
// set, and since when it reads.
type feedItem struct {
	ops.TailItem
	begun bool
	since time.Time
}

// tail reads the log, from where the feed stands.
func (f *feed) tail(ctx context.Context, s *ops.Service, runARN string) (<-chan feedItem, error) {
	request := ops.TailRequest{RunARN: runARN, Follow: true}
	if newest := f.newest.Load(); newest > 0 {
		request.Since = time.UnixMilli(newest).Add(-overlap)
	}
	out := make(chan feedItem)
	items := s.Tail(ctx, request)
	go func() {
		defer close(out)
		item := feedItem{begun: true, since: request.Since}
		for open := true; open; {
			select {
			case out <- item:
			case <-ctx.Done():
			}
			item = feedItem{}
			item.TailItem, open = <-items // closed when ctx ends
		}
	}()
	return out, nil
}

// begin notes which lines come once more.
func (f *feed) begin(since time.Time) {
	f.had = map[written]int{}
	for _, l := range f.recent {
		if !since.IsZero() && l.at >= since.UnixMilli() {
			f.had[l]++
		}
	}
}

// lines adds what an item says to lines: nothing for one that was there
// before, a seam first where another task begins.
func (f *feed) lines(lines []widget.LogLine, item ops.TailItem) []widget.LogLine {
	if f.doubled(item) {
		return lines
	}
	line := widget.LogLine{
		Time: item.Line.Time, Text: item.Line.Text, Raw: item.Line.Raw, Container: safe.Line(item.Container), Attempt: item.Attempt,
	}
	if item.TaskARN != "" && item.TaskARN != f.task {
		f.task = item.TaskARN
		lines = append(lines, widget.LogLine{
			Kind: widget.Seam, Attempt: item.Attempt, Text: safe.Linef("attempt %d, task %s of %s", item.Attempt, workflow.TaskID(item.TaskARN), item.State),
		})
	}
	if !item.Notice.Empty() {
		line.Kind, line.Text, line.Raw = widget.Seam, item.Notice, ""
	}
	return append(lines, line)
}

// doubled reports that the item was there before, and remembers it.
func (f *feed) doubled(item ops.TailItem) bool {
	id := written{task: item.TaskARN, container: item.Container, at: item.Line.Time.UnixMilli(), text: item.Line.Raw}
	if !item.Notice.Empty() {
		id.at, id.text = 0, item.Notice.String()
		if f.told == nil {
			f.told = map[written]bool{}
		}
		known := f.told[id]
		f.told[id] = true
		return known
	}
	if f.had[id] > 0 {
		f.had[id]--
		return true
	}
	f.remember(id)
	return false
}

func (f *feed) remember(id written) {
	f.newest.Store(max(f.newest.Load(), id.at))
	f.recent = append(f.recent, id)
	if len(f.recent) > max(fewRecent, f.keep) {
		oldest := f.newest.Load() - overlap.Milliseconds()
		f.recent = slices.DeleteFunc(f.recent, func(l written) bool { return l.at < oldest })
		f.keep = 2 * len(f.recent)
	}
}
