package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func (r *rig) get(in cloudwatchlogs.GetLogEventsInput) *cloudwatchlogs.GetLogEventsOutput {
	r.t.Helper()
	in.LogGroupName, in.LogStreamName = aws.String(groupA), aws.String(streamA)
	out, err := r.GetLogEvents(r.t.Context(), &in)
	noError(r.t, err)
	return out
}

func messages(out *cloudwatchlogs.GetLogEventsOutput) []string {
	texts := []string{}
	for _, e := range out.Events {
		texts = append(texts, *e.Message)
	}
	return texts
}

func TestGetLogEventsWithoutATokenGivesTheNewestInOrder(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(0, "one"), line(time.Second, "two"), line(2*time.Second, "three"))
	out := r.get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2)})
	if diff := cmp.Diff([]string{"two", "three"}, messages(out)); diff != "" {
		t.Error(diff)
	}
	if *out.Events[0].IngestionTime != start.UnixMilli() {
		t.Errorf("ingestion time %d is not the clock's", *out.Events[0].IngestionTime)
	}
}

func TestTheEndOfAStreamIsTheTokenThatWasSent(t *testing.T) {
	r := newRig(t)
	r.both()
	empty := r.get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true)})
	r.put(streamA, line(0, "one"))
	page := r.get(cloudwatchlogs.GetLogEventsInput{NextToken: empty.NextForwardToken, StartFromHead: aws.Bool(true)})
	if diff := cmp.Diff([]string{"one"}, messages(page)); diff != "" {
		t.Errorf("the token of an empty stream misses what comes: %s", diff)
	}
	end := r.get(cloudwatchlogs.GetLogEventsInput{NextToken: page.NextForwardToken, StartFromHead: aws.Bool(true)})
	if len(end.Events) != 0 || *end.NextForwardToken != *page.NextForwardToken {
		t.Errorf("at the end: %d events, token %s, want none and %s", len(end.Events), *end.NextForwardToken, *page.NextForwardToken)
	}
	back := r.get(cloudwatchlogs.GetLogEventsInput{NextToken: page.NextBackwardToken})
	if len(back.Events) != 0 || *back.NextBackwardToken != *page.NextBackwardToken {
		t.Errorf("at the beginning: %d events, token %s, want none and %s", len(back.Events), *back.NextBackwardToken, *page.NextBackwardToken)
	}
	r.put(streamA, line(0, "two"))
	more := r.get(cloudwatchlogs.GetLogEventsInput{NextToken: end.NextForwardToken, StartFromHead: aws.Bool(true)})
	if diff := cmp.Diff([]string{"two"}, messages(more)); diff != "" {
		t.Errorf("following: %s", diff)
	}
}

func TestGetLogEventsKeepsToItsTimes(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(0, "0"), line(time.Second, "1"), line(2*time.Second, "2"), line(3*time.Second, "3"))
	out := r.get(cloudwatchlogs.GetLogEventsInput{StartTime: ms(time.Second), EndTime: ms(3 * time.Second)})
	if diff := cmp.Diff([]string{"1", "2"}, messages(out)); diff != "" {
		t.Errorf("the start belongs to it, the end does not: %s", diff)
	}
}

func TestEventsOfEarlierTimesAreSortedIn(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(time.Second, "b"), line(3*time.Second, "e"))
	r.put(streamA, line(0, "a"), line(time.Second, "c"), line(2*time.Second, "d"), line(4*time.Second, "f"))
	want := []string{"a", "b", "c", "d", "e", "f"}
	for _, when := range []string{"at once", "after a restart"} {
		if diff := cmp.Diff(want, messages(r.get(cloudwatchlogs.GetLogEventsInput{}))); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
		r.restart()
	}
}

func TestAPageOfEventsEndsAtOneMegabyte(t *testing.T) {
	r := newRig(t)
	r.both()
	big := strings.Repeat("x", 400_000)
	for i := range 3 {
		r.put(streamA, line(time.Duration(i)*time.Second, big))
	}
	if out := r.get(cloudwatchlogs.GetLogEventsInput{}); len(out.Events) != 2 {
		t.Errorf("a page holds %d events of 400,000 bytes, want 2", len(out.Events))
	}
}

