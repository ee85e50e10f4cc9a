package asl_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

func TestTimeouts(t *testing.T) {
	for _, tt := range []struct {
		fields             string
		timeout, heartbeat int64 // 0: not set
	}{
		{``, 0, 0},
		{`"TimeoutSeconds":60,"HeartbeatSeconds":5,`, 60, 5},
		{`"TimeoutSecondsPath":"$.t","HeartbeatSecondsPath":"$n",`, 30, 5},
		{`"QueryLanguage":"JSONata","TimeoutSeconds":"{% $states.input.t * 2 %}","HeartbeatSeconds":7,`, 60, 7},
	} {
		s := parsed(t, machine(task+tt.fields+`"Next":"End"}`))
		timeout, set, err := s.Timeout(scope(), value(t, `{"t":30}`))
		if timeout != tt.timeout || set != (tt.timeout > 0) || err != nil {
			t.Errorf("%s: timeout %d, %v, %v; want %d", tt.fields, timeout, set, err, tt.timeout)
		}
		heartbeat, set, err := s.Heartbeat(scope(), value(t, `{"t":30}`))
		if heartbeat != tt.heartbeat || set != (tt.heartbeat > 0) || err != nil {
			t.Errorf("%s: heartbeat %d, %v, %v; want %d", tt.fields, heartbeat, set, err, tt.heartbeat)
		}
	}
	s := parsed(t, machine(task+`"TimeoutSecondsPath":"$.no","Next":"End"}`))
	_, _, err := s.Timeout(scope(), value(t, `{}`))
	checkFault(t, "a missing path", err, fault{name: "States.Runtime", cause: `Invalid path '$.no' : No results for path: $['no']`})
}

func TestCredentials(t *testing.T) {
	for _, tt := range []struct{ fields, want string }{
		{``, `null`},
		{`"Credentials":{"RoleArn.$":"$.role"},`, `{"RoleArn":"arn:r"}`},
		{`"QueryLanguage":"JSONata","Credentials":{"RoleArn":"{% $states.input.role %}"},`, `{"RoleArn":"arn:r"}`},
	} {
		s := parsed(t, machine(task+tt.fields+`"Next":"End"}`))
		if got, err := s.Credentials(scope(), value(t, `{"role":"arn:r"}`)); err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.fields, jsonv.Text(got), err, tt.want)
		}
	}
}

func TestFailure(t *testing.T) {
	for _, tt := range []struct{ state, name, cause string }{
		{`{"Type":"Fail"}`, "-", "-"},
		{`{"Type":"Fail","Error":"E","Cause":"why"}`, "E", "why"},
		{`{"Type":"Fail","ErrorPath":"$.e"}`, "from input", "-"},
		{`{"Type":"Fail","ErrorPath":"$$.Execution.Id","CausePath":"States.Format('{}!', $.e)"}`, "run-1", "from input!"},
		{`{"Type":"Fail","QueryLanguage":"JSONata","Error":"E","Cause":"{% $states.input.e & $n %}"}`, "E", "from input5"},
	} {
		s := parsed(t, `{"StartAt":"S","States":{"S":`+tt.state+`}}`)
		name, cause, err := s.Failure(scope(), value(t, `{"e":"from input"}`))
		if err != nil || shown(name) != tt.name || shown(cause) != tt.cause {
			t.Errorf("%s: %s, %s, %v; want %+v", tt.state, shown(name), shown(cause), err, tt)
		}
	}
	s := parsed(t, `{"StartAt":"S","States":{"S":{"Type":"Fail","ErrorPath":"$.ErrorX"}}}`)
	_, _, err := s.Failure(scope(), value(t, `{"Error":"error-value"}`))
	checkFault(t, "a missing path", err, fault{
		name:  "States.Runtime",
		cause: `The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input '{"Error":"error-value"}'`,
	})
}

