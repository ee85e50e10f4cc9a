package logs_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

// session is a Live Tail session past its start.
type session struct {
	t      *testing.T
	stream *cloudwatchlogs.StartLiveTailEventStream
}

// tail opens a session with a client of its own: a client of this SDK decodes
// its streams with one buffer, so that two at once race.
func (r *rig) tail(t *testing.T, in cloudwatchlogs.StartLiveTailInput) *session {
	t.Helper()
	if in.LogGroupIdentifiers == nil {
		in.LogGroupIdentifiers = []string{groupARN}
	}
	out, err := cloudwatchlogs.NewFromConfig(wiretest.Config(r.url)).StartLiveTail(t.Context(), &in)
	noError(t, err)
	s := &session{t, out.GetStream()}
	t.Cleanup(func() { _ = s.stream.Close() })
	start, ok := (<-s.stream.Events()).(*types.StartLiveTailResponseStreamMemberSessionStart)
	if !ok || start.Value.SessionId == nil || len(start.Value.LogGroupIdentifiers) != len(in.LogGroupIdentifiers) {
		t.Fatalf("the session begins with %+v", start)
	}
	return s
}

// update waits for the next second's update.
func (s *session) update() types.LiveTailSessionUpdate {
	s.t.Helper()
	update, ok := (<-s.stream.Events()).(*types.StartLiveTailResponseStreamMemberSessionUpdate)
	if !ok {
		s.t.Fatalf("no update: %v", s.stream.Err())
	}
	return update.Value
}

func (s *session) messages() []string {
	s.t.Helper()
	texts := []string{}
	for _, e := range s.update().SessionResults {
		texts = append(texts, *e.LogStreamName+" "+*e.Message)
	}
	return texts
}

func TestLiveTailShowsWhatComesInEachSecond(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(0, "before"))
	s := r.tail(t, cloudwatchlogs.StartLiveTailInput{})
	r.put(streamA, line(0, "one"), line(time.Millisecond, "two"))
	r.clock.Advance(time.Second)
	update := s.update()
	if len(update.SessionResults) != 2 || update.SessionMetadata.Sampled {
		t.Fatalf("got %+v", update)
	}
	first := update.SessionResults[0]
	if *first.Message != "one" || *first.Timestamp != *ms(0) || *first.IngestionTime != *ms(0) || *first.LogGroupIdentifier != account+":"+groupA {
		t.Errorf("got %+v", first)
	}
	r.clock.Advance(time.Second)
	if got := s.messages(); len(got) != 0 {
		t.Errorf("an idle second shows %v", got)
	}
	r.put(streamA, line(0, "three"))
	r.clock.Advance(time.Second)
	if diff := cmp.Diff([]string{streamA + " three"}, s.messages()); diff != "" {
		t.Error(diff)
	}
}

