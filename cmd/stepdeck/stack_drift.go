package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newStackDriftCommand(a *app) *cobra.Command {
	name, exitCode := "", false
	c := &cobra.Command{
		Use:   "drift",
		Short: "Find what was changed past the stack",
		Long: "Have AWS compare every resource with the template, and show each property that differs.\n" +
			"With --exit-code: 0 no drift, 2 drift, everything else a failure.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.stacks(c.Context())
			if err != nil {
				return err
			}
			d, err := s.Drift(c.Context(), name)
			if err == nil {
				err = a.printResult(d, d.Stack, func(w *bytes.Buffer) { a.writeDrift(w, d) })
			}
			switch {
			case exitCode && err != nil:
				return notTwo(err)
			case exitCode && d.Status == stack.Drifted:
				return &exitWith{exitChanges}
			}
			return err
		},
	}
	stackNameFlag(c, &name)
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 2 when something differs")
	return c
}

// writeDrift writes what differs, and how many resources were compared.
func (a *app) writeDrift(w *bytes.Buffer, d stack.Drift) {
	same, unknown := 0, 0
	for _, r := range d.Resources {
		switch r.Status {
		case stack.InSync:
			same++
			continue
		case stack.Modified, stack.Deleted:
		default:
			unknown++
			continue
		}
		fmt.Fprintf(w, "%s\n", a.paint(safe.Linef("± %s  %s  %s", r.Logical, r.Type, r.Status), "31"))
		for _, diff := range r.Differences {
			a.writeProperty(w, stack.PropertyChange{Path: diff.Path, Before: diff.Expected, After: diff.Actual})
		}
	}
	fmt.Fprintf(w, "Stack %s: %s. Different: %d, as in the template: %d", d.Stack, d.Status, len(d.Resources)-same-unknown, same)
	if unknown > 0 {
		fmt.Fprintf(w, ", not compared by AWS: %d", unknown)
	}
	fmt.Fprintln(w, ".")
	if d.Status == stack.Drifted {
		fmt.Fprintln(w, "next: set it back by hand; a deployment brings back only what it changes itself")
	}
}

// noOutput is the problem of an output that the stack does not have.
func noOutput(stackName, name string, known []string) error {
	hint := "the stack has none yet: deploy it"
	if len(known) > 0 {
		hint = "it has " + strings.Join(known, ", ")
	}
	return &ops.Problem{Kind: ops.NotFound, Title: safe.Linef("stack %s has no output %s", stackName, name), Hint: safe.Line(hint)}
}
