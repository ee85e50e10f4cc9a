package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func newRedriveCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "redrive RUN…",
		Short: "Go on with failed runs where they failed",
		Long: "Redrive failed, timed-out or aborted runs: the steps that did not succeed run again, with the run's own\n" +
			"input and the definition it started with. A run whose task still works is refused: there would be two.",
		Example: "  stepdeck redrive @failed\n  stepdeck runs dumps --cause SpotInterrupted --output name | xargs stepdeck redrive --yes",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.redrive(c.Context(), args) },
	}
}

func (a *app) redrive(ctx context.Context, args []string) error {
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	runs, err := findRuns(ctx, s, args)
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, safe.Linef("Redrive %s?", namesOf(runs))); err != nil {
		return err
	}
	return a.toEach(runs, "redriven", func(r workflow.Run) (change, error) {
		plan, _, err := s.Redrive(ctx, ops.RedriveRequest{RunARN: r.ARN})
		done := changeOf(r)
		if err != nil {
			return done, err
		}
		for _, w := range plan.Warnings {
			a.note("warning: %s", w)
		}
		done.Status = workflow.Running
		return done, nil
	})
}
