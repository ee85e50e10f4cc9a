package client

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Page sizes. AWS allows 1000; a page of runs is small enough to answer while a person waits.
const (
	machinesPage = 1000
	runsPage     = 100
	historyPage  = 1000
)

// states reads machines, runs and histories from Step Functions.
type states struct{ api *sfn.Client }

func (s *states) ListMachines(ctx context.Context, page string) (ops.MachinePage, error) {
	out, err := s.api.ListStateMachines(ctx, &sfn.ListStateMachinesInput{
		MaxResults: machinesPage, NextToken: optional(page),
	})
	if err != nil {
		return ops.MachinePage{}, err
	}
	result := ops.MachinePage{Next: aws.ToString(out.NextToken), Machines: make([]workflow.Machine, 0, len(out.StateMachines))}
	for _, m := range out.StateMachines {
		result.Machines = append(result.Machines, workflow.Machine{
			ARN: aws.ToString(m.StateMachineArn), Name: safe.Line(aws.ToString(m.Name)),
			Type: workflow.MachineType(m.Type), Created: aws.ToTime(m.CreationDate),
		})
	}
	return result, nil
}

func (s *states) DescribeMachine(ctx context.Context, machineARN string) (workflow.MachineDetail, error) {
	out, err := s.api.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &machineARN})
	if err != nil {
		return workflow.MachineDetail{}, err
	}
	return workflow.MachineDetail{
		Machine: workflow.Machine{
			ARN: aws.ToString(out.StateMachineArn), Name: safe.Line(aws.ToString(out.Name)),
			Type: workflow.MachineType(out.Type), Created: aws.ToTime(out.CreationDate),
		},
		Definition:  aws.ToString(out.Definition),
		RoleARN:     aws.ToString(out.RoleArn),
		Revision:    aws.ToString(out.RevisionId),
		Deleting:    out.Status == types.StateMachineStatusDeleting,
		LogGroupARN: logGroup(out.LoggingConfiguration),
	}, nil
}

func (s *states) MachineForRun(ctx context.Context, runARN string) (workflow.MachineDetail, error) {
	out, err := s.api.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &runARN})
	if err != nil {
		return workflow.MachineDetail{}, err
	}
	return workflow.MachineDetail{
		Machine: workflow.Machine{
			ARN: aws.ToString(out.StateMachineArn), Name: safe.Line(aws.ToString(out.Name)),
			// The API does not give the type, and does not exist for Express.
			Type: workflow.Standard,
		},
		Definition:  aws.ToString(out.Definition),
		RoleARN:     aws.ToString(out.RoleArn),
		Revision:    aws.ToString(out.RevisionId),
		LogGroupARN: logGroup(out.LoggingConfiguration),
	}, nil
}

func logGroup(c *types.LoggingConfiguration) string {
	if c == nil || c.Level == types.LogLevelOff {
		return ""
	}
	for _, d := range c.Destinations {
		if d.CloudWatchLogsLogGroup != nil {
			return aws.ToString(d.CloudWatchLogsLogGroup.LogGroupArn)
		}
	}
	return ""
}

func (s *states) ListRuns(ctx context.Context, q ops.RunQuery) (ops.RunPage, error) {
	limit := q.Limit
	if limit == 0 {
		limit = runsPage
	}
	out, err := s.api.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: optional(q.MachineARN), MapRunArn: optional(q.MapRunARN),
		StatusFilter: types.ExecutionStatus(q.Status), MaxResults: int32(limit), NextToken: optional(q.Page),
	})
	if err != nil {
		return ops.RunPage{}, err
	}
	result := ops.RunPage{Next: aws.ToString(out.NextToken), Runs: make([]workflow.Run, 0, len(out.Executions))}
	for _, e := range out.Executions {
		result.Runs = append(result.Runs, workflow.Run{
			ARN: aws.ToString(e.ExecutionArn), MachineARN: aws.ToString(e.StateMachineArn),
			Name: safe.Line(aws.ToString(e.Name)), Status: workflow.Status(e.Status),
			Started: aws.ToTime(e.StartDate), Stopped: aws.ToTime(e.StopDate),
			RedriveCount: int(aws.ToInt32(e.RedriveCount)), RedriveDate: aws.ToTime(e.RedriveDate),
			MapRunARN: aws.ToString(e.MapRunArn),
		})
	}
	return result, nil
}

