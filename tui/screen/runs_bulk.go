package screen

import (
	"context"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

// bulk is one action over many runs, one after the other.
type bulk struct {
	verb     string // such as "redrive"
	todo     []*runRow
	do       func(ctx context.Context, row *runRow) (safe.Text, error)
	progress *tui.Progress
	stopped  bool
}

// bulkResult is what became of one of them.
type bulkResult struct {
	row  *runRow
	text safe.Text
}

func (r *runsScreen) noBulk() string {
	if r.bulk != nil {
		return "a " + r.bulk.verb + " of many runs is under way; wait for its end"
	}
	return ""
}

// redriveMarked redrives the marked runs that can be, after the count was typed.
func (r *runsScreen) redriveMarked() tea.Cmd {
	able := func(row *runRow) string { return acting{r.c, r.s, row.run}.noRedrive() }
	return r.askBulk("redrive", able, nil, func(ctx context.Context, row *runRow) (safe.Text, error) {
		plan, _, err := r.c.Redrive(ctx, ops.RedriveRequest{RunARN: row.run.ARN})
		return safe.Linef("redriven: %s", resumesIn(plan.Resumes)), err
	})
}

func (r *runsScreen) stopMarked() tea.Cmd {
	return askStop(r.c, safe.Linef("Stop %d runs", len(r.table.Marked())), func(how stopping) tea.Cmd {
		able := func(row *runRow) string { return acting{r.c, r.s, row.run}.noStop() }
		return r.askBulk("stop", able, how.note(), func(ctx context.Context, row *runRow) (safe.Text, error) {
			res, err := r.c.Stop(ctx, ops.StopRequest{RunARN: row.run.ARN, Cause: how.cause, StopTasks: how.tasks})
			_, text := acting{r.c, r.s, row.run}.stopped(res)
			return text, err
		})
	})
}

// askBulk names the runs that can be acted on, and asks for their count.
func (r *runsScreen) askBulk(verb string, able func(*runRow) string, note []safe.Text, do func(context.Context, *runRow) (safe.Text, error)) tea.Cmd {
	var todo []*runRow
	var targets []safe.Text
	for _, row := range r.table.Marked() {
		if reason := able(row); reason != "" {
			row.outcome, row.failed = safe.Linef("no %s: %s", verb, reason), true
			continue
		}
		todo = append(todo, row)
		targets = append(targets, row.run.Name)
	}
	marked := len(r.table.Marked())
	if len(todo) == 0 {
		return tui.Toast(tui.Warn, safe.Linef("none of the %d marked runs can be acted on (%s); the list says why", marked, verb))
	}
	if left := marked - len(todo); left > 0 {
		note = append(note, safe.Linef("%d of %d marked runs are left out; the list says why", left, marked))
	}
	return tui.Ask(&tui.Confirm{
		Title: safe.Linef("%s %d runs?", capital(verb), len(todo)), Targets: targets, Note: note,
		Yes: verb, Word: strconv.Itoa(len(todo)),
		Then: func(res tui.Result) tea.Cmd {
			if !res.OK {
				return nil
			}
			return r.startBulk(&bulk{verb: verb, todo: todo, do: do})
		},
	})
}

func capital(verb string) string { return strings.ToUpper(verb[:1]) + verb[1:] }

func (r *runsScreen) startBulk(b *bulk) tea.Cmd {
	r.bulk = b
	b.progress = &tui.Progress{
		Title: safe.Linef("%s %d runs", capital(b.verb), len(b.todo)), Total: len(b.todo),
		Then: func(tui.Result) tea.Cmd {
			b.stopped = true
			return nil
		},
	}
	return tea.Batch(tui.Ask(b.progress), r.nextBulk())
}

// nextBulk acts on the next run. Every one of them ends once begun; leaving
// the screen only keeps the next from beginning.
func (r *runsScreen) nextBulk() tea.Cmd {
	b := r.bulk
	if len(b.todo) == 0 || b.stopped {
		return r.endBulk()
	}
	row := b.todo[0]
	b.todo = b.todo[1:]
	b.progress.Now = row.run.Name
	return tui.Do(r.s, "bulk", safe.Linef("%s run %s", b.verb, row.run.Name), actionLimit, func(ctx context.Context) (bulkResult, error) {
		text, err := b.do(ctx, row)
		return bulkResult{row, text}, err
	})
}

func (r *runsScreen) bulkDone(res bulkResult, err error) tea.Cmd {
	b := r.bulk
	b.progress.Done++
	res.row.outcome, res.row.failed = res.text, err != nil
	if err != nil {
		b.progress.Failed++
		res.row.outcome = briefly(err)
	}
	return r.nextBulk()
}

func (r *runsScreen) endBulk() tea.Cmd {
	b, p := r.bulk, r.bulk.progress
	r.bulk = nil
	r.table.Unmark()
	kind, text := tui.Done, safe.Linef("%s: %d runs done", b.verb, p.Done-p.Failed)
	if p.Failed > 0 {
		kind, text = tui.Warn, safe.Linef("%s, %d refused; the list says why", text, p.Failed)
	}
	if len(b.todo) > 0 {
		kind, text = tui.Warn, safe.Linef("%s, %d not begun", text, len(b.todo))
	}
	return tea.Batch(tui.Dismiss(p), tui.Toast(kind, text), tui.After(r.s, runChanged, 0))
}
