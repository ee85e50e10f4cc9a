package logs

import (
	"container/heap"
	"context"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/logs/pattern"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const (
	// maxStreamNames bounds logStreamNames.
	maxStreamNames = 100
	// maxScan bounds the events that one page looks at. AWS likewise gives
	// pages that are short, or empty, with a token.
	maxScan = 100_000
)

type filterLogEventsInput struct {
	groupRef
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	FilterPattern       string   `json:"filterPattern"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	NextToken           string   `json:"nextToken"`
	Limit               *int32   `json:"limit"`
}

type filterLogEventsOutput struct {
	Events             []filteredEvent `json:"events"`
	SearchedLogStreams []struct{}      `json:"searchedLogStreams"`
	NextToken          string          `json:"nextToken,omitempty"`
}

type filteredEvent struct {
	EventID       string `json:"eventId"`
	IngestionTime int64  `json:"ingestionTime"`
	LogStreamName string `json:"logStreamName"`
	Message       string `json:"message"`
	Timestamp     int64  `json:"timestamp"`
}

// filterLogEvents gives a page of the events of several streams, interleaved
// by time.
func (s *Service) filterLogEvents(_ context.Context, in *filterLogEventsInput) (*filterLogEventsOutput, error) {
	name, err := s.groupName(in.groupRef)
	if err != nil {
		return nil, err
	}
	limit, err := pageLimit(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	if err := checkStreamChoice(in.LogStreamNames, in.LogStreamNamePrefix); err != nil {
		return nil, err
	}
	wanted, err := parsePattern("filterPattern", in.FilterPattern)
	if err != nil {
		return nil, err
	}
	start, end, err := span(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	from := position{at: start}
	if in.NextToken != "" {
		if from, err = parseFilterToken(in.NextToken, from); err != nil {
			return nil, err
		}
	}
	runs, err := s.runs(name, in, from, end)
	if err != nil {
		return nil, err
	}
	return collect(runs, wanted, limit), nil
}

func checkStreamChoice(names []string, prefix string) error {
	var v wire.Violations
	checkStreamNames(&v, "logStreamNames", names)
	if prefix != "" {
		checkName(&v, "logStreamNamePrefix", prefix, streamPattern)
	}
	if err := v.ErrAs(invalidParameter); err != nil {
		return err
	}
	if names != nil && prefix != "" {
		return wire.Errorf(invalidParameter, "LogStream names and LogStream name prefix are mutually exclusive parameters.")
	}
	return nil
}

// checkStreamNames checks a list that may be left out, but not be empty.
func checkStreamNames(v *wire.Violations, field string, names []string) {
	if names != nil {
		v.Items(field, len(names), 1, maxStreamNames)
	}
	for i, name := range names {
		checkName(v, fmt.Sprintf("%s.%d.member", field, i+1), name, streamPattern)
	}
}

func parsePattern(field, text string) (*pattern.Pattern, error) {
	var v wire.Violations
	v.Length(field, text, 0, pattern.MaxLength)
	if err := v.ErrAs(invalidParameter); err != nil {
		return nil, err
	}
	wanted, err := pattern.Parse(text)
	if err != nil {
		return nil, wire.Errorf(invalidParameter, "%s", err)
	}
	return wanted, nil
}

// parseFilterToken is the position behind the token's, or start when that is later.
func parseFilterToken(token string, start position) (position, error) {
	id, err := decodeToken("filter", token)
	if err != nil {
		return position{}, err
	}
	p, ok := parseID(id)
	switch {
	case !ok:
		return position{}, errToken
	case p.at < start.at:
		return start, nil
	}
	p.seq++
	return p, nil
}

// streamRun is what is left to read of one stream.
type streamRun struct {
	name   string
	number uint64
	events []event
}

func (r streamRun) next() position {
	return position{r.events[0].at, r.number, r.events[0].seq}
}

// runs takes the events from a position to a time, the end inclusive, of each
// stream asked for.
func (s *Service) runs(groupName string, in *filterLogEventsInput, from position, end int64) (runHeap, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[groupName]
	if g == nil {
		return nil, errNoGroup
	}
	if err := s.expire(g); err != nil {
		return nil, err
	}
	streams, err := g.choose(in.LogStreamNames, in.LogStreamNamePrefix)
	if err != nil {
		return nil, err
	}
	var runs runHeap
	for _, st := range streams {
		var low int
		switch {
		case st.Number == from.stream:
			low = index(st.events, from.at, from.seq)
		case st.Number < from.stream:
			low = indexAfter(st.events, from.at)
		default:
			low = index(st.events, from.at, 0)
		}
		if events := st.events[low:max(low, indexAfter(st.events, end))]; len(events) > 0 {
			runs = append(runs, streamRun{st.Name, st.Number, events})
		}
	}
	heap.Init(&runs)
	return runs, nil
}

// indexAfter is how many events stand at or before the instant.
func indexAfter(events []event, at int64) int {
	if at == maxTime {
		return len(events)
	}
	return index(events, at+1, 0)
}

func (g *group) choose(names []string, prefix string) ([]*stream, error) {
	var chosen []*stream
	if names == nil {
		for _, st := range g.streams {
			if strings.HasPrefix(st.Name, prefix) {
				chosen = append(chosen, st)
			}
		}
		return chosen, nil
	}
	seen := map[string]bool{}
	for _, name := range names {
		st := g.streams[name]
		if st == nil {
			return nil, errNoStream
		}
		if !seen[name] {
			seen[name] = true
			chosen = append(chosen, st)
		}
	}
	return chosen, nil
}

func collect(runs runHeap, wanted *pattern.Pattern, limit int) *filterLogEventsOutput {
	out := &filterLogEventsOutput{Events: []filteredEvent{}, SearchedLogStreams: []struct{}{}}
	bytes := 0
	var last position
	for scanned := 0; len(runs) > 0; scanned++ {
		run := &runs[0]
		e := run.events[0]
		match := wanted.Match(e.message)
		full := match && (len(out.Events) == limit || bytes+size(e.message) > maxPageBytes && len(out.Events) > 0)
		if full || scanned == maxScan {
			out.NextToken = encodeToken("filter", last.id())
			return out
		}
		last = run.next()
		if match {
			bytes += size(e.message)
			out.Events = append(out.Events, filteredEvent{
				EventID: last.id(), IngestionTime: e.ingested, LogStreamName: run.name, Message: e.message, Timestamp: e.at,
			})
		}
		if run.events = run.events[1:]; len(run.events) == 0 {
			heap.Pop(&runs)
		} else {
			heap.Fix(&runs, 0)
		}
	}
	return out
}

// runHeap has the run with the earliest event on top.
type runHeap []streamRun

func (h runHeap) Len() int { return len(h) }

func (h runHeap) Less(i, j int) bool {
	a, b := h[i].next(), h[j].next()
	if a.at != b.at {
		return a.at < b.at
	}
	return a.stream < b.stream
}

func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *runHeap) Push(x any) { *h = append(*h, x.(streamRun)) }

func (h *runHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
