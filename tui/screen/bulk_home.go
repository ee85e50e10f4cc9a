package screen

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// bulkNeed is a bulk action that is under way here, or was interrupted.
type bulkNeed struct {
	job      *bulkJob // nil: interrupted
	left     ops.BulkLeft
	progress ops.BulkProgress
}

// interrupted are the bulk actions of this place that can be resumed. Those
// that a program works on now are none.
func (c *Console) interrupted() ([]bulkNeed, error) {
	if c.Bulks == "" {
		return nil, nil
	}
	left, err := ops.BulksLeft(c.Bulks)
	if err != nil {
		return nil, err
	}
	var out []bulkNeed
	for _, l := range left {
		rest, err := c.readBulk(l.ID)
		switch kind := ops.KindOf(err); {
		case kind == ops.Conflict, kind == ops.NotFound:
			continue
		case err != nil:
			return out, err
		case len(rest.items) > 0 && c.here(rest.items[0].RunARN):
			out = append(out, bulkNeed{left: l, progress: rest.progress})
		}
	}
	return out, nil
}

// here reports that an ARN is of the account and region that is looked at, as
// far as those are known.
func (c *Console) here(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return false
	}
	same := func(place, of string) bool { return place == "" || place == of }
	return same(c.Place.Region, parts[3]) && same(c.Place.Account, parts[4])
}

// findBulks looks for what was interrupted.
func (c *Console) findBulks(s *tui.Scope) tea.Cmd {
	return tui.Load(s, "bulks", loadLimit, func(context.Context) ([]bulkNeed, error) { return c.interrupted() })
}

// bulkNeeds are the jobs under way and what was interrupted.
func (c *Console) bulkNeeds(interrupted []bulkNeed) []bulkNeed {
	var out []bulkNeed
	busy := map[string]bool{}
	for _, j := range c.bulks().running() {
		now, _ := j.now()
		busy[j.bulk.ID()] = true
		out = append(out, bulkNeed{job: j, progress: now.progress})
	}
	for _, n := range interrupted {
		if !busy[n.left.ID] {
			out = append(out, n)
		}
	}
	return out
}

func (n bulkNeed) text() safe.Text {
	p := n.progress
	if n.job != nil {
		verb := bulkVerbs[n.job.bulk.Request().Action]
		return safe.Linef("%s %s: under way, %s done", verb.does, verb.count(p.Total), safe.Count(p.Total-p.Open()))
	}
	verb := bulkVerbs[n.left.Request.Action]
	if p.Open() == 0 {
		return safe.Linef("%s %s: %s of them failed; enter tries again or forgets them", verb.does, verb.count(p.Total), safe.Count(p.Failed))
	}
	return safe.Linef("%s %s was interrupted with %s left; enter resumes or forgets it", verb.does, verb.count(p.Total), safe.Count(p.Open()+p.Failed))
}

func (n bulkNeed) at() time.Time {
	if n.job != nil {
		return n.job.began
	}
	return n.left.Time
}

func (n bulkNeed) sign(t *theme.Theme) theme.Sign {
	if n.job != nil {
		return theme.Sign{Glyph: t.Glyph(theme.GlyphRunning), Role: theme.Running}
	}
	return theme.Sign{Glyph: t.Glyph(theme.GlyphPause), Role: theme.Warning}
}

func (n bulkNeed) screen(c *Console) tui.Screen {
	if n.job != nil {
		return newBulkProgress(c, n.job)
	}
	return newBulkLeft(c, n.left)
}

func (n bulkNeed) open(c *Console) tea.Cmd { return tui.Push(n.screen(c)) }

// openBulks opens what is under way, or was interrupted last.
func (c *Console) openBulks() tea.Cmd {
	if running := c.bulks().running(); len(running) > 0 {
		return tui.Push(newBulkProgress(c, running[0]))
	}
	return func() tea.Msg {
		left, err := c.interrupted()
		switch {
		case err != nil:
			return refused(err)()
		case len(left) == 0:
			return tui.Toast(tui.Info, safe.Line("nothing is done to many runs now, and nothing was interrupted"))()
		}
		return left[0].open(c)()
	}
}
