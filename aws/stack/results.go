package stack

import (
	"github.com/stepdeck/stepdeck/aws/safe"
)

// Source is a template to deploy. Read gives the files that it names in
// DefinitionUri; Name is how messages call it.
type Source struct {
	Name string
	Body []byte
	Read func(uri string) ([]byte, error)
}

// Request asks for a plan. Parameters that are not given keep the values that
// the stack has, or have the template's defaults.
type Request struct {
	Stack      string
	Source     Source
	Parameters map[string]string
	// Adopt takes resources that a deleted stack of the name left behind into the new one.
	Adopt bool
}

// Severity is how much a finding weighs.
type Severity string

// With a Blocker nothing is deployed; a Warning is to be read before; a Note informs.
const (
	Blocker Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is something that a check found: the thing, what is about it, and
// what to do.
type Finding struct {
	Severity Severity  `json:"severity"`
	Subject  safe.Text `json:"subject"`
	Sentence safe.Text `json:"sentence"`
	Next     safe.Text `json:"next,omitzero"`
}

// ParameterChange is a parameter before and after. Before is empty for a new one.
type ParameterChange struct {
	Name   string    `json:"name"`
	Before safe.Text `json:"before,omitzero"`
	After  safe.Text `json:"after"`
	// Origin is where the value comes from: given, kept or default.
	Origin string `json:"origin"`
}

// Plan is what a deployment would do. A plan that is not deployed is to be
// given to Discard.
type Plan struct {
	Stack      string            `json:"stack"`
	StackID    string            `json:"stackId"`
	ChangeSet  string            `json:"-"`       // its ID; empty if there are no changes
	Creates    bool              `json:"creates"` // the stack does not exist yet
	Planned    bool              `json:"planned"` // AWS has told what changes; else there are only the findings
	Parameters []ParameterChange `json:"parameters"`
	Changes    []Change          `json:"changes"` // by logical ID; those that destroy first
	Findings   []Finding         `json:"findings"`
}

// Empty reports whether the stack is already as asked for.
func (p *Plan) Empty() bool { return p.ChangeSet == "" }

// Destroys reports whether something that exists is, or may be, replaced or deleted and not kept.
func (p *Plan) Destroys() bool {
	for _, c := range p.Changes {
		if c.Destroys() {
			return true
		}
	}
	return false
}

// Parameter is the value that a parameter is to have, empty where it has none.
func (p *Plan) Parameter(name string) string {
	for _, c := range p.Parameters {
		if c.Name == name {
			return c.After.String()
		}
	}
	return ""
}

// LacksImage reports whether the stack would have no image: no run can start then.
func (p *Plan) LacksImage() bool { return p.Parameter(imageParameter) == "" }

// Resources are the changes that are not about permissions.
func (p *Plan) Resources() []Change { return p.group(false) }

// IAM are the changes of permissions.
func (p *Plan) IAM() []Change { return p.group(true) }

func (p *Plan) group(iam bool) []Change {
	var out []Change
	for _, c := range p.Changes {
		if c.IAM() == iam {
			out = append(out, c)
		}
	}
	return out
}

// WayOut is the one thing that brings a stack out of a status.
type WayOut struct {
	Sentence safe.Text
	// Command is the command line without the program's name; empty where the
	// way is not a command.
	Command string
	Do      Remedy
}

// Remedy is what a way out does.
type Remedy string

// The remedies. Delete and ContinueRollback are changes.
const (
	RemedyWatch            Remedy = "watch"
	RemedyDelete           Remedy = "delete"
	RemedyContinueRollback Remedy = "continue-rollback"
	RemedyDeploy           Remedy = "deploy"
)
