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
	bulk     bulkFlags
}

func newStopCommand(a *app) *cobra.Command {
	f := stopFlags{}
	c := &cobra.Command{
		Use:   "stop [RUN…]",
		Short: "Stop runs",
		Long: "Stop runs. AWS leaves their ECS tasks running; --stop-task stops these too.\n" +
			"Runs are named, or selected with --machine and --since. Several are paced within the quota; what was\n" +
			"interrupted goes on with --resume.",
		Example: "  stepdeck stop dumps/2026-11-23-orders --cause 'wrong database' --stop-task\n" +
			"  stepdeck stop --machine dumps --since 1h --stop-task",
		RunE: func(c *cobra.Command, args []string) error {
			if f.cause == "" {
				f.cause = a.flags.reason
			}
			if f.bulk.single(args) {
				return a.stop(c.Context(), args, f)
			}
			return a.bulk(c.Context(), ops.BulkRequest{Action: ops.BulkStop, Cause: f.cause, StopTasks: f.stopTask}, args, f.bulk)
		},
	}
	f.bulk.register(c, ops.BulkStop)
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
	tasks := "its task goes on"
	switch {
	case f.stopTask && len(runs) > 1:
		tasks = "and their tasks"
	case f.stopTask:
		tasks = "and its task"
	case len(runs) > 1:
		tasks = "their tasks go on"
	}
	if err := a.confirm(ctx, safe.Linef("Stop %s (%s)?", namesOf(runs), tasks)); err != nil {
		return err
	}
	return a.toEach(runs, "stopped", func(r workflow.Run) (change, error) {
		if r.Status.Closed() && !f.stopTask {
			return changeOf(r), &ops.Problem{
				Kind: ops.Conflict, Title: safe.Linef("run %s does not run: it is %s", reference(r.ARN), r.Status),
				Hint: safe.Line("should a task of it still work, --stop-task stops that"),
			}
		}
		result, err := s.Stop(ctx, ops.StopRequest{RunARN: r.ARN, Cause: f.cause, StopTasks: f.stopTask})
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
