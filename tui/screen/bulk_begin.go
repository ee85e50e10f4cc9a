package screen

import (
	"context"
	"errors"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

// asking reports that the count is asked for.
func (b *bulkScreen) asking() bool { return b.ready && b.job == nil && b.todo() > 0 }

// todo is how many items have no result yet, or failed.
func (b *bulkScreen) todo() int {
	if b.id != "" && b.job == nil {
		return b.left.Open() + b.left.Failed
	}
	return len(b.items)
}

// begin begins once the count is typed; on a protected profile a word is asked
// for besides.
func (b *bulkScreen) begin() tea.Cmd {
	verb := bulkVerbs[b.request.Action]
	if b.typed != strconv.Itoa(b.todo()) {
		b.typed = ""
		return tui.Toast(tui.Warn, safe.Linef("type %d, the number of %s, then enter", b.todo(), verb.many))
	}
	if !b.s.Protected {
		return b.send()
	}
	return tui.Ask(&tui.Confirm{
		Title: safe.Linef("%s %s?", verb.does, verb.count(b.todo())), Targets: []safe.Text{b.s.Where.Profile}, Note: bulkTerms(b.request),
		Yes: "begin",
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return b.send()
		},
	})
}

// send writes the journal, or opens the one that is there.
func (b *bulkScreen) send() tea.Cmd {
	c, id, rate, now := b.c, b.id, b.c.bulkRate(b.request.Action), b.s.Clock.Now()
	plan := ops.BulkPlan{Request: b.request, Items: b.items, Excluded: b.excluded}
	return tui.Load(b.s, "begin", loadLimit, func(ctx context.Context) (*bulkJob, error) {
		bulk, err := c.openBulk(id, plan, rate)
		if err != nil {
			return nil, err
		}
		if ctx.Err() != nil { // the screen was left: nobody would begin it
			return nil, errors.Join(ctx.Err(), letGo(bulk, id == ""))
		}
		return newBulkJob(bulk, plan.Excluded, now), nil
	})
}

func (c *Console) openBulk(id string, plan ops.BulkPlan, rate ops.Rate) (*ops.Bulk, error) {
	if id != "" {
		return c.ResumeBulk(c.Bulks, id, rate)
	}
	return c.BeginBulk(c.Bulks, plan, rate)
}

// letGo closes a bulk action that was not begun here; one made just now leaves
// no journal behind.
func letGo(bulk *ops.Bulk, made bool) error {
	if made {
		return bulk.Discard()
	}
	return bulk.Close()
}

func (b *bulkScreen) begun(job *bulkJob, err error) tea.Cmd {
	if b.err = err; err != nil {
		return nil
	}
	b.job, b.id, b.typed, b.part = job, job.bulk.ID(), "", everyItem
	return tea.Batch(job.start(b.c, b.s), b.watch())
}

func (b *bulkScreen) watch() tea.Cmd {
	b.now, _ = b.job.now()
	return tui.Stream(b.s, "watch", b.job.watch)
}

// went takes in what the job has done since.
func (b *bulkScreen) went(batch tui.Batch[bulkNow]) {
	if n := len(batch.Items); n > 0 {
		b.now = batch.Items[n-1]
		b.err = b.now.err
	}
	for i, out := range b.job.bulk.Outcomes() {
		if row := b.rows[i]; row.outcome.State != out.State || row.outcome.Reason != out.Reason {
			row.outcome = out
			row.index()
		}
	}
	b.arrange()
}

// working reports that items are being done.
func (b *bulkScreen) working() bool { return b.job != nil && b.now.ended.IsZero() }

// over reports that it has ended with something left to do or to try again.
func (b *bulkScreen) over() bool {
	p := b.now.progress
	return b.job != nil && !b.now.ended.IsZero() && p.Open()+p.Failed > 0
}

func (b *bulkScreen) pause() tea.Cmd {
	if b.now.progress.Paused {
		b.job.bulk.Continue()
	} else {
		b.job.bulk.Pause()
	}
	return nil
}

func (b *bulkScreen) stop() tea.Cmd {
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Begin no more of them?"), Yes: "stop here",
		Note: []safe.Text{safe.Line("What was done stays done. The rest can be resumed from the first screen, or forgotten.")},
		Then: func(r tui.Result) tea.Cmd {
			if r.OK {
				b.job.stop()
			}
			return nil
		},
	})
}

// again asks for the count of what is left and of what failed.
func (b *bulkScreen) again() tea.Cmd {
	b.left, b.job, b.typed = b.now.progress, nil, ""
	return nil
}

// drop forgets what is left.
func (b *bulkScreen) drop() tea.Cmd {
	verb := bulkVerbs[b.request.Action]
	c, id := b.c, b.id
	return tui.Ask(&tui.Confirm{
		Title: safe.Linef("Forget the %s left?", verb.count(b.remaining())), Yes: "forget",
		Note: []safe.Text{safe.Line("They stay as they are. Nothing is sent to AWS.")},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return tui.Load(b.s, "drop", loadLimit, func(context.Context) (struct{}, error) {
				bulk, err := c.ResumeBulk(c.Bulks, id, ops.Rate{})
				if err != nil {
					return struct{}{}, err
				}
				return struct{}{}, bulk.Discard()
			})
		},
	})
}

func (b *bulkScreen) remaining() int {
	p := b.left
	if b.job != nil {
		p = b.now.progress
	}
	return p.Open() + p.Failed
}

func (b *bulkScreen) dropped(err error) tea.Cmd {
	if b.err = err; err != nil {
		return nil
	}
	return tea.Batch(tui.Pop(), tui.Toast(tui.Done, safe.Line("forgotten; what was done stays done")))
}
