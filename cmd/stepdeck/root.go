package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

const about = `stepdeck is the operations console for work that runs as ECS tasks in Step Functions.

MACHINE is a state machine's name or ARN.
RUN is a run's ARN, MACHINE/NAME, a NAME, or @latest or @failed (also MACHINE/@latest).

Exit codes: 0 done; 1 the run failed, or AWS would not do it; 2 wrong usage, or changes where
--exit-code asks for them; 3 not found; 4 denied, or the session has expired; 5 throttled or
unreachable; 130 interrupted (what runs in AWS goes on).`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "stepdeck",
		Short:         "Operate ECS tasks that Step Functions runs",
		Long:          about,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          a.console,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return a.checkFlags()
		},
	}
	root.SetFlagErrorFunc(usage)
	f := root.PersistentFlags()
	f.StringVarP(&a.flags.output, "output", "o", "table", "`FORMAT` of the output: table, json, or name")
	f.StringVar(&a.flags.profile, "profile", "", "AWS profile `NAME`")
	f.StringVar(&a.flags.region, "region", "", "AWS `REGION`")
	f.StringVar(&a.flags.endpoint, "endpoint-url", "", "send all calls to this `URL`")
	f.StringVar(&a.flags.role, "role", "", "`ARN` of a role to assume")
	f.BoolVar(&a.flags.readOnly, "read-only", false, "refuse every change before it is sent")
	f.BoolVarP(&a.flags.yes, "yes", "y", false, "do not ask before a change")
	f.StringVar(&a.flags.reason, "reason", "", "`TEXT` why, kept in the audit journal and in causes")
	f.BoolVar(&a.flags.local, "local", false, "use local AWS instead of an account")
	f.BoolVar(&a.flags.noColor, "no-color", a.flags.noColor, "no colours, also on a terminal")
	f.BoolVar(&a.flags.ascii, "ascii", false, "draw the console with ASCII characters alone")
	for _, command := range commands {
		root.AddCommand(command(a))
	}
	refine(root)
	return root
}

// commands are all of them; the help sorts them by name.
var commands = []func(*app) *cobra.Command{
	newMachinesCommand,
	newRunsCommand,
	newRunCommand,
	newStartCommand,
	newLogsCommand,
	newWhyCommand,
	newStopCommand,
	newRedriveCommand,
	newCloneCommand,
	newTokensCommand,
	newTokenCommand,
	newStackCommand,
	newImageCommand,
	newLocalCommand,
	newIAMCommand,
	newDoctorCommand,
}

// refine makes wrong arguments of a command, and of those below it, usage problems. A command
// that only holds others asks for one of them.
func refine(c *cobra.Command) {
	if c.HasSubCommands() && !c.Runnable() {
		c.Args = cobra.NoArgs
		c.RunE = func(c *cobra.Command, _ []string) error {
			return refuse(c.CommandPath()+" needs one of its commands", safe.Text{}, "add "+names(c)+"; more with: "+c.CommandPath()+" --help")
		}
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return misused(c, args, err)
			}
			return nil
		}
	}
	for _, child := range c.Commands() {
		refine(child)
	}
}

func (a *app) checkFlags() error {
	switch a.flags.output {
	case "table", "json", "name":
	default:
		bad := a.flags.output
		a.flags.output = "table"
		return refuse("--output", safe.Linef("%q is not a format", bad), "use table, json or name")
	}
	if a.flags.endpoint != "" {
		if u, err := url.Parse(a.flags.endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return refuse("--endpoint-url", safe.Linef("%q is no URL of an endpoint", a.flags.endpoint), "give one such as http://127.0.0.1:4566")
		}
	}
	if a.flags.local && (a.flags.profile != "" || a.flags.region != "" || a.flags.role != "" || a.flags.endpoint != "") {
		return refuse("--local", safe.Line("it takes no profile, region, role or endpoint"), "leave those out, or leave out --local")
	}
	return nil
}

// refuse is the problem of a flag or an argument that cannot be used.
func refuse(what string, reason safe.Text, hint string) error {
	return &ops.Problem{Kind: ops.Usage, Title: safe.Line(what), Detail: reason, Hint: safe.Line(hint)}
}

// names lists the commands below one.
func names(c *cobra.Command) string {
	var all []string
	for _, child := range c.Commands() {
		all = append(all, child.Name())
	}
	return strings.Join(all, ", ")
}
