package logs_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/logs"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	groupA  = "/stepdeck/runs"
	streamA = "run/main/0001"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rig is a service behind HTTP with the real client in front.
type rig struct {
	*cloudwatchlogs.Client
	t     testing.TB
	clock *clock.Manual
	dir   string
	url   string
	stop  func()
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, clock: clock.NewManual(start), dir: t.TempDir()}
	r.open()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *rig) open() {
	kept, err := store.Open(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	service, err := logs.New(logs.Options{Store: kept, Clock: r.clock, Account: account, Region: region})
	if err != nil {
		r.t.Fatal(err)
	}
	router := wiretest.Router()
	router.Register(service.API())
	server := httptest.NewServer(router)
	r.url = server.URL
	r.Client = cloudwatchlogs.NewFromConfig(wiretest.Config(server.URL))
	r.stop = func() {
		if err := service.Close(); err != nil {
			r.t.Error(err)
		}
		server.Close()
		if err := kept.Close(); err != nil {
			r.t.Error(err)
		}
	}
}

// restart ends local AWS and starts it again on the same folder.
func (r *rig) restart() {
	r.stop()
	r.open()
}

func (r *rig) group(name string) {
	r.t.Helper()
	_, err := r.CreateLogGroup(r.t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
	noError(r.t, err)
}

func (r *rig) stream(group, name string) {
	r.t.Helper()
	_, err := r.CreateLogStream(r.t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &name})
	noError(r.t, err)
}

// both makes the group and the stream that most tests use.
func (r *rig) both() {
	r.t.Helper()
	r.group(groupA)
	r.stream(groupA, streamA)
}

func (r *rig) put(stream string, events ...types.InputLogEvent) *cloudwatchlogs.PutLogEventsOutput {
	r.t.Helper()
	out, err := r.tryPut(stream, events...)
	noError(r.t, err)
	return out
}

func (r *rig) tryPut(stream string, events ...types.InputLogEvent) (*cloudwatchlogs.PutLogEventsOutput, error) {
	return r.PutLogEvents(r.t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String(groupA), LogStreamName: &stream, LogEvents: events,
	})
}

// line is an event so long after the start.
func line(after time.Duration, message string) types.InputLogEvent {
	return types.InputLogEvent{Timestamp: aws.Int64(start.Add(after).UnixMilli()), Message: &message}
}

// ms is so long after the start as AWS writes instants.
func ms(after time.Duration) *int64 { return aws.Int64(start.Add(after).UnixMilli()) }

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks the code and the text of an AWS error.
func wantError(t testing.TB, err error, code, message string) {
	t.Helper()
	var known smithy.APIError
	if !errors.As(err, &known) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if known.ErrorCode() != code || known.ErrorMessage() != message {
		t.Errorf("got  %s: %s\nwant %s: %s", known.ErrorCode(), known.ErrorMessage(), code, message)
	}
}
