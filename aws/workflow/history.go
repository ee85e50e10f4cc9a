package workflow

import (
	"cmp"
	"slices"
)

// maxEvents is the hard end of a history (AWS: event 25,000 is the failure itself).
const maxEvents = 25_000

// History collects a run's events in any order and from both ends, and reads
// steps out of them. It is not safe for concurrent use.
type History struct {
	events  []Event // ascending ids, no doubles
	builder *builder
	fed     int // events given to builder
}

// Add takes events in any order; those already known are ignored. It returns
// how many were new.
func (h *History) Add(events ...Event) int {
	fresh := make([]Event, 0, len(events))
	for _, e := range events {
		if e.ID > 0 && !h.Has(e.ID) {
			fresh = append(fresh, e)
		}
	}
	slices.SortFunc(fresh, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
	fresh = slices.CompactFunc(fresh, func(a, b Event) bool { return a.ID == b.ID })
	if len(fresh) == 0 {
		return 0
	}
	fillsGap := len(h.events) > 0 && fresh[0].ID < h.events[len(h.events)-1].ID
	if !fillsGap {
		h.events = append(h.events, fresh...)
	} else {
		// A new array, because Events has handed out the old one.
		h.events = slices.Concat(h.events, fresh)
		slices.SortFunc(h.events, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
		h.builder = nil
	}
	return len(fresh)
}

// Has reports whether the event is loaded.
func (h *History) Has(id int64) bool {
	_, ok := slices.BinarySearchFunc(h.events, id, func(e Event, id int64) int { return cmp.Compare(e.ID, id) })
	return ok
}

// Events returns what is loaded, oldest first. The caller must not change it.
func (h *History) Events() []Event { return slices.Clip(h.events) }

// Missing is how many events up to the newest one are not loaded. Ids are dense.
func (h *History) Missing() int {
	if len(h.events) == 0 {
		return 0
	}
	return max(0, int(min(h.events[len(h.events)-1].ID, maxEvents))-len(h.events))
}

// Steps returns the steps in order of entry, as copies. Adding newer events
// costs only those; filling a gap reads all anew.
func (h *History) Steps() []Step {
	if h.builder == nil {
		h.builder, h.fed = newBuilder(), 0
	}
	for _, e := range h.events[h.fed:] {
		h.builder.feed(e)
	}
	h.fed = len(h.events)
	steps := slices.Clone(h.builder.steps)
	for i := range steps {
		steps[i].Attempts = slices.Clone(steps[i].Attempts)
	}
	return steps
}

// Steps reads the steps out of events given in any order.
func Steps(events []Event) []Step {
	var h History
	h.Add(events...)
	return h.Steps()
}

// OpenAttempts returns the attempts that nothing has answered, with their steps.
func OpenAttempts(steps []Step) []OpenAttempt {
	var open []OpenAttempt
	for i := range steps {
		for j := range steps[i].Attempts {
			if steps[i].Attempts[j].Open() {
				open = append(open, OpenAttempt{Step: &steps[i], Attempt: &steps[i].Attempts[j]})
			}
		}
	}
	return open
}

// OpenAttempt is an unanswered attempt and the step it belongs to.
type OpenAttempt struct {
	Step    *Step
	Attempt *Attempt
}

// Resuming returns the steps that a redrive takes up: those not exited whose
// surrounding steps were not exited either, innermost only.
func Resuming(steps []Step) []Step {
	inner := make([]bool, len(steps))
	for i := range steps {
		if unexited(steps, i) && steps[i].Parent >= 0 {
			inner[steps[i].Parent] = true
		}
	}
	var out []Step
	for i := range steps {
		if unexited(steps, i) && !inner[i] {
			out = append(out, steps[i])
		}
	}
	return out
}

// unexited reports whether step i and all around it were left without an exit.
func unexited(steps []Step, i int) bool {
	for ; i >= 0; i = steps[i].Parent {
		s := &steps[i]
		if s.ExitedID != 0 || s.Outcome == DidSucceed {
			return false
		}
		if s.Parent >= 0 && s.generation != steps[s.Parent].started {
			return false
		}
	}
	return true
}
