package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newStackStatusCommand(a *app) *cobra.Command {
	name, watch := "", false
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the stack: resources, parameters, outputs, and how it came there",
		Long: "Show the stack: resources, parameters, outputs, and how it came there. With --watch, what AWS is at is\n" +
			"shown to its end first; it exits with 1 where that failed.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.stacks(c.Context())
			if err != nil {
				return err
			}
			if watch {
				return a.goesOn(a.watchStack(c.Context(), s, name))
			}
			return a.showStack(c.Context(), s, name)
		},
	}
	stackNameFlag(c, &name)
	c.Flags().BoolVarP(&watch, "watch", "w", false, "watch what AWS is at, to its end")
	return c
}

func (a *app) showStack(ctx context.Context, s *stack.Service, name string) error {
	state, err := s.Status(ctx, name)
	if err != nil {
		return err
	}
	return a.printState(state)
}

// watchStack shows what AWS is at, and then the stack. What failed meanwhile
// ends with its exit code; what had ended before does not.
func (a *app) watchStack(ctx context.Context, s *stack.Service, name string) error {
	tree := a.newTree()
	moved := false
	p, err := s.Watch(ctx, name, func(p stack.Progress) {
		moved = moved || !p.Done()
		tree.show(p)
	})
	tree.end()
	switch {
	case err != nil:
		return err
	case moved && p.Status == stack.DeleteComplete:
		a.note("Stack %s is deleted.", name)
		return nil
	}
	if err := a.showStack(ctx, s, name); err != nil || !moved || !p.Status.Failed() {
		return err
	}
	return &exitWith{exitFailed}
}

// stateView is a stack for programs.
type stateView struct {
	Name       string            `json:"name"`
	ARN        string            `json:"arn"`
	Status     stack.Status      `json:"status"`
	Reason     safe.Text         `json:"reason,omitzero"`
	Created    string            `json:"created"`
	Updated    string            `json:"updated,omitempty"`
	Image      string            `json:"image"`
	Drift      stack.DriftStatus `json:"drift,omitempty"`
	Failure    *failureView      `json:"failure,omitempty"`
	Next       string            `json:"next,omitempty"`
	Parameters []stack.Pair      `json:"parameters"`
	Outputs    []stack.Output    `json:"outputs"`
	Resources  []stack.Resource  `json:"resources"`
}

// failureView is the first thing that went wrong in the last operation.
type failureView struct {
	Resource string    `json:"resource"`
	Reason   safe.Text `json:"reason"`
	Next     safe.Text `json:"next,omitzero"`
}

func (a *app) viewState(st stack.State) stateView {
	now := a.now()
	v := stateView{
		Name: st.Stack.Name, ARN: st.Stack.ID, Status: st.Stack.Status, Reason: st.Stack.Reason,
		Created: stamp(st.Stack.Created, now).String(), Updated: stamp(st.Stack.Updated, now).String(),
		Image: st.Image, Drift: st.Stack.Drift,
		// Programs read an empty list, not null.
		Parameters: append([]stack.Pair{}, st.Stack.Parameters...), Outputs: append([]stack.Output{}, st.Stack.Outputs...),
		Resources: append([]stack.Resource{}, st.Resources...),
	}
	if st.Way != nil {
		v.Next = a.placed(st.Way.Command).String()
	}
	if st.Last.Failed != nil && st.Stack.Status.Failed() {
		reason, next := stack.Explain(*st.Last.Failed)
		v.Failure = &failureView{st.Last.Failed.Logical, reason, a.here(next)}
	}
	return v
}

// printState prints all of a stack.
func (a *app) printState(st stack.State) error {
	v := a.viewState(st)
	return a.printResult(v, v.Name, func(w *bytes.Buffer) {
		a.writeState(w, v, st)
		a.writeParts(w, v)
		a.writeOutputs(w, v)
	})
}

// printDeployed prints what a deployment leads to; for programs all of the stack.
func (a *app) printDeployed(st stack.State) error {
	v := a.viewState(st)
	return a.printResult(v, v.Name, func(w *bytes.Buffer) {
		a.writeState(w, v, st)
		a.writeOutputs(w, v)
	})
}