func (s *states) DescribeRun(ctx context.Context, runARN string) (workflow.Run, error) {
	e, err := s.api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &runARN})
	if err != nil {
		return workflow.Run{}, err
	}
	return workflow.Run{
		ARN: aws.ToString(e.ExecutionArn), MachineARN: aws.ToString(e.StateMachineArn),
		Name: safe.Line(aws.ToString(e.Name)), Status: workflow.Status(e.Status),
		Started: aws.ToTime(e.StartDate), Stopped: aws.ToTime(e.StopDate),
		Input: aws.ToString(e.Input), Output: aws.ToString(e.Output),
		Error: safe.Line(aws.ToString(e.Error)), Cause: safe.Block(aws.ToString(e.Cause)),
		RedriveCount: int(aws.ToInt32(e.RedriveCount)), RedriveDate: aws.ToTime(e.RedriveDate),
		RedriveStatus: workflow.RedriveStatus(e.RedriveStatus),
		RedriveReason: safe.Line(aws.ToString(e.RedriveStatusReason)),
		MapRunARN:     aws.ToString(e.MapRunArn),
	}, nil
}

func (s *states) History(ctx context.Context, q ops.HistoryQuery) (ops.HistoryPage, error) {
	limit := q.Limit
	if limit == 0 {
		limit = historyPage
	}
	out, err := s.api.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &q.RunARN, ReverseOrder: q.Reverse, MaxResults: int32(limit),
		NextToken: optional(q.Page), IncludeExecutionData: aws.Bool(true),
	})
	if err != nil {
		return ops.HistoryPage{}, err
	}
	result := ops.HistoryPage{Next: aws.ToString(out.NextToken), Events: make([]workflow.Event, 0, len(out.Events))}
	for _, e := range out.Events {
		result.Events = append(result.Events, eventOf(e))
	}
	return result, nil
}

func (s *states) StartRun(ctx context.Context, r ops.StartRequest) (string, time.Time, error) {
	out, err := s.api.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &r.MachineARN, Name: optional(r.Name), Input: optional(r.Input),
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return aws.ToString(out.ExecutionArn), aws.ToTime(out.StartDate), nil
}

func (s *states) StopRun(ctx context.Context, runARN, errorName, cause string) (time.Time, error) {
	out, err := s.api.StopExecution(ctx, &sfn.StopExecutionInput{
		ExecutionArn: &runARN, Error: optional(errorName), Cause: optional(cause),
	})
	if err != nil {
		return time.Time{}, err
	}
	return aws.ToTime(out.StopDate), nil
}

func (s *states) RedriveRun(ctx context.Context, runARN, clientToken string) (time.Time, error) {
	out, err := s.api.RedriveExecution(ctx, &sfn.RedriveExecutionInput{
		ExecutionArn: &runARN, ClientToken: optional(clientToken),
	})
	if err != nil {
		return time.Time{}, err
	}
	return aws.ToTime(out.RedriveDate), nil
}

func (s *states) FailToken(ctx context.Context, t workflow.Token, errorName, cause string) error {
	_, err := s.api.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{
		TaskToken: aws.String(t.Reveal()), Error: optional(errorName), Cause: optional(cause),
	})
	return err
}

func (s *states) SucceedToken(ctx context.Context, t workflow.Token, output string) error {
	_, err := s.api.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{
		TaskToken: aws.String(t.Reveal()), Output: &output,
	})
	return err
}

func (s *states) HeartbeatToken(ctx context.Context, t workflow.Token) error {
	_, err := s.api.SendTaskHeartbeat(ctx, &sfn.SendTaskHeartbeatInput{TaskToken: aws.String(t.Reveal())})
	return err
}
