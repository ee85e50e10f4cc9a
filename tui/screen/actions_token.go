package screen

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// token finds what the run waits for and asks how to answer.
func (a acting) token() tea.Cmd {
	return look(a.s, func(ctx context.Context) ([]ops.OpenToken, error) { return a.openTokens(ctx) }, a.pickToken)
}

// openTokens reads the run's open tokens with the state of their tasks.
func (a acting) openTokens(ctx context.Context) ([]ops.OpenToken, error) {
	v, err := a.c.ShowRun(ctx, a.run.ARN)
	if err != nil {
		return nil, err
	}
	var open []ops.OpenToken
	for _, o := range workflow.OpenAttempts(v.Steps) {
		if o.Attempt.Callback() {
			task := v.Task(o.Attempt)
			open = append(open, ops.OpenToken{Run: v.Run, Step: *o.Step, Attempt: *o.Attempt, Task: task, Verdict: workflow.VerdictOn(task)})
		}
	}
	return open, nil
}

func (a acting) pickToken(open []ops.OpenToken, err error) tea.Cmd {
	switch {
	case err != nil:
		return refused(err)
	case len(open) == 0:
		return tui.Toast(tui.Warn, safe.Linef("run %s waits for no token now; it may be between two attempts", a.run.Name))
	case len(open) == 1:
		return answering{a, open[0]}.choose()
	}
	options := make([]tui.Option, len(open))
	for i, t := range open {
		options[i] = tui.Option{Label: safe.Linef("%s  (%s)", t.Step.State, t.Verdict)}
	}
	return tui.Ask(&tui.Choice{
		Title: safe.Linef("Which token of run %s?", a.run.Name), Options: options,
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return answering{a, open[r.Choice]}.choose()
		},
	})
}

// answering is an open token on its way to be answered.
type answering struct {
	acting
	token ops.OpenToken
}

// choose asks how to answer. Failing comes first: it is what a dead token needs.
func (a answering) choose() tea.Cmd {
	live := a.token.Task != nil && a.token.Task.Live()
	stop := tui.Option{Label: safe.Line("fail it and stop the task")}
	if !live {
		stop.Disabled = "there is no task to stop"
	}
	options := []tui.Option{
		{Label: safe.Line("fail it"), Help: a.outlook()},
		{Label: safe.Line("succeed with an output"), Help: a.outlook()},
		{Label: safe.Line("send a heartbeat"), Help: safe.Line("the run goes on waiting")},
		stop,
	}
	return tui.Ask(&tui.Choice{
		Title: safe.Linef("Answer the token of %s for %s", a.token.Step.State, a.run.Name), Options: options,
		Then: func(r tui.Result) tea.Cmd {
			switch {
			case !r.OK:
				return nil
			case r.Choice == 1:
				return a.template()
			case r.Choice == 2:
				return a.confirm(ops.ResolveRequest{As: ops.Heartbeat})
			}
			return a.askFailure(r.Choice == 3)
		},
	})
}

// outlook says what answering means while the task is as it is.
func (a answering) outlook() safe.Text {
	switch a.token.Verdict {
	case workflow.Dead:
		return safe.Line("the task is gone: nothing else will answer")
	case workflow.Alive:
		return safe.Line("the task still works: it would answer itself, and goes on working for nothing")
	}
	return safe.Line("whether the task still works is not known")
}

// askFailure asks for error and cause, filled with what ECS says.
func (a answering) askFailure(stopTask bool) tea.Cmd {
	req := a.failure()
	req.StopTask = stopTask
	return tui.Ask(&tui.Prompt{
		Title: safe.Linef("Fail the token of %s", a.token.Step.State), Yes: "go on",
		Fields: []tui.Field{{Label: safe.Line("error"), Value: req.Error}, {Label: safe.Line("cause"), Value: req.Cause}},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			req.Error, req.Cause = r.Values[0], r.Values[1]
			return a.confirm(req)
		},
	})
}

// failure is the answer that tells what ECS says of the task.
func (a answering) failure() ops.ResolveRequest {
	req := ops.ResolveRequest{As: ops.Fail}
	if t := a.token.Task; t != nil && t.Gone() {
		req.Error, req.Cause = t.StopError(), t.StopCause().String()
	}
	return req
}

