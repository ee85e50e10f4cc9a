package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newStackCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "stack",
		Short: "Plan, deploy and look after the stack",
		Long: "The stack is what runs jobs: repository, bucket, cluster, task, machines, alarms. It comes with stepdeck,\n" +
			"and is deployed without any other tool. Every deployment is planned first: what it would change, replace\n" +
			"and delete is shown before it is asked for.",
		Example: "  stepdeck stack plan\n  stepdeck stack deploy --vpc default\n  stepdeck stack deploy --vpc vpc-0a1b2c3d --base postgres\n" +
			"  stepdeck stack secret set password\n  stepdeck stack status --watch",
	}
	c.AddCommand(newStackPlanCommand(a), newStackDeployCommand(a), newStackStatusCommand(a), newStackOutputsCommand(a),
		newStackDriftCommand(a), newStackDeleteCommand(a), newSecretCommand(a))
	return c
}

// stackNameFlag adds --stack.
func stackNameFlag(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "stack", stack.DefaultName, "`NAME` of the stack")
}

// stacks connects and returns the use cases of the stack.
func (a *app) stacks(ctx context.Context) (*stack.Service, error) {
	s, _, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	return stack.New(client.Stack(s)).WithClock(a.now), nil
}
