package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

// liveTail hands a session's events on. One goroutine reads the stream; Close ends it and waits for it.
type liveTail struct {
	session *session.Session
	cancel  context.CancelFunc
	stream  *cloudwatchlogs.StartLiveTailEventStream
	updates chan ops.LiveUpdate
	done    chan struct{}
	err     error // set before done is closed
}

// liveClient is a client for one live tail: two on one client race for the
// decoder that the SDK keeps in it.
func liveClient(cfg aws.Config) *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(cfg) }

func follow(
	ctx context.Context, cancel context.CancelFunc, s *session.Session, stream *cloudwatchlogs.StartLiveTailEventStream,
) *liveTail {
	t := &liveTail{
		session: s, cancel: cancel, stream: stream,
		updates: make(chan ops.LiveUpdate), done: make(chan struct{}),
	}
	go t.read(ctx)
	return t
}

func (t *liveTail) Updates() <-chan ops.LiveUpdate { return t.updates }

func (t *liveTail) Err() error {
	<-t.done
	return t.err
}

func (t *liveTail) Close() error {
	t.cancel()
	<-t.done
	return nil
}

func (t *liveTail) read(ctx context.Context) {
	defer close(t.done)
	defer close(t.updates)
	defer t.cancel()
	defer func() { _ = t.stream.Close() }() // its error is the one that Err gives
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-t.stream.Events():
			if !open {
				if ctx.Err() == nil {
					t.err = t.session.Explain("CloudWatch Logs", "StartLiveTail", t.stream.Err())
				}
				return
			}
			if !t.deliver(ctx, event) {
				return
			}
		}
	}
}

func (t *liveTail) deliver(ctx context.Context, event types.StartLiveTailResponseStream) bool {
	var update ops.LiveUpdate
	switch e := event.(type) {
	case *types.StartLiveTailResponseStreamMemberSessionStart:
		update.Started = true
	case *types.StartLiveTailResponseStreamMemberSessionUpdate:
		update.Sampled = e.Value.SessionMetadata != nil && e.Value.SessionMetadata.Sampled
		for _, r := range e.Value.SessionResults {
			update.Lines = append(update.Lines, ops.LiveLine{
				Stream: aws.ToString(r.LogStreamName), LogLine: lineOf(r.Timestamp, r.IngestionTime, r.Message),
			})
		}
	default:
		return true
	}
	select {
	case t.updates <- update:
		return true
	case <-ctx.Done():
		return false
	}
}
