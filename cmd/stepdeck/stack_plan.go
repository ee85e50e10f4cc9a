package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newStackPlanCommand(a *app) *cobra.Command {
	f := stackFlags{}
	exitCode := false
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what a deployment would change",
		Long: "Check the template, the parameters and what they name in the account, and show what a deployment would\n" +
			"change: every resource with its properties before and after, what is replaced or deleted, and permissions\n" +
			"apart. Nothing is changed; with --read-only there are only the checks, because AWS has to make a change set to\n" +
			"tell the rest. With --exit-code: 0 no changes, 2 changes, everything else a failure.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			err := a.stackPlan(c.Context(), f, exitCode)
			if exitCode {
				return notTwo(err)
			}
			return err
		},
	}
	f.register(c)
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 2 when there are changes")
	return c
}

func (a *app) stackPlan(ctx context.Context, f stackFlags, exitCode bool) error {
	s, r, err := a.asked(ctx, f)
	if err != nil {
		return err
	}
	p, err := s.Plan(ctx, r)
	if p != nil {
		s.Discard(ctx, p)
		err = errors.Join(checksShown(err, p.Stack, a.flags.output == "table"), a.printPlan(p))
	}
	if err == nil && exitCode && !p.Empty() {
		return &exitWith{exitChanges}
	}
	return err
}

// printPlan prints the plan; its changes are by their logical IDs.
func (a *app) printPlan(p *stack.Plan) error {
	return a.printResult(p, p.Stack, func(w *bytes.Buffer) { a.writePlan(w, p) })
}

// checksShown does not tell again what failed, where the checks were shown.
func checksShown(err error, name string, shown bool) error {
	var refused *stack.Refused
	if !shown || !errors.As(err, &refused) {
		return err
	}
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Linef("stack %s: checks that failed: %d", name, len(refused.Blockers)),
		Hint: safe.Line("nothing was changed: correct what they name, and plan again"), Err: err,
	}
}

// notTwo keeps the exit code 2 for changes: what else would end with it, ends with 1.
func notTwo(err error) error {
	var problem *ops.Problem
	if errors.As(err, &problem) && problem.Kind == ops.Usage {
		other := *problem
		other.Kind = ops.Failed
		return &other
	}
	return err
}
