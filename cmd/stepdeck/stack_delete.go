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
			"bucket with its dumps) stays in AWS and is listed before. Nothing is emptied. What an attempt before could not\n" +
			"delete is tried again, and kept if AWS still cannot. Runs that are under way end with the machine.",
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
	a.note("Resources that go with stack %s: %d", d.Stack, len(d.Deleted))
	for _, part := range []struct {
		what      string
		resources []stack.Resource
	}{{"is kept", d.Kept}, {"is tried again, and then kept", d.Failed}} {
		for _, r := range part.resources {
			a.note("  %s: %s %s %s", part.what, r.Logical, r.Type, r.Physical)
		}
	}
	if d.Tasks > 0 {
		a.note("warning: live tasks: %d. AWS deletes no cluster with live tasks: stop their runs first (%s)", d.Tasks, a.placed("stop --stop-task RUN"))
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
