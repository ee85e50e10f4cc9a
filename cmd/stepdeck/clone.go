package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

type cloneFlags struct {
	env               []string
	memory, cpu       int
	capacity, overlap string
	merge             string
	timeout           time.Duration
	bulk              bulkFlags
}

func newCloneCommand(a *app) *cobra.Command {
	f := cloneFlags{}
	c := &cobra.Command{
		Use:   "clone [RUN…] [-- ARGS…]",
		Short: "Start new runs with the input of others, changed",
		Long: "Start a new run for each RUN, with its input and the parameters given here put over it. ARGS after -- replace\n" +
			"the command of the container. Other than a redrive, a new run uses the machine as it is now and begins anew.\n" +
			"Runs are named, or selected with --machine, --status, --since, --cause and --group. Several are paced within the\n" +
			"quota; what was interrupted goes on with --resume, which clones none twice.",
		Example: "  stepdeck clone @failed --memory 2048\n" +
			"  stepdeck clone reports/monday reports/tuesday --merge '{\"region\": \"eu\"}'\n" +
			"  stepdeck clone --machine dumps --since 24h --cause OutOfMemory --memory 4096",
		RunE: func(c *cobra.Command, args []string) error {
			var job []string
			if at := c.ArgsLenAtDash(); at >= 0 {
				args, job = args[:at], args[at:]
			}
			return a.clone(c.Context(), args, job, f)
		},
	}
	f.bulk.register(c, ops.BulkClone)
	flags := c.Flags()
	flags.StringArrayVarP(&f.env, "env", "e", nil, "set a variable in the container: `K=V`; may be repeated")
	flags.IntVar(&f.memory, "memory", 0, "memory of the task in `MIB`")
	flags.IntVar(&f.cpu, "cpu", 0, "CPU `UNITS` of the task: 1024 is one vCPU")
	flags.StringVar(&f.capacity, "capacity", "", "`KIND` of capacity: spot or fargate")
	flags.DurationVar(&f.timeout, "timeout", 0, "end the task after this `TIME`, such as 90m")
	flags.StringVar(&f.overlap, "overlap", "", "`WHAT` to do while another run is open: skip, wait or allow")
	flags.StringVar(&f.merge, "merge", "", "put this `JSON` object over each input; null takes a field away, and other parameters come on top")
	return c
}

func (a *app) clone(ctx context.Context, args, job []string, f cloneFlags) error {
	env, err := workflow.ParseEnv(f.env)
	if err != nil {
		return err
	}
	o := workflow.Overrides{Args: job, Env: env, Capacity: f.capacity, CPU: f.cpu, Memory: f.memory, Timeout: f.timeout, Overlap: f.overlap}
	if f.bulk.resume != "" && (!o.Empty() || f.merge != "") {
		return refuse("--resume", safe.Line("what is resumed has its change already"), "leave out the parameters and the ARGS")
	}
	return a.bulk(ctx, ops.BulkRequest{Action: ops.BulkClone, Merge: f.merge, Overrides: o}, args, f.bulk)
}
