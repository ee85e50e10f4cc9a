package triage

import (
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// foresee tells what a redrive would do (AWS: it takes up the states that were
// not exited, with the same input and the same definition).
func (f *frame) foresee(kind Kind) Redrive {
	events := 0
	if len(f.events) > 0 {
		events = int(f.events[len(f.events)-1].ID)
	}
	r := Redrive{Until: workflow.RedriveEnds(f.ev.Run), Helps: HelpsUnknown}
	r.Possible, r.Why = workflow.CheckRedrive(f.ev.Run, f.ev.Machine.Type, events, f.ev.Now)
	if !r.Possible {
		r.Helps = HelpsNo
	}
	fails := false
	for _, s := range workflow.Resuming(f.steps) {
		r.Resumes = append(r.Resumes, s.State)
		fails = fails || s.Type == "Fail"
	}
	for i := range f.steps {
		if f.steps[i].ExitedID != 0 && f.steps[i].Parent < 0 {
			r.Done, r.LastDone = r.Done+1, f.steps[i].State
		}
	}
	r.LiveTask = f.liveTask()
	if r.Possible {
		r.Helps, r.Reason = f.helps(kind, fails)
	}
	return r
}

func (f *frame) helps(kind Kind, fails bool) (Helps, safe.Text) {
	if fails && len(f.steps) > 0 && f.endsIn() != "" {
		if f.ending != nil {
			return HelpsNo, safe.Linef("the failure of %s was caught, so a redrive would take up the Fail state %s and fail again", f.step.State, f.endsIn())
		}
		return HelpsNo, safe.Linef("a redrive would take up the Fail state %s and fail again", f.endsIn())
	}
	a := adviceOn(kind)
	return a.helps, safe.Line(a.redrive)
}

// endsIn names the Fail state that closed the run, or is empty.
func (f *frame) endsIn() string {
	switch {
	case f.ending != nil:
		return f.ending.State.OneLine().String()
	case f.step != nil && f.step.Type == "Fail":
		return f.step.State.OneLine().String()
	}
	return ""
}

// liveTask is a task of the run that still runs though nothing waits for it, or
// that a redrive would double.
func (f *frame) liveTask() string {
	if !f.ev.Run.Status.Closed() {
		return ""
	}
	if f.task != nil && staysAlive(*f.task) {
		return f.task.ARN
	}
	for i := range f.steps {
		for j := range f.steps[i].Attempts {
			if t, ok := f.ev.Tasks[f.steps[i].Attempts[j].TaskARN]; ok && staysAlive(t) {
				return t.ARN
			}
		}
	}
	return ""
}

// staysAlive reports whether the task works and nothing has told it to stop.
func staysAlive(t workflow.Task) bool { return t.Live() && t.DesiredStatus != "STOPPED" }
