package engine

import "time"

// Statuses of a run.
const (
	Running   = "RUNNING"
	Succeeded = "SUCCEEDED"
	Failed    = "FAILED"
	TimedOut  = "TIMED_OUT"
	Aborted   = "ABORTED"
)

// Record is what is known of a run besides its history.
type Record struct {
	// Seq numbers the runs in the order of their start.
	Seq        int64
	ARN, Name  string
	MachineARN string
	// Revision is the definition that the run started with; a redrive keeps it.
	Revision    string
	RoleARN     string
	TraceHeader string `json:",omitempty"`
	// Express runs are not kept.
	Express bool `json:",omitempty"`

	Status    string
	StartDate time.Time
	StopDate  time.Time
	// Deadline is when the machine's TimeoutSeconds end the run; a redrive sets it anew.
	Deadline time.Time
	Input    string
	Output   string  `json:",omitempty"`
	Error    *string `json:",omitempty"`
	Cause    *string `json:",omitempty"`

	RedriveCount int
	RedriveDate  time.Time
	// Redrives are the client tokens of the latest redrives.
	Redrives []RedriveToken `json:",omitempty"`

	// Doomed runs end at their next transition, because their machine is deleted.
	Doomed bool `json:",omitempty"`

	// Events is how many the history has, and so the id of the last.
	Events int64
}

// RedriveToken is a client token that a redrive was asked for with.
type RedriveToken struct {
	Token string
	Date  time.Time
}

// Closed says whether the run has ended.
func (r Record) Closed() bool { return r.Status != Running }
