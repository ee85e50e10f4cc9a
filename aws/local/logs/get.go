package logs

import (
	"context"
	"math"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The limits of a page of events, also the defaults.
const (
	maxEvents    = 10_000
	maxPageBytes = 1 << 20
)

// maxTime is the last instant that a request can name.
const maxTime = math.MaxInt64

type getLogEventsInput struct {
	groupRef
	LogStreamName string `json:"logStreamName"`
	StartTime     *int64 `json:"startTime"`
	EndTime       *int64 `json:"endTime"`
	NextToken     string `json:"nextToken"`
	Limit         *int32 `json:"limit"`
	StartFromHead bool   `json:"startFromHead"`
}

type getLogEventsOutput struct {
	Events            []outputEvent `json:"events"`
	NextBackwardToken string        `json:"nextBackwardToken"`
	NextForwardToken  string        `json:"nextForwardToken"`
}

type outputEvent struct {
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
	Timestamp     int64  `json:"timestamp"`
}

// getLogEvents gives a page of one stream; the end of the stream is where the
// token for going on is the one that was sent.
func (s *Service) getLogEvents(_ context.Context, in *getLogEventsInput) (*getLogEventsOutput, error) {
	name, err := s.groupName(in.groupRef)
	if err != nil {
		return nil, err
	}
	if err := checkNames(name, &in.LogStreamName); err != nil {
		return nil, err
	}
	limit, err := pageLimit(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	start, end, err := span(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	events, number, err := s.snapshot(name, in.LogStreamName)
	if err != nil {
		return nil, err
	}
	direction, low, high := byte(backward), index(events, start, 0), index(events, end, 0)
	if in.StartFromHead {
		direction = forward
	}
	if in.NextToken != "" {
		var p position
		if direction, p, err = parseStreamToken(in.NextToken, number); err != nil {
			return nil, err
		}
		if direction == forward {
			low = max(low, index(events, p.at, p.seq+1))
		} else {
			high = min(high, index(events, p.at, p.seq))
		}
	}
	low, high = cut(events, low, max(low, high), limit, direction)
	return page(events, low, high, number, in.NextToken), nil
}

// span is the times asked for, milliseconds with the end exclusive.
func span(startTime, endTime *int64) (start, end int64, err error) {
	start, end = 0, maxTime
	var v wire.Violations
	if startTime != nil {
		start = *startTime
		v.Range("startTime", start, 0, maxTime)
	}
	if endTime != nil {
		end = *endTime
		v.Range("endTime", end, 0, maxTime)
	}
	if err := v.ErrAs(invalidParameter); err != nil {
		return 0, 0, err
	}
	if start > end {
		return 0, 0, wire.Errorf(invalidParameter, "The startTime must not be later than the endTime.")
	}
	return start, end, nil
}

func (s *Service) snapshot(groupName, streamName string) ([]event, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(groupName, streamName)
	if err != nil {
		return nil, 0, err
	}
	if err := s.expire(st.group); err != nil {
		return nil, 0, err
	}
	return st.events, st.Number, nil
}

// cut narrows [low, high) to a page from the end that the direction begins at.
func cut(events []event, low, high, limit int, direction byte) (int, int) {
	bytes, n := 0, 0
	for ; n < limit && n < high-low; n++ {
		next := low + n
		if direction == backward {
			next = high - 1 - n
		}
		bytes += size(events[next].message)
		if bytes > maxPageBytes && n > 0 {
			break
		}
	}
	if direction == backward {
		return high - n, high
	}
	return low, low + n
}

// page is events[low:high] with the tokens that go on from it. A page without
// events repeats the token that it was asked with.
func page(events []event, low, high int, number uint64, asked string) *getLogEventsOutput {
	out := &getLogEventsOutput{Events: make([]outputEvent, 0, high-low)}
	for _, e := range events[low:high] {
		out.Events = append(out.Events, outputEvent{IngestionTime: e.ingested, Message: e.message, Timestamp: e.at})
	}
	before := position{stream: number}
	after := before
	switch {
	case high > low:
		before = position{events[low].at, number, events[low].seq}
		after = position{events[high-1].at, number, events[high-1].seq}
	case low > 0:
		after = position{events[low-1].at, number, events[low-1].seq}
		before = position{after.at, number, after.seq + 1}
	}
	out.NextForwardToken, out.NextBackwardToken = streamToken(forward, after), streamToken(backward, before)
	if high == low && asked != "" {
		if asked[0] == forward {
			out.NextForwardToken = asked
		} else {
			out.NextBackwardToken = asked
		}
	}
	return out
}
