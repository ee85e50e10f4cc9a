package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// overrideFlags are the parameters of a new run that are put over its input.
type overrideFlags struct {
	env               []string
	memory, cpu       int
	capacity, overlap string
	timeout           time.Duration
	command           *cobra.Command
}

func (f *overrideFlags) register(c *cobra.Command) {
	f.command = c
	flags := c.Flags()
	flags.StringArrayVarP(&f.env, "env", "e", nil, "set a variable in the container: `K=V`; may be repeated")
	flags.IntVar(&f.memory, "memory", 0, "memory of the task in `MIB`")
	flags.IntVar(&f.cpu, "cpu", 0, "CPU `UNITS` of the task: 1024 is one vCPU")
	flags.StringVar(&f.capacity, "capacity", "", "`KIND` of capacity: spot or fargate")
	flags.DurationVar(&f.timeout, "timeout", 0, "end the task after this `TIME`, such as 90m")
	flags.StringVar(&f.overlap, "overlap", "", "`WHAT` to do while another run is open: skip, wait or allow")
}

// overrides reads the flags; job is the command of the container, nil for the input's own.
func (f *overrideFlags) overrides(job []string) (workflow.Overrides, error) {
	for _, name := range []string{"memory", "cpu", "timeout"} {
		if flag := f.command.Flags().Lookup(name); flag.Changed && (flag.Value.String() == "0" || flag.Value.String() == "0s") {
			return workflow.Overrides{}, refuse("--"+name, safe.Line("0 is none"), "leave it out for what the machine and its task definition say")
		}
	}
	env, err := workflow.ParseEnv(f.env)
	if err != nil {
		return workflow.Overrides{}, err
	}
	return workflow.Overrides{
		Args: job, Env: env, Capacity: f.capacity, CPU: f.cpu, Memory: f.memory, Timeout: f.timeout, Overlap: f.overlap,
	}, nil
}
