package stack

import (
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

const stackType = "AWS::CloudFormation::Stack"

// Progress is how far an operation on a stack is.
type Progress struct {
	Stack   string
	Status  Status
	Started time.Time
	Ended   time.Time // zero while it is at work
	// Resources are those that the operation has touched, in the order in which it came to them.
	Resources []ResourceProgress
	// Failed is the first thing that went wrong; nil while nothing has.
	Failed *Event
}

// Done reports whether the operation has ended.
func (p Progress) Done() bool { return !p.Ended.IsZero() }

// ResourceProgress is how far an operation is with one resource. Ended is zero
// while it is at work.
type ResourceProgress struct {
	Logical string
	Type    string
	Status  Status
	Reason  safe.Text
	Started time.Time
	Ended   time.Time
}

// progressOf folds the events of one operation, the newest first.
func progressOf(stack Stack, events []Event) Progress {
	events = inOrder(events)
	p := Progress{Stack: stack.Name, Status: stack.Status}
	at := map[string]int{}
	for _, e := range events {
		if p.Started.IsZero() {
			p.Started = e.Time
		}
		if e.Failure() && p.Failed == nil && !cancelled(e) && !ofStack(e) {
			p.Failed = &e
		}
		if ofStack(e) {
			if e.Status == "" {
				continue
			}
			p.Status = e.Status
			p.Ended = time.Time{}
			if !e.Status.Moving() && e.Status != ReviewInProgress {
				p.Ended = e.Time
			}
			continue
		}
		i, known := at[e.Logical]
		if !known {
			i = len(p.Resources)
			at[e.Logical] = i
			p.Resources = append(p.Resources, ResourceProgress{Logical: e.Logical, Type: e.Type, Started: e.Time})
		}
		p.Resources[i].take(e)
	}
	if p.Failed == nil {
		p.Failed = stackFailure(events)
	}
	return p
}

// take brings the resource to where the event says that it is.
func (r *ResourceProgress) take(e Event) {
	switch {
	case e.Status == "":
		r.Reason = said(e)
		return
	case r.Status == UpdateComplete && strings.HasPrefix(string(e.Status), "DELETE_"):
		// It is about what the update has replaced.
		return
	}
	r.Ended = time.Time{}
	switch {
	case e.Status.Moving():
		if !r.Status.Moving() {
			// A rollback comes to the resource a second time.
			r.Started = e.Time
		}
	default:
		r.Ended = e.Time
	}
	r.Status, r.Reason = e.Status, said(e)
}

// said is an event's reason, of a failure without its wrapping.
func said(e Event) safe.Text {
	if !e.Failure() {
		return e.Reason
	}
	reason, _ := Explain(e)
	return reason
}

// byUser is AWS's reason for a rollback that somebody asked to go on.
const byUser = "User Initiated"

// stackFailure is what the stack itself says of a failure that no resource tells.
func stackFailure(events []Event) *Event {
	for _, e := range events {
		if ofStack(e) && !e.Reason.Empty() && e.Reason.String() != byUser && (e.Failure() || e.Status == "ROLLBACK_IN_PROGRESS" || e.Status == "UPDATE_ROLLBACK_IN_PROGRESS") {
			return &e
		}
	}
	return nil
}

func ofStack(e Event) bool { return e.Type == stackType }

// inOrder sorts events by time, the oldest first. Of two at the same time the
// one that AWS gave later, going back, is older.
func inOrder(newestFirst []Event) []Event {
	events := slices.Clone(newestFirst)
	slices.Reverse(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.Time.Compare(b.Time) })
	return events
}

// begins reports whether an event is the first of an operation on the stack.
func begins(e Event) bool {
	return ofStack(e) && (e.Status == "CREATE_IN_PROGRESS" || e.Status == "UPDATE_IN_PROGRESS" || e.Status == DeleteInProgress)
}