func TestGetLogEventsRefuses(t *testing.T) {
	r := newRig(t)
	r.both()
	r.stream(groupA, "other")
	token := r.get(cloudwatchlogs.GetLogEventsInput{}).NextForwardToken
	tests := map[string]struct {
		in            cloudwatchlogs.GetLogEventsInput
		code, message string
	}{
		"a limit too high": {
			cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(groupA), LogStreamName: aws.String(streamA), Limit: aws.Int32(10001)},
			"InvalidParameterException",
			"1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
		},
		"a token of no stream": {
			cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(groupA), LogStreamName: aws.String(streamA), NextToken: aws.String("f/1/s")},
			"InvalidParameterException", "The specified nextToken is invalid.",
		},
		"a token of another stream": {
			cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(groupA), LogStreamName: aws.String("other"), NextToken: token},
			"InvalidParameterException", "The specified nextToken is invalid.",
		},
		"no such group": {
			cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("none"), LogStreamName: aws.String(streamA)},
			"ResourceNotFoundException", "The specified log group does not exist.",
		},
		"no such stream": {
			cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(groupA), LogStreamName: aws.String("none")},
			"ResourceNotFoundException", "The specified log stream does not exist.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.GetLogEvents(t.Context(), &test.in)
			wantError(t, err, test.code, test.message)
		})
	}
}

func TestPutLogEventsRefuses(t *testing.T) {
	r := newRig(t)
	r.both()
	tooMany := make([]types.InputLogEvent, 10_001)
	for i := range tooMany {
		tooMany[i] = line(0, "x")
	}
	tests := map[string]struct {
		stream        string
		events        []types.InputLogEvent
		code, message string
	}{
		"no such stream": {"none", []types.InputLogEvent{line(0, "x")}, "ResourceNotFoundException", "The specified log stream does not exist."},
		"wrong order": {
			streamA,
			[]types.InputLogEvent{line(time.Second, "x"), line(0, "y")},
			"InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.",
		},
		"too long a span": {
			streamA,
			[]types.InputLogEvent{line(-25*time.Hour, "x"), line(0, "y")},
			"InvalidParameterException", "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
		},
		"too many bytes": {
			streamA,
			[]types.InputLogEvent{line(0, strings.Repeat("x", 1<<20-26)), line(0, "y")},
			"InvalidParameterException", "Upload too large: 1048603 bytes exceeds limit of 1048576",
		},
		"too many events": {
			streamA, tooMany, "InvalidParameterException",
			"1 validation error detected: Value '[...]' at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to 10000",
		},
		"an empty message": {
			streamA,
			[]types.InputLogEvent{line(0, "")},
			"InvalidParameterException",
			"1 validation error detected: Value '' at 'logEvents.1.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.tryPut(test.stream, test.events...)
			wantError(t, err, test.code, test.message)
		})
	}
	if out := r.get(cloudwatchlogs.GetLogEventsInput{}); len(out.Events) != 0 {
		t.Errorf("a refused batch left %d events", len(out.Events))
	}
}

func TestEventsTooOldOrTooNewAreLeftOut(t *testing.T) {
	r := newRig(t)
	r.both()
	old := r.put(streamA, line(-14*24*time.Hour-time.Second, "old"), line(-14*24*time.Hour, "kept"))
	if old.RejectedLogEventsInfo == nil || aws.ToInt32(old.RejectedLogEventsInfo.TooOldLogEventEndIndex) != 1 {
		t.Errorf("too old: %+v", old.RejectedLogEventsInfo)
	}
	ahead := r.put(streamA, line(2*time.Hour, "kept too"), line(2*time.Hour+time.Second, "ahead"))
	if ahead.RejectedLogEventsInfo == nil || aws.ToInt32(ahead.RejectedLogEventsInfo.TooNewLogEventStartIndex) != 1 {
		t.Errorf("too new: %+v", ahead.RejectedLogEventsInfo)
	}
	if diff := cmp.Diff([]string{"kept", "kept too"}, messages(r.get(cloudwatchlogs.GetLogEventsInput{}))); diff != "" {
		t.Error(diff)
	}
}

func TestPagingGivesEachEventOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		defer func() { r.stop(); r.stop = func() {} }()
		r.both()
		var want []string
		for batch := range rapid.IntRange(1, 4).Draw(rt, "batches") {
			var events []types.InputLogEvent
			for i := range rapid.IntRange(1, 12).Draw(rt, "events") {
				at := time.Duration(batch*12+i) / 3 * time.Millisecond
				text := fmt.Sprintf("%d.%d", batch, i)
				events, want = append(events, line(at, text)), append(want, text)
			}
			r.put(streamA, events...)
		}
		limit := int32(rapid.IntRange(1, 15).Draw(rt, "limit"))
		head := rapid.Bool().Draw(rt, "from the head")
		var got []string
		in := cloudwatchlogs.GetLogEventsInput{Limit: &limit, StartFromHead: &head}
		for {
			out := r.get(in)
			next := out.NextBackwardToken
			if head {
				next = out.NextForwardToken
				got = append(got, messages(out)...)
			} else {
				got = append(messages(out), got...)
			}
			if aws.ToString(next) == aws.ToString(in.NextToken) {
				break
			}
			in.NextToken = next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Error(diff)
		}
	})
}
