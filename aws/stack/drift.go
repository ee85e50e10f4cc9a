package stack

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// Drift is the result of a drift detection.
type Drift struct {
	Stack     string          `json:"stack"`
	Status    DriftStatus     `json:"status"`
	Checked   time.Time       `json:"checked"`
	Resources []ResourceDrift `json:"resources"` // those that differ first
}

// Drift has AWS look for differences between a stack and its template, and waits for them.
func (s *Service) Drift(ctx context.Context, name string) (Drift, error) {
	st, err := s.find(ctx, name)
	if err != nil {
		return Drift{}, err
	}
	// AWS looks at stacks that were made whole, also where undoing an update failed.
	if way := StuckState(name, st.Status); way != nil && way.Do != RemedyContinueRollback {
		return Drift{}, &Stuck{Stack: name, Status: st.Status, Way: *way}
	}
	detection, err := s.ports.Stacks.DetectDrift(ctx, st.ID)
	if err != nil {
		return Drift{}, err
	}
	var found DriftDetection
	err = poll(ctx, func() (bool, error) {
		found, err = s.ports.Stacks.DriftDetection(ctx, detection)
		return !found.Running, err
	})
	if err != nil {
		return Drift{}, err
	}
	if found.Failed {
		return Drift{}, &ops.Problem{
			Kind: ops.Failed, Title: safe.Linef("AWS could not look at all of stack %s", name), Detail: found.Reason,
			Hint: safe.Line("look again; if AWS may not read a resource, let the caller's policy allow it: stepdeck iam deployer"),
		}
	}
	drifts, err := s.ports.Stacks.ResourceDrifts(ctx, st.ID)
	if err != nil {
		return Drift{}, err
	}
	slices.SortStableFunc(drifts, func(a, b ResourceDrift) int {
		return cmp.Or(cmp.Compare(driftWeight(a.Status), driftWeight(b.Status)), cmp.Compare(a.Logical, b.Logical))
	})
	return Drift{Stack: name, Status: driftOf(found.Status, drifts), Checked: s.now(), Resources: drifts}, nil
}

// driftOf is the drift of the whole by that of its resources: AWS counts also
// differences that are none.
func driftOf(told DriftStatus, drifts []ResourceDrift) DriftStatus {
	for _, d := range drifts {
		if d.Status == Modified || d.Status == Deleted {
			return Drifted
		}
	}
	if told == Drifted && len(drifts) > 0 {
		return InSync
	}
	return told
}

func driftWeight(s DriftStatus) int {
	switch s {
	case Deleted:
		return 0
	case Modified:
		return 1
	case InSync:
		return 2
	default:
		return 3
	}
}
