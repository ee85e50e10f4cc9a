package stacks

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
)

// stackCore is what every description of a stack has.
type stackCore struct {
	ID              string `xml:"StackId"`
	Name            string `xml:"StackName"`
	CreationTime    string
	LastUpdatedTime string         `xml:",omitempty"`
	DeletionTime    string         `xml:",omitempty"`
	Status          string         `xml:"StackStatus"`
	Reason          string         `xml:"StackStatusReason,omitempty"`
	Drift           describedDrift `xml:"DriftInformation"`
	LastOperations  members[describedOperation]
}

func (st *stack) core() stackCore {
	return stackCore{
		ID: st.ID, Name: st.Name, CreationTime: at(st.Created), LastUpdatedTime: at(st.Updated), DeletionTime: at(st.Deleted),
		Status: st.Status, Reason: st.Reason, Drift: st.Drift.described(), LastOperations: st.operations(),
	}
}

type describedStack struct {
	stackCore
	ChangeSet             string `xml:"ChangeSetId,omitempty"`
	Description           string `xml:",omitempty"`
	Parameters            members[parameter]
	DisableRollback       bool
	NotificationARNs      members[string]
	Capabilities          members[string]
	Outputs               members[describedOutput]
	RoleARN               string `xml:",omitempty"`
	Tags                  members[tag]
	TerminationProtection bool `xml:"EnableTerminationProtection"`
}

type describedOutput struct {
	Key         string `xml:"OutputKey"`
	Value       string `xml:"OutputValue"`
	Description string `xml:",omitempty"`
	Export      string `xml:"ExportName,omitempty"`
}

type describedDrift struct {
	Status string `xml:"StackDriftStatus"`
	Last   string `xml:"LastCheckTimestamp,omitempty"`
}

type describedOperation struct {
	ID   string `xml:"OperationId"`
	Type string `xml:"OperationType"`
}

// latestOperations is how many operations a stack's description names.
const latestOperations = 2

func (st *stack) operations() members[describedOperation] {
	var out members[describedOperation]
	for _, op := range slices.Backward(st.Past) {
		if len(out.Items) == latestOperations {
			break
		}
		out.Items = append(out.Items, describedOperation(op))
	}
	return out
}

func (st *stack) described() describedStack {
	d := st.current()
	out := describedStack{
		stackCore: st.core(), ChangeSet: st.ChangeSet, Description: d.Description, Parameters: list(parametersOf(d)),
		DisableRollback: st.Operation.OnFailure == failNothing, NotificationARNs: list(d.NotificationARNs), Capabilities: list(d.Capabilities),
		RoleARN: d.RoleARN, Tags: list(d.Tags), TerminationProtection: st.Protected,
	}
	for _, o := range st.Outputs {
		out.Outputs.Items = append(out.Outputs.Items, describedOutput(o))
	}
	return out
}

type describedStacks struct {
	Stacks    members[describedStack]
	NextToken string `xml:",omitempty"`
}

func (s *Service) describeStacks(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out describedStacks
	if name := values.Get("StackName"); name != "" {
		st, err := s.need(name)
		if err != nil {
			return nil, err
		}
		out.Stacks.Items = []describedStack{st.described()}
		return out, nil
	}
	var err error
	out.Stacks, out.NextToken, err = page(s.newestFirst(func(st *stack) bool { return st.Deleted.IsZero() }), values.Get("NextToken"), (*stack).described)
	return out, err
}

func (s *Service) newestFirst(keep func(*stack) bool) []*stack {
	var found []*stack
	for _, st := range s.stacks {
		if keep(st) {
			found = append(found, st)
		}
	}
	slices.SortFunc(found, func(a, b *stack) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.ID, b.ID))
	})
	return found
}

type listedStack struct {
	stackCore
	Description string `xml:"TemplateDescription,omitempty"`
}

type listedStacks struct {
	Summaries members[listedStack] `xml:"StackSummaries"`
	NextToken string               `xml:",omitempty"`
}

func (s *Service) listStacks(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statuses := form{Values: values}.texts("StackStatusFilter")
	found := s.newestFirst(func(st *stack) bool { return len(statuses) == 0 || slices.Contains(statuses, st.Status) })
	stacks, next, err := page(found, values.Get("NextToken"), func(st *stack) listedStack {
		return listedStack{stackCore: st.core(), Description: st.current().Description}
	})
	return listedStacks{Summaries: stacks, NextToken: next}, err
}
