package workflow

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Status is a run's status, in AWS's spelling.
type Status string

// The statuses of a run. PendingRedrive occurs only for children of a Map Run.
const (
	Running        Status = "RUNNING"
	Succeeded      Status = "SUCCEEDED"
	Failed         Status = "FAILED"
	TimedOut       Status = "TIMED_OUT"
	Aborted        Status = "ABORTED"
	PendingRedrive Status = "PENDING_REDRIVE"
)

// Closed reports whether the run has ended. It may still be redriven.
func (s Status) Closed() bool {
	return s == Succeeded || s.Bad()
}

// Bad reports whether the run ended without success.
func (s Status) Bad() bool { return s == Failed || s == TimedOut || s == Aborted }

// ParseStatus reads a status in any case, with - or _ between words.
func ParseStatus(s string) (Status, bool) {
	for _, known := range []Status{Running, Succeeded, Failed, TimedOut, Aborted, PendingRedrive} {
		if equalWord(s, string(known)) {
			return known, true
		}
	}
	return "", false
}

// RedriveStatus is AWS's own word on whether a run can be redriven. It is empty
// where AWS does not say (ListExecutions leaves it out).
type RedriveStatus string

// The redrive statuses.
const (
	Redrivable         RedriveStatus = "REDRIVABLE"
	NotRedrivable      RedriveStatus = "NOT_REDRIVABLE"
	RedrivableByMapRun RedriveStatus = "REDRIVABLE_BY_MAP_RUN"
)

// Run is an execution of a machine. A run from a list has no Input, Output,
// Error, Cause and RedriveStatus (AWS: ListExecutions leaves them out).
type Run struct {
	ARN        string    `json:"arn"`
	MachineARN string    `json:"machineArn"`
	Name       safe.Text `json:"name"`
	Status     Status    `json:"status"`
	Started    time.Time `json:"started"`
	Stopped    time.Time `json:"stopped,omitzero"` // zero while running
	Input      string    `json:"input,omitempty"`  // raw JSON
	Output     string    `json:"output,omitempty"` // raw JSON, on success only
	Error      safe.Text `json:"error,omitzero"`
	Cause      safe.Text `json:"cause,omitzero"`

	RedriveCount  int           `json:"redriveCount"`
	RedriveDate   time.Time     `json:"redriveDate,omitzero"`
	RedriveStatus RedriveStatus `json:"redriveStatus,omitempty"`
	RedriveReason safe.Text     `json:"redriveReason,omitzero"`
	// MapRunARN is set for a child of a distributed Map.
	MapRunARN string `json:"mapRunArn,omitempty"`
}

// Duration is how long the run took, or has taken until now while it is open.
// A redriven run counts from its first start.
func (r Run) Duration(now time.Time) time.Duration {
	end := r.Stopped
	if end.IsZero() {
		end = now
	}
	return max(0, end.Sub(r.Started))
}

func equalWord(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if upperWord(a[i]) != upperWord(b[i]) {
			return false
		}
	}
	return true
}

func upperWord(c byte) byte {
	switch {
	case c == '-':
		return '_'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 'A'
	}
	return c
}
