package screen

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// diagnose reads the verdict anew from what is there by now. It is called for
// every part that arrives.
func (d *runData) diagnose(now time.Time) { d.diagnosis = triage.Diagnose(d.evidence(now)) }

func (d *runData) evidence(now time.Time) triage.Evidence {
	ev := triage.Evidence{
		Run: d.run, Failure: d.failure, Events: newest(d.events), Steps: d.steps,
		Definition: d.definition, Tasks: d.tasks, Logs: d.tail.logs(), Child: d.child, Now: now,
	}
	ev.Run.Error, ev.Run.Cause = d.errorText()
	if d.machine != nil {
		ev.Machine = *d.machine
	}
	if t := d.tail.definition; t != nil {
		ev.TaskDefinitions = map[string]workflow.TaskDefinition{t.ARN: *t}
	}
	if d.missing > 0 {
		ev.Gaps = append(ev.Gaps, triage.Gap{Part: triage.FromHistory, Why: safe.Linef("%s events of the history are missing", safe.Count(d.missing))})
	}
	return ev
}

// recognised reports that the diagnosis has more to say than the raw facts.
func (d *runData) recognised() bool {
	switch d.diagnosis.Kind {
	case "", triage.Unknown, triage.StillRunning, triage.DidSucceed:
		return false
	}
	return true
}

// failedEvent is the event that the diagnosis rests on, or 0.
func (d *runData) failedEvent() int64 {
	for _, f := range d.diagnosis.Evidence {
		if f.EventID != 0 && f.RunARN == "" && d.run.Status.Bad() {
			return f.EventID
		}
	}
	if d.failure != nil {
		return d.failure.EventID
	}
	return 0
}

// remedy finds what is to be done in that way to this run, or gives nil.
func (d *runData) remedy(by triage.Action) *triage.Remedy {
	for i := range d.diagnosis.Remedies {
		if m := &d.diagnosis.Remedies[i]; m.Action == by && !d.elsewhere(m) {
			return m
		}
	}
	return nil
}
