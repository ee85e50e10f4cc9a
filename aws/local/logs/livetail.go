package logs

import (
	"context"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The limits of StartLiveTail.
const (
	maxTailGroups   = 10
	maxTailSessions = 15
)

type startLiveTailInput struct {
	LogGroupIdentifiers   []string `json:"logGroupIdentifiers"`
	LogStreamNames        []string `json:"logStreamNames"`
	LogStreamNamePrefixes []string `json:"logStreamNamePrefixes"`
	LogEventFilterPattern string   `json:"logEventFilterPattern"`
}

type sessionStart struct {
	LogEventFilterPattern string   `json:"logEventFilterPattern,omitempty"`
	LogGroupIdentifiers   []string `json:"logGroupIdentifiers"`
	LogStreamNamePrefixes []string `json:"logStreamNamePrefixes,omitempty"`
	LogStreamNames        []string `json:"logStreamNames,omitempty"`
	RequestID             string   `json:"requestId"`
	SessionID             string   `json:"sessionId"`
}

// startLiveTail shows the events that come in from now on, until the reader
// leaves, three hours have passed or the service closes.
func (s *Service) startLiveTail(ctx context.Context, body []byte, stream *wire.Stream) error {
	var in startLiveTailInput
	if err := wire.Decode(body, &in); err != nil {
		return err
	}
	t, err := s.openTail(&in)
	if err != nil {
		return err
	}
	defer s.serving.Done()
	defer s.closeTail(t)
	call := wire.CallFrom(ctx)
	err = stream.Send("sessionStart", sessionStart{
		LogEventFilterPattern: in.LogEventFilterPattern, LogGroupIdentifiers: in.LogGroupIdentifiers,
		LogStreamNamePrefixes: in.LogStreamNamePrefixes, LogStreamNames: in.LogStreamNames,
		RequestID: call.RequestID, SessionID: call.RequestID,
	})
	if err != nil {
		return err
	}
	return s.follow(ctx, t, stream)
}

func (s *Service) follow(ctx context.Context, t *tail, stream *wire.Stream) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.closing:
			return wire.Errorf("SessionStreamingException", "Local AWS is stopping: start the session again.")
		case <-t.wake:
		}
		for {
			update, ok, over := t.next()
			if over {
				return wire.Errorf("SessionTimeoutException", "The Live Tail session ended after %s: start the session again.", tailLifetime)
			}
			if !ok {
				break
			}
			if err := stream.Send("sessionUpdate", update); err != nil {
				return err
			}
		}
	}
}

// openTail registers a session; the caller closes it.
func (s *Service) openTail(in *startLiveTailInput) (*tail, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	wanted, err := parsePattern("logEventFilterPattern", in.LogEventFilterPattern)
	if err != nil {
		return nil, err
	}
	t := &tail{
		clock: s.opts.Clock, account: s.opts.Account, wanted: wanted, wake: make(chan struct{}, 1),
		choice: streamChoice{names: in.LogStreamNames, prefixes: in.LogStreamNamePrefixes},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, arn := range in.LogGroupIdentifiers {
		name, ok := s.nameInARN(arn)
		if !ok || s.groups[name] == nil {
			return nil, errNoGroup
		}
		t.groups = append(t.groups, name)
	}
	switch {
	case s.closed:
		return nil, &wire.Error{Code: "ServiceUnavailableException", Message: "Local AWS is stopping.", Status: 503}
	case len(s.tails) == maxTailSessions:
		return nil, wire.Errorf("LimitExceededException", "The limit of %d concurrent Live Tail sessions is reached: end another one first.", maxTailSessions)
	}
	s.tails[t] = struct{}{}
	s.serving.Add(1)
	t.start()
	return t, nil
}

func (s *Service) closeTail(t *tail) {
	s.mu.Lock()
	delete(s.tails, t)
	s.mu.Unlock()
	t.end()
}

func (in *startLiveTailInput) check() error {
	var v wire.Violations
	v.Items("logGroupIdentifiers", len(in.LogGroupIdentifiers), 1, maxTailGroups)
	checkStreamNames(&v, "logStreamNames", in.LogStreamNames)
	checkStreamNames(&v, "logStreamNamePrefixes", in.LogStreamNamePrefixes)
	if err := v.ErrAs(invalidParameter); err != nil {
		return err
	}
	for _, arn := range in.LogGroupIdentifiers {
		if !strings.HasPrefix(arn, "arn:") || strings.HasSuffix(arn, ":*") {
			return wire.Errorf(invalidParameter, "The log group identifier '%s' is not an ARN of a log group without a trailing ':*'.", arn)
		}
	}
	chosen := len(in.LogStreamNames) + len(in.LogStreamNamePrefixes)
	switch {
	case len(in.LogStreamNames) > 0 && len(in.LogStreamNamePrefixes) > 0:
		return wire.Errorf(invalidParameter, "LogStream names and LogStream name prefixes are mutually exclusive parameters.")
	case chosen > 0 && len(in.LogGroupIdentifiers) > 1:
		return wire.Errorf(invalidParameter, "LogStream names and prefixes can be given with exactly one log group.")
	}
	return nil
}
