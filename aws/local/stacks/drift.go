package stacks

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// The states of drift. AWS: StackDriftStatus and StackResourceDriftStatus.
const (
	driftNotChecked = "NOT_CHECKED"
	driftInSync     = "IN_SYNC"
	driftDrifted    = "DRIFTED"
	driftModified   = "MODIFIED"
	driftDeleted    = "DELETED"
)

// drift is what the last detection found of a stack.
type drift struct {
	Status string
	At     time.Time
}

func (d drift) described() describedDrift {
	if d.Status == "" {
		return describedDrift{Status: driftNotChecked}
	}
	return describedDrift{Status: d.Status, Last: at(d.At)}
}

// resourceDrift is what the last detection found of a resource.
type resourceDrift struct {
	Status           string
	At               time.Time
	Expected, Actual string
	Differences      []propertyDifference
}

func (d resourceDrift) status() string {
	if d.Status == "" {
		return driftNotChecked
	}
	return d.Status
}

// propertyDifference is one value that was changed outside of the stack.
type propertyDifference struct {
	Path     string `xml:"PropertyPath"`
	Expected string `xml:"ExpectedValue"`
	Actual   string `xml:"ActualValue"`
	Kind     string `xml:"DifferenceType"`
}

// detection is one search for drift.
type detection struct {
	ID, StackID           string
	Status, Reason, Drift string
	Drifted               int
	At                    time.Time
}

// The states of a detection. AWS: DetectionStatus.
const (
	detecting         = "DETECTION_IN_PROGRESS"
	detectionFailed   = "DETECTION_FAILED"
	detectionComplete = "DETECTION_COMPLETE"
)

// detect looks at the resources of a stack in a goroutine that Close waits
// for. The caller holds the lock.
func (s *Service) detect(d *detection, st *stack, only []string) {
	if s.closing {
		return
	}
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, logical := range logicals(st) {
			r := st.Resources[logical]
			if s.closing {
				return
			}
			if r == nil || !r.live() || len(only) > 0 && !slices.Contains(only, logical) {
				continue
			}
			if err := s.look(st, r); err != nil {
				d.Status = detectionFailed
				d.Reason += fmt.Sprintf("Failed to detect drift on resource [%s]: %s. ", logical, err)
			}
		}
		s.conclude(d, st)
	}()
}

// look compares one resource. The lock is free during the call.
func (s *Service) look(st *stack, r *resource) error {
	kind, env := s.kindOf(st, r.Type)
	id, expected, tags := r.ID, r.Properties, r.Tags
	s.mu.Unlock()
	ctx, cancel := timed()
	actual, err := kind.Read(ctx, env, id, tagged(expected, tags))
	cancel()
	s.mu.Lock()
	found := resourceDrift{Status: driftInSync, At: s.opts.Clock.Now(), Expected: evaluate.Text(expected)}
	switch {
	case errors.Is(err, resources.ErrNotReadable):
		return nil
	case err != nil:
		return err
	case actual == nil:
		found.Status = driftDeleted
	default:
		actual = untagged(expected, actual, tags)
		found.Actual = evaluate.Text(actual)
		found.Differences = drifted(expected, actual)
		if len(found.Differences) > 0 {
			found.Status = driftModified
		}
	}
	r.Drift = found
	return nil
}

// conclude ends a detection.
func (s *Service) conclude(d *detection, st *stack) {
	d.Drift, d.At, d.Drifted = driftInSync, s.opts.Clock.Now(), 0
	for _, r := range st.Resources {
		if r.live() && (r.Drift.Status == driftModified || r.Drift.Status == driftDeleted) {
			d.Drifted++
			d.Drift = driftDrifted
		}
	}
	if d.Status == detecting {
		d.Status = detectionComplete
	}
	st.Drift = drift{Status: d.Drift, At: d.At}
	s.put(detectionBucket, d.ID, d)
	s.save(st)
}

// drifted are the values that are not as expected. Text that reads as a
// number or a boolean equals it: templates give many as text.
func drifted(expected, actual resources.Properties) []propertyDifference {
	var out []propertyDifference
	for _, d := range differences("", expected, actual, sameText) {
		found := propertyDifference{Path: d.Path, Expected: shown(d.Before), Actual: shown(d.After), Kind: "NOT_EQUAL"}
		switch {
		case d.Before == nil:
			found.Kind = "ADD"
		case d.After == nil:
			found.Kind = "REMOVE"
		}
		out = append(out, found)
	}
	return out
}

func sameText(a, b any) bool {
	return same(a, b) || a != nil && b != nil && evaluate.Text(a) == evaluate.Text(b)
}

// shown is a value in a difference; a missing one is "null".
func shown(value any) string {
	if value == nil {
		return "null"
	}
	return evaluate.Text(value)
}
