package workflow

import "strings"

// container applies the events of Parallel and Map states that are neither
// entry nor exit.
func (b *builder) container(e Event) place {
	kind := "Map"
	if strings.HasPrefix(string(e.Type), "Parallel") {
		kind = "Parallel"
	}
	i := b.around(e, kind)
	if i < 0 {
		i = b.lastStep(func(s *Step) bool { return s.Type == kind && s.Open() })
	}
	if i < 0 {
		i = b.add(Step{Parent: -1, Type: kind, State: e.State, Outcome: StillOpen})
	}
	s := &b.steps[i]
	switch e.Type {
	case ParallelStateStarted, MapStateStarted:
		s.started, s.branches, s.failed = e.ID, 0, false
		if e.Type == MapStateStarted {
			s.Items = e.Length
		}
		return place{step: i, opens: true}
	case MapIterationStarted:
		return place{step: i, opens: true, branch: e.Index}
	case MapIterationFailed, MapIterationAborted:
		b.blame(b.before(e).step, i, e)
	case ParallelStateFailed, MapStateFailed:
		b.branchFailed(i, e)
	case MapRunStarted:
		s.MapRunARN = e.MapRunARN
	}
	return place{step: i}
}

// around finds the Parallel or Map that the event is about: the nearest one
// around its predecessor, by name where the event has one.
func (b *builder) around(e Event, kind string) int {
	starts := e.Type == ParallelStateStarted || e.Type == MapStateStarted
	fails := e.Type == ParallelStateFailed || e.Type == MapStateFailed
	for i := b.before(e).step; i >= 0; i = b.steps[i].Parent {
		s := &b.steps[i]
		if s.Type != kind || !e.State.Empty() && s.State != e.State {
			continue
		}
		if starts && s.ExitedID != 0 || fails && s.failed {
			continue
		}
		return i
	}
	return -1
}

// branchFailed ends the branches of a container whose try has failed. The
// container itself may still retry or be caught.
func (b *builder) branchFailed(i int, e Event) {
	culprit := b.before(e).step
	b.blame(culprit, i, e)
	s := &b.steps[i]
	s.failed = true
	if culprit >= 0 && culprit != i {
		s.Error, s.Cause = b.steps[culprit].Error, b.steps[culprit].Cause
	}
	for j := i + 1; j < len(b.steps); j++ {
		if b.steps[j].Open() && b.inside(j, i) {
			b.end(j, WasAborted, e.Time)
		}
	}
}

// inside reports whether step j lies within step i.
func (b *builder) inside(j, i int) bool {
	for j = b.steps[j].Parent; j >= 0; j = b.steps[j].Parent {
		if j == i {
			return true
		}
	}
	return false
}
