package screen

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

// stopping is how runs are to be stopped.
type stopping struct {
	cause string
	tasks bool
}

// stop asks for the cause, whether the task goes too, and then whether to.
func (a acting) stop() tea.Cmd {
	return askStop(a.c, safe.Linef("Stop run %s", a.run.Name), func(how stopping) tea.Cmd {
		return tui.Ask(&tui.Confirm{
			Title: safe.Line("Stop this run?"), Targets: a.target(), Note: how.note(), Yes: "stop",
			Then: func(r tui.Result) tea.Cmd {
				if !r.OK {
					return nil
				}
				return a.sendStop(how)
			},
		})
	})
}

// askStop asks how to stop one run or several.
func askStop(c *Console, title safe.Text, then func(stopping) tea.Cmd) tea.Cmd {
	options := []tui.Option{
		{Label: safe.Line("stop the run and its task"), Help: safe.Line("the task gets SIGTERM, and SIGKILL after its grace period")},
		{Label: safe.Line("stop the run only"), Help: safe.Line("its task goes on working: AWS does not stop it")},
	}
	cause := tui.Prompt{Fields: []tui.Field{{Label: safe.Line("cause, kept in the run's history"), Value: c.stamp()}}}
	return askTwice(title, options, cause, func(chosen int, text string) tea.Cmd {
		return then(stopping{cause: text, tasks: chosen == 0})
	})
}

// askTwice asks for one of the options, and then for the line of the prompt.
func askTwice(title safe.Text, options []tui.Option, line tui.Prompt, then func(chosen int, text string) tea.Cmd) tea.Cmd {
	line.Title, line.Yes = title, "go on"
	return tui.Ask(&tui.Choice{Title: title, Options: options, Then: func(choice tui.Result) tea.Cmd {
		if !choice.OK {
			return nil
		}
		line.Then = func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return then(choice.Choice, r.Values[0])
		}
		return tui.Ask(&line)
	}})
}

func (c *Console) stamp() string {
	if c.Who == "" {
		return ""
	}
	return fmt.Sprintf("stopped by %s via stepdeck", c.Who)
}

func (s stopping) note() []safe.Text {
	task := safe.Line("its task goes on working")
	if s.tasks {
		task = safe.Line("its task is stopped too")
	}
	if s.cause == "" {
		return []safe.Text{task}
	}
	return []safe.Text{safe.Linef("cause: %s", s.cause), task}
}

func (a acting) sendStop(how stopping) tea.Cmd {
	what := safe.Linef("stop run %s", a.run.Name)
	return change(a.s, a.run.ARN, what, func(ctx context.Context) (ops.StopResult, error) {
		return a.c.Stop(ctx, ops.StopRequest{RunARN: a.run.ARN, Cause: how.cause, StopTasks: how.tasks})
	}, func(res ops.StopResult, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		kind, text := a.stopped(res)
		return tui.Toast(kind, text)
	})
}

// stopped tells what a stop did to the tasks.
func (a acting) stopped(res ops.StopResult) (tui.ToastKind, safe.Text) {
	for _, t := range res.Tasks {
		if t.Err != nil {
			return tui.Warn, safe.Linef("run %s is stopped, but not its task: %s", a.run.Name, briefly(t.Err))
		}
	}
	switch {
	case len(res.Left) > 0:
		return tui.Warn, safe.Linef("run %s is stopped; %d task(s) of it go on working", a.run.Name, len(res.Left))
	case len(res.Tasks) > 0:
		return tui.Done, safe.Linef("run %s and its task are stopped", a.run.Name)
	}
	return tui.Done, safe.Linef("run %s is stopped; it had no live task", a.run.Name)
}
