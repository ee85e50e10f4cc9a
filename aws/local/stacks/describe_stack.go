package stacks

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
)

type describedStack struct {
	ID                    string `xml:"StackId"`
	Name                  string `xml:"StackName"`
	ChangeSet             string `xml:"ChangeSetId,omitempty"`
	Description           string `xml:",omitempty"`
	Parameters            members[parameter]
	CreationTime          string
	LastUpdatedTime       string `xml:",omitempty"`
	DeletionTime          string `xml:",omitempty"`
	Status                string `xml:"StackStatus"`
	Reason                string `xml:"StackStatusReason,omitempty"`
	DisableRollback       bool
	NotificationARNs      members[string]
	Capabilities          members[string]
	Outputs               members[describedOutput]
	RoleARN               string `xml:",omitempty"`
	Tags                  members[tag]
	TerminationProtection bool           `xml:"EnableTerminationProtection"`
	Drift                 describedDrift `xml:"DriftInformation"`
	LastOperations        members[describedOperation]
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
		ID: st.ID, Name: st.Name, ChangeSet: st.ChangeSet, Description: d.Description, Parameters: list(parametersOf(d)),
		CreationTime: at(st.Created), LastUpdatedTime: at(st.Updated), DeletionTime: at(st.Deleted), Status: st.Status, Reason: st.Reason,
		DisableRollback: st.Operation.OnFailure == failNothing, NotificationARNs: list(d.NotificationARNs), Capabilities: list(d.Capabilities),
		RoleARN: d.RoleARN, Tags: list(d.Tags), TerminationProtection: st.Protected, Drift: st.Drift.described(), LastOperations: st.operations(),
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
	found, next, err := page(s.newestFirst(func(st *stack) bool { return st.Deleted.IsZero() }), values.Get("NextToken"))
	for _, st := range found {
		out.Stacks.Items = append(out.Stacks.Items, st.described())
	}
	out.NextToken = next
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
	ID              string `xml:"StackId"`
	Name            string `xml:"StackName"`
	Description     string `xml:"TemplateDescription,omitempty"`
	CreationTime    string
	LastUpdatedTime string         `xml:",omitempty"`
	DeletionTime    string         `xml:",omitempty"`
	Status          string         `xml:"StackStatus"`
	Reason          string         `xml:"StackStatusReason,omitempty"`
	Drift           describedDrift `xml:"DriftInformation"`
	LastOperations  members[describedOperation]
}

type listedStacks struct {
	Summaries members[listedStack] `xml:"StackSummaries"`
	NextToken string               `xml:",omitempty"`
}

func (s *Service) listStacks(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statuses := form{Values: values}.texts("StackStatusFilter")
	found, next, err := page(s.newestFirst(func(st *stack) bool {
		return len(statuses) == 0 || slices.Contains(statuses, st.Status)
	}), values.Get("NextToken"))
	if err != nil {
		return nil, err
	}
	out := listedStacks{NextToken: next}
	for _, st := range found {
		d := st.described()
		out.Summaries.Items = append(out.Summaries.Items, listedStack{
			ID: d.ID, Name: d.Name, Description: d.Description, CreationTime: d.CreationTime, LastUpdatedTime: d.LastUpdatedTime,
			DeletionTime: d.DeletionTime, Status: d.Status, Reason: d.Reason, Drift: d.Drift, LastOperations: d.LastOperations,
		})
	}
	return out, nil
}
