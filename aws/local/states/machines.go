package states

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/states/engine"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type empty struct{}

type machineInput struct {
	ARN *string `json:"stateMachineArn"`
}

func (in *machineInput) check() error {
	var v wire.Violations
	checkARN(&v, "stateMachineArn", in.ARN)
	if err := v.Err(); err != nil {
		return err
	}
	err := ofKind(*in.ARN, "stateMachine")
	return err
}

// deleteMachine deletes at once when no run is open; open runs end at their
// next transition, and the machine with the last of them.
func (s *Service) deleteMachine(_ context.Context, in *machineInput) (*empty, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.machines[*in.ARN]
	if !ok {
		return &empty{}, nil
	}
	changed := *m
	changed.Deleting = true
	if err := s.keep(changed, nil); err != nil {
		return nil, err
	}
	for _, run := range s.byMachine[m.ARN] {
		if err := run.Doom(); err != nil {
			return nil, err
		}
	}
	return &empty{}, s.sweep(&changed)
}

type describeMachineOutput struct {
	ARN          string        `json:"stateMachineArn"`
	Name         string        `json:"name"`
	Status       string        `json:"status"`
	Definition   string        `json:"definition"`
	RoleARN      string        `json:"roleArn"`
	Type         string        `json:"type"`
	CreationDate *wire.Seconds `json:"creationDate"`
	Logging      *logging      `json:"loggingConfiguration"`
	Tracing      tracing       `json:"tracingConfiguration"`
	RevisionID   string        `json:"revisionId,omitempty"`
}

func (s *Service) describeMachine(_ context.Context, in *machineInput) (*describeMachineOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.find(*in.ARN)
	if err != nil {
		return nil, err
	}
	status := active
	if m.Deleting {
		status = deleting
	}
	r := s.revisions[m.Revision]
	return &describeMachineOutput{
		ARN: m.ARN, Name: m.Name, Status: status, Definition: r.Definition, RoleARN: r.RoleARN, Type: m.Type,
		CreationDate: wire.SecondsOf(m.CreationDate), Logging: r.Logging.orDefault(), Tracing: r.Tracing, RevisionID: r.publicID(),
	}, nil
}

type listMachinesInput struct {
	MaxResults int64   `json:"maxResults"`
	NextToken  *string `json:"nextToken"`
}

type machineItem struct {
	ARN          string        `json:"stateMachineArn"`
	Name         string        `json:"name"`
	Type         string        `json:"type"`
	CreationDate *wire.Seconds `json:"creationDate"`
}

type listMachinesOutput struct {
	Machines  []machineItem `json:"stateMachines"`
	NextToken *string       `json:"nextToken,omitempty"`
}

// listMachines lists by name.
func (s *Service) listMachines(_ context.Context, in *listMachinesInput) (*listMachinesOutput, error) {
	var v wire.Violations
	checkPage(&v, in.MaxResults, in.NextToken, 1024)
	if err := v.Err(); err != nil {
		return nil, err
	}
	from, err := s.readPage(in.NextToken, "machines")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &listMachinesOutput{Machines: []machineItem{}}
	for _, arn := range slices.Sorted(maps.Keys(s.machines)) {
		if from != nil && arn <= from.After {
			continue
		}
		m, err := s.find(arn)
		if err != nil {
			continue // its deletion has just ended
		}
		if len(out.Machines) == pageSize(in.MaxResults) {
			last := out.Machines[len(out.Machines)-1]
			out.NextToken = s.pageToken(page{List: "machines", After: last.ARN})
			break
		}
		out.Machines = append(out.Machines, machineItem{ARN: m.ARN, Name: m.Name, Type: m.Type, CreationDate: wire.SecondsOf(m.CreationDate)})
	}
	return out, nil
}

type machineForRunOutput struct {
	ARN        string        `json:"stateMachineArn"`
	Name       string        `json:"name"`
	Definition string        `json:"definition"`
	RoleARN    string        `json:"roleArn"`
	UpdateDate *wire.Seconds `json:"updateDate"`
	Logging    *logging      `json:"loggingConfiguration"`
	Tracing    tracing       `json:"tracingConfiguration"`
	RevisionID string        `json:"revisionId,omitempty"`
}

// describeMachineForExecution is the machine as it was when the run started.
func (s *Service) describeMachineForExecution(_ context.Context, in *runInput) (*machineForRunOutput, error) {
	run, err := s.run(in)
	if err != nil {
		return nil, err
	}
	r := s.revisionOf(run)
	return &machineForRunOutput{
		ARN: r.MachineARN, Name: r.Name, Definition: r.Definition, RoleARN: r.RoleARN,
		UpdateDate: wire.SecondsOf(r.UpdateDate), Logging: r.Logging.orDefault(), Tracing: r.Tracing, RevisionID: r.publicID(),
	}, nil
}

func (s *Service) revisionOf(run *engine.Run) *revision {
	id := run.Record().Revision
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.revisions[id]
}

type validateInput struct {
	Definition *string `json:"definition"`
	Type       *string `json:"type"`
	Severity   *string `json:"severity"`
	MaxResults int64   `json:"maxResults"`
}

type validateOutput struct {
	Result      string       `json:"result"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Truncated   bool         `json:"truncated"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

func (s *Service) validateDefinition(_ context.Context, in *validateInput) (*validateOutput, error) {
	var v wire.Violations
	v.Required("definition", in.Definition != nil)
	v.Range("maxResults", in.MaxResults, 0, 100)
	if in.Type != nil {
		v.Enum("type", *in.Type, standard, express)
	}
	if in.Severity != nil {
		v.Enum("severity", *in.Severity, "ERROR", "WARNING")
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	if err := tooLong("definition", in.Definition, longestDefinition); err != nil {
		return nil, err
	}
	out := &validateOutput{Result: "OK", Diagnostics: []diagnostic{}}
	for _, d := range diagnose(*in.Definition, given(in.Type)) {
		if d.Severity == "ERROR" {
			out.Result = "FAIL"
		} else if given(in.Severity) != "WARNING" {
			continue
		}
		if len(out.Diagnostics) == pageSize(in.MaxResults) {
			out.Truncated = true
			break
		}
		out.Diagnostics = append(out.Diagnostics, diagnostic(d))
	}
	slices.SortStableFunc(out.Diagnostics, func(a, b diagnostic) int { return strings.Compare(a.Severity, b.Severity) })
	return out, nil
}
