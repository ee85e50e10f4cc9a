package states

import (
	"context"
	"errors"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/engine"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type startInput struct {
	ARN          *string `json:"stateMachineArn"`
	Name         *string `json:"name"`
	Input        *string `json:"input"`
	TraceHeader  *string `json:"traceHeader"`
	IncludedData *string `json:"includedData"`
}

type startOutput struct {
	ARN       string        `json:"executionArn"`
	StartDate *wire.Seconds `json:"startDate"`
}

// check refuses bad members; it returns the name and the input to use.
func (in *startInput) check() (name, input string, err error) {
	var v wire.Violations
	checkARN(&v, "stateMachineArn", in.ARN)
	checkOptional(&v, "name", in.Name, 1, longestName)
	checkOptional(&v, "traceHeader", in.TraceHeader, 0, 256)
	if in.IncludedData != nil {
		v.Enum("includedData", *in.IncludedData, allData, metadataOnly)
	}
	if err := v.Err(); err != nil {
		return "", "", err
	}
	if err := tooLong("input", in.Input, longestData); err != nil {
		return "", "", err
	}
	if strings.Contains(*in.ARN, "/") {
		return "", "", wire.Errorf("ValidationException", "A map-state-qualified ARN cannot be started: '%s'", *in.ARN)
	}
	if err := ofKind(*in.ARN, "stateMachine"); err != nil {
		return "", "", err
	}
	name = ids.UUID()
	if in.Name != nil {
		name = *in.Name
		if err := checkName(name); err != nil {
			return "", "", err
		}
	}
	input = "{}"
	if in.Input != nil {
		input = *in.Input
	}
	return name, input, checkInput(input)
}

func checkInput(text string) error {
	why := ""
	if _, err := jsonv.Parse(text); err != nil {
		why = err.Error()
	}
	if strings.TrimSpace(text) == "" {
		why = "Invalid execution input."
	}
	if why != "" {
		return wire.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'", why)
	}
	return nil
}

func (s *Service) startExecution(_ context.Context, in *startInput) (*startOutput, error) {
	name, input, err := in.check()
	if err != nil {
		return nil, err
	}
	run, err := s.prepare(*in.ARN, name, input, given(in.TraceHeader))
	if err != nil {
		return nil, err
	}
	if err := run.Begin(); err != nil {
		return nil, err
	}
	record := run.Record()
	return &startOutput{ARN: record.ARN, StartDate: wire.SecondsOf(record.StartDate)}, nil
}

// prepare makes the run, or finds the one that the same request made before.
func (s *Service) prepare(arn, name, input, trace string) (*engine.Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findActive(arn)
	if err != nil {
		return nil, err
	}
	r := s.revisions[m.Revision]
	record := engine.Record{
		Seq: s.lastSeq + 1, ARN: s.runARN(m.Name, name), Name: name, MachineARN: m.ARN,
		Revision: r.ID, RoleARN: r.RoleARN, TraceHeader: trace, Input: input,
	}
	if m.Type == express {
		record.Express, record.Seq = true, 0
		record.ARN = s.expressARN(m.Name, name, ids.UUID())
	}
	if earlier := s.runs[record.ARN]; earlier != nil {
		if was := earlier.Record(); was.Closed() || was.Input != input {
			return nil, wire.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", record.ARN)
		}
		return earlier, nil
	}
	run, err := s.engine.Prepare(record, m.Name, r.machine)
	if err != nil {
		return nil, err
	}
	if !record.Express {
		s.add(record, run)
	}
	return run, nil
}

type startSyncOutput struct {
	runDescription
	Billing billing `json:"billingDetails"`
}

type billing struct {
	Milliseconds int64 `json:"billedDurationInMilliseconds"`
	Megabytes    int64 `json:"billedMemoryUsedInMB"`
}

// startSync runs an Express machine and answers when it has ended.
func (s *Service) startSync(ctx context.Context, in *startInput) (*startSyncOutput, error) {
	name, input, err := in.check()
	if err != nil {
		return nil, err
	}
	if err := s.mustBe(express, *in.ARN); err != nil {
		return nil, err
	}
	run, err := s.prepare(*in.ARN, name, input, given(in.TraceHeader))
	if err != nil {
		return nil, err
	}
	if err := run.Begin(); err != nil {
		return nil, err
	}
	select {
	case <-run.Ended():
	case <-ctx.Done():
		_, err := run.Stop(nil, nil)
		return nil, errors.Join(ctx.Err(), err)
	}
	record := run.Record()
	out := &startSyncOutput{runDescription: describe(record, given(in.IncludedData) != metadataOnly)}
	out.OutputDetails = &included{Included: given(in.IncludedData) != metadataOnly}
	const unit = 100 // milliseconds, the step in which AWS bills
	took := record.StopDate.Sub(record.StartDate).Milliseconds()
	out.Billing = billing{Milliseconds: max(1, (took+unit-1)/unit) * unit, Megabytes: 64}
	return out, nil
}

// mustBe refuses an operation for machines of the other type.
func (s *Service) mustBe(kind, arn string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.find(arn)
	if err != nil {
		return err
	}
	if m.Type != kind {
		return wire.Errorf("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
	}
	return nil
}
