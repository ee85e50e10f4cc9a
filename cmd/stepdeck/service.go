package main

import (
	"context"
	"os"
	"os/user"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// service connects and returns the use cases.
func (a *app) service(ctx context.Context) (*ops.Service, error) {
	_, ports, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	return ops.New(ports, operator()).WithClock(a.now), nil
}

// operator names the person at this computer as USER@HOST.
func operator() string {
	name, host := "unknown", "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return name + "@" + host
}

// notAToken refuses a task token where a run is to be named: the shell keeps what is typed, and
// every process sees it.
func notAToken(arg string) error {
	if workflow.MaskTokens(arg) == arg {
		return nil
	}
	return refuse("this is a task token, not a run", safe.Line("a token is a secret and does not belong on a command line"),
		"name the run that waits: stepdeck tokens lists them, and its token is found in its history")
}

// findRun finds the run that an argument names; MACHINE/NAME and MACHINE/@latest name both.
func findRun(ctx context.Context, s *ops.Service, arg string) (workflow.Run, error) {
	if err := notAToken(arg); err != nil {
		return workflow.Run{}, err
	}
	machine, selector, qualified := strings.Cut(arg, "/")
	if !qualified || strings.HasPrefix(arg, "arn:") {
		machine, selector = "", arg
	}
	return s.FindRun(ctx, selector, machine)
}

// findRuns finds the runs that several arguments name, and stops at the first that is not there.
func findRuns(ctx context.Context, s *ops.Service, args []string) ([]workflow.Run, error) {
	runs := make([]workflow.Run, 0, len(args))
	for _, arg := range args {
		run, err := findRun(ctx, s, arg)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// reference is the form of a run that every command takes.
func reference(runARN string) string {
	return workflow.MachineName(runARN) + "/" + workflow.RunName(runARN)
}