// template reads the output that the state had in the last good run.
func (a answering) template() tea.Cmd {
	return look(a.s, func(ctx context.Context) (string, error) { return a.lastOutput(ctx) }, func(output string, err error) tea.Cmd {
		note := safe.Line("as in the last run that succeeded; change what is not true")
		if err != nil || output == "" {
			output, note = "{}", safe.Line("no output of a run that succeeded was found to start from")
		}
		return tui.Ask(&tui.Prompt{
			Title: safe.Linef("Succeed the token of %s", a.token.Step.State), Yes: "go on", Note: []safe.Text{note},
			Fields: []tui.Field{{Label: safe.Line("output, JSON"), Value: output, Check: workflow.CheckInput}},
			Then: func(r tui.Result) tea.Cmd {
				if !r.OK {
					return nil
				}
				return a.confirm(ops.ResolveRequest{As: ops.Succeed, Output: r.Values[0]})
			},
		})
	})
}

func (a answering) lastOutput(ctx context.Context) (string, error) {
	good, err := a.c.ListRuns(ctx, ops.RunFilter{MachineARN: machineOf(a.run).ARN, Status: workflow.Succeeded, Limit: 1})
	if err != nil || len(good.Runs) == 0 {
		return "", err
	}
	h, err := a.c.LoadHistory(ctx, good.Runs[0].ARN, nil)
	if err != nil {
		return "", err
	}
	for _, s := range h.Steps() {
		if last := s.LastAttempt(); s.State == a.token.Step.State && last != nil && last.Output != "" {
			return last.Output, nil
		}
	}
	return "", nil
}

// confirm shows the exact answer before it is sent.
func (a answering) confirm(req ops.ResolveRequest) tea.Cmd {
	req.RunARN, req.State = a.run.ARN, a.token.Step.State.String()
	req.WhileAlive = a.token.Verdict != workflow.Dead
	return tui.Ask(&tui.Confirm{
		Title:   safe.Linef("%s this token?", verbs[req.As]),
		Targets: []safe.Text{safe.Linef("%s of %s", a.token.Step.State, a.run.Name), safe.Line(a.run.ARN)},
		Note:    a.note(req), Yes: string(req.As),
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return a.send(req)
		},
	})
}

var verbs = map[ops.Resolution]string{ops.Fail: "Fail", ops.Succeed: "Succeed", ops.Heartbeat: "Send a heartbeat for"}

func (a answering) note(req ops.ResolveRequest) []safe.Text {
	var note []safe.Text
	add := func(label, text string) {
		if text != "" {
			note = append(note, safe.Linef("%s: %s", label, text).Truncate(300))
		}
	}
	add("error", req.Error)
	add("cause", req.Cause)
	add("output", req.Output)
	if req.StopTask {
		note = append(note, safe.Line("the task is stopped too"))
	}
	if a.token.Verdict != workflow.Dead && req.As != ops.Heartbeat {
		note = append(note, a.outlook())
	}
	return note
}

func (a answering) send(req ops.ResolveRequest) tea.Cmd {
	what := safe.Linef("%s the token of run %s", req.As, a.run.Name)
	return change(a.s, a.run.ARN, what, func(ctx context.Context) (ops.ResolveResult, error) {
		return a.c.ResolveToken(ctx, req)
	}, func(res ops.ResolveResult, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		return tui.Toast(answered(a.run.Name, req, res))
	})
}

// answered tells what was sent.
func answered(run safe.Text, req ops.ResolveRequest, res ops.ResolveResult) (tui.ToastKind, safe.Text) {
	text := fmt.Sprintf("the token of run %s: %s sent", run, req.As)
	if res.Error != "" {
		text += " with " + res.Error
	}
	switch {
	case res.TaskStop != nil && res.TaskStop.Err != nil:
		return tui.Warn, safe.Linef("%s, but the task could not be stopped: %s", text, briefly(res.TaskStop.Err))
	case res.TaskStop != nil:
		text += "; its task is stopped"
	}
	return tui.Done, safe.Line(text)
}
