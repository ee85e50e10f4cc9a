package logs

import (
	"context"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The limits of PutLogEvents.
const (
	maxBatch      = 10_000
	maxBatchBytes = 1 << 20
	eventOverhead = 26
	maxSpan       = 24 * time.Hour
	maxAge        = 14 * 24 * time.Hour
	maxAhead      = 2 * time.Hour
)

type putLogEventsInput struct {
	LogGroupName  string       `json:"logGroupName"`
	LogStreamName string       `json:"logStreamName"`
	LogEvents     []inputEvent `json:"logEvents"`
}

type inputEvent struct {
	Timestamp *int64  `json:"timestamp"`
	Message   *string `json:"message"`
}

type putLogEventsOutput struct {
	NextSequenceToken string    `json:"nextSequenceToken"`
	Rejected          *rejected `json:"rejectedLogEventsInfo,omitempty"`
}

// rejected are indices into the batch: the ends exclusive, the start inclusive.
type rejected struct {
	ExpiredEnd  *int `json:"expiredLogEventEndIndex,omitempty"`
	TooNewStart *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldEnd   *int `json:"tooOldLogEventEndIndex,omitempty"`
}

func (s *Service) putLogEvents(_ context.Context, in *putLogEventsInput) (*putLogEventsOutput, error) {
	if err := checkNames(in.LogGroupName, &in.LogStreamName); err != nil {
		return nil, err
	}
	if err := checkBatch(in.LogEvents); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(in.LogGroupName, in.LogStreamName)
	if err != nil {
		return nil, err
	}
	now := s.now()
	kept, out := accept(in.LogEvents, now, st.group.Days)
	if len(kept) > 0 {
		if err := s.write(st, kept, now); err != nil {
			return nil, err
		}
	}
	out.NextSequenceToken = position{now.UnixMilli(), st.Number, st.seq}.id()
	return out, nil
}

// write stores a batch and shows it to the Live Tail sessions.
func (s *Service) write(st *stream, kept []inputEvent, now time.Time) error {
	b := batchRecord{Ingested: now.UnixMilli(), First: st.seq + 1}
	for _, e := range kept {
		b.Times = append(b.Times, *e.Timestamp)
		b.Messages = append(b.Messages, *e.Message)
	}
	key := batchKey(st.Number, b.First)
	if err := s.opts.Store.Put(batchBucket, key, b); err != nil {
		return fmt.Errorf("keep events of %s: %w", st.Name, err)
	}
	st.take(key, b)
	for t := range s.tails {
		t.offer(st, b)
	}
	return nil
}

func checkBatch(events []inputEvent) error {
	var v wire.Violations
	v.Items("logEvents", len(events), 1, maxBatch)
	total := 0
	for i, e := range events {
		field := fmt.Sprintf("logEvents.%d.member.", i+1)
		v.Required(field+"timestamp", e.Timestamp != nil)
		v.Required(field+"message", e.Message != nil)
		if e.Timestamp != nil {
			v.Range(field+"timestamp", *e.Timestamp, 0, maxTime)
		}
		if e.Message != nil {
			v.Length(field+"message", *e.Message, 1, maxBatchBytes)
			total += size(*e.Message)
		}
	}
	if err := v.ErrAs(invalidParameter); err != nil {
		return err
	}
	if total > maxBatchBytes {
		return wire.Errorf(invalidParameter, "Upload too large: %d bytes exceeds limit of %d", total, maxBatchBytes)
	}
	return checkOrder(events)
}

func checkOrder(events []inputEvent) error {
	for i := 1; i < len(events); i++ {
		if *events[i].Timestamp < *events[i-1].Timestamp {
			return wire.Errorf(invalidParameter, "Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	if *events[len(events)-1].Timestamp-*events[0].Timestamp > maxSpan.Milliseconds() {
		return wire.Errorf(invalidParameter, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// accept leaves out what is too old, expired or too far ahead, and tells so.
func accept(events []inputEvent, now time.Time, days int32) ([]inputEvent, *putLogEventsOutput) {
	var (
		info    rejected
		oldest  = now.Add(-maxAge).UnixMilli()
		newest  = now.Add(maxAhead).UnixMilli()
		from    = 0
		to      = len(events)
		expired int64
	)
	if days > 0 {
		expired = now.Add(-retention(days)).UnixMilli()
	}
	for from < to && *events[from].Timestamp < oldest {
		from++
	}
	if from > 0 {
		info.TooOldEnd = ptr(from)
	}
	unexpired := from
	for unexpired < to && *events[unexpired].Timestamp < expired {
		unexpired++
	}
	if unexpired > from {
		info.ExpiredEnd, from = ptr(unexpired), unexpired
	}
	for to > from && *events[to-1].Timestamp > newest {
		to--
	}
	if to < len(events) {
		info.TooNewStart = ptr(to)
	}
	out := &putLogEventsOutput{}
	if info != (rejected{}) {
		out.Rejected = &info
	}
	return events[from:to], out
}

func ptr(i int) *int { return &i }