// writeState writes how the stack is, and first what is wrong with it.
func (a *app) writeState(w *bytes.Buffer, v stateView, st stack.State) {
	if v.Failure != nil {
		fmt.Fprintf(w, "%s\n", a.paint(safe.Linef("✖ the last operation failed at %s: %s", v.Failure.Resource, v.Failure.Reason), "31"))
		if !v.Failure.Next.Empty() {
			fmt.Fprintf(w, "  next: %s\n", v.Failure.Next)
		}
	}
	if st.Way != nil {
		fmt.Fprintf(w, "%s\n  next: %s\n", st.Way.Sentence, v.Next)
	}
	facts := [][2]safe.Text{
		{safe.Line("stack"), safe.Line(v.Name)},
		{safe.Line("status"), safe.Line(string(v.Status))},
		{safe.Line("updated"), safe.Line(v.Updated).Or(safe.Line(v.Created))},
		{safe.Line("image"), safe.Line(v.Image).Or(safe.Linef("none: no run can start before one is there; %s makes one", a.placed("stack deploy --stack "+v.Name)))},
		{safe.Line("drift"), a.driftText(st.Stack)},
		{safe.Line("last"), lastText(st.Last, a.now())},
	}
	for _, f := range facts {
		fmt.Fprintf(w, "%s  %s\n", f[0].Pad(8), f[1])
	}
}

// writeParts writes the resources and the parameters.
func (a *app) writeParts(w *bytes.Buffer, v stateView) {
	rows := make([][]cell, 0, len(v.Resources))
	for _, r := range v.Resources {
		rows = append(rows, []cell{
			{text: safe.Line(r.Logical)},
			{text: safe.Line(strings.TrimPrefix(r.Type, "AWS::"))},
			{text: safe.Line(string(r.Status)), sgr: resourceLook(r.Status).sgr},
			{text: r.Physical},
		})
	}
	fmt.Fprintln(w)
	w.Write(a.drawTable([]string{"RESOURCE", "TYPE", "STATUS", "ID"}, rows))
	rows = nil
	for _, p := range v.Parameters {
		rows = append(rows, cells(safe.Line(p.Name), p.Value))
	}
	fmt.Fprintln(w)
	w.Write(a.drawTable([]string{"PARAMETER", "VALUE"}, rows))
}

func (a *app) writeOutputs(w *bytes.Buffer, v stateView) {
	if len(v.Outputs) > 0 {
		fmt.Fprintln(w)
		w.Write(a.drawTable([]string{"OUTPUT", "VALUE"}, outputRows(v.Outputs)))
	}
}

// lastText is the newest operation and its duration so far; a stack that was only planned has none.
func lastText(p stack.Progress, now time.Time) safe.Text {
	switch {
	case p.Started.IsZero():
		return safe.Line("nothing yet")
	case p.Ended.IsZero():
		return safe.Linef("%s for %s", p.Status, span(p.Started, p.Ended, now))
	default:
		return safe.Linef("%s, took %s", p.Status, span(p.Started, p.Ended, now))
	}
}

func (a *app) driftText(st stack.Stack) safe.Text {
	if st.DriftTime.IsZero() {
		return safe.Linef("not looked for: %s", a.placed("stack drift --stack "+st.Name))
	}
	return safe.Linef("%s on %s", st.Drift, st.DriftTime.Format("2006-01-02 15:04"))
}

func outputRows(outputs []stack.Output) [][]cell {
	rows := make([][]cell, 0, len(outputs))
	for _, o := range outputs {
		rows = append(rows, cells(safe.Line(o.Name), o.Value))
	}
	return rows
}

func newStackOutputsCommand(a *app) *cobra.Command {
	name := ""
	c := &cobra.Command{
		Use:   "outputs [OUTPUT]",
		Short: "Print the stack's outputs, or the value of one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.stacks(c.Context())
			if err != nil {
				return err
			}
			outputs, err := s.Outputs(c.Context(), name)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return a.printOutput(outputs, name, args[0])
			}
			names := make([]string, len(outputs))
			for i, o := range outputs {
				names[i] = o.Name
			}
			return a.printList(listing{
				head: []string{"OUTPUT", "VALUE"}, rows: outputRows(outputs), items: append([]stack.Output{}, outputs...), names: names,
				empty: "No output.",
			})
		},
	}
	stackNameFlag(c, &name)
	return c
}

// printOutput prints the bare value of one output.
func (a *app) printOutput(outputs []stack.Output, stackName, name string) error {
	var known []string
	for _, o := range outputs {
		if strings.EqualFold(o.Name, name) {
			return a.printResult(o, o.Value.String(), func(w *bytes.Buffer) { fmt.Fprintln(w, o.Value) })
		}
		known = append(known, o.Name)
	}
	return noOutput(stackName, name, known)
}
