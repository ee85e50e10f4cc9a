package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type stopFlags struct {
	cause    string
	stopTask bool
}

func newStopCommand(a *app) *cobra.Command {
	f := stopFlags{}
	c := &cobra.Command{
		Use:   "stop RUN…",
		Short: "Stop runs",
		Long:  "Stop runs. AWS leaves their ECS tasks running; --stop-task stops these too.",
		Example: "  stepdeck stop dumps/2026-11-23-orders --cause 'wrong database' --stop-task\n" +
			"  stepdeck runs dumps --status running --output name | xargs stepdeck stop --yes",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.stop(c.Context(), args, f) },
	}
	c.Flags().StringVar(&f.cause, "cause", "", "`TEXT` kept with the run; --reason if left out")
	c.Flags().BoolVar(&f.stopTask, "stop-task", false, "stop the runs' tasks too")
	return c
}

func (a *app) stop(ctx context.Context, args []string, f stopFlags) error {
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	runs, err := findRuns(ctx, s, args)
	if err != nil {
		return err
	}
	tasks := "their tasks go on"
	if f.stopTask {
		tasks = "and their tasks"
	}
	if err := a.confirm(ctx, safe.Linef("Stop %s (%s)?", namesOf(runs), tasks)); err != nil {
		return err
	}
	cause := f.cause
	if cause == "" {
		cause = a.flags.reason
	}
	return a.toEach(runs, "stopped", func(r workflow.Run) (change, error) {
		if r.Status.Closed() && !f.stopTask {
			return changeOf(r), &ops.Problem{
				Kind: ops.Conflict, Title: safe.Linef("run %s does not run: it is %s", reference(r.ARN), r.Status),
				Hint: safe.Line("should a task of it still work, --stop-task stops that"),
			}
		}
		result, err := s.Stop(ctx, ops.StopRequest{RunARN: r.ARN, Cause: cause, StopTasks: f.stopTask})
		done := changeOf(r)
		if err != nil {
			return done, err
		}
		if !r.Status.Closed() {
			done.Status = workflow.Aborted
		}
		for _, t := range result.Left {
			done.LeftIDs = append(done.LeftIDs, workflow.TaskID(t.ARN))
			a.note("task %s goes on; --stop-task would have stopped it", workflow.TaskID(t.ARN))
		}
		for _, t := range result.Tasks {
			if t.Err != nil {
				return done, t.Err
			}
			done.StoppedIDs = append(done.StoppedIDs, workflow.TaskID(t.Task.ARN))
		}
		return done, nil
	})
}
