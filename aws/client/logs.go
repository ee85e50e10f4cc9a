package client

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// logs reads log streams of CloudWatch.
type logs struct {
	api     *cloudwatchlogs.Client
	config  aws.Config
	session *session.Session
}

func (l *logs) LogPage(ctx context.Context, q ops.LogQuery) (ops.LogPage, error) {
	in := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &q.Ref.Group, LogStreamName: &q.Ref.Stream,
		StartFromHead: aws.Bool(true), NextToken: optional(q.Page),
	}
	if !q.Since.IsZero() {
		in.StartTime = aws.Int64(q.Since.UnixMilli())
	}
	out, err := l.api.GetLogEvents(ctx, in, inRegion(q.Ref.Region))
	if err != nil {
		return ops.LogPage{}, err
	}
	page := ops.LogPage{Next: aws.ToString(out.NextForwardToken), Lines: make([]workflow.LogLine, 0, len(out.Events))}
	for _, e := range out.Events {
		page.Lines = append(page.Lines, lineOf(e.Timestamp, e.IngestionTime, e.Message))
	}
	return page, nil
}

func (l *logs) LiveTail(ctx context.Context, refs []workflow.LogRef) (ops.LiveTail, error) {
	if len(refs) == 0 {
		return nil, fmt.Errorf("live tail: no stream given")
	}
	group, err := l.groupARN(ctx, refs[0])
	if err != nil {
		return nil, err
	}
	streams := make([]string, 0, len(refs))
	for _, r := range refs {
		streams = append(streams, r.Stream)
	}
	ctx, cancel := context.WithCancel(ctx)
	out, err := liveClient(l.config).StartLiveTail(ctx, &cloudwatchlogs.StartLiveTailInput{
		LogGroupIdentifiers: []string{group}, LogStreamNames: streams,
	}, inRegion(refs[0].Region))
	if err != nil {
		cancel()
		return nil, err
	}
	return follow(ctx, cancel, l.session, out.GetStream()), nil
}

// groupARN completes a group's name: live tail alone of all log calls takes ARNs only.
func (l *logs) groupARN(ctx context.Context, ref workflow.LogRef) (string, error) {
	id, err := l.session.Identity(ctx)
	if err != nil {
		return "", err
	}
	caller, err := arn.Parse(id.ARN)
	if err != nil {
		return "", fmt.Errorf("caller's ARN %q: %w", id.ARN, err)
	}
	region := ref.Region
	if region == "" {
		region = l.session.Region()
	}
	group := arn.ARN{
		Partition: caller.Partition, Service: "logs", Region: region,
		AccountID: id.Account, Resource: "log-group:" + ref.Group,
	}
	return group.String(), nil
}

// inRegion sends one call to the region that a task definition names for its log.
func inRegion(region string) func(*cloudwatchlogs.Options) {
	return func(o *cloudwatchlogs.Options) {
		if region != "" {
			o.Region = region
		}
	}
}

func lineOf(stamp, ingested *int64, message *string) workflow.LogLine {
	raw := aws.ToString(message)
	return workflow.LogLine{Time: milli(stamp), Ingested: milli(ingested), Text: safe.Line(raw), Raw: raw}
}

func milli(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms)
}
