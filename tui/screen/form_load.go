package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

const (
	// recentInputs is how many runs' inputs are read for completions.
	recentInputs = 5
	// formRetry is how long after a failure the rest is read again.
	formRetry = 30 * time.Second
)

// formGround is what a form is made from. What could not be read is missing
// and told in partial.
type formGround struct {
	known   []workflow.InputField
	managed bool
	recent  []workflow.Run // with inputs; good ones first, the newest first
	like    *workflow.Run
	partial []unread
}

// load reads the machine, the run to clone and recent inputs.
func (f *formScreen) load() tea.Cmd {
	c, spec := f.console, f.spec
	return tui.Load(f.scope, "ground", loadLimit, func(ctx context.Context) (formGround, error) {
		var g formGround
		if spec.Like != nil {
			like, err := withInput(ctx, c, *spec.Like)
			if err != nil {
				return g, fmt.Errorf("read the run to clone: %w", err)
			}
			g.like = &like
		}
		g.recent, g.partial = recentRuns(ctx, c, spec.Machine)
		var inputs []workflow.Document
		if g.like != nil {
			inputs = append(inputs, documentOf(g.like.Input))
		}
		for _, r := range g.recent {
			inputs = append(inputs, documentOf(r.Input))
		}
		definition, err := definitionOf(ctx, c, spec.Machine.ARN)
		if err != nil {
			g.partial = append(g.partial, unread{"definition", err})
		}
		if g.managed = definition.Managed(); g.managed {
			g.known = workflow.ManagedFields(inputs)
		} else {
			g.known = workflow.InferFields(definition.InputPaths, inputs)
		}
		return g, nil
	})
}

func definitionOf(ctx context.Context, c *Console, machineARN string) (workflow.Definition, error) {
	detail, err := c.DescribeMachine(ctx, machineARN)
	if err != nil {
		return workflow.Definition{}, err
	}
	return workflow.ParseDefinition(detail.Definition)
}

// withInput is the run with its input, which lists leave out.
func withInput(ctx context.Context, c *Console, run workflow.Run) (workflow.Run, error) {
	if run.Input != "" {
		return run, nil
	}
	return c.DescribeRun(ctx, run.ARN)
}

// recentRuns are the last runs with their inputs, those that succeeded first.
func recentRuns(ctx context.Context, c *Console, m workflow.Machine) (runs []workflow.Run, partial []unread) {
	if m.Type == workflow.Express {
		return nil, nil
	}
	for _, status := range []workflow.Status{workflow.Succeeded, ""} {
		if len(runs) >= recentInputs {
			break
		}
		list, err := c.ListRuns(ctx, ops.RunFilter{MachineARN: m.ARN, Status: status, Limit: recentInputs})
		if err != nil {
			return runs, append(partial, unread{"recent runs", err})
		}
		for _, run := range list.Runs {
			known := func(r workflow.Run) bool { return r.ARN == run.ARN }
			if len(runs) >= recentInputs || slices.ContainsFunc(runs, known) {
				continue
			}
			full, err := withInput(ctx, c, run)
			if err != nil {
				return runs, append(partial, unread{"recent runs", err})
			}
			runs = append(runs, full)
		}
	}
	return runs, partial
}

// documentOf is the input as a document; one without fields is empty.
func documentOf(input string) workflow.Document {
	doc, err := workflow.ParseDocument(input)
	if err != nil {
		return workflow.Document{}
	}
	return doc
}

// landed takes what was read. What has been typed meanwhile stays.
func (f *formScreen) landed(l tui.Loaded[formGround]) tea.Cmd {
	again := tui.Again(f.scope, "retry", formRetry, l.Err)
	if l.Err != nil {
		f.loadErr = l.Err
		return again
	}
	first := f.form == nil
	f.ground, f.loadErr = l.Value, nil
	if !first {
		f.form = workflow.NewInputForm(f.ground.known, f.form.Document())
		f.focusOn(f.at)
	} else {
		f.fill()
		f.restore()
		f.propose()
	}
	f.check()
	if len(f.ground.partial) > 0 {
		return again
	}
	f.scope.Cancel("retry")
	return nil
}

// fill puts in what the form starts from: the run to clone, or the last good one.
func (f *formScreen) fill() {
	from := f.ground.like
	for i := range f.ground.recent {
		if from == nil && f.ground.recent[i].Status == workflow.Succeeded {
			from = &f.ground.recent[i]
		}
	}
	f.origin, f.source = from, safe.Line("no run to fill it from")
	input := "{}"
	if from != nil {
		input = from.Input
		verb := "filled from"
		if f.ground.like != nil {
			verb = "like"
		}
		when := from.Stopped
		if when.IsZero() {
			when = from.Started
		}
		f.source = safe.Linef("%s %s, %s %s", verb, from.Name, f.scope.Theme.Status(from.Status).Word, agoText(when, f.scope.Clock.Now()))
	}
	f.form = workflow.NewInputForm(f.ground.known, workflow.Document{})
	f.take(input)
	f.start = f.input()
	f.name, f.named = "", false
	f.rename()
	f.focusOn(rowAt{kind: rowField})
}

// propose puts in the changes that the form was opened for, and tells what
// they change.
func (f *formScreen) propose() {
	if f.raw != "" || f.fault != nil {
		return
	}
	var told []safe.Text
	for _, c := range f.spec.Changes {
		name := strings.Join(c.path, ".")
		before, there := f.form.Document().Get(c.path...)
		if !there {
			before = "not set"
		}
		at := f.form.Find(c.path...)
		if at < 0 {
			at = f.form.Add(workflow.InputField{Path: c.path}, c.value)
		} else {
			f.form.Set(at, c.value)
		}
		f.focusOn(rowAt{kind: rowField, field: at})
		told = append(told, safe.Linef("%s is %s here; it was %s", name, c.value, before))
	}
	if len(told) > 0 {
		f.notice = safe.Join("; ", append(told, presentTexts(f.notice)...)...)
		f.rename()
	}
}
