package asl_test

import (
	"testing"
	"time"
)

func TestWaitUntil(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		fields, input string
		want          time.Time
	}{
		{`"Seconds":60`, `{}`, now.Add(time.Minute)},
		{`"SecondsPath":"$.s"`, `{"s":0}`, now},
		{`"SecondsPath":"$.s"`, `{"s":90.0}`, now.Add(90 * time.Second)},
		{`"InputPath":"$.in","SecondsPath":"$.s"`, `{"in":{"s":2}}`, now.Add(2 * time.Second)},
		{`"SecondsPath":"$.s"`, `{"s":2147483647}`, now.Add(2147483647 * time.Second)},
		{`"Timestamp":"2030-01-02T03:04:05Z"`, `{}`, at},
		{`"TimestampPath":"$.t"`, `{"t":"2030-01-02T05:04:05+02:00"}`, at},
		{`"TimestampPath":"$.t"`, `{"t":"2016-03-14T01:59:00.5Z"}`, time.Date(2016, 3, 14, 1, 59, 0, 5e8, time.UTC)},
		{`"QueryLanguage":"JSONata","Seconds":"{% $states.input.s * 2 %}"`, `{"s":5}`, now.Add(10 * time.Second)},
		{`"QueryLanguage":"JSONata","Seconds":3`, `{}`, now.Add(3 * time.Second)},
		{`"QueryLanguage":"JSONata","Timestamp":"{% $states.input.t %}"`, `{"t":"2030-01-02T03:04:05Z"}`, at},
	} {
		s := parsed(t, machine(`{"Type":"Wait",`+tt.fields+`,"Next":"End"}`))
		got, err := s.WaitUntil(scope(), value(t, tt.input), now)
		if err != nil || !got.Equal(tt.want) {
			t.Errorf("%s for %s: %v, %v; want %v", tt.fields, tt.input, got, err, tt.want)
		}
	}
}

func TestWaitFaults(t *testing.T) {
	runtime := func(cause string) fault { return fault{name: "States.Runtime", cause: cause} }
	query := func(location, cause string) fault {
		return fault{name: "States.QueryEvaluationError", cause: cause, evaluation: true, location: location}
	}
	for _, tt := range []struct {
		fields, input string
		want          fault
	}{
		{`"SecondsPath":"$.a.s"`, `{}`, runtime(`The SecondsPath parameter does not reference an input value: $.a.s`)},
		{`"SecondsPath":"$.s"`, `{"s":1.5}`, runtime(`The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5`)},
		{`"SecondsPath":"$.s"`, `{"s":-1.5}`, runtime(`The SecondsPath parameter cannot be parsed as a long value: $.s == -1.5`)},
		{`"SecondsPath":"$.s"`, `{"s":-1}`, runtime(`The SecondsPath parameter references a negative value: $.s == -1`)},
		{`"SecondsPath":"$.s"`, `{"s":2147483648}`, runtime(`Wait state delay is too long.`)},
		{`"SecondsPath":"$.s"`, `{"s":9000000000000000000}`, runtime(`Wait state delay is too long.`)},
		{`"TimestampPath":"$.t"`, `{"t":"9999-12-31T00:00:00Z"}`, runtime(`Wait state delay is too long.`)},
		{`"TimestampPath":"$.t"`, `{}`, runtime(`The TimestampPath parameter does not reference an input value: $.t`)},
		{`"TimestampPath":"$.t"`, `{"t":"2016-12-05 21:29:29Z"}`, runtime(`The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 2016-12-05 21:29:29Z`)},
		{`"TimestampPath":"$.t"`, `{"t":"2016-12-05T21:29:29"}`, runtime(`The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 2016-12-05T21:29:29`)},
		{
			`"QueryLanguage":"JSONata","Timestamp":"{% $states.input.t %}"`, `{"t":"2016-12-05T25:29:29Z"}`,
			query("Timestamp", `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2016-12-05T25:29:29Z`),
		},
		{
			`"QueryLanguage":"JSONata","Seconds":"{% $states.input.s %}"`, `{"s":"x"}`,
			query("Seconds", `The JSONata expression '$states.input.s' specified for the field 'Seconds' returned an unexpected result type. Expected 'integer', but was 'string' for value: "x"`),
		},
	} {
		s := parsed(t, machine(`{"Type":"Wait",`+tt.fields+`,"Next":"End"}`))
		_, err := s.WaitUntil(scope(), value(t, tt.input), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		checkFault(t, tt.fields+" for "+tt.input, err, tt.want)
	}
}
