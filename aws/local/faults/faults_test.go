package faults_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

var describe = wire.Call{Service: "states", Operation: "DescribeExecution"}

func newSet(rules ...faults.Rule) (*faults.Set, *clock.Manual) {
	c := clock.NewManual(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	s := faults.New(c, 1)
	s.Replace(rules)
	return s, c
}

// code is what a call gets: an error's code, "drop", or nothing.
func code(s *faults.Set, call wire.Call) string {
	err := s.Before(context.Background(), call)
	var known *wire.Error
	switch {
	case errors.Is(err, wire.ErrDrop):
		return "drop"
	case errors.As(err, &known):
		return known.Code
	case err != nil:
		return err.Error()
	}
	return ""
}

func TestEachKindOfCallFault(t *testing.T) {
	put := wire.Call{Service: "s3", Operation: "PutObject"}
	tests := []struct {
		kind string
		call wire.Call
		want string
	}{
		{faults.Throttle, describe, "ThrottlingException"},
		{faults.ServerError, describe, "InternalFailure"},
		{faults.Expired, describe, "ExpiredTokenException"},
		{faults.Denied, describe, "AccessDeniedException"},
		{faults.Drop, describe, "drop"},
		{faults.Full, put, "ServiceQuotaExceeded"},
		{faults.Full, wire.Call{Service: "s3", Operation: "GetObject"}, ""},
		{faults.Full, describe, ""},
		{faults.OutOfMemory, describe, ""},
	}
	for _, test := range tests {
		t.Run(test.kind+" "+test.call.Operation, func(t *testing.T) {
			s, _ := newSet(faults.Rule{Kind: test.kind})
			if got := code(s, test.call); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestARuleChoosesItsCalls(t *testing.T) {
	tests := map[string]struct {
		rule faults.Rule
		want bool
	}{
		"any":               {faults.Rule{}, true},
		"the service":       {faults.Rule{Service: "states"}, true},
		"another service":   {faults.Rule{Service: "ecs"}, false},
		"the operation":     {faults.Rule{Service: "states", Operation: "DescribeExecution"}, true},
		"another operation": {faults.Rule{Service: "states", Operation: "StartExecution"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.rule.Kind = faults.Throttle
			s, _ := newSet(test.rule)
			if got := code(s, describe) != ""; got != test.want {
				t.Errorf("strikes: %t, want %t", got, test.want)
			}
		})
	}
}

// strikes tells of each of so many calls whether it was struck.
func strikes(s *faults.Set, calls int) string {
	var out strings.Builder
	for range calls {
		if code(s, describe) == "" {
			out.WriteByte('.')
		} else {
			out.WriteByte('x')
		}
	}
	return out.String()
}

func TestHowOftenARuleStrikes(t *testing.T) {
	tests := map[string]struct {
		rule faults.Rule
		want string
	}{
		"always":        {faults.Rule{}, "xxxxxx"},
		"every third":   {faults.Rule{Every: 3}, "..x..x"},
		"twice":         {faults.Rule{Times: 2}, "xx...."},
		"twice, by two": {faults.Rule{Every: 2, Times: 1}, ".x...."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.rule.Kind = faults.Throttle
			s, _ := newSet(test.rule)
			if got := strikes(s, 6); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestChanceRepeatsWithItsSeed(t *testing.T) {
	rule := faults.Rule{Kind: faults.Throttle, Probability: 0.5}
	first, _ := newSet(rule)
	second, _ := newSet(rule)
	a, b := strikes(first, 200), strikes(second, 200)
	if a != b {
		t.Error("the same seed gives two courses")
	}
	if n := strings.Count(a, "x"); n < 60 || n > 140 {
		t.Errorf("struck %d of 200 at a probability of one half", n)
	}
}

func TestLatencyHoldsACall(t *testing.T) {
	s, c := newSet(faults.Rule{Kind: faults.Latency, DelayMillis: 1500}, faults.Rule{Kind: faults.Throttle})
	got := make(chan string)
	go func() { got <- code(s, describe) }()
	for ; c.Timers() == 0; runtime.Gosched() {
		if t.Context().Err() != nil {
			t.Fatal("the call does not wait")
		}
	}
	c.Advance(1499 * time.Millisecond)
	if c.Timers() != 1 {
		t.Error("the call goes on too early")
	}
	c.Advance(time.Millisecond)
	if answer := <-got; answer != "ThrottlingException" {
		t.Errorf("after the wait: %q, want the next rule's answer", answer)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Before(ctx, describe); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that left gets %v", err)
	}
	if c.Timers() != 0 {
		t.Error("its timer stays")
	}
}

func TestTaskFaultsAreForTasks(t *testing.T) {
	oom := faults.Rule{Kind: faults.OutOfMemory, Family: "job", Times: 1}
	s, _ := newSet(oom, faults.Rule{Kind: faults.Throttle}, faults.Rule{Kind: faults.Spot, Family: "other"})
	if diff := cmp.Diff([]faults.Rule{oom}, s.Task("job")); diff != "" {
		t.Error(diff)
	}
	if again := s.Task("job"); len(again) != 0 {
		t.Errorf("a second task gets %v", again)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{
		`{}`:                                  "list of rules",
		`[{"kind":"fire"}]`:                   `"fire" is not known`,
		`[{"kind":"drop","evry":2}]`:          "evry",
		`[{"kind":"drop","every":-1}]`:        "negative",
		`[{"kind":"drop","times":-1}]`:        "negative",
		`[{"kind":"drop","service":"sfn"}]`:   `"sfn" is not served; served are states, ecs`,
		`[{"kind":"oom","service":"ecs"}]`:    "by family",
		`[{"kind":"drop","family":"dumps"}]`:  "by service and operation",
		`[{"kind":"drop"}] []`:                "after the list",
		`null`:                                "no list",
		`[{"kind":"latency"}]`:                "delayMillis is missing",
		`[{"kind":"drop"},{"kind":""}]`:       "rule 2",
		`[{"kind":"drop","probability":1.5}]`: "between 0 and 1",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			if _, err := faults.Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want it to tell of %s", err, want)
			}
		})
	}
}

func TestRulesAreChangedOverHTTP(t *testing.T) {
	s, _ := newSet()
	do := func(method, body string) (int, string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, "/_local/faults", strings.NewReader(body)))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	const rules = `[{"kind":"drop","service":"ecs"}]`
	steps := []struct {
		method, body string
		status       int
		want         string
	}{
		{http.MethodGet, "", 200, `[]`},
		{http.MethodPut, rules, 200, rules},
		{http.MethodGet, "", 200, rules},
		{http.MethodPut, `[{"kind":"fire"}]`, 400, ""},
		{http.MethodGet, "", 200, rules},
		{http.MethodPost, rules, 405, ""},
		{http.MethodDelete, "", 200, `[]`},
	}
	for _, step := range steps {
		status, body := do(step.method, step.body)
		if status != step.status || step.want != "" && body != step.want {
			t.Errorf("%s %s gives %d: %s", step.method, step.body, status, body)
		}
	}
	if got := code(s, wire.Call{Service: "ecs"}); got != "" {
		t.Errorf("a lifted rule still strikes: %s", got)
	}
}
