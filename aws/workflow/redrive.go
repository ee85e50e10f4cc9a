package workflow

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// RedrivePeriod is how long after its end a run can be redriven (AWS: RedriveExecution).
const RedrivePeriod = 14 * 24 * time.Hour

// CheckRedrive reports whether AWS would redrive the run now, and if not, why.
// events is the number of events in its history, 0 when not known. What AWS
// itself said of the run goes first.
func CheckRedrive(r Run, kind MachineType, events int, now time.Time) (ok bool, reason safe.Text) {
	switch {
	case kind == Express:
		return false, safe.Line("it is an Express run; only Standard runs can be redriven: start a new one")
	case r.Status == Running:
		return false, safe.Line("it is still running; stop it first")
	case r.Status == Succeeded:
		return false, safe.Line("it succeeded; start a new run with its input")
	case !r.Status.Bad():
		return false, safe.Linef("its status is %s; only FAILED, ABORTED and TIMED_OUT runs can be redriven", r.Status)
	case r.RedriveStatus == RedrivableByMapRun:
		return false, safe.Line("it is a child of a Map Run; redrive the parent run")
	case r.RedriveStatus == NotRedrivable:
		return false, r.RedriveReason.Or(safe.Line("AWS says that it cannot be redriven"))
	case !r.Stopped.IsZero() && now.Sub(r.Stopped) > RedrivePeriod:
		return false, safe.Linef("it ended %s ago; AWS redrives for 14 days: start a new run with its input", safe.Age(r.Stopped, now))
	case events >= maxEvents-1:
		return false, safe.Linef("its history is full (%d events); start a new run with its input", events)
	}
	return true, safe.Text{}
}

// RedriveEnds is the last moment at which the run can be redriven, or zero when it is open.
func RedriveEnds(r Run) time.Time {
	if r.Stopped.IsZero() {
		return time.Time{}
	}
	return r.Stopped.Add(RedrivePeriod)
}
