package stacks

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
)

type startedDetection struct {
	ID string `xml:"StackDriftDetectionId"`
}

func (s *Service) detectStackDrift(f form, st *stack) (any, error) {
	if st.Operation.under() || !st.stable() || strings.HasPrefix(st.Status, "DELETE_") {
		return nil, refuse("Drift detection cannot be performed on stack [%s] while the stack is in [%s] state.", st.ID, st.Status)
	}
	for _, other := range s.detections {
		if other.StackID == st.ID && other.Status == detecting {
			return nil, refuse("Drift detection is already in progress for stack [%s]", st.ID)
		}
	}
	only := f.texts("LogicalResourceIds")
	for _, logical := range only {
		if st.Resources[logical] == nil {
			return nil, refuse("Resource %s does not exist for stack %s", logical, st.Name)
		}
	}
	s.forgetOld()
	d := &detection{ID: ids.UUID(), StackID: st.ID, Status: detecting, At: s.opts.Clock.Now()}
	s.detections[d.ID] = d
	s.put(detectionBucket, d.ID, d)
	s.detect(d, st, only)
	return startedDetection{ID: d.ID}, nil
}

type describedDetection struct {
	ID      string `xml:"StackDriftDetectionId"`
	StackID string `xml:"StackId"`
	Status  string `xml:"DetectionStatus"`
	Reason  string `xml:"DetectionStatusReason,omitempty"`
	Drift   string `xml:"StackDriftStatus,omitempty"`
	// Drifted is told once the detection is complete.
	Drifted *int   `xml:"DriftedStackResourceCount,omitempty"`
	At      string `xml:"Timestamp"`
}

func (s *Service) describeStackDriftDetectionStatus(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := values.Get("StackDriftDetectionId")
	d := s.detections[id]
	if d == nil {
		return nil, refuse("Drift detection with id %s does not exist", id)
	}
	out := describedDetection{ID: d.ID, StackID: d.StackID, Status: d.Status, Reason: d.Reason, Drift: d.Drift, At: at(d.At)}
	if d.Status != detecting {
		count := d.Drifted
		out.Drifted = &count
	}
	return out, nil
}

type describedResourceDrift struct {
	StackID     string                      `xml:"StackId"`
	Logical     string                      `xml:"LogicalResourceId"`
	Physical    string                      `xml:"PhysicalResourceId"`
	Type        string                      `xml:"ResourceType"`
	Status      string                      `xml:"StackResourceDriftStatus"`
	Expected    string                      `xml:"ExpectedProperties,omitempty"`
	Actual      string                      `xml:"ActualProperties,omitempty"`
	Differences members[propertyDifference] `xml:"PropertyDifferences"`
	At          string                      `xml:"Timestamp"`
}

type describedResourceDrifts struct {
	Drifts    members[describedResourceDrift] `xml:"StackResourceDrifts"`
	NextToken string                          `xml:",omitempty"`
}

// describeStackResourceDrifts leaves out the resources that were not checked.
func (s *Service) describeStackResourceDrifts(f form, st *stack) (any, error) {
	statuses := f.texts("StackResourceDriftStatusFilters")
	var found []*resource
	for _, logical := range logicals(st) {
		r := st.Resources[logical]
		if r.live() && r.Drift.Status != "" && (len(statuses) == 0 || slices.Contains(statuses, r.Drift.Status)) {
			found = append(found, r)
		}
	}
	drifts, next, err := page(found, f.Get("NextToken"), func(r *resource) describedResourceDrift {
		return describedResourceDrift{
			StackID: st.ID, Logical: r.Logical, Physical: r.ID, Type: r.Type, Status: r.Drift.Status,
			Expected: r.Drift.Expected, Actual: r.Drift.Actual, Differences: list(r.Drift.Differences), At: at(r.Drift.At),
		}
	})
	return describedResourceDrifts{Drifts: drifts, NextToken: next}, err
}
