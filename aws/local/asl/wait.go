package asl

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// maxWaitSeconds is the longest delay a Wait state takes at run time (AWS: the
// recorded boundary lies between 24,855 and 24,856 days, where a 32-bit count
// of seconds ends).
const maxWaitSeconds = 1<<31 - 1

// WaitUntil returns when a Wait state that was entered at now ends. The result
// may lie in the past.
func (s *State) WaitUntil(sc Scope, raw any, now time.Time) (time.Time, error) {
	until, err := s.waitUntil(sc, raw, now)
	if err == nil && until.Unix()-now.Unix() > maxWaitSeconds {
		return time.Time{}, runtimeFault("Wait state delay is too long.")
	}
	return until, err
}

func (s *State) waitUntil(sc Scope, raw any, now time.Time) (time.Time, error) {
	after := func(seconds int64, err error) (time.Time, error) {
		if seconds > maxWaitSeconds {
			return time.Unix(now.Unix()+maxWaitSeconds+1, 0), err
		}
		return now.Add(time.Duration(seconds) * time.Second), err
	}
	if v, ok := s.fields.Get("Seconds"); ok {
		return after(s.count(sc, raw, "Seconds", v))
	}
	if source, ok := s.fields.Get("SecondsPath"); ok {
		return after(s.secondsAt(sc, raw, "SecondsPath", source))
	}
	if v, ok := s.fields.Get("Timestamp"); ok {
		return s.timestampField(sc, raw, v)
	}
	source := text(s.fields, "TimestampPath")
	v, err := s.referenced(sc, raw, "TimestampPath", source)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := timestamp(v)
	if !ok {
		return time.Time{}, runtimeFault("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s",
			source, bare(v))
	}
	return t, nil
}

func (s *State) timestampField(sc Scope, raw, v any) (time.Time, error) {
	if s.JSONata {
		var err error
		if v, err = s.queryEnv(sc, "input", raw).query(v, "Timestamp"); err != nil {
			return time.Time{}, err
		}
	}
	t, ok := timestamp(v)
	if !ok {
		return time.Time{}, s.queryFault("Timestamp",
			"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: %s", bare(v))
	}
	return t, nil
}

// count evaluates a field that holds a whole number, zero or more, or, in JSONata,
// an expression that gives one.
func (s *State) count(sc Scope, raw any, name string, v any) (int64, error) {
	field := v
	if s.JSONata {
		var err error
		if v, err = s.queryEnv(sc, "input", raw).query(v, name); err != nil {
			return 0, err
		}
	}
	seconds, ok := whole(v)
	if !ok {
		return 0, s.typeFault(expressionIn(field), name, "integer", v)
	}
	if seconds < 0 {
		return 0, s.queryFault(name, "The %s field must not be negative, but was: %d", name, seconds)
	}
	return seconds, nil
}

// secondsAt evaluates a …SecondsPath field.
func (s *State) secondsAt(sc Scope, raw any, name string, field any) (int64, error) {
	source, _ := field.(string)
	v, err := s.referenced(sc, raw, name, source)
	if err != nil {
		return 0, err
	}
	seconds, ok := whole(v)
	if !ok {
		return 0, runtimeFault("The %s parameter cannot be parsed as a long value: %s == %s", name, source, bare(v))
	}
	if seconds < 0 {
		return 0, runtimeFault("The %s parameter references a negative value: %s == %d", name, source, seconds)
	}
	return seconds, nil
}

// referenced looks up a path field of a Wait state in its effective input.
func (s *State) referenced(sc Scope, raw any, name, source string) (any, error) {
	input, err := s.Input(sc, raw)
	if err != nil {
		return nil, err
	}
	v, err := s.pathEnv(sc, input).value(source)
	if err != nil {
		return nil, runtimeFault("The %s parameter does not reference an input value: %s", name, source)
	}
	return v, nil
}

// bare writes strings without quotes, everything else as JSON.
func bare(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return jsonv.Text(v)
}
