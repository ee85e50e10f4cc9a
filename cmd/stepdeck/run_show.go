package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func newRunCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "run", Short: "Look at one run"}
	c.AddCommand(&cobra.Command{
		Use:     "show RUN",
		Short:   "Show a run: how it ended, its steps, attempts and tasks",
		Example: "  stepdeck run show @failed\n  stepdeck run show dumps/2026-11-23-orders --output json",
		Args:    cobra.ExactArgs(1),
		RunE:    a.showRun,
	})
	return c
}

func (a *app) showRun(c *cobra.Command, args []string) error {
	s, err := a.service(c.Context())
	if err != nil {
		return err
	}
	run, err := findRun(c.Context(), s, args[0])
	if err != nil {
		return err
	}
	view, err := s.ShowRun(c.Context(), run.ARN)
	if err != nil {
		return err
	}
	return a.printResult(viewRunDetail(view, a.now()), reference(run.ARN), func(w *bytes.Buffer) { a.writeRun(w, view) })
}

func (a *app) writeRun(w *bytes.Buffer, v *ops.RunView) {
	r, now := v.Run, a.now()
	status := a.status(r.Status)
	verb := "after"
	if !r.Status.Closed() {
		verb = "for"
	}
	fmt.Fprintf(w, "%s %s %s\n\n", a.paint(status.text, status.sgr), verb, safe.Duration(r.Duration(now)))
	facts := [][2]safe.Text{
		{safe.Line("run"), safe.Line(reference(r.ARN))},
		{safe.Line("arn"), safe.Line(r.ARN)},
		{safe.Line("started"), stamp(r.Started, now)},
		{safe.Line("stopped"), stamp(r.Stopped, now)},
		{safe.Line("redrives"), redrives(r)},
		{safe.Line("why"), why(v.Failure)},
		{safe.Line("redrive"), redrivable(v, now)},
		{safe.Line("input"), payload(r.Input)},
		{safe.Line("output"), payload(r.Output)},
	}
	for _, f := range facts {
		if !f[1].Empty() {
			fmt.Fprintf(w, "%s  %s\n", f[0].Pad(8), f[1])
		}
	}
	a.writeSteps(w, v)
	a.writeTasks(w, v)
	for _, err := range v.Partial {
		a.note("not read: %v", err)
	}
	if v.Missing > 0 {
		a.note("%d events of the history were not loaded", v.Missing)
	}
}

func (a *app) writeSteps(w *bytes.Buffer, v *ops.RunView) {
	if len(v.Steps) == 0 {
		return
	}
	var rows [][]cell
	for _, s := range v.Steps {
		rows = append(rows, cells(s.State, safe.Line(s.Type), safe.Line(string(s.Outcome)), clockTime(s.Entered, a.now()),
			span(s.Entered, s.Ended, a.now()), safe.Linef("%d", len(s.Attempts)), safe.Join(": ", nonEmpty(s.Error, workflow.ReadCause(s.Cause).Brief())...).Truncate(120)))
	}
	fmt.Fprintln(w)
	w.Write(a.drawTable([]string{"STEP", "TYPE", "OUTCOME", "ENTERED", "TOOK", "ATTEMPTS", "ERROR"}, rows))
}

func (a *app) writeTasks(w *bytes.Buffer, v *ops.RunView) {
	var rows [][]cell
	for _, t := range tasksInOrder(v) {
		status := t.LastStatus
		if t.Missing {
			status = "MISSING"
		}
		rows = append(rows, cells(safe.Line(workflow.TaskID(t.ARN)), safe.Line(status), exits(t), safe.Line(t.StopCode), t.StoppedReason.OneLine()))
	}
	if rows == nil {
		return
	}
	fmt.Fprintln(w)
	w.Write(a.drawTable([]string{"TASK", "STATUS", "EXIT", "STOP CODE", "REASON"}, rows))
}

// exits writes the containers' exit codes, by name where there are several.
func exits(t workflow.Task) safe.Text {
	var parts []safe.Text
	for _, c := range t.Containers {
		code := safe.Line("-")
		if c.ExitCode != nil {
			code = safe.Linef("%d", *c.ExitCode)
		}
		if len(t.Containers) > 1 {
			code = safe.Join("=", c.Name, code)
		}
		parts = append(parts, code)
	}
	return safe.Join(" ", parts...)
}

func stamp(t, now time.Time) safe.Text {
	if t.IsZero() {
		return safe.Text{}
	}
	return safe.Line(t.In(now.Location()).Format(time.RFC3339))
}

func span(from, to, now time.Time) safe.Text {
	if from.IsZero() {
		return safe.Text{}
	}
	if to.IsZero() {
		to = now
	}
	return safe.Duration(to.Sub(from))
}

// redrivable tells, of a run that ended badly, whether and how long it can be redriven.
func redrivable(v *ops.RunView, now time.Time) safe.Text {
	if !v.Run.Status.Bad() {
		return safe.Text{}
	}
	ok, reason := workflow.CheckRedrive(v.Run, v.Machine.Type, len(v.Events)+v.Missing, now)
	if !ok {
		return safe.Linef("not possible: %s", reason)
	}
	return safe.Linef("possible until %s", workflow.RedriveEnds(v.Run).In(now.Location()).Format(time.DateTime))
}

func redrives(r workflow.Run) safe.Text {
	if r.RedriveCount == 0 {
		return safe.Text{}
	}
	return safe.Linef("%d", r.RedriveCount)
}

// payload writes a JSON document in one line, its tokens masked, at most 400 cells of it.
func payload(doc string) safe.Text { return safe.Line(workflow.MaskTokens(doc)).Truncate(400) }

func nonEmpty(texts ...safe.Text) []safe.Text {
	kept := texts[:0]
	for _, t := range texts {
		if !t.Empty() {
			kept = append(kept, t)
		}
	}
	return kept
}