func shown(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func TestWhichErrorsARetrierMatches(t *testing.T) {
	for _, tt := range []struct {
		handled, name string
		want          bool
	}{
		{"Custom", "Custom", true},
		{"Custom", "Customs", false},
		{"States.ALL", "Custom", true},
		{"States.ALL", "", true},
		{"States.ALL", "States.Timeout", true},
		{"States.ALL", "States.DataLimitExceeded", true},
		{"States.ALL", "States.Runtime", false},
		{"States.TaskFailed", "Custom", true},
		{"States.TaskFailed", "States.TaskFailed", true},
		{"States.TaskFailed", "States.Timeout", false},
		{"States.TaskFailed", "States.HeartbeatTimeout", false},
		{"States.Timeout", "States.Timeout", true},
		{"States.Timeout", "States.HeartbeatTimeout", true},
		{"States.HeartbeatTimeout", "States.HeartbeatTimeout", true},
		{"States.HeartbeatTimeout", "States.Timeout", false},
		{"State.ALL", "Custom", false},
	} {
		s := parsed(t, machine(task+`"Retry":[{"ErrorEquals":["`+tt.handled+`"]}],"Catch":[{"ErrorEquals":["`+tt.handled+`"],"Next":"End"}],"Next":"End"}`))
		if got := s.Retry[0].Matches(tt.name); got != tt.want {
			t.Errorf("a retrier of %s matches %q: %v", tt.handled, tt.name, got)
		}
		if got := s.Catch[0].Matches(tt.name); got != tt.want {
			t.Errorf("a catcher of %s matches %q: %v", tt.handled, tt.name, got)
		}
	}
}

func TestRetrierDefaults(t *testing.T) {
	s := parsed(t, machine(task+`"Retry":[{"ErrorEquals":["A"]},{"ErrorEquals":["B"],"IntervalSeconds":0,"MaxAttempts":0,"BackoffRate":1.5,"MaxDelaySeconds":9,"JitterStrategy":"FULL"}],"Next":"End"}`))
	if r := s.Retry[0]; r.IntervalSeconds != 1 || r.MaxAttempts != 3 || r.BackoffRate != 2 || r.MaxDelaySeconds != 0 || r.FullJitter {
		t.Errorf("defaults %+v", r)
	}
	if r := s.Retry[1]; r.IntervalSeconds != 0 || r.MaxAttempts != 0 || r.BackoffRate != 1.5 || r.MaxDelaySeconds != 9 || !r.FullJitter {
		t.Errorf("as written %+v", r)
	}
}

func TestDelay(t *testing.T) {
	half := func() float64 { return 0.5 }
	r := asl.Retrier{IntervalSeconds: 3, BackoffRate: 1.5}
	capped := asl.Retrier{IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 10}
	jittered := asl.Retrier{IntervalSeconds: 4, BackoffRate: 2, FullJitter: true}
	for _, tt := range []struct {
		retrier asl.Retrier
		k       int64
		want    time.Duration
	}{
		{r, 1, 3 * time.Second},
		{r, 2, 4500 * time.Millisecond},
		{r, 3, 6750 * time.Millisecond},
		{capped, 2, 6 * time.Second},
		{capped, 3, 10 * time.Second},
		{capped, 5000, 10 * time.Second},
		{jittered, 1, 2 * time.Second},
		{jittered, 3, 8 * time.Second},
	} {
		if got := tt.retrier.Delay(tt.k, half); got != tt.want {
			t.Errorf("%+v, retry %d: %v, want %v", tt.retrier, tt.k, got, tt.want)
		}
	}
}

func TestDelayIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := asl.Retrier{
			IntervalSeconds: rapid.Int64Range(0, 99_999_999).Draw(t, "interval"),
			BackoffRate:     rapid.Float64Range(1, 1e6).Draw(t, "rate"),
			MaxDelaySeconds: rapid.Int64Range(1, 31_622_400).Draw(t, "max"),
			FullJitter:      rapid.Bool().Draw(t, "jitter"),
		}
		k := rapid.Int64Range(1, 1_000_000).Draw(t, "k")
		delay := r.Delay(k, func() float64 { return rapid.Float64Range(0, 0.999).Draw(t, "random") })
		if limit := time.Duration(r.MaxDelaySeconds) * time.Second; delay < 0 || delay > limit {
			t.Fatalf("%+v, retry %d: %v, limit %v", r, k, delay, limit)
		}
		r.MaxDelaySeconds = 0
		if delay := r.Delay(k, func() float64 { return 0.999 }); delay < 0 || delay > 366*24*time.Hour {
			t.Fatalf("%+v, retry %d: %v", r, k, delay)
		}
	})
}
