package stacks

import (
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// stack is a stack as it is kept. A deleted one stays, to be found by its ID.
type stack struct {
	ID, Name       string
	Status, Reason string
	Created        time.Time
	Updated        time.Time
	Deleted        time.Time
	Protected      bool
	// Deployed is what the resources are to look like; it is empty until a
	// first template is executed.
	Deployed  deployment
	Resources map[string]*resource
	Outputs   []evaluate.Resolved
	ChangeSet string
	Drift     drift
	// Operation is the one under way or the last one.
	Operation operation
	Past      []past
	// Journal tells what the operations since the last stable state did, to
	// take it back or to clean up behind it.
	Journal []*entry
	// Events counts the events so far.
	Events int
}

// past names an operation for LastOperations.
type past struct{ ID, Type string }

// deployment is a template with all that it is deployed with.
type deployment struct {
	// Original is the template as given, Processed the JSON behind its transforms.
	Original, Processed string
	Parameters          map[string]string
	// Hidden are the parameters with NoEcho.
	Hidden           []string
	Tags             []tag
	Capabilities     []string
	NotificationARNs []string
	RoleARN          string
	Description      string
}

type tag struct{ Key, Value string }

// resource is a physical resource, or one that could not be made (no ID).
type resource struct {
	Logical, Type, ID string
	Status, Reason    string
	Updated           time.Time
	// Properties are those of the template, Tags those that the stack gave it besides.
	Properties          resources.Properties
	Tags                []tag
	Attributes          map[string]any
	Metadata            map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
	// Needs are the logical IDs that were there before it and go after it.
	Needs []string
	Drift resourceDrift
	// Imported tells that it was there before the stack had it: a rollback leaves it.
	Imported bool
}

// live tells whether there is something to delete.
func (r *resource) live() bool {
	return r != nil && r.ID != "" && !slices.Contains([]string{"DELETE_COMPLETE", "DELETE_SKIPPED", importUndone}, r.Status)
}

// entry is what happened to one logical resource since the last stable state.
type entry struct {
	Logical string
	// Before is the resource in the last stable state; nil: there was none.
	Before *resource
	// Tried are the properties, with all tags, last tried on Before; nil: it was not touched.
	Tried resources.Properties
	// Made are the physical resources made since.
	Made []*resource
	// Restored tells that a rollback is done with it.
	Restored bool
}

// operation is one change of a stack as a whole.
type operation struct {
	ID, Type, Token string
	Phase           phase
	Target          deployment
	ChangeSet       string
	// Imports are the logical IDs of resources that exist before the stack has them.
	Imports []string
	// OnFailure is ROLLBACK, DO_NOTHING or DELETE.
	OnFailure string
	// RetainExceptOnCreate deletes what a failed creation made, whatever its policy.
	RetainExceptOnCreate bool
	// Canceled asks the engine to stop and roll back.
	Canceled bool
	// DeleteNext asks the engine to stop and delete the stack.
	DeleteNext bool
	// Retain are resources that a deletion skips, Skip those that a rollback does.
	Retain, Skip []string
	// Removed are the resources that the target no longer has.
	Removed []string
	// Force skips what a deletion cannot delete.
	Force bool
}

// phase is what the engine does next.
type phase string

const (
	phaseIdle            phase = ""
	phaseForward         phase = "forward"
	phaseCleanup         phase = "cleanup"
	phaseRollback        phase = "rollback"
	phaseRollbackCleanup phase = "rollback-cleanup"
	phaseDelete          phase = "delete"
)

func (o operation) under() bool { return o.Phase != phaseIdle }

// The types of operations. AWS: OperationType of DescribeEvents.
const (
	opCreate    = "CREATE_STACK"
	opUpdate    = "UPDATE_STACK"
	opDelete    = "DELETE_STACK"
	opContinue  = "CONTINUE_ROLLBACK"
	opRollback  = "ROLLBACK"
	opChangeSet = "CREATE_CHANGESET"
)

// What is to happen when an operation fails. AWS: OnStackFailure.
const (
	failRollback = "ROLLBACK"
	failNothing  = "DO_NOTHING"
	failDelete   = "DELETE"
)

// event is one line of a stack's history.
type event struct {
	Number                  int
	ID                      string
	At                      time.Time
	Logical, Physical, Type string
	Status, Reason          string
	Properties              string
	Token                   string
	OperationID, Operation  string
}
