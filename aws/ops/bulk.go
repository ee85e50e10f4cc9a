package ops

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// BulkAction is what a bulk action does to each of its runs.
type BulkAction string

// The bulk actions. BulkClone starts a new run with the input of each, changed.
const (
	BulkRedrive   BulkAction = "redrive"
	BulkStop      BulkAction = "stop"
	BulkClone     BulkAction = "clone"
	BulkFailToken BulkAction = "failToken"
)

// BulkRequest says what to do to many runs.
type BulkRequest struct {
	Action BulkAction `json:"action"`
	// Error and Cause go with a stop, or with a failed token, where empty ones
	// take the true reason from ECS.
	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`
	Why   string `json:"why,omitempty"` // stamped into a failed token's cause
	// StopTasks also stops the tasks that still work (BulkStop, BulkFailToken).
	StopTasks bool `json:"stopTasks,omitempty"`
	// Merge and then Overrides are put over each run's input (BulkClone). Merge is a
	// JSON object, whose null takes a field away (RFC 7396); empty: none.
	Merge     string             `json:"merge,omitempty"`
	Overrides workflow.Overrides `json:"overrides,omitzero"`
	// Container is as in StartSpec; planning sets it.
	Container string `json:"container,omitempty"`
}

// BulkItem is one thing to be done, with what was true of its run when it was
// planned: if that has changed when its turn comes, it is skipped.
type BulkItem struct {
	RunARN   string          `json:"run"`
	Status   workflow.Status `json:"status"`
	Redrives int             `json:"redrives"`
	Started  time.Time       `json:"started"`
	// State and EventID are the attempt whose token is meant (BulkFailToken).
	State   string `json:"state,omitempty"`
	EventID int64  `json:"event,omitempty"`
	// Warning tells what a person should know before; it excludes nothing.
	Warning safe.Text `json:"warning,omitzero"`
}

// Excluded is a run that the action is not for.
type Excluded struct {
	Item   BulkItem
	Reason safe.Text
}

// BulkPlan is the preview of a bulk action.
type BulkPlan struct {
	Request  BulkRequest
	Items    []BulkItem
	Excluded []Excluded
}

// BulkState is how far an item is.
type BulkState string

// The states of an item. Begun: it may or may not have been done; AWS is asked
// before it is done again. Skipped: it no longer was what had been planned.
const (
	BulkPending BulkState = ""
	BulkBegun   BulkState = "begun"
	BulkDone    BulkState = "done"
	BulkSkipped BulkState = "skipped"
	BulkFailed  BulkState = "failed"
)

// BulkOutcome is what became of an item.
type BulkOutcome struct {
	State  BulkState `json:"state"`
	Reason string    `json:"reason,omitempty"` // of a skip or a failure
	Kind   Kind      `json:"kind,omitempty"`   // of a failure
	// NewRun is the ARN of the run that a clone started.
	NewRun string `json:"newRun,omitempty"`
	// StoppedTasks and LeftTasks are ids of tasks that were live when their run was stopped.
	StoppedTasks []string `json:"stoppedTasks,omitempty"`
	LeftTasks    []string `json:"leftTasks,omitempty"`
}

func skipped(reason safe.Text) BulkOutcome {
	return BulkOutcome{State: BulkSkipped, Reason: reason.String()}
}

// bulkWork is one action on one item.
type bulkWork interface {
	// plan tells which runs the action is for, and which not, and why.
	plan(ctx context.Context, runs []workflow.Run) (BulkPlan, error)
	// look tells whether the item is still to be done: the outcome is pending
	// then. begun tells that it was tried before, so that it may be done already.
	look(ctx context.Context, item BulkItem, begun bool) (BulkOutcome, error)
	// do does it. Doing the same item of the same bulk action again within
	// minutes changes nothing more.
	do(ctx context.Context, item BulkItem) (BulkOutcome, error)
}

// work returns the action's work; id is that of the bulk action.
func (s *Service) work(r BulkRequest, id string, runs *bulkRuns) (bulkWork, error) {
	switch r.Action {
	case BulkRedrive:
		return &bulkRedrive{s, id, runs}, nil
	case BulkStop:
		return &bulkStop{s, r, runs}, nil
	case BulkClone:
		return &bulkClone{s, r, id}, nil
	case BulkFailToken:
		return &bulkFailToken{s, r}, nil
	}
	return nil, &Problem{Kind: Usage, Title: safe.Linef("%q is no bulk action", r.Action), Hint: safe.Line("use redrive, stop, clone or failToken")}
}

// PlanBulk tells what the request would do to which of the runs, and which it
// leaves out and why. It changes nothing. Runs may come from a list.
func (s *Service) PlanBulk(ctx context.Context, r BulkRequest, runs []workflow.Run) (BulkPlan, error) {
	w, err := s.work(r, "", nil)
	if err != nil {
		return BulkPlan{}, err
	}
	seen := map[string]bool{}
	var once []workflow.Run
	for _, run := range runs {
		if !seen[run.ARN] {
			seen[run.ARN] = true
			once = append(once, run)
		}
	}
	p, err := w.plan(ctx, once)
	if p.Request.Action == "" { // else planning has completed it
		p.Request = r
	}
	return p, err
}

func itemOf(r workflow.Run) BulkItem {
	return BulkItem{RunARN: r.ARN, Status: r.Status, Redrives: r.RedriveCount, Started: r.Started}
}

// changed tells what happened to the run since the item was planned; empty: nothing.
func (i BulkItem) changed(now workflow.Run) safe.Text {
	switch {
	case now.RedriveCount != i.Redrives:
		return safe.Linef("it was redriven meanwhile and is %s now", now.Status)
	case now.Status != i.Status && now.Status.Closed():
		return safe.Linef("it ended meanwhile: it is %s now", now.Status)
	case now.Status != i.Status:
		return safe.Linef("its status was %s and is %s now", i.Status, now.Status)
	}
	return safe.Text{}
}

// bulkKey is the same for the same item of the same bulk action, and no other's:
// 32 hexadecimal digits.
func bulkKey(id string, item BulkItem) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", id, item.RunARN, item.Redrives))
	return hex.EncodeToString(sum[:16])
}

// kindOfRun is the type of the run's machine, which its ARN tells.
func kindOfRun(runARN string) workflow.MachineType {
	if strings.Contains(runARN, ":express:") {
		return workflow.Express
	}
	return workflow.Standard
}
