package client_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

var stream = workflow.LogRef{Group: "g", Stream: "p/job/1", Container: "job"}

func TestALogPageKeepsTheRawLineBesideTheSafeOne(t *testing.T) {
	ports, aws := connected(t, map[string]string{"GetLogEvents": `{"nextForwardToken":"f/2","events":[
		{"timestamp":1500,"ingestionTime":1600,"message":"hello\u001b[2J"}]}`})
	page, err := ports.Logs.LogPage(t.Context(), ops.LogQuery{Ref: stream, Since: time.UnixMilli(1000), Page: "f/1"})
	if err != nil {
		t.Fatal(err)
	}
	const raw = "hello\x1b[2J"
	equal(t, page, ops.LogPage{Next: "f/2", Lines: []workflow.LogLine{
		{Time: time.UnixMilli(1500), Ingested: time.UnixMilli(1600), Text: safe.Line(raw), Raw: raw},
	}})
	equal(t, aws.asked("GetLogEvents"), map[string]any{
		"logGroupName": "g", "logStreamName": "p/job/1", "startFromHead": true, "startTime": 1000.0, "nextToken": "f/1",
	})
}

func TestAStreamThatIsNotThereIsNotFound(t *testing.T) {
	ports, _ := connected(t, map[string]string{"GetLogEvents": `{"__type":"ResourceNotFoundException","message":"The specified log stream does not exist."}`})
	_, err := ports.Logs.LogPage(t.Context(), ops.LogQuery{Ref: stream})
	equal(t, ops.KindOf(err), ops.NotFound)
}

// frames answers StartLiveTail with event-stream messages and then does as last says.
func frames(t *testing.T, last func(r *http.Request), messages ...eventstream.Message) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		for _, m := range append([]eventstream.Message{frame("initial-response", `{}`)}, messages...) {
			if err := eventstream.NewEncoder().Encode(w, m); err != nil {
				t.Error(err)
			}
		}
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		last(r)
	}
}

func frame(event, payload string) eventstream.Message {
	return eventstream.Message{Payload: []byte(payload), Headers: eventstream.Headers{
		{Name: ":message-type", Value: eventstream.StringValue("event")},
		{Name: ":event-type", Value: eventstream.StringValue(event)},
		{Name: ":content-type", Value: eventstream.StringValue("application/json")},
	}}
}

func TestALiveTailDeliversUntilItIsClosed(t *testing.T) {
	ports, aws := connected(t, nil)
	aws.stream = frames(t, func(r *http.Request) { <-r.Context().Done() },
		frame("sessionStart", `{"sessionId":"s"}`),
		frame("sessionUpdate", `{"sessionMetadata":{"sampled":true},"sessionResults":[
			{"logStreamName":"p/job/1","timestamp":1500,"ingestionTime":1600,"message":"hi"}]}`))
	tail, err := ports.Logs.LiveTail(t.Context(), []workflow.LogRef{stream})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, <-tail.Updates(), ops.LiveUpdate{Started: true})
	equal(t, <-tail.Updates(), ops.LiveUpdate{Sampled: true, Lines: []ops.LiveLine{{
		Stream: "p/job/1", LogLine: workflow.LogLine{Time: time.UnixMilli(1500), Ingested: time.UnixMilli(1600), Text: safe.Line("hi"), Raw: "hi"},
	}}})
	if err := tail.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-tail.Updates(); open {
		t.Error("a closed tail still delivers")
	}
	if err := tail.Err(); err != nil {
		t.Errorf("closing is no error: %v", err)
	}
	equal(t, aws.asked("StartLiveTail"), map[string]any{
		"logGroupIdentifiers": []any{"arn:aws:logs:us-east-1:123456789012:log-group:g"}, "logStreamNames": []any{"p/job/1"},
	})
}

func TestALiveTailThatAWSEndsSaysWhy(t *testing.T) {
	ports, aws := connected(t, nil)
	timeout := frame("", `{"message":"Session timed out"}`)
	timeout.Headers = eventstream.Headers{
		{Name: ":message-type", Value: eventstream.StringValue("exception")},
		{Name: ":exception-type", Value: eventstream.StringValue("SessionTimeoutException")},
		{Name: ":content-type", Value: eventstream.StringValue("application/json")},
	}
	aws.stream = frames(t, func(*http.Request) {}, frame("sessionStart", `{}`), timeout)
	tail, err := ports.Logs.LiveTail(t.Context(), []workflow.LogRef{stream})
	if err != nil {
		t.Fatal(err)
	}
	defer tail.Close()
	for range tail.Updates() {
		continue
	}
	if err := tail.Err(); err == nil || ops.KindOf(err) != ops.Failed {
		t.Errorf("err = %v, want the session's time-out", err)
	}
}
