// Package stack holds the use cases of the CloudFormation stack that stepdeck
// manages: plan, deploy, watch, drift, delete, secrets, and the checks before a
// deployment. They speak to AWS through the ports declared here.
package stack

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// DefaultName is the stack that commands mean unless told otherwise.
const DefaultName = "dumps"

// tagName is the tag whose value is the name of the stack that is ours.
const tagName = "stepdeck:stack"

// Status is a stack's or a resource's status in CloudFormation's words.
type Status string

// The statuses that a stack stays in, and those that rules here name.
const (
	CreateComplete         Status = "CREATE_COMPLETE"
	CreateFailed           Status = "CREATE_FAILED"
	DeleteInProgress       Status = "DELETE_IN_PROGRESS"
	DeleteComplete         Status = "DELETE_COMPLETE"
	DeleteFailed           Status = "DELETE_FAILED"
	DeleteSkipped          Status = "DELETE_SKIPPED"
	ReviewInProgress       Status = "REVIEW_IN_PROGRESS"
	RollbackComplete       Status = "ROLLBACK_COMPLETE"
	RollbackFailed         Status = "ROLLBACK_FAILED"
	UpdateComplete         Status = "UPDATE_COMPLETE"
	UpdateFailed           Status = "UPDATE_FAILED"
	UpdateRollbackComplete Status = "UPDATE_ROLLBACK_COMPLETE"
	UpdateRollbackFailed   Status = "UPDATE_ROLLBACK_FAILED"
	ImportComplete         Status = "IMPORT_COMPLETE"
	ImportRollbackComplete Status = "IMPORT_ROLLBACK_COMPLETE"
)

// Moving reports whether AWS is at work on it. A stack in review is not.
func (s Status) Moving() bool {
	return strings.HasSuffix(string(s), "_IN_PROGRESS") && s != ReviewInProgress
}

// Failed reports whether the status is one of a failure, also of one that was rolled back.
func (s Status) Failed() bool {
	return strings.HasSuffix(string(s), "_FAILED") || strings.Contains(string(s), "ROLLBACK")
}

// Stack is a stack as it is.
type Stack struct {
	ID         string
	Name       string
	Status     Status
	Reason     safe.Text
	Created    time.Time
	Updated    time.Time // zero: never
	Outputs    []Output
	Parameters []Pair
	Tags       map[string]string
	Protected  bool // termination protection is on
	Drift      DriftStatus
	DriftTime  time.Time // zero: never looked for
}

// Output is an output of a stack.
type Output struct {
	Name        string    `json:"name"`
	Value       safe.Text `json:"value"`
	Description safe.Text `json:"description,omitzero"`
}

// Pair is a parameter and its value.
type Pair struct {
	Name  string    `json:"name"`
	Value safe.Text `json:"value"`
}

// Output is the value of a named output, empty where there is none.
func (s Stack) Output(name string) string {
	for _, o := range s.Outputs {
		if o.Name == name {
			return o.Value.String()
		}
	}
	return ""
}

// Parameter is the value of a named parameter, empty where there is none.
func (s Stack) Parameter(name string) string {
	for _, p := range s.Parameters {
		if p.Name == name {
			return p.Value.String()
		}
	}
	return ""
}

// Resource is one resource of a stack.
type Resource struct {
	Logical  string    `json:"name"`
	Type     string    `json:"type"`
	Physical safe.Text `json:"physicalId"`
	Status   Status    `json:"status"`
	Reason   safe.Text `json:"reason,omitzero"`
	Updated  time.Time `json:"updated"`
}

// Event is something that happened to a stack or one of its resources.
type Event struct {
	ID       string
	Time     time.Time
	Logical  string
	Type     string
	Physical safe.Text
	Status   Status // empty for what a validation or a hook found
	Reason   safe.Text
	// Path is the property that a validation found wrong.
	Path safe.Text
}

// Failure reports whether the event tells of something that went wrong.
func (e Event) Failure() bool {
	return e.Status == "" && !e.Reason.Empty() || strings.HasSuffix(string(e.Status), "_FAILED")
}

// Action is what becomes of a resource.
type Action string

// The actions of a change set. Dynamic: AWS will know when it gets there.
const (
	Add     Action = "Add"
	Modify  Action = "Modify"
	Remove  Action = "Remove"
	Import  Action = "Import"
	Dynamic Action = "Dynamic"
)

// Replacement tells whether a change makes a new resource.
type Replacement string

// Conditional: it depends on values that are not known yet.
const (
	Never       Replacement = "False"
	Always      Replacement = "True"
	Conditional Replacement = "Conditional"
)

// Change is what a change set does to one resource.
type Change struct {
	Logical     string           `json:"name"`
	Type        string           `json:"type"`
	Physical    safe.Text        `json:"physicalId,omitzero"`
	Action      Action           `json:"action"`
	Replacement Replacement      `json:"replacement,omitempty"`
	Kept        bool             `json:"kept,omitempty"` // what is removed or replaced stays in AWS, outside of the stack
	Properties  []PropertyChange `json:"properties,omitempty"`
}

// PropertyChange is a property before and after. Values are what AWS says they
// will be, empty where it does not.
type PropertyChange struct {
	Path      string      `json:"path"`
	Before    safe.Text   `json:"before,omitzero"`
	After     safe.Text   `json:"after,omitzero"`
	Recreates Replacement `json:"recreates,omitempty"`
	Cause     string      `json:"cause,omitempty"` // the parameter or resource whose change causes this one
}

// Replaces reports whether the change makes, or may make, a new resource.
func (c Change) Replaces() bool {
	return c.Action == Modify && (c.Replacement == Always || c.Replacement == Conditional) || c.Action == Dynamic
}

// Destroys reports whether a resource that exists is lost, or may be.
func (c Change) Destroys() bool {
	return !c.Kept && (c.Action == Remove || c.Replaces())
}

// IAM reports whether the change is about permissions.
func (c Change) IAM() bool {
	return strings.HasPrefix(c.Type, "AWS::IAM::") || strings.HasSuffix(c.Type, "Policy")
}

// DriftStatus tells whether something is as its template says.
type DriftStatus string

// The drift statuses. NotChecked also stands for resources that AWS cannot check.
const (
	InSync     DriftStatus = "IN_SYNC"
	Modified   DriftStatus = "MODIFIED"
	Deleted    DriftStatus = "DELETED"
	Drifted    DriftStatus = "DRIFTED" // of a stack
	NotChecked DriftStatus = "NOT_CHECKED"
)

// DriftDetection is how far a drift detection is.
type DriftDetection struct {
	Running bool
	Failed  bool
	Reason  safe.Text
	Status  DriftStatus
}

// ResourceDrift is how one resource differs from its template.
type ResourceDrift struct {
	Logical     string       `json:"name"`
	Type        string       `json:"type"`
	Physical    safe.Text    `json:"physicalId"`
	Status      DriftStatus  `json:"status"`
	Differences []Difference `json:"differences,omitempty"`
}

// Difference is one property that differs. Kind is ADD, REMOVE or NOT_EQUAL.
type Difference struct {
	Path     string    `json:"path"`
	Kind     string    `json:"kind"`
	Expected safe.Text `json:"expected"`
	Actual   safe.Text `json:"actual"`
}
