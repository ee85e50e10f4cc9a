package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func newDoctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check credentials, endpoint and permissions",
		Long:  "Check, by reading the newest run as the other commands do, that everything needed to look is allowed. Nothing is changed.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.doctor(c.Context()) },
	}
}

// check is the outcome of one look; its status is ok, failed or skipped.
type check struct {
	Name   string    `json:"name"`
	Status string    `json:"status"`
	Detail safe.Text `json:"detail,omitzero"`
	Hint   safe.Text `json:"hint,omitzero"`
	err    error
}

func checked(name string, err error, detail safe.Text) check {
	if err == nil {
		return check{Name: name, Status: "ok", Detail: detail}
	}
	p := problemOf(err)
	return check{Name: name, Status: "failed", Detail: safe.Join(": ", nonEmpty(p.Title, p.Detail)...), Hint: p.Hint, err: err}
}

func (a *app) doctor(ctx context.Context) error {
	s, ports, err := a.connect(ctx)
	if err != nil {
		return err
	}
	checks := []check{checked("configuration", nil, configuration(s))}
	id, err := s.Identity(ctx)
	checks = append(checks, checked("credentials", err, safe.Line(id.ARN)))
	if err == nil {
		checks = append(checks, permissions(ctx, ops.New(ports, operator()))...)
	}
	out := listing{head: []string{"CHECK", "RESULT", "DETAIL"}, items: checks}
	var failed error
	for i, c := range checks {
		checks[i].Hint = a.here(c.Hint)
		out.names = append(out.names, c.Name)
		result := cell{text: safe.Line(c.Status)}
		if c.err != nil {
			result.sgr = "31"
			failed = errors.Join(failed, c.err)
		}
		out.rows = append(out.rows, []cell{{text: safe.Line(c.Name)}, result, {text: c.Detail}})
	}
	if err := a.printList(out); err != nil {
		return err
	}
	return failed
}

func configuration(s *session.Session) safe.Text {
	parts := []string{"region " + s.Region()}
	if p := s.Profile(); p != "" {
		parts = append(parts, "profile "+p)
	}
	if e := s.Endpoint(); e != "" {
		parts = append(parts, "endpoint "+e)
	}
	return safe.Line(strings.Join(parts, ", "))
}

// permissions looks at machines, runs, and one run with its history, tasks and log.
func permissions(ctx context.Context, s *ops.Service) []check {
	machines, err := s.ListMachines(ctx, "", 0)
	checks := []check{checked("machines", err, safe.Linef("%d", len(machines.Machines)))}
	if err != nil {
		return checks
	}
	run, err := s.FindRun(ctx, "@latest", "")
	if ops.KindOf(err) == ops.NotFound {
		return append(checks, check{Name: "runs", Status: "skipped", Detail: safe.Line("there is no run to look at yet")})
	}
	checks = append(checks, checked("runs", err, safe.Line(reference(run.ARN))))
	if err != nil {
		return checks
	}
	view, err := s.ShowRun(ctx, run.ARN)
	if err == nil {
		err = errors.Join(view.Partial...)
	}
	checks = append(checks, checked("history and tasks", err, safe.Line("readable")))
	return append(checks, checked("log", logReadable(ctx, s, run), safe.Line("readable")))
}

// logReadable reads the beginning of the run's log. That there is none is no fault.
func logReadable(ctx context.Context, s *ops.Service, run workflow.Run) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var failed error
	lines := s.Tail(ctx, ops.TailRequest{RunARN: run.ARN})
	for item := range lines {
		if failed == nil {
			failed = item.Err
		}
		if item.Err == nil && item.Notice.Empty() {
			cancel()
		}
	}
	return failed
}
