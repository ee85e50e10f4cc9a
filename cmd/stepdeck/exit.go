package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// The exit codes. They are part of the interface: scripts branch on them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitChanges     = 2 // asked for by --exit-code, which ends nothing else with it
	exitNotFound    = 3
	exitDenied      = 4
	exitUnreachable = 5
	exitInterrupted = 130
)

// runFailed ends a command that waited for a run which then did not succeed. The command has
// already shown the run.
type runFailed struct{ run workflow.Run }

func (e *runFailed) Error() string { return fmt.Sprintf("run %s: %s", e.run.Name, e.run.Status) }

// exitWith ends a command that did what it should with a code that tells something.
type exitWith struct{ code int }

func (e *exitWith) Error() string { return fmt.Sprintf("ended with code %d", e.code) }

var exitCodes = map[ops.Kind]int{
	ops.Usage:       exitUsage,
	ops.NotFound:    exitNotFound,
	ops.Denied:      exitDenied,
	ops.Expired:     exitDenied,
	ops.Throttled:   exitUnreachable,
	ops.Unreachable: exitUnreachable,
}

var kindNames = map[ops.Kind]string{
	ops.Internal:    "internal",
	ops.Usage:       "usage",
	ops.NotFound:    "notFound",
	ops.Denied:      "denied",
	ops.Expired:     "expired",
	ops.Throttled:   "throttled",
	ops.Unreachable: "unreachable",
	ops.Conflict:    "conflict",
	ops.Failed:      "failed",
}

// report writes what went wrong to stderr and returns the exit code for it.
func (a *app) report(ctx context.Context, err error) int {
	var failed *runFailed
	var told *exitWith
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &told):
		return told.code
	case errors.As(err, &failed):
		return exitFailed
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	problem := problemOf(err)
	a.writeProblem(problem)
	if code, ok := exitCodes[problem.Kind]; ok {
		return code
	}
	return exitFailed
}

func problemOf(err error) *ops.Problem {
	var problem *ops.Problem
	var field *workflow.FieldError
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &field):
		return &ops.Problem{
			Kind: ops.Usage, Title: safe.Line(field.Field), Detail: safe.Line(field.Reason),
			Hint: safe.Line("nothing was sent: correct it and run the command again"), Err: err,
		}
	default:
		return &ops.Problem{Kind: ops.Internal, Title: safe.Line(err.Error()), Err: err}
	}
}

func (a *app) writeProblem(p *ops.Problem) {
	hint := a.here(p.Hint)
	if a.flags.output == "json" {
		// A string and four words cannot fail to encode.
		line, _ := json.Marshal(map[string]any{"error": map[string]any{
			"kind": kindNames[p.Kind], "title": p.Title, "detail": p.Detail, "hint": hint,
		}})
		a.say("%s\n", line)
		return
	}
	a.say("stepdeck: %s", p.Title)
	if !p.Detail.Empty() {
		a.say(": %s", p.Detail)
	}
	a.say("\n")
	if !hint.Empty() {
		a.say("next: %s\n", hint)
	}
}
