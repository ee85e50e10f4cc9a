package triage

import (
	"encoding/json"
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// ChildOf is the ARN of the run that the failed or open attempt started and
// waits for, or empty. Its own history and tasks tell more than the cause that
// it leaves in its parent (AWS: startExecution.sync).
func ChildOf(ev Evidence) string {
	f := newFrame(&ev)
	if a := f.attempt; a != nil && a.ResourceType == "states" {
		var started struct{ ExecutionArn string }
		if json.Unmarshal([]byte(a.Response), &started) == nil && workflow.IsRunARN(started.ExecutionArn) {
			return started.ExecutionArn
		}
	}
	for _, told := range f.told() {
		var outer struct{ ExecutionArn string }
		if json.Unmarshal([]byte(told.cause), &outer) == nil && workflow.IsRunARN(outer.ExecutionArn) {
			return outer.ExecutionArn
		}
		if u := unwrap(told.cause); u.cut && workflow.IsRunARN(u.childRun) {
			return u.childRun
		}
	}
	return ""
}

// explains reports whether the child's end is why this run failed, or its dead
// token why this run waits. A child that AWS's clock or a person ended along
// with its parent explains nothing.
func (c *study) explains(child *Diagnosis) bool {
	switch {
	case child.Stuck:
		return c.ev.Run.Status == workflow.Running
	case !child.Status.Bad() || child.Kind == Unknown:
		return false
	}
	return c.failed && c.failure.Status == workflow.Failed && !c.timedOut()
}

// through is the diagnosis with what the child run tells in place of what its
// parent says of it. What to do about the parent stays its own.
func (c *study) through(d Diagnosis, run workflow.Run) Diagnosis {
	child := Diagnose(*c.ev.Child)
	if !c.explains(&child) {
		return d
	}
	d.Kind, d.Confidence, d.Stuck = child.Kind, child.Confidence, child.Stuck
	d.Container, d.ExitCode, d.TaskARN = child.Container, child.ExitCode, child.TaskARN
	if d.ChildRun = child.ChildRun; d.ChildRun == "" {
		d.ChildRun = run.ARN
	}
	sentence := safe.Linef("child run %s: %s", workflow.RunName(run.ARN), child.Sentence)
	if !d.State.Empty() {
		sentence = safe.Linef("%s: %s", d.State, sentence)
	}
	d.Sentence = sentence
	d.Evidence = factsOf(child, run.ARN, d.Evidence)
	d.Redrive = c.foresee(d.Kind)
	d.Remedies = c.remediesThrough(&d, child, run)
	d.Gaps = append(slices.Clone(child.Gaps), d.Gaps...)
	return d
}

// factsOf is the child's evidence with its place, then what the parent's says
// beyond it: the cause of a parent repeats its child's words.
func factsOf(child Diagnosis, runARN string, parents []Fact) []Fact {
	facts := []Fact{}
	for _, f := range child.Evidence {
		if f.RunARN == "" {
			f.RunARN = runARN
		}
		facts = append(facts, f)
	}
	for _, f := range parents {
		f.Decisive = false
		repeats := func(known Fact) bool { return known.Source == f.Source && known.Text == f.Text }
		if !slices.ContainsFunc(facts, repeats) {
			facts = append(facts, f)
		}
	}
	return facts[:min(len(facts), mostFacts)]
}

// remediesThrough mends the cause where it lies, in the child, and takes up the
// parent: the child's own end changes nothing for the one that waited for it.
func (c *study) remediesThrough(d *Diagnosis, child Diagnosis, run workflow.Run) []Remedy {
	list := []Remedy{}
	for _, r := range child.Remedies {
		switch r.Action {
		case ActRedrive, ActOpenRun:
			continue
		case ActNewRun, ActFailToken, ActSucceedToken, ActOpenLog, ActFixInput, ActFixMachine:
			if r.RunARN == "" || r.RunARN == run.ARN { // those below have it already
				r.Text = safe.Linef("in the child run: %s", r.Text)
			}
		}
		if r.RunARN == "" {
			r.RunARN = run.ARN
		}
		list = append(list, r)
	}
	list = append(list, Remedy{Action: ActOpenRun, RunARN: run.ARN, Text: safe.Linef("open the child run %s", workflow.RunName(run.ARN))})
	if c.ev.Run.Status.Bad() {
		list = append(list, c.redriveRemedy(d))
	}
	return list
}
