package logs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type streamInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName"`
}

func (s *Service) createLogStream(_ context.Context, in *streamInput) (*none, error) {
	if err := checkNames(in.LogGroupName, &in.LogStreamName); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[in.LogGroupName]
	switch {
	case g == nil:
		return nil, errNoGroup
	case g.streams[in.LogStreamName] != nil:
		return nil, wire.Errorf(alreadyExists, "The specified log stream already exists")
	}
	st := &stream{group: g, streamRecord: streamRecord{
		Group: g.Name, Name: in.LogStreamName, Number: s.lastStream + 1, Created: s.now().UnixMilli(),
	}}
	if err := s.opts.Store.Put(streamBucket, streamKey(st.Number), st.streamRecord); err != nil {
		return nil, err
	}
	s.lastStream++
	g.streams[st.Name] = st
	return &none{}, nil
}

func (s *Service) deleteLogStream(_ context.Context, in *streamInput) (*none, error) {
	if err := checkNames(in.LogGroupName, &in.LogStreamName); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(in.LogGroupName, in.LogStreamName)
	if err != nil {
		return nil, err
	}
	if err := s.forgetStream(st); err != nil {
		return nil, err
	}
	delete(st.group.streams, st.Name)
	return &none{}, nil
}

// find needs the lock.
func (s *Service) find(groupName, streamName string) (*stream, error) {
	g := s.groups[groupName]
	if g == nil {
		return nil, errNoGroup
	}
	st := g.streams[streamName]
	if st == nil {
		return nil, errNoStream
	}
	return st, nil
}

const (
	byName      = "LogStreamName"
	byLastEvent = "LastEventTime"
)

type describeLogStreamsInput struct {
	groupRef
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	Descending          bool   `json:"descending"`
	NextToken           string `json:"nextToken"`
	Limit               *int32 `json:"limit"`
}

type describeLogStreamsOutput struct {
	LogStreams []logStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

type logStream struct {
	ARN                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp *int64 `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  *int64 `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   *int64 `json:"lastIngestionTime,omitempty"`
	LogStreamName       string `json:"logStreamName"`
	StoredBytes         int64  `json:"storedBytes"`
	UploadSequenceToken string `json:"uploadSequenceToken,omitempty"`
}

func (in *describeLogStreamsInput) check() (limit int, err error) {
	if in.OrderBy == "" {
		in.OrderBy = byName
	}
	var v wire.Violations
	v.Enum("orderBy", in.OrderBy, byName, byLastEvent)
	if err := v.ErrAs(invalidParameter); err != nil {
		return 0, err
	}
	if in.OrderBy == byLastEvent && in.LogStreamNamePrefix != "" {
		return 0, wire.Errorf(invalidParameter, "Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	return pageLimit(in.Limit, maxDescribe)
}

func (s *Service) describeLogStreams(_ context.Context, in *describeLogStreamsInput) (*describeLogStreamsOutput, error) {
	name, err := s.groupName(in.groupRef)
	if err != nil {
		return nil, err
	}
	limit, err := in.check()
	if err != nil {
		return nil, err
	}
	after, err := decodeToken("streams", in.NextToken)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		return nil, errNoGroup
	}
	if err := s.expire(g); err != nil {
		return nil, err
	}
	out := &describeLogStreamsOutput{LogStreams: []logStream{}}
	last := ""
	for _, item := range g.ordered(in) {
		if in.NextToken != "" && !item.behind(after, in.Descending) {
			continue
		}
		if len(out.LogStreams) == limit {
			out.NextToken = encodeToken("streams", last)
			break
		}
		last = item.order
		out.LogStreams = append(out.LogStreams, s.describeStream(item.stream))
	}
	return out, nil
}

// orderedStream is a stream and the text by which it is ordered.
type orderedStream struct {
	*stream
	order string
}

func (o orderedStream) behind(after string, descending bool) bool {
	if descending {
		return o.order < after
	}
	return o.order > after
}

func (g *group) ordered(in *describeLogStreamsInput) []orderedStream {
	var items []orderedStream
	for _, st := range g.streams {
		switch {
		case in.OrderBy == byLastEvent:
			var last int64
			if n := len(st.events); n > 0 {
				last = st.events[n-1].at
			}
			items = append(items, orderedStream{st, fmt.Sprintf("%019d%s", last, st.Name)})
		case strings.HasPrefix(st.Name, in.LogStreamNamePrefix):
			items = append(items, orderedStream{st, st.Name})
		}
	}
	slices.SortFunc(items, func(a, b orderedStream) int {
		if in.Descending {
			a, b = b, a
		}
		return cmp.Compare(a.order, b.order)
	})
	return items
}

// describeStream tells nothing of stored bytes, as AWS does since 2019.
func (s *Service) describeStream(st *stream) logStream {
	out := logStream{
		ARN:          s.groupARN(st.Group) + ":log-stream:" + st.Name,
		CreationTime: st.Created, LogStreamName: st.Name,
	}
	if n := len(st.events); n > 0 {
		out.FirstEventTimestamp, out.LastEventTimestamp = &st.events[0].at, &st.events[n-1].at
	}
	if st.ingested > 0 {
		out.LastIngestionTime = &st.ingested
		out.UploadSequenceToken = position{st.ingested, st.Number, st.seq}.id()
	}
	return out
}
