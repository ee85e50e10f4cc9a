package states

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/local/states/engine"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// pendingRedrive is a status that only children of a Map Run have.
const pendingRedrive = "PENDING_REDRIVE"

// statusFilters are told in this order by AWS.
var statusFilters = []string{engine.Succeeded, engine.TimedOut, pendingRedrive, engine.Aborted, engine.Failed, engine.Running}

type listRunsInput struct {
	ARN           *string `json:"stateMachineArn"`
	MapRunARN     *string `json:"mapRunArn"`
	StatusFilter  *string `json:"statusFilter"`
	RedriveFilter *string `json:"redriveFilter"`
	MaxResults    int64   `json:"maxResults"`
	NextToken     *string `json:"nextToken"`
}

type runItem struct {
	ARN          string        `json:"executionArn"`
	MachineARN   string        `json:"stateMachineArn"`
	Name         string        `json:"name"`
	Status       string        `json:"status"`
	StartDate    *wire.Seconds `json:"startDate"`
	StopDate     *wire.Seconds `json:"stopDate,omitempty"`
	RedriveCount int           `json:"redriveCount"`
	RedriveDate  *wire.Seconds `json:"redriveDate,omitempty"`
}

type listRunsOutput struct {
	Runs      []runItem `json:"executions"`
	NextToken *string   `json:"nextToken,omitempty"`
}

func (in *listRunsInput) check() error {
	var v wire.Violations
	checkOptional(&v, "stateMachineArn", in.ARN, 1, longestARN)
	if in.StatusFilter != nil {
		v.Enum("statusFilter", *in.StatusFilter, statusFilters...)
	}
	if in.RedriveFilter != nil {
		v.Enum("redriveFilter", *in.RedriveFilter, "REDRIVEN", "NOT_REDRIVEN")
	}
	checkPage(&v, in.MaxResults, in.NextToken, 3096)
	if err := v.Err(); err != nil {
		return err
	}
	switch {
	case (in.ARN == nil) == (in.MapRunARN == nil):
		return wire.Errorf("ValidationException", "Exactly one of stateMachineArn and mapRunArn must be specified")
	case in.MapRunARN != nil:
		return wire.Errorf("ResourceNotFound", "Resource not found: '%s'", *in.MapRunARN)
	case in.RedriveFilter != nil:
		return wire.Errorf("ValidationException", "The redriveFilter can only be used together with a mapRunArn")
	case given(in.StatusFilter) == pendingRedrive:
		return wire.Errorf("ValidationException", "The statusFilter %s can only be used together with a mapRunArn", pendingRedrive)
	}
	err := ofKind(*in.ARN, "stateMachine")
	return err
}

// listExecutions lists the newest run first.
func (s *Service) listExecutions(_ context.Context, in *listRunsInput) (*listRunsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	list := "runs " + *in.ARN + " " + given(in.StatusFilter)
	from, err := s.readPage(in.NextToken, list)
	if err != nil {
		return nil, err
	}
	if err := s.mustBe(standard, *in.ARN); err != nil {
		return nil, err
	}
	s.mu.RLock()
	runs := s.byMachine[*in.ARN]
	s.mu.RUnlock()
	out := &listRunsOutput{Runs: []runItem{}}
	last := int64(0)
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i].Record()
		if (from != nil && r.Seq >= from.ID) || (in.StatusFilter != nil && r.Status != *in.StatusFilter) {
			continue
		}
		if len(out.Runs) == pageSize(in.MaxResults) {
			out.NextToken = s.pageToken(page{List: list, ID: last})
			break
		}
		out.Runs, last = append(out.Runs, itemOf(r)), r.Seq
	}
	return out, nil
}

func itemOf(r engine.Record) runItem {
	return runItem{
		ARN: r.ARN, MachineARN: r.MachineARN, Name: r.Name, Status: r.Status,
		StartDate: wire.SecondsOf(r.StartDate), StopDate: wire.SecondsOf(r.StopDate),
		RedriveCount: r.RedriveCount, RedriveDate: wire.SecondsOf(r.RedriveDate),
	}
}
