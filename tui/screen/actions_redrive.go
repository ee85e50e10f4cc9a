package screen

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// redrive asks AWS what a redrive would do, and then the user.
func (a acting) redrive() tea.Cmd {
	return look(a.s, func(ctx context.Context) (ops.RedrivePlan, error) { return a.c.PlanRedrive(ctx, a.run.ARN) }, a.planned)
}

func (a acting) planned(plan ops.RedrivePlan, err error) tea.Cmd {
	switch {
	case err != nil:
		return refused(err)
	case !plan.OK:
		return tui.Toast(tui.Warn, safe.Linef("run %s cannot be redriven: %s", a.run.Name, plan.Reason))
	case len(plan.Live) > 0:
		return a.besideLive(plan)
	}
	return a.confirmRedrive(plan, nil)
}

// besideLive lets the user choose what becomes of the tasks that the run left
// working.
func (a acting) besideLive(plan ops.RedrivePlan) tea.Cmd {
	return tui.Ask(&tui.Choice{
		Title: safe.Linef("A task of run %s still works", a.run.Name),
		Options: []tui.Option{
			{Label: safe.Line("stop the task, then redrive"), Help: plan.Warnings[0]},
			{Label: safe.Line("redrive beside it"), Help: safe.Line("both will work on the same things")},
		},
		Then: func(r tui.Result) tea.Cmd {
			switch {
			case !r.OK:
				return nil
			case r.Choice == 0:
				return a.confirmRedrive(plan, plan.Live)
			}
			return a.confirmRedrive(plan, nil)
		},
	})
}

func (a acting) confirmRedrive(plan ops.RedrivePlan, stop []workflow.Task) tea.Cmd {
	note := []safe.Text{resumesIn(plan.Resumes)}
	if len(stop) > 0 {
		note = append(note, safe.Linef("task %s is stopped before", workflow.TaskID(stop[0].ARN)))
	} else {
		note = append(note, plan.Warnings...)
	}
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Redrive this run?"), Targets: a.target(), Note: note, Yes: "redrive",
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return a.sendRedrive(plan, stop)
		},
	})
}

func (a acting) sendRedrive(plan ops.RedrivePlan, stop []workflow.Task) tea.Cmd {
	what := safe.Linef("redrive run %s", a.run.Name)
	return change(a.s, a.run.ARN, what, func(ctx context.Context) (time.Time, error) {
		for _, task := range stop {
			if err := a.c.StopTask(ctx, task, "its run is redriven"); err != nil {
				return time.Time{}, err
			}
		}
		_, at, err := a.c.Redrive(ctx, ops.RedriveRequest{RunARN: a.run.ARN, BesideLive: len(plan.Live) > 0})
		return at, err
	}, func(_ time.Time, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		return tui.Toast(tui.Done, safe.Linef("run %s is redriven: %s", a.run.Name, resumesIn(plan.Resumes)))
	})
}

func resumesIn(steps []workflow.Step) safe.Text {
	if len(steps) == 0 {
		return safe.Line("it resumes where it ended; which state that is could not be read")
	}
	names := make([]safe.Text, len(steps))
	for i, s := range steps {
		names[i] = s.State
	}
	return safe.Linef("it resumes in %s", safe.Join(", ", names...))
}
