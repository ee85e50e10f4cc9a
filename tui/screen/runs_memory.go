package screen

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// memoryLimit bounds what is kept of runs; a full memory is emptied, since
// what is on the screen is soon back in it.
const memoryLimit = 20_000

// memory is what the screens of one console know of runs from each other. It
// is used on the UI goroutine only.
type memory struct {
	peeks    map[glanceKey]glance
	started  []workflow.Run
	machines []workflow.Machine // as the home screen listed them
}

type glanceKey struct {
	arn     string
	redrive int
}

// glance is what one page of a run's history tells about it.
type glance struct {
	failure   *workflow.Failure
	where     safe.Text // the innermost open states of a running run
	attempts  int       // of the step with the most
	overrides safe.Text
	partial   bool // older events were not read
	err       error
}

// noteStarted tells the lists of a run that was just started, which AWS's own
// lists may not have yet.
func (c *Console) noteStarted(r workflow.Run) {
	c.memory.started = append([]workflow.Run{r}, c.memory.started...)
	c.memory.started = c.memory.started[:min(len(c.memory.started), 100)]
}

// recall is what is known for ever of a run: of closed ones alone.
func (c *Console) recall(r workflow.Run) (glance, bool) {
	g, ok := c.memory.peeks[glanceKey{r.ARN, r.RedriveCount}]
	return g, ok
}

func (c *Console) remember(r workflow.Run, g glance) {
	if !r.Status.Closed() || g.err != nil {
		return
	}
	if c.memory.peeks == nil || len(c.memory.peeks) >= memoryLimit {
		c.memory.peeks = map[glanceKey]glance{}
	}
	c.memory.peeks[glanceKey{r.ARN, r.RedriveCount}] = g
}

// glanced is the answer of glanceAt for one run.
type glanced struct {
	run    workflow.Run
	glance glance
}

// glanceAt reads the newest page of each run's history, one call a run, all
// at once.
func glanceAt(c *Console, s *tui.Scope, key string, runs []workflow.Run) tea.Cmd {
	return tui.Load(s, key, loadLimit, func(ctx context.Context) ([]glanced, error) {
		out := make([]glanced, len(runs))
		var wg sync.WaitGroup
		for i, r := range runs {
			wg.Go(func() { out[i] = glanced{r, c.glance(ctx, r)} })
		}
		wg.Wait()
		return out, ctx.Err()
	})
}

// glance reads a run's history no further than its newest page.
func (c *Console) glance(ctx context.Context, r workflow.Run) glance {
	page, stop := context.WithCancel(ctx)
	defer stop()
	h, err := c.LoadHistory(page, r.ARN, func(_, missing int) {
		if missing > 0 {
			stop()
		}
	})
	if err != nil && len(h.Events()) == 0 {
		return glance{err: err}
	}
	g := glance{partial: h.Missing() > 0}
	for _, e := range h.Events() {
		if e.Type == workflow.ExecutionStarted {
			g.overrides = briefOverrides(workflow.OverridesOf(e.Input))
			break
		}
	}
	steps := h.Steps()
	for i := range steps {
		g.attempts = max(g.attempts, len(steps[i].Attempts))
	}
	if f, ok := workflow.FailureOf(h.Events()); ok && r.Status.Bad() {
		g.failure = &f
	}
	if r.Status == workflow.Running {
		g.where = whereIs(steps)
	}
	return g
}

// whereIs names the steps that a running run stands in.
func whereIs(steps []workflow.Step) safe.Text {
	var open []safe.Text
	parents := map[int]bool{}
	for i := range steps {
		if steps[i].Open() {
			parents[steps[i].Parent] = true
		}
	}
	for i := range steps {
		if !steps[i].Open() || parents[steps[i].Index] {
			continue
		}
		text := steps[i].State
		if a := steps[i].LastAttempt(); a != nil && a.Number > 1 {
			text = safe.Linef("%s, attempt %d", text, a.Number)
		}
		if steps[i].Waiting() {
			text = safe.Linef("%s, waits to retry", text)
		}
		open = append(open, text)
	}
	const most = 3
	if len(open) > most {
		open = append(open[:most], safe.Linef("%d more", len(open)-most))
	}
	return safe.Join("; ", open...)
}
