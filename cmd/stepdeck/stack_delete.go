package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newStackDeleteCommand(a *app) *cobra.Command {
	name := ""
	c := &cobra.Command{
		Use:   "delete",
		Short: "Delete the stack, and tell what stays",
		Long: "Delete the stack after its name is typed. What the template keeps (the repository with its images, the\n" +
			"bucket with its dumps) stays in AWS and is listed before. Nothing is emptied. Runs that are under way end with\n" +
			"the machine.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.stackDelete(c.Context(), name) },
	}
	stackNameFlag(c, &name)
	return c
}

func (a *app) stackDelete(ctx context.Context, name string) error {
	s, err := a.stacks(ctx)
	if err != nil {
		return err
	}
	d, err := s.PlanDelete(ctx, name)
	if err != nil {
		return err
	}
	a.noteDeletion(d)
	if err := a.confirmName(ctx, name, safe.Linef("Delete stack %s?", name)); err != nil {
		return err
	}
	tree := a.newTree()
	err = s.Delete(ctx, d, tree.show)
	tree.end()
	if err != nil {
		return a.goesOn(err)
	}
	return a.printDeletion(d)
}

// noteDeletion tells what is deleted and what is kept.
func (a *app) noteDeletion(d stack.Deletion) {
	a.note("Deleted with stack %s: %d resources.", d.Stack, len(d.Deleted))
	for _, r := range append(append([]stack.Resource{}, d.Kept...), d.Failed...) {
		a.note("  kept: %s %s %s", r.Logical, r.Type, r.Physical)
	}
	if d.Tasks > 0 {
		a.note("warning: live tasks: %d. AWS deletes no cluster with live tasks: stop their runs first (stepdeck stop --stop-task RUN)", d.Tasks)
	}
}

func (a *app) printDeletion(d stack.Deletion) error {
	switch a.flags.output {
	case "json":
		return a.printJSON(d)
	case "name":
		return a.printNames(d.Stack)
	}
	a.note("Stack %s is deleted.", d.Stack)
	if len(d.Kept) > 0 {
		a.note("What is kept can be taken into a new stack: %s", a.placed("stack deploy --adopt --stack "+d.Stack))
	}
	return nil
}
