package main

import (
	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// bulkFlags select runs without naming them.
type bulkFlags struct {
	machine, since, cause, group, resume string
	status                               []string
	limit                                int
	dead                                 bool
}

// resumeNewest is what --resume means without an id.
const resumeNewest = "newest"

func (f *bulkFlags) register(c *cobra.Command, action ops.BulkAction) {
	flags := c.Flags()
	flags.StringVar(&f.machine, "machine", "", "select runs of this `MACHINE`")
	flags.StringVar(&f.since, "since", "", "select runs started since: a `SPAN` such as 24h or 7d, a date or a time")
	flags.IntVar(&f.limit, "limit", 0, "select the newest `N` at most; all, up to 10,000, if left out")
	switch action {
	case ops.BulkRedrive:
		flags.StringSliceVar(&f.status, "status", nil, "select runs with this `STATUS`: failed, timed-out or aborted; failed and timed-out if left out")
	case ops.BulkClone:
		flags.StringSliceVar(&f.status, "status", nil, "select runs with this `STATUS`, such as failed or succeeded; failed and timed-out if left out")
	case ops.BulkStop:
		flags.StringSliceVar(&f.status, "status", nil, "select runs with this `STATUS`; only running ones can be stopped")
	case ops.BulkFailToken:
		flags.BoolVar(&f.dead, "dead", false, "select the runs of which a token is dead")
	}
	if action == ops.BulkRedrive || action == ops.BulkClone {
		flags.StringVar(&f.cause, "cause", "", "select runs with this `TEXT` in error, cause or state of their failure")
		flags.StringVar(&f.group, "group", "", "select runs that failed alike, by the `ID` that stepdeck why MACHINE -o name prints")
	}
	flags.StringVar(&f.resume, "resume", "", "go on with an interrupted one: the newest, or that with this `ID` as in --resume=ID")
	flags.Lookup("resume").NoOptDefVal = resumeNewest
}

// selects reports whether runs are selected rather than named.
func (f *bulkFlags) selects() bool {
	return f.machine != "" || f.since != "" || f.cause != "" || f.group != "" || len(f.status) > 0 || f.limit != 0 || f.dead
}

// single reports whether the command is about one run that it names.
func (f *bulkFlags) single(args []string) bool {
	return len(args) == 1 && !f.selects() && f.resume == ""
}

// checkBulk refuses flags and arguments that say nothing, or two things.
func (f *bulkFlags) checkBulk(args []string) error {
	switch {
	case f.resume != "" && (f.selects() || len(args) > 0):
		return refuse("--resume", safe.Line("what is resumed has its runs already"), "name no run and select none")
	case f.selects() && len(args) > 0:
		return refuse("RUN and a selection", safe.Line("runs are either named or selected"), "leave out the RUNs, or the flags that select")
	case f.resume == "" && !f.selects() && len(args) == 0:
		return refuse("no run is named", safe.Text{}, "name RUNs, or select them with --machine, --status, --since")
	case f.limit < 0 || f.limit > 10_000:
		return refuse("--limit", safe.Linef("%d is not from 1 to 10,000", f.limit), "choose a number in that range, or leave it out")
	}
	return nil
}
