package main

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
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
	a.placeHints(c)
	return c
}

// placeHints has all commands below c name, in the hints of their errors,
// commands that reach the same account and region.
func (a *app) placeHints(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.placeHints(sub)
		run := sub.RunE
		if run == nil {
			continue
		}
		sub.RunE = func(c *cobra.Command, args []string) error {
			err := run(c, args)
			var problem *ops.Problem
			if !errors.As(err, &problem) || errors.As(err, new(*exitWith)) {
				return err
			}
			placed := *problem
			placed.Hint, placed.Err = a.here(problem.Hint), err
			return &placed
		}
	}
}

// ownCommand recognises a command line of this program within a text.
var ownCommand = regexp.MustCompile(`\bstepdeck (stack|image) `)

// here gives the command lines in a text the flags that reach the same account and region.
func (a *app) here(text safe.Text) safe.Text {
	return safe.Line(ownCommand.ReplaceAllString(text.String(), "stepdeck"+strings.ReplaceAll(a.sameAWS(), "$", "$$$$")+" $1 "))
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

// placed is a command line without the program's name, with the flags that
// reach the same account and region.
func (a *app) placed(command string) safe.Text {
	return safe.Linef("stepdeck %s%s", command, a.sameAWS())
}
