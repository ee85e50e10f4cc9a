package triage

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Confidence is how far the kind can be relied on.
type Confidence string

// The confidences. High: the decisive fact itself says so. Medium: it fits and
// nothing speaks against it. Low: signs only. None goes with Unknown.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
	None   Confidence = "none"
)

// Diagnosis is why a run failed or stands still, and what to do about it.
type Diagnosis struct {
	Kind       Kind       `json:"kind"`
	Sentence   safe.Text  `json:"sentence"`
	Confidence Confidence `json:"confidence"`

	Status    workflow.Status `json:"status"`
	State     safe.Text       `json:"state,omitzero"`   // where it failed or stands
	Attempt   int             `json:"attempt,omitzero"` // of that state, from 1; 0: no attempt was made
	Attempts  int             `json:"attempts,omitzero"`
	Iteration *int            `json:"iteration,omitempty"` // of the Map around the state, from 0
	Container safe.Text       `json:"container,omitzero"`
	ExitCode  *int            `json:"exitCode,omitempty"`
	TaskARN   string          `json:"taskArn,omitempty"`
	// ChildRun is the run that failed inside this one, by ARN; the deepest known.
	ChildRun string    `json:"childRun,omitempty"`
	Error    safe.Text `json:"error,omitzero"` // the terminal error's name
	// Stuck tells that a token is open that nothing will answer.
	Stuck bool `json:"stuck,omitempty"`

	Evidence []Fact   `json:"evidence"`
	Remedies []Remedy `json:"remedies"`
	Redrive  Redrive  `json:"redrive"`
	Gaps     []Gap    `json:"gaps,omitempty"`
}

// Action names what the console can do about a diagnosis.
type Action string

// The actions of remedies. Those up to ActSucceedToken are done by the console;
// the others are done by a person elsewhere, and the text says where.
const (
	ActNewRun       Action = "newRun"  // clone, with the changes that the remedy holds
	ActRedrive      Action = "redrive" // same input, same definition
	ActStopTask     Action = "stopTask"
	ActFailToken    Action = "failToken"
	ActSucceedToken Action = "succeedToken"
	ActOpenLog      Action = "openLog"
	ActOpenRun      Action = "openRun" // a child run
	ActWait         Action = "wait"

	ActGrant      Action = "grant" // an IAM permission
	ActFixInput   Action = "fixInput"
	ActFixMachine Action = "fixMachine" // definition or stack, then deploy
	ActFixImage   Action = "fixImage"
	ActFixNetwork Action = "fixNetwork"
	ActFixSecret  Action = "fixSecret"
	ActFixScript  Action = "fixScript"
	ActFixTarget  Action = "fixTarget" // the database, host or bucket that the job works with
	ActLogin      Action = "login"
)

// Remedy is one thing to do. Only the fields that its action needs are set.
type Remedy struct {
	Action Action    `json:"action"`
	Text   safe.Text `json:"text"`
	// Useless tells that it can be done and would not help; Reason says why.
	Useless bool      `json:"useless,omitempty"`
	Reason  safe.Text `json:"reason,omitzero"`

	CPU            int    `json:"cpu,omitempty"`    // units
	Memory         int    `json:"memory,omitempty"` // MiB
	TimeoutSeconds int    `json:"timeoutSeconds,omitempty"`
	Capacity       string `json:"capacity,omitempty"` // spot or fargate
	Field          string `json:"field,omitempty"`    // of the input, dotted

	Permission string `json:"permission,omitempty"` // such as iam:PassRole
	Resource   string `json:"resource,omitempty"`   // ARN
	Role       string `json:"role,omitempty"`       // ARN or name of the role that lacks it

	RunARN     string    `json:"runArn,omitempty"`
	TaskARN    string    `json:"taskArn,omitempty"`
	ClusterARN string    `json:"clusterArn,omitempty"`
	State      safe.Text `json:"state,omitzero"`
	Error      string    `json:"error,omitempty"` // for a token
	Cause      string    `json:"cause,omitempty"` // for a token
	Container  string    `json:"container,omitempty"`
	Time       time.Time `json:"time,omitzero"` // in the log
}

// For reports whether the remedy is done to the run itself, and not to one below it.
func (r Remedy) For(runARN string) bool { return r.RunARN == "" || r.RunARN == runARN }

// Redrive is what a redrive would do.
type Redrive struct {
	Possible bool      `json:"possible"`
	Why      safe.Text `json:"why,omitzero"` // why it is not possible
	Until    time.Time `json:"until,omitzero"`
	// Resumes are the states that it would take up, innermost.
	Resumes []safe.Text `json:"resumes,omitempty"`
	// Helps tells whether the run would get further: yes, no, afterFix or unknown.
	Helps  Helps     `json:"helps"`
	Reason safe.Text `json:"reason,omitzero"`
	// Done is how many steps have been exited and would not run again; LastDone is the latest.
	Done     int       `json:"done"`
	LastDone safe.Text `json:"lastDone,omitzero"`
	// LiveTask is a task of the run that still runs: redriving now makes two.
	LiveTask string `json:"liveTask,omitempty"`
}

// Helps is what a redrive is good for.
type Helps string

// The answers. AfterFix: only once the cause outside the run is mended.
const (
	HelpsYes      Helps = "yes"
	HelpsNo       Helps = "no"
	HelpsAfterFix Helps = "afterFix"
	HelpsUnknown  Helps = "unknown"
)
