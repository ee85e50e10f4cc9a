package workflow

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Failure is why a run ended badly, as its history tells.
type Failure struct {
	Status  Status    `json:"status"`
	Error   safe.Text `json:"error,omitzero"`
	Cause   safe.Text `json:"cause,omitzero"`
	State   safe.Text `json:"state,omitzero"` // where it failed or, for an abort, where it stood; may be unknown
	EventID int64     `json:"event"`          // the event that failed, or the closing event
	Time    time.Time `json:"time"`
}

// runtimeError is how Step Functions words a failure outside any task.
var runtimeError = regexp.MustCompile(`(?s)^An error occurred while executing the state '(.+?)' \(entered at the event id #(\d+)\)`)

// FailureOf finds the terminal error in events given in any order. The newest
// page of the history is enough; then State may stay empty. ok is false when
// the newest events tell no bad end.
func FailureOf(events []Event) (f Failure, ok bool) {
	sorted := slices.Clone(events)
	slices.SortFunc(sorted, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
	closing := -1
	for i := len(sorted) - 1; i >= 0 && closing < 0; i-- {
		switch sorted[i].Type {
		case ExecutionFailed, ExecutionTimedOut, ExecutionAborted:
			closing = i
		case ExecutionRedriven, ExecutionSucceeded:
			return Failure{}, false
		}
	}
	if closing < 0 {
		return Failure{}, false
	}
	sorted = sorted[:closing+1]
	end := sorted[closing]
	f = Failure{Status: closedAs(end.Type), Error: end.Error, Cause: end.Cause, EventID: end.ID, Time: end.Time}
	f.locate(sorted)
	return f, true
}

func closedAs(t EventType) Status {
	switch t {
	case ExecutionTimedOut:
		return TimedOut
	case ExecutionAborted:
		return Aborted
	}
	return Failed
}

// locate finds the state: named by a runtime error, else on the chain of
// predecessors, else the innermost step that the end cut off.
func (f *Failure) locate(sorted []Event) {
	if m := runtimeError.FindStringSubmatch(f.Cause.String()); m != nil {
		f.State = safe.Line(m[1])
		if id, err := strconv.ParseInt(m[2], 10, 64); err == nil {
			f.EventID = id
		}
		return
	}
	byID := make(map[int64]*Event, len(sorted))
	for i := range sorted {
		byID[sorted[i].ID] = &sorted[i]
	}
	failed := false // the newest event with the error failed; older ones are of retries and earlier redrives
	for e := byID[byID[sorted[len(sorted)-1].ID].Previous]; e != nil; e = byID[e.Previous] {
		if e.Error == f.Error && !e.Error.Empty() && !failed {
			f.EventID, failed = e.ID, true
		}
		if !e.State.Empty() {
			f.State = e.State
			return
		}
		if e.Previous >= e.ID {
			break
		}
	}
	if cut := Resuming(Steps(sorted)); len(cut) > 0 {
		f.State = cut[len(cut)-1].State
	}
}
