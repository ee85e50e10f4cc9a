package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func newRedriveCommand(a *app) *cobra.Command {
	f := bulkFlags{}
	c := &cobra.Command{
		Use:   "redrive [RUN…]",
		Short: "Go on with failed runs where they failed",
		Long: "Redrive failed, timed-out or aborted runs: the steps that did not succeed run again, with the run's own\n" +
			"input and the definition it started with. A run whose task still works is refused: there would be two.\n" +
			"Runs are named, or selected with --machine, --status, --since, --cause and --group. Several are paced within the\n" +
			"quota; what was interrupted goes on with --resume, which redrives none twice.",
		Example: "  stepdeck redrive @failed\n  stepdeck redrive --machine dumps --status failed --since 24h --cause SpotInterrupted",
		RunE: func(c *cobra.Command, args []string) error {
			if f.single(args) {
				return a.redrive(c.Context(), args)
			}
			return a.bulk(c.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, args, f)
		},
	}
	f.register(c, ops.BulkRedrive)
	return c
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
