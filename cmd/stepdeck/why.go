package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// whyFlags say which failures of a machine are grouped.
type whyFlags struct {
	since string
	limit int
}

func newWhyCommand(a *app) *cobra.Command {
	f := whyFlags{}
	c := &cobra.Command{
		Use:   "why RUN|MACHINE",
		Short: "Tell why a run failed and what to do, or group a machine's failures by cause",
		Long: "Tell why a run failed, by which facts, and what to do. With a machine, its failed and timed-out runs are\n" +
			"grouped by state, error and cause, the largest group first. The first look at a failed run costs a call.",
		Example: "  stepdeck why @failed\n" +
			"  stepdeck why dumps/2026-11-23-orders --output json\n" +
			"  stepdeck why dumps --since 7d",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.why(c.Context(), args[0], f) },
	}
	c.Flags().StringVar(&f.since, "since", "", "of a machine, only runs started since: a `SPAN` such as 24h or 7d, a date or a time")
	c.Flags().IntVar(&f.limit, "limit", 1000, "of a machine, the newest `N` failed runs at most, up to 10,000")
	return c
}

func (a *app) why(ctx context.Context, arg string, f whyFlags) error {
	window, err := a.whyWindow(f)
	if err != nil {
		return err
	}
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	if err := notAToken(arg); err != nil {
		return err
	}
	if !namesRun(arg) {
		switch m, err := s.FindMachine(ctx, arg); {
		case err == nil:
			window.MachineARN = m.ARN
			return a.whyMachine(ctx, s, window)
		case ops.KindOf(err) != ops.NotFound:
			return err
		}
	}
	run, err := findRun(ctx, s, arg)
	if err != nil {
		return err
	}
	run, d, err := s.Why(ctx, run.ARN, a.now())
	if err != nil {
		return err
	}
	view := whyView{Name: run.Name, ARN: run.ARN, Diagnosis: d}
	return a.printResult(view, reference(run.ARN), func(w *bytes.Buffer) { a.writeWhy(w, run, d) })
}

// namesRun reports whether the argument can only be a run.
func namesRun(arg string) bool {
	return strings.HasPrefix(arg, "@") || workflow.IsRunARN(arg) || strings.Contains(arg, "/") && !strings.HasPrefix(arg, "arn:")
}

// whyView is the stable form of a diagnosis for programs.
type whyView struct {
	Name safe.Text `json:"name"`
	ARN  string    `json:"arn"`
	triage.Diagnosis
}

func (a *app) writeWhy(w *bytes.Buffer, run workflow.Run, d triage.Diagnosis) {
	status := a.status(run.Status)
	verb := "after"
	if !run.Status.Closed() {
		verb = "for"
	}
	fmt.Fprintf(w, "%s %s %s", a.paint(status.text, status.sgr), verb, safe.Duration(run.Duration(a.now())))
	if d.Attempts > 1 {
		fmt.Fprintf(w, "   attempt %d of %d", d.Attempt, d.Attempts)
	}
	fmt.Fprintf(w, "   %s (%s confidence)\n%s\n", d.Kind, d.Confidence, d.Sentence)
	for _, f := range d.Evidence {
		fmt.Fprintf(w, "  %s  %s\n", safe.Line(string(f.Source)).Pad(8), a.fact(f))
	}
	if len(d.Remedies) > 0 {
		fmt.Fprintf(w, "Next:\n")
	}
	for i, r := range d.Remedies {
		text := r.Text
		if !r.Reason.Empty() {
			text = safe.Linef("%s: %s", text, r.Reason)
		}
		fmt.Fprintf(w, "  %d. %s\n", i+1, text)
	}
	for _, g := range d.Gaps {
		a.note("not known: %s: %s", g.Part, g.Why)
	}
}

// fact is a piece of evidence in a line, with its place.
func (a *app) fact(f triage.Fact) safe.Text {
	text := f.Text.OneLine().Truncate(200)
	switch {
	case f.Source == triage.FromLog && !f.Time.IsZero():
		text = safe.Linef("%s  %s", clockTime(f.Time, a.now()), text)
	case f.EventID != 0:
		text = safe.Linef("%s  %s #%d", text, f.Place, f.EventID)
	case f.Container != "":
		text = safe.Linef("%s  container %s", text, f.Container)
	}
	if f.RunARN != "" {
		text = safe.Linef("%s  of %s", text, reference(f.RunARN))
	}
	return text
}
