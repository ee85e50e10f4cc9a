package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func newTokenCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Answer a run's open task token by hand",
		Long: "Answer a run's open task token by hand. Who did it, and --reason, are stamped into cause or output.\n" +
			"While the task still works only --stop-task allows it: the task can answer itself.",
	}
	c.AddCommand(newTokenFailCommand(a), newTokenSucceedCommand(a), newTokenHeartbeatCommand(a))
	return c
}

func newTokenFailCommand(a *app) *cobra.Command {
	request, f := ops.ResolveRequest{As: ops.Fail}, bulkFlags{}
	c := &cobra.Command{
		Use:   "fail [RUN…]",
		Short: "Fail the task, by default with the reason that ECS gives",
		Long: "Fail the open task tokens of runs, by default with the reason that ECS gives, so that the retries of the\n" +
			"machine take over. Runs are named, or selected with --dead, --machine and --since. A task that still works\n" +
			"keeps its token unless --stop-task is given. What was interrupted goes on with --resume.",
		Example: "  stepdeck token fail dumps/2026-11-23-orders\n  stepdeck token fail --dead --reason 'INC-7'",
		RunE: func(c *cobra.Command, args []string) error {
			if f.single(args) {
				return a.answerToken(c.Context(), args[0], request)
			}
			if err := checkTokens(request, f); err != nil {
				return err
			}
			return a.bulk(c.Context(), ops.BulkRequest{
				Action: ops.BulkFailToken, Error: request.Error, Cause: request.Cause, Why: a.flags.reason, StopTasks: request.StopTask,
			}, args, f)
		},
	}
	f.register(c, ops.BulkFailToken)
	c.Flags().StringVar(&request.State, "state", "", "the `STATE` whose token is meant, if several of the run are open")
	c.Flags().StringVar(&request.Error, "error", "", "`NAME` of the error; what ECS says if left out")
	c.Flags().StringVar(&request.Cause, "cause", "", "`TEXT` of the cause; what ECS says if left out")
	stopTaskFlag(c, &request)
	return c
}

// checkTokens refuses flags that do not go with several runs.
func checkTokens(request ops.ResolveRequest, f bulkFlags) error {
	switch {
	case request.State != "":
		return refuse("--state", safe.Line("it chooses among the tokens of one run"), "name one RUN, or leave --state out")
	case f.dead && request.StopTask:
		return refuse("--dead and --stop-task", safe.Line("the task of a dead token has stopped already"), "leave one of them out")
	}
	return nil
}

func newTokenSucceedCommand(a *app) *cobra.Command {
	request := ops.ResolveRequest{As: ops.Succeed}
	c := a.tokenAnswer(&request, &cobra.Command{
		Use:     "succeed RUN",
		Short:   "Let the run go on as if the task had succeeded",
		Example: "  stepdeck token succeed dumps/2026-11-23-orders --output-json '{\"key\": \"dumps/orders.sql.gz\"}'",
	})
	c.Flags().StringVar(&request.Output, "output-json", "", "the task's output as `JSON`; {} if left out")
	stopTaskFlag(c, &request)
	return c
}

func newTokenHeartbeatCommand(a *app) *cobra.Command {
	request := ops.ResolveRequest{As: ops.Heartbeat}
	return a.tokenAnswer(&request, &cobra.Command{
		Use:   "heartbeat RUN",
		Short: "Send one heartbeat, so that the task does not time out now",
	})
}

func stopTaskFlag(c *cobra.Command, request *ops.ResolveRequest) {
	c.Flags().BoolVar(&request.StopTask, "stop-task", false, "stop the task too, if it still works")
}

// tokenAnswer completes a command that answers one token as the request says.
func (a *app) tokenAnswer(request *ops.ResolveRequest, c *cobra.Command) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	c.RunE = func(c *cobra.Command, args []string) error { return a.answerToken(c.Context(), args[0], *request) }
	c.Flags().StringVar(&request.State, "state", "", "the `STATE` whose token is meant, if several are open")
	return c
}

func (a *app) answerToken(ctx context.Context, arg string, request ops.ResolveRequest) error {
	if request.Output != "" {
		if err := workflow.CheckInput(request.Output); err != nil {
			return refuse("--output-json", safe.Line(err.Error()), "give the output as JSON; nothing was sent")
		}
	}
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, s, arg)
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, safe.Linef("Answer the open token of %s with %s?", reference(run.ARN), request.As)); err != nil {
		return err
	}
	request.RunARN, request.Why = run.ARN, a.flags.reason
	return a.toEach([]workflow.Run{run}, "answered", func(r workflow.Run) (change, error) {
		result, err := s.ResolveToken(ctx, request)
		done := changeOf(r)
		if err != nil {
			return done, err
		}
		if result.Error != "" {
			a.note("sent error %s: %s", result.Error, result.Cause)
		}
		if result.TaskStop != nil {
			if result.TaskStop.Err != nil {
				return done, result.TaskStop.Err
			}
			done.StoppedIDs = append(done.StoppedIDs, workflow.TaskID(result.TaskStop.Task.ARN))
		}
		return done, nil
	})
}
