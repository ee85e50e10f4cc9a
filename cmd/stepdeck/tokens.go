package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func newTokensCommand(a *app) *cobra.Command {
	dead := false
	c := &cobra.Command{
		Use:   "tokens [MACHINE…]",
		Short: "List the open task tokens and whether their tasks can still answer",
		Long: "List the open task tokens of running runs. A token is dead when its task has stopped: nothing will ever\n" +
			"answer it, and `stepdeck token fail RUN` ends the waiting. Tokens themselves are secrets and never shown.",
		Example: "  stepdeck tokens --dead",
		RunE:    func(c *cobra.Command, args []string) error { return a.listTokens(c.Context(), args, dead) },
	}
	c.Flags().BoolVar(&dead, "dead", false, "only tokens that nothing will answer")
	return c
}

type tokenView struct {
	Name       safe.Text        `json:"name"`
	ARN        string           `json:"arn"`
	Machine    string           `json:"machine"`
	State      safe.Text        `json:"state"`
	Attempt    int              `json:"attempt"`
	Status     workflow.Verdict `json:"status"`
	Opened     time.Time        `json:"opened"`
	Deadline   time.Time        `json:"deadline,omitzero"`
	TaskARN    string           `json:"taskArn,omitempty"`
	TaskStatus string           `json:"taskStatus,omitempty"`
}

func (a *app) listTokens(ctx context.Context, machines []string, dead bool) error {
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	found, err := openTokens(ctx, s, machines)
	if err != nil {
		return err
	}
	out := listing{
		head:  []string{"TOKEN", "RUN", "STATE", "ATTEMPT", "AGE", "TIMES OUT", "TASK"},
		empty: "No token is open.",
	}
	if found.More {
		out.more = "There are more running runs that were not looked at: name a machine."
	}
	items := []tokenView{}
	for _, t := range found.Tokens {
		if dead && t.Verdict != workflow.Dead {
			continue
		}
		v := viewToken(t)
		items = append(items, v)
		out.names = append(out.names, reference(t.Run.ARN))
		out.rows = append(out.rows, a.tokenRow(t, v))
	}
	out.items = items
	if err := a.printList(out); err != nil || len(found.Errs) == 0 {
		return err
	}
	for _, e := range found.Errs[1:] {
		a.writeProblem(problemOf(e))
	}
	return found.Errs[0]
}

// openTokens looks at the named machines, or at all.
func openTokens(ctx context.Context, s *ops.Service, machines []string) (ops.TokenList, error) {
	if len(machines) == 0 {
		return s.OpenTokens(ctx, ops.TokenFilter{})
	}
	var all ops.TokenList
	for _, name := range machines {
		m, err := s.FindMachine(ctx, name)
		if err != nil {
			return all, err
		}
		list, err := s.OpenTokens(ctx, ops.TokenFilter{MachineARN: m.ARN})
		if err != nil {
			return all, err
		}
		all.Tokens = append(all.Tokens, list.Tokens...)
		all.Errs = append(all.Errs, list.Errs...)
		all.More = all.More || list.More
	}
	return all, nil
}

func viewToken(t ops.OpenToken) tokenView {
	v := tokenView{
		Name: t.Run.Name, ARN: t.Run.ARN, Machine: workflow.MachineName(t.Run.ARN), State: t.Step.State,
		Attempt: t.Attempt.Number, Status: t.Verdict, Opened: t.Attempt.Scheduled.UTC(), TaskARN: t.Attempt.TaskARN,
	}
	if d := t.Deadline(); !d.IsZero() {
		v.Deadline = d.UTC()
	}
	if t.Task != nil {
		v.TaskStatus = t.Task.LastStatus
		if t.Task.Missing {
			v.TaskStatus = "MISSING"
		}
	}
	return v
}

func (a *app) tokenRow(t ops.OpenToken, v tokenView) []cell {
	verdict := cell{text: safe.Line(string(v.Status))}
	if v.Status == workflow.Dead {
		verdict.sgr = "31"
		if a.draws {
			verdict.text = safe.Line("◐ " + string(v.Status))
		}
	}
	deadline := clockTime(t.Deadline(), a.now())
	return append([]cell{verdict}, cells(safe.Line(reference(t.Run.ARN)), v.State, safe.Linef("%d", v.Attempt),
		safe.Age(t.Attempt.Scheduled, a.now()), deadline.Or(safe.Line("never")), safe.Line(v.TaskStatus).Or(safe.Line("not known")))...)
}
