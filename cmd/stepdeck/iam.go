package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/access"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// policyFlags say whose policy is wanted, and how much of it.
type policyFlags struct {
	stack, account string
	part           int
}

func newIAMCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "iam",
		Short: "Print the policy that each role of user needs",
	}
	for role, short := range map[access.Role]string{
		access.Viewer:   "The policy to look at everything and change nothing",
		access.Operator: "The policy of a viewer who may also start, stop and redrive runs and answer tokens",
		access.Deployer: "The policy of an operator who may also change the stack, its image and its secrets",
	} {
		c.AddCommand(newPolicyCommand(a, role, short))
	}
	return c
}

func newPolicyCommand(a *app, role access.Role, short string) *cobra.Command {
	var flags policyFlags
	c := &cobra.Command{
		Use:   string(role),
		Short: short,
		Long: short + `.

No call is made. Without --stack the policy allows the resources of every stack; without
--account and --region those of every account and region. --region also tells the partition:
give it for GovCloud and China. With --output name it lists the actions alone.`,
		Example: "  stepdeck iam " + string(role) + " --stack dumps --account 123456789012 --region eu-west-1",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.printPolicy(role, flags) },
	}
	f := c.Flags()
	f.StringVar(&flags.stack, "stack", "", "allow what is of the stack `NAME` alone")
	f.StringVar(&flags.account, "account", "", "allow what is in the account with this `ID` alone")
	f.IntVar(&flags.part, "part", 0, "print part `N` of a policy that is too long for one managed policy")
	return c
}

func (a *app) printPolicy(role access.Role, flags policyFlags) error {
	document, err := access.Policy(role, access.Target{Stack: flags.stack, Account: flags.account, Region: a.flags.region})
	if err != nil {
		return &ops.Problem{
			Kind: ops.Usage, Title: safe.Line("no policy for that"), Detail: safe.Line(err.Error()),
			Hint: safe.Line("correct it, or leave it out for all"), Err: err,
		}
	}
	parts := access.Split(document)
	switch {
	case flags.part < 0 || flags.part > len(parts):
		return refuse("--part", safe.Linef("%d is none of the policy's parts: it has %d", flags.part, len(parts)), "leave it out for the whole")
	case flags.part > 0:
		document = parts[flags.part-1]
	case len(parts) > 1:
		a.note("The policy has %d characters; a managed policy may have %d. Attach its %d parts, --part 1 and on, "+
			"or make it an inline policy of a role.", document.Size(), access.ManagedLimit, len(parts))
	}
	if a.flags.output == "name" {
		return a.printNames(actions(document)...)
	}
	return a.printJSON(document)
}

// actions are all that a policy allows, sorted.
func actions(document access.Document) []string {
	var all []string
	for _, s := range document.Statement {
		all = append(all, s.Action...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
