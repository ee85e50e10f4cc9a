package tasks

import (
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// runMembers are what the result of a nested run tells of it.
var runMembers = []string{
	"Cause", "Error", "ExecutionArn", "Input", "InputDetails", "Name", "Output", "OutputDetails",
	"StartDate", "StateMachineArn", "Status", "StopDate",
}

// waitRun returns the description of a nested run once it has ended; a run
// that did not succeed is a failure.
func (s Services) waitRun(ctx context.Context, r Ref, submitted any) (any, error) {
	arn := text(submitted, "ExecutionArn")
	body, err := s.RunEnded(ctx, arn)
	if err != nil {
		return nil, fmt.Errorf("wait for run %s: %w", arn, err)
	}
	parsed, err := jsonv.Parse(string(body))
	if err != nil {
		return nil, fmt.Errorf("read the description of run %s: %w", arn, err)
	}
	all, ok := fromWire("states", parsed, millis).(*jsonv.Object)
	if !ok {
		return nil, fmt.Errorf("read the description of run %s: it is not a JSON object", arn)
	}
	run := jsonv.NewObject()
	for _, name := range runMembers {
		if value, ok := all.Get(name); ok {
			run.Set(name, value)
		}
	}
	if r.parsed {
		parseMember(run, "Input")
		parseMember(run, "Output")
	}
	if text(run, "Status") != "SUCCEEDED" {
		return nil, &Failure{Name: "States.TaskFailed", Cause: jsonv.Text(run)}
	}
	return run, nil
}

func parseMember(o *jsonv.Object, name string) {
	if value, err := jsonv.Parse(text(o, name)); err == nil {
		o.Set(name, value)
	}
}
