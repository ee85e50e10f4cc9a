package states

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/states/engine"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Values of includedData.
const (
	allData      = "ALL_DATA"
	metadataOnly = "METADATA_ONLY"
)

type runInput struct {
	ARN          *string `json:"executionArn"`
	IncludedData *string `json:"includedData"`
}

// run finds the run that a request names.
func (s *Service) run(in *runInput) (*engine.Run, error) {
	var v wire.Violations
	checkARN(&v, "executionArn", in.ARN)
	if in.IncludedData != nil {
		v.Enum("includedData", *in.IncludedData, allData, metadataOnly)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	if err := ofKind(*in.ARN, "execution"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	run, ok := s.runs[*in.ARN]
	if !ok {
		return nil, wire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", *in.ARN)
	}
	return run, nil
}

type included struct {
	Included bool `json:"included"`
}

// runDescription is what DescribeExecution and StartSyncExecution share.
type runDescription struct {
	ARN           string        `json:"executionArn"`
	MachineARN    string        `json:"stateMachineArn"`
	Name          string        `json:"name"`
	Status        string        `json:"status"`
	StartDate     *wire.Seconds `json:"startDate"`
	StopDate      *wire.Seconds `json:"stopDate,omitempty"`
	Input         *string       `json:"input,omitempty"`
	InputDetails  *included     `json:"inputDetails,omitempty"`
	Output        *string       `json:"output,omitempty"`
	OutputDetails *included     `json:"outputDetails,omitempty"`
	Error         *string       `json:"error,omitempty"`
	Cause         *string       `json:"cause,omitempty"`
	TraceHeader   string        `json:"traceHeader,omitempty"`
}

func describe(r engine.Record, withData bool) runDescription {
	d := runDescription{
		ARN: r.ARN, MachineARN: r.MachineARN, Name: r.Name, Status: r.Status,
		StartDate: wire.SecondsOf(r.StartDate), StopDate: wire.SecondsOf(r.StopDate),
		InputDetails: &included{Included: withData}, Error: r.Error, Cause: r.Cause, TraceHeader: r.TraceHeader,
	}
	if withData {
		d.Input = &r.Input
	}
	if r.Status == engine.Succeeded {
		d.OutputDetails = &included{Included: withData}
		if withData {
			d.Output = &r.Output
		}
	}
	return d
}

type describeRunOutput struct {
	runDescription
	RedriveCount  int           `json:"redriveCount"`
	RedriveDate   *wire.Seconds `json:"redriveDate,omitempty"`
	RedriveStatus string        `json:"redriveStatus"`
	RedriveReason string        `json:"redriveStatusReason,omitempty"`
}

func (s *Service) describeExecution(_ context.Context, in *runInput) (*describeRunOutput, error) {
	run, err := s.run(in)
	if err != nil {
		return nil, err
	}
	r := run.Record()
	out := &describeRunOutput{
		runDescription: describe(r, given(in.IncludedData) != metadataOnly),
		RedriveCount:   r.RedriveCount, RedriveDate: wire.SecondsOf(r.RedriveDate), RedriveStatus: "REDRIVABLE",
	}
	if reason := s.redriveReason(r); reason != "" {
		out.RedriveStatus, out.RedriveReason = "NOT_REDRIVABLE", reason
	}
	return out, nil
}

// redriveReason says why a run cannot be redriven; empty when it can.
func (s *Service) redriveReason(r engine.Record) string {
	s.mu.RLock()
	m := s.machines[r.MachineARN]
	s.mu.RUnlock()
	if m == nil || m.Deleting {
		return "State machine is in DELETING status"
	}
	return r.Redrivable(s.now())
}

type stopInput struct {
	ARN   *string `json:"executionArn"`
	Error *string `json:"error"`
	Cause *string `json:"cause"`
}

type stopOutput struct {
	StopDate *wire.Seconds `json:"stopDate"`
}

func (s *Service) stopExecution(_ context.Context, in *stopInput) (*stopOutput, error) {
	if err := tooLong("error", in.Error, longestError); err != nil {
		return nil, err
	}
	if err := tooLong("cause", in.Cause, longestCause); err != nil {
		return nil, err
	}
	run, err := s.run(&runInput{ARN: in.ARN})
	if err != nil {
		return nil, err
	}
	date, err := run.Stop(notEmpty(in.Error), notEmpty(in.Cause))
	if err != nil {
		return nil, err
	}
	return &stopOutput{StopDate: wire.SecondsOf(date)}, nil
}

func notEmpty(text *string) *string {
	if given(text) == "" {
		return nil
	}
	return text
}

type redriveInput struct {
	ARN   *string `json:"executionArn"`
	Token *string `json:"clientToken"`
}

type redriveOutput struct {
	Date *wire.Seconds `json:"redriveDate"`
}

func (s *Service) redriveExecution(_ context.Context, in *redriveInput) (*redriveOutput, error) {
	if in.Token != nil {
		var v wire.Violations
		v.Length("clientToken", *in.Token, 1, 64)
		if *in.Token != "" {
			v.Pattern("clientToken", *in.Token, printable)
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
	}
	run, err := s.run(&runInput{ARN: in.ARN})
	if err != nil {
		return nil, err
	}
	date, err := s.redrive(run, given(in.Token))
	if errors.Is(err, engine.ErrNotRedrivable) {
		return nil, wire.Errorf("ExecutionNotRedrivable", "Execution Not Redrivable: '%s'", s.redriveReason(run.Record()))
	}
	if err != nil {
		return nil, err
	}
	return &redriveOutput{Date: wire.SecondsOf(date)}, nil
}

func (s *Service) redrive(run *engine.Run, token string) (time.Time, error) {
	s.mu.RLock()
	m := s.machines[run.Record().MachineARN]
	gone := m == nil || m.Deleting
	s.mu.RUnlock()
	if gone {
		return time.Time{}, engine.ErrNotRedrivable
	}
	return run.Redrive(token)
}

// runEnded waits until a run has ended and describes it, for nested runs.
func (s *Service) runEnded(ctx context.Context, arn string) ([]byte, error) {
	run, err := s.run(&runInput{ARN: &arn})
	if err != nil {
		return nil, err
	}
	select {
	case <-run.Ended():
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	text, err := json.Marshal(describe(run.Record(), true))
	if err != nil {
		return nil, fmt.Errorf("describe run %s: %w", arn, err)
	}
	return text, nil
}
