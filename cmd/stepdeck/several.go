package main

import (
	"errors"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// change is what a command did to one run.
type change struct {
	Name       safe.Text       `json:"name"`
	ARN        string          `json:"arn"`
	Machine    string          `json:"machine"`
	Status     workflow.Status `json:"status"`
	Error      string          `json:"error,omitempty"`
	StoppedIDs []string        `json:"tasksStopped,omitempty"`
	LeftIDs    []string        `json:"tasksLeftRunning,omitempty"`
}

func changeOf(r workflow.Run) change {
	return change{Name: r.Name, ARN: r.ARN, Machine: workflow.MachineName(r.ARN), Status: r.Status}
}

// toEach does one thing to every run and goes on after a failure: what was done to some is shown
// even if it could not be done to all.
func (a *app) toEach(runs []workflow.Run, verb string, do func(workflow.Run) (change, error)) error {
	changes := make([]change, 0, len(runs))
	names := make([]string, 0, len(runs))
	var failed []error
	for _, r := range runs {
		c, err := do(r)
		if err != nil {
			c.Error = problemOf(err).Error()
			failed = append(failed, err)
			if len(runs) > 1 {
				a.writeProblem(problemOf(err))
			}
		} else {
			names = append(names, reference(r.ARN))
			a.note("%s %s", verb, reference(r.ARN))
		}
		changes = append(changes, c)
	}
	var err error
	switch a.flags.output {
	case "json":
		err = a.printJSON(changes)
	case "name":
		err = a.printNames(names...)
	}
	switch {
	case len(failed) == 0:
		return err
	case len(runs) == 1:
		return failed[0]
	}
	return &ops.Problem{
		Kind: problemOf(failed[0]).Kind, Title: safe.Linef("%d of %d runs were not %s", len(failed), len(runs), verb),
		Hint: safe.Line("run the command again with those that failed"), Err: errors.Join(failed...),
	}
}

// namesOf lists runs for a question: all of a few, else the number.
func namesOf(runs []workflow.Run) safe.Text {
	if len(runs) > 5 {
		return safe.Linef("%d runs", len(runs))
	}
	parts := make([]safe.Text, len(runs))
	for i, r := range runs {
		parts[i] = safe.Line(reference(r.ARN))
	}
	return safe.Join(", ", parts...)
}
