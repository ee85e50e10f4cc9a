package screen

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// previewGrace is how long a preview starts nothing, so that a second enter
// meant for the form does not.
const previewGrace = 400 * time.Millisecond

// startBlock is why the run cannot be started now.
func (f *formScreen) startBlock() string {
	if f.scope.Busy("start") {
		return "it is being started"
	}
	return ""
}

// confirm starts the run; on a protected profile a word is asked for.
func (f *formScreen) confirm() tea.Cmd {
	if f.now().Sub(f.preview.since) < previewGrace {
		return nil
	}
	if !f.scope.Protected {
		return f.startRun()
	}
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Start a run"), Yes: "start",
		Targets: []safe.Text{safe.Linef("%s/%s", f.spec.Machine.Name, f.preview.plan.Name)},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return f.startRun()
		},
	})
}

// startRun sends exactly what the preview shows.
func (f *formScreen) startRun() tea.Cmd {
	c, spec := f.console, f.startSpec()
	f.refused = nil
	what := safe.Linef("start of %s", spec.Name)
	return tui.Do(f.scope, "start", what, actionLimit, func(ctx context.Context) (workflow.Run, error) {
		run, _, err := c.Start(ctx, spec)
		return run, err
	})
}

// started follows the new run. A failed call keeps everything and tells why.
func (f *formScreen) started(l tui.Loaded[workflow.Run]) tea.Cmd {
	if l.Err != nil {
		f.refused = l.Err
		if ops.KindOf(l.Err) == ops.Conflict {
			f.backToForm()
			f.blame("name")
		}
		return nil
	}
	f.dropDraft()
	f.console.noteStarted(l.Value)
	tab := TabVerdict
	if f.ground.managed {
		tab = TabLog
	}
	return tea.Batch(
		tui.Toast(tui.Done, safe.Linef("started %s", l.Value.Name)),
		tui.Replace(newRun(f.console, l.Value, tab)),
	)
}

// refusal is what did not work, why, and what to do next.
func refusal(err error, next safe.Text) []safe.Text {
	var p *ops.Problem
	if !errors.As(err, &p) {
		return []safe.Text{safe.Line(err.Error()), next}
	}
	texts := []safe.Text{p.Title}
	if !p.Detail.Empty() {
		texts = append(texts, p.Detail)
	}
	if !p.Hint.Empty() {
		next = safe.Join(" · ", p.Hint, next)
	}
	return append(texts, next)
}
