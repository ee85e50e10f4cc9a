package logs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func (r *rig) filter(in cloudwatchlogs.FilterLogEventsInput) *cloudwatchlogs.FilterLogEventsOutput {
	r.t.Helper()
	in.LogGroupName = aws.String(groupA)
	out, err := r.FilterLogEvents(r.t.Context(), &in)
	noError(r.t, err)
	return out
}

func filtered(out *cloudwatchlogs.FilterLogEventsOutput) []string {
	texts := []string{}
	for _, e := range out.Events {
		texts = append(texts, *e.LogStreamName+" "+*e.Message)
	}
	return texts
}

func TestFilterLogEventsInterleavesStreams(t *testing.T) {
	r := newRig(t)
	r.group(groupA)
	for _, name := range []string{"x/1", "x/2", "y/1"} {
		r.stream(groupA, name)
	}
	r.put("x/1", line(0, "ERROR a"), line(2*time.Second, "fine c"))
	r.put("x/2", line(time.Second, "fine b"), line(3*time.Second, "ERROR d"))
	r.put("y/1", line(time.Second, "ERROR e"))
	tests := map[string]struct {
		in   cloudwatchlogs.FilterLogEventsInput
		want []string
	}{
		"all":           {cloudwatchlogs.FilterLogEventsInput{}, []string{"x/1 ERROR a", "x/2 fine b", "y/1 ERROR e", "x/1 fine c", "x/2 ERROR d"}},
		"by pattern":    {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("ERROR")}, []string{"x/1 ERROR a", "y/1 ERROR e", "x/2 ERROR d"}},
		"by prefix":     {cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("y/")}, []string{"y/1 ERROR e"}},
		"by names":      {cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"x/2", "x/2"}}, []string{"x/2 fine b", "x/2 ERROR d"}},
		"both ends in":  {cloudwatchlogs.FilterLogEventsInput{StartTime: ms(time.Second), EndTime: ms(2 * time.Second)}, []string{"x/2 fine b", "y/1 ERROR e", "x/1 fine c"}},
		"nothing there": {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("absent")}, []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out := r.filter(test.in)
			if diff := cmp.Diff(test.want, filtered(out)); diff != "" {
				t.Error(diff)
			}
			if out.NextToken != nil {
				t.Errorf("a last page has the token %s", *out.NextToken)
			}
		})
	}
}

func TestFilterLogEventsRefuses(t *testing.T) {
	r := newRig(t)
	r.both()
	tests := map[string]struct {
		in            cloudwatchlogs.FilterLogEventsInput
		code, message string
	}{
		"a limit too high": {
			cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(10001)},
			"InvalidParameterException",
			"1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
		},
		"an unknown token":  {cloudwatchlogs.FilterLogEventsInput{NextToken: aws.String("bogus")}, "InvalidParameterException", "The specified nextToken is invalid."},
		"an unknown stream": {cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"none"}}, "ResourceNotFoundException", "The specified log stream does not exist."},
		"names and a prefix": {
			cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{streamA}, LogStreamNamePrefix: aws.String("x")},
			"InvalidParameterException",
			"LogStream names and LogStream name prefix are mutually exclusive parameters.",
		},
		"a broken pattern": {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("{ $.a = ")}, "InvalidParameterException", "Invalid filter pattern"},
		"a bare term with a dash": {
			cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("run-task")}, "InvalidParameterException", "Invalid character(s) in term 'run-task'",
		},
		"a pattern too long": {
			cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String(strings.Repeat("x", 1025))},
			"InvalidParameterException",
			"1 validation error detected: Value '" + strings.Repeat("x", 1025) + "' at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.in.LogGroupName = aws.String(groupA)
			_, err := r.FilterLogEvents(t.Context(), &test.in)
			wantError(t, err, test.code, test.message)
		})
	}
}

func TestFilteredPagingGivesEachEventOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		defer func() { r.stop(); r.stop = func() {} }()
		r.group(groupA)
		total := 0
		for i := range rapid.IntRange(1, 3).Draw(rt, "streams") {
			name := fmt.Sprint("s", i)
			r.stream(groupA, name)
			var events []types.InputLogEvent
			offsets := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 12).Draw(rt, "times")
			slices.Sort(offsets)
			for _, at := range offsets {
				events = append(events, line(time.Duration(at)*time.Millisecond, rapid.SampledFrom([]string{"hit", "miss"}).Draw(rt, "text")))
			}
			total += len(events)
			r.put(name, events...)
		}
		in := cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("hit")}
		want := r.filter(in).Events
		in.Limit = aws.Int32(int32(rapid.IntRange(1, 15).Draw(rt, "limit")))
		var got []types.FilteredLogEvent
		for pages := 0; pages <= total; pages++ {
			out := r.filter(in)
			got = append(got, out.Events...)
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
			rt.Error(diff)
		}
		if !slices.IsSorted(ids(got)) || len(slices.Compact(ids(got))) != len(got) {
			rt.Errorf("ids are not in order or not unique: %v", ids(got))
		}
	})
}

func ids(events []types.FilteredLogEvent) []string {
	var ids []string
	for _, e := range events {
		ids = append(ids, *e.EventId)
	}
	return ids
}

func TestAMillionEventsInOneStream(t *testing.T) {
	r := newRig(t)
	r.both()
	const batches, each = 100, 10_000
	for b := range batches {
		events := make([]types.InputLogEvent, each)
		for i := range events {
			events[i] = line(time.Duration(b*each+i)*time.Millisecond, fmt.Sprintf("line %d of the task's output", b*each+i))
		}
		r.put(streamA, events...)
	}
	r.restart()
	out := r.get(cloudwatchlogs.GetLogEventsInput{StartTime: ms(777_777 * time.Millisecond), Limit: aws.Int32(1), StartFromHead: aws.Bool(true)})
	if got := messages(out); len(got) != 1 || got[0] != "line 777777 of the task's output" {
		t.Errorf("found %v", got)
	}
	in := cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("999999")}
	var found []string
	for range batches {
		page := r.filter(in)
		found = append(found, filtered(page)...)
		if in.NextToken = page.NextToken; in.NextToken == nil {
			break
		}
	}
	if diff := cmp.Diff([]string{streamA + " line 999999 of the task's output"}, found); diff != "" {
		t.Errorf("after pages that were short: %s", diff)
	}
}
