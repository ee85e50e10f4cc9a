package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

type cloneFlags struct {
	parameters overrideFlags
	merge      string
	bulk       bulkFlags
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
	f.parameters.register(c)
	c.Flags().StringVar(&f.merge, "merge", "", "put this `JSON` object over each input; null takes a field away, and other parameters come on top")
	return c
}

func (a *app) clone(ctx context.Context, args, job []string, f cloneFlags) error {
	o, err := f.parameters.overrides(job)
	if err != nil {
		return err
	}
	if f.bulk.resume != "" && (!o.Empty() || f.merge != "") {
		return refuse("--resume", safe.Line("what is resumed has its change already"), "leave out the parameters and the ARGS")
	}
	return a.bulk(ctx, ops.BulkRequest{Action: ops.BulkClone, Merge: f.merge, Overrides: o}, args, f.bulk)
}