func TestLiveTailShowsWhatIsWanted(t *testing.T) {
	r := newRig(t)
	r.both()
	r.stream(groupA, "other")
	tests := map[string]struct {
		in   cloudwatchlogs.StartLiveTailInput
		want []string
	}{
		"all":        {cloudwatchlogs.StartLiveTailInput{}, []string{streamA + " ERROR a", streamA + " fine", "other ERROR b"}},
		"by names":   {cloudwatchlogs.StartLiveTailInput{LogStreamNames: []string{"other"}}, []string{"other ERROR b"}},
		"by prefix":  {cloudwatchlogs.StartLiveTailInput{LogStreamNamePrefixes: []string{"run/"}}, []string{streamA + " ERROR a", streamA + " fine"}},
		"by pattern": {cloudwatchlogs.StartLiveTailInput{LogEventFilterPattern: aws.String("ERROR")}, []string{streamA + " ERROR a", "other ERROR b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := r.tail(t, test.in)
			r.put(streamA, line(0, "ERROR a"), line(0, "fine"))
			r.put("other", line(0, "ERROR b"))
			r.clock.Advance(time.Second)
			if diff := cmp.Diff(test.want, s.messages()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLiveTailSamplesWhenThereIsTooMuch(t *testing.T) {
	r := newRig(t)
	r.both()
	s := r.tail(t, cloudwatchlogs.StartLiveTailInput{})
	var events []types.InputLogEvent
	for i := range 2000 {
		events = append(events, line(0, fmt.Sprint(i)))
	}
	r.put(streamA, events...)
	r.clock.Advance(time.Second)
	update := s.update()
	if len(update.SessionResults) != 500 || !update.SessionMetadata.Sampled {
		t.Errorf("%d results, sampled %t, want 500 and true", len(update.SessionResults), update.SessionMetadata.Sampled)
	}
}

func TestLiveTailEndsAfterThreeHours(t *testing.T) {
	r := newRig(t)
	r.both()
	s := r.tail(t, cloudwatchlogs.StartLiveTailInput{})
	r.clock.Advance(3 * time.Hour)
	for range s.stream.Events() {
	}
	wantError(t, s.stream.Err(), "SessionTimeoutException", "The Live Tail session ended after 3h0m0s: start the session again.")
}

func TestASlowReaderOfLiveTailMissesTheOldestUpdates(t *testing.T) {
	r := newRig(t)
	r.both()
	s := r.tail(t, cloudwatchlogs.StartLiveTailInput{})
	const seconds = 60
	bulk := strings.Repeat("x", 900_000)
	for i := range seconds {
		r.put(streamA, line(0, fmt.Sprint(i, bulk)))
		r.clock.Advance(time.Second)
	}
	var seen []int
	for len(seen) == 0 || seen[len(seen)-1] != seconds-1 {
		var second int
		if _, err := fmt.Sscan(strings.TrimSuffix(*s.update().SessionResults[0].Message, bulk), &second); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, second)
	}
	if len(seen) == seconds {
		t.Error("a reader that was away for a minute missed nothing: the updates wait without bound")
	}
	if !slices.IsSorted(seen) {
		t.Errorf("the updates came in the order %v", seen)
	}
}

func TestLiveTailEndsWhenTheServiceCloses(t *testing.T) {
	r := newRig(t)
	r.both()
	s := r.tail(t, cloudwatchlogs.StartLiveTailInput{})
	r.stop()
	r.stop = func() {}
	for range s.stream.Events() {
		t.Error("an update after the end")
	}
	wantError(t, s.stream.Err(), "SessionStreamingException", "Local AWS is stopping: start the session again.")
}

func TestAReaderThatLeavesFreesItsSession(t *testing.T) {
	r := newRig(t)
	r.both()
	var last *session
	for range 15 {
		last = r.tail(t, cloudwatchlogs.StartLiveTailInput{})
	}
	_, err := r.StartLiveTail(t.Context(), &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN}})
	wantError(t, err, "LimitExceededException", "The limit of 15 concurrent Live Tail sessions is reached: end another one first.")
	noError(t, last.stream.Close())
	for ; r.clock.Timers() == 15; runtime.Gosched() {
		if t.Context().Err() != nil {
			t.Fatal("the session still has its timer")
		}
	}
	r.tail(t, cloudwatchlogs.StartLiveTailInput{})
}

func TestLiveTailRefuses(t *testing.T) {
	r := newRig(t)
	r.both()
	r.group("second")
	second := "arn:aws:logs:us-east-1:123456789012:log-group:second"
	tests := map[string]struct {
		in            cloudwatchlogs.StartLiveTailInput
		code, message string
	}{
		"a bare name": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupA}},
			"InvalidParameterException",
			"The log group identifier '/stepdeck/runs' is not an ARN of a log group without a trailing ':*'.",
		},
		"an ARN with a star": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN + ":*"}},
			"InvalidParameterException",
			"The log group identifier '" + groupARN + ":*' is not an ARN of a log group without a trailing ':*'.",
		},
		"no such group": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN + "x"}}, "ResourceNotFoundException", "The specified log group does not exist.",
		},
		"streams of two groups": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN, second}, LogStreamNames: []string{"x"}},
			"InvalidParameterException",
			"LogStream names and prefixes can be given with exactly one log group.",
		},
		"names and prefixes": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN}, LogStreamNames: []string{"x"}, LogStreamNamePrefixes: []string{"x"}},
			"InvalidParameterException",
			"LogStream names and LogStream name prefixes are mutually exclusive parameters.",
		},
		"eleven groups": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: make([]string, 11)},
			"InvalidParameterException",
			"1 validation error detected: Value '[...]' at 'logGroupIdentifiers' failed to satisfy constraint: Member must have length less than or equal to 10",
		},
		"a broken pattern": {
			cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN}, LogEventFilterPattern: aws.String(`"open`)}, "InvalidParameterException", "Invalid filter pattern",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.StartLiveTail(t.Context(), &test.in)
			wantError(t, err, test.code, test.message)
		})
	}
}
