package ecs

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Bounds of what is done about a service that refuses for the moment.
const (
	retryFirst = 20 * time.Millisecond
	retryMost  = time.Second
	// startLimit bounds a call that a container's start waits for.
	startLimit = 5 * time.Second
	// batchLimit bounds how long a batch of lines holds the next ones up.
	batchLimit = time.Minute
	// flushLimit is how long the end of a container waits for its last lines.
	flushLimit = 3 * time.Second
)

type logStreamInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName,omitempty"`
}

type putEventsInput struct {
	LogGroupName  string     `json:"logGroupName"`
	LogStreamName string     `json:"logStreamName"`
	LogEvents     []logEvent `json:"logEvents"`
}

type logEvent struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

// open makes the log stream of a container and gives what takes its output. A
// container without awslogs has its output thrown away.
func (s *Service) open(ctx context.Context, t *task, d ContainerDefinition) (*output, error) {
	group, stream, ok := logStream(d, t.id())
	if !ok {
		return newOutput(ctx, s.clock.Now, func(context.Context, []logEvent) {}), nil
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if d.LogConfiguration.Options["awslogs-create-group"] == "true" {
		if err := s.insist(ctx, "logs", "CreateLogGroup", logStreamInput{LogGroupName: group}, nil); err != nil && errorCode(err) != "ResourceAlreadyExistsException" {
			return nil, err
		}
	}
	err := s.insist(ctx, "logs", "CreateLogStream", logStreamInput{LogGroupName: group, LogStreamName: stream}, nil)
	if err != nil && errorCode(err) != "ResourceAlreadyExistsException" {
		return nil, err
	}
	return newOutput(ctx, s.clock.Now, func(ctx context.Context, events []logEvent) {
		ctx, cancel := context.WithTimeout(ctx, batchLimit)
		defer cancel()
		if err := s.insist(ctx, "logs", "PutLogEvents", putEventsInput{group, stream, events}, nil); err != nil {
			s.log.Error("lines of a task's log are lost", "group", group, "stream", stream, "lines", len(events), "error", err)
		}
	}), nil
}

// logStream is where the container's output goes. AWS: awslogs stream names
// on Fargate.
func logStream(d ContainerDefinition, task string) (group, stream string, ok bool) {
	l := d.LogConfiguration
	if l == nil || l.LogDriver != logDriverAWSLogs {
		return "", "", false
	}
	return l.Options["awslogs-group"], fmt.Sprintf("%s/%s/%s", l.Options["awslogs-stream-prefix"], d.Name, task), true
}

// finalErrors are those that no repetition mends.
var finalErrors = []string{
	"AccessDeniedException", "InvalidParameterException", "ResourceAlreadyExistsException",
	"ResourceNotFoundException", "UnknownOperationException", "ValidationException",
}

// insist calls a service until it answers for good or ctx is done.
func (s *Service) insist(ctx context.Context, service, operation string, in, out any) error {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		err := s.invoke(ctx, service, operation, in, out)
		if err == nil || slices.Contains(finalErrors, errorCode(err)) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s was tried until %w: %w", operation, ctx.Err(), err)
		case <-time.After(delay):
		}
	}
}
