package stacks

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

type describedChangeSet struct {
	listedChangeSet
	OnStackFailure   string `xml:",omitempty"`
	Parameters       members[parameter]
	Tags             members[tag]
	Capabilities     members[string]
	NotificationARNs members[string]
	Changes          members[describedChange]
	Nested           bool   `xml:"IncludeNestedStacks"`
	ImportExisting   bool   `xml:"ImportExistingResources"`
	NextToken        string `xml:",omitempty"`
}

type parameter struct {
	Key   string `xml:"ParameterKey"`
	Value string `xml:"ParameterValue"`
}

type describedChange struct {
	Type     string
	Resource describedResourceChange `xml:"ResourceChange"`
}

type describedResourceChange struct {
	Action        string
	Logical       string `xml:"LogicalResourceId"`
	Physical      string `xml:"PhysicalResourceId,omitempty"`
	Type          string `xml:"ResourceType"`
	Replacement   string `xml:",omitempty"`
	PolicyAction  string `xml:",omitempty"`
	BeforeContext string `xml:",omitempty"`
	AfterContext  string `xml:",omitempty"`
	Scope         members[string]
	Details       members[describedDetail]
}

type describedDetail struct {
	Target        describedTarget
	Evaluation    string
	ChangeSource  string
	CausingEntity string `xml:",omitempty"`
}

type describedTarget struct {
	Attribute           string
	Name                string `xml:",omitempty"`
	RequiresRecreation  string
	Path                string  `xml:",omitempty"`
	BeforeValue         *string `xml:",omitempty"`
	AfterValue          *string `xml:",omitempty"`
	AttributeChangeType string  `xml:",omitempty"`
}

func (s *Service) describeChangeSet(f form, cs *changeSet) (any, error) {
	changes, next, err := page(cs.Changes, f.Get("NextToken"), func(c change) describedChange {
		return describedChange{Type: "Resource", Resource: c.described(f.yes("IncludePropertyValues"))}
	})
	return describedChangeSet{
		listedChangeSet: cs.listed(), OnStackFailure: cs.OnFailure, Changes: changes, NextToken: next, ImportExisting: cs.ImportExisting,
		Parameters: list(parametersOf(cs.Deployment)), Tags: list(cs.Deployment.Tags),
		Capabilities: list(cs.Deployment.Capabilities), NotificationARNs: list(cs.Deployment.NotificationARNs),
	}, err
}

// described is a change on the wire. AWS: values, paths and contexts come only when asked for.
func (c change) described(values bool) describedResourceChange {
	out := describedResourceChange{
		Action: c.Action, Logical: c.Logical, Physical: c.Physical, Type: c.Type,
		Replacement: c.Replacement, PolicyAction: c.PolicyAction, Scope: list(c.Scope),
	}
	if values {
		out.BeforeContext, out.AfterContext = c.BeforeContext, c.AfterContext
	}
	for _, d := range c.Details {
		target := describedTarget{Attribute: d.Attribute, Name: d.Name, RequiresRecreation: d.Recreation}
		if values {
			target.Path, target.BeforeValue, target.AfterValue, target.AttributeChangeType = d.Path, d.Before, d.After, d.ChangeType
		}
		out.Details.Items = append(out.Details.Items, describedDetail{Target: target, Evaluation: d.Evaluation, ChangeSource: d.Source, CausingEntity: d.Entity})
	}
	return out
}

// hidden stands for the value of a parameter with NoEcho.
const hidden = "****"

// parametersOf are a deployment's parameters in order of their names.
func parametersOf(d deployment) []parameter {
	var out []parameter
	for _, name := range slices.Sorted(maps.Keys(d.Parameters)) {
		p := parameter{Key: name, Value: d.Parameters[name]}
		if slices.Contains(d.Hidden, name) {
			p.Value = hidden
		}
		out = append(out, p)
	}
	return out
}

type listedChangeSet struct {
	ID              string `xml:"ChangeSetId"`
	Name            string `xml:"ChangeSetName"`
	StackID         string `xml:"StackId"`
	StackName       string
	Description     string `xml:",omitempty"`
	CreationTime    string
	Status          string
	StatusReason    string `xml:",omitempty"`
	ExecutionStatus string
}

func (cs *changeSet) listed() listedChangeSet {
	return listedChangeSet{
		ID: cs.ID, Name: cs.Name, StackID: cs.StackID, StackName: cs.StackName, Description: cs.Description,
		CreationTime: at(cs.Created), Status: cs.Status, StatusReason: cs.Reason, ExecutionStatus: cs.Execution,
	}
}

type listedChangeSets struct {
	Summaries members[listedChangeSet]
}

func (s *Service) listChangeSets(_ form, st *stack) (any, error) {
	var found []*changeSet
	for _, cs := range s.changeSets {
		if cs.StackID == st.ID && !cs.executed() {
			found = append(found, cs)
		}
	}
	slices.SortFunc(found, func(a, b *changeSet) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	var out listedChangeSets
	for _, cs := range found {
		out.Summaries.Items = append(out.Summaries.Items, cs.listed())
	}
	return out, nil
}
