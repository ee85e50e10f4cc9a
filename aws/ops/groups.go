package ops

import (
	"cmp"
	"context"
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// FailureGroup is runs that failed alike, and what the newest of them tells of
// the cause without its log.
type FailureGroup struct {
	triage.Group
	Kind       triage.Kind       `json:"kind"`
	Confidence triage.Confidence `json:"confidence"`
	Sentence   safe.Text         `json:"sentence"`
}

// GroupedFailures are the failures of a window by cause, the largest group first.
type GroupedFailures struct {
	Groups []FailureGroup
	Failed int // failed runs found
	Known  int // of them, those whose cause is known
	// Unread tells what of the window is not loaded; empty: nothing.
	Unread []Unread
	// Err is why causes are not known, of the first that could not be read.
	Err error
}

// groupsAtOnce is how many causes are read between two partial results: as many
// as a call of DescribeTasks takes.
const groupsAtOnce = describeAtOnce

// GroupFailures groups the failures of a window by machine, state, error and
// normalised cause, with strips of so many parts. It costs a call for each
// thousand runs of the window, one for each failed run whose end is not known
// yet, and one for each hundred tasks that may tell more than the history does.
// partial, if not nil, is told what is known so far, newest failures first, by
// one goroutine at a time. Window.Limit bounds the whole: older failures than so
// many are told in Unread.
func (s *Service) GroupFailures(ctx context.Context, w Window, parts int, partial func(GroupedFailures)) (GroupedFailures, error) {
	if partial == nil {
		partial = func(GroupedFailures) {}
	}
	found, err := s.failuresIn(ctx, w, func(runs int) { partial(GroupedFailures{Failed: runs}) })
	if err != nil {
		return GroupedFailures{}, err
	}
	found.cut(cmp.Or(max(0, w.Limit), windowLimit))
	g := GroupedFailures{Failed: len(found.Runs), Unread: found.Unread}
	var failures []triage.Failed
	newest := map[triage.Signature]reason{}
	for runs := range slices.Chunk(found.Runs, groupsAtOnce) {
		known, err := s.reasonsOf(ctx, runs)
		g.Err = cmp.Or(g.Err, err)
		for _, r := range runs {
			why, ok := known[r.ARN]
			if !ok {
				continue
			}
			failures = append(failures, triage.Failed{RunARN: r.ARN, Time: r.Stopped, Signature: why.signature})
			if first, ok := newest[why.signature]; !ok || why.stopped.After(first.stopped) {
				newest[why.signature] = why
			}
		}
		g.Known = len(failures)
		g.Groups = groupsOf(failures, newest, parts)
		if ctx.Err() != nil {
			return g, ctx.Err()
		}
		partial(g)
	}
	return g, ctx.Err()
}

// InGroup keeps the runs that failed as the group of the ID did, in their order.
// A run whose cause cannot be read is an error: leaving it out would say that it
// is of another group.
func (s *Service) InGroup(ctx context.Context, runs []workflow.Run, id string) ([]workflow.Run, error) {
	var in []workflow.Run
	for some := range slices.Chunk(runs, groupsAtOnce) {
		known, err := s.reasonsOf(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			if why, ok := known[r.ARN]; ok && why.signature.ID() == id {
				in = append(in, r)
			}
		}
	}
	return in, nil
}

func groupsOf(failures []triage.Failed, newest map[triage.Signature]reason, parts int) []FailureGroup {
	var groups []FailureGroup
	for _, g := range triage.Groups(failures, parts) {
		why := newest[g.Signature]
		groups = append(groups, FailureGroup{Group: g, Kind: why.kind, Confidence: why.confidence, Sentence: why.sentence})
	}
	return groups
}

// cut keeps the newest runs, and tells of which machines and statuses there are others.
func (w *WindowRuns) cut(most int) {
	if len(w.Runs) <= most {
		return
	}
	before := w.Runs[most-1].Started
	for _, r := range w.Runs[most:] {
		rest := Unread{MachineARN: r.MachineARN, Status: r.Status, Before: before}
		same := func(u Unread) bool { return u.MachineARN == rest.MachineARN && u.Status == rest.Status }
		if i := slices.IndexFunc(w.Unread, same); i < 0 {
			w.Unread = append(w.Unread, rest)
		} else if w.Unread[i].Err == nil {
			w.Unread[i].Before = before
		}
	}
	w.Runs = w.Runs[:most]
}
