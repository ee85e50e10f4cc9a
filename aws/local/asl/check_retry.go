package asl

import (
	"fmt"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// AWS: limits of a retrier.
const (
	maxRetrierDelay    = 31_622_400
	maxRetrierAttempts = 99_999_999
)

func (s stateCheck) retriers() {
	entries := s.objects(s.fields, s.at, "Retry", true)
	for i, entry := range entries {
		at := fmt.Sprintf("%s/Retry[%d]", s.at, i)
		s.errorEquals(entry, at, i == len(entries)-1)
		s.only(entry, at, []string{"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"})
		s.number(entry, at, "IntervalSeconds", numeric{integer: true, max: maxTimeout})
		s.number(entry, at, "MaxAttempts", numeric{integer: true, max: maxRetrierAttempts})
		s.number(entry, at, "BackoffRate", numeric{min: 1})
		s.number(entry, at, "MaxDelaySeconds", numeric{integer: true, min: 1, max: maxRetrierDelay})
		s.oneOf(entry, at, "JitterStrategy", "NONE", "FULL")
	}
}

func (s stateCheck) catchers() {
	entries := s.objects(s.fields, s.at, "Catch", true)
	for i, entry := range entries {
		at := fmt.Sprintf("%s/Catch[%d]", s.at, i)
		s.errorEquals(entry, at, i == len(entries)-1)
		s.required(entry, at, "Next")
		s.only(entry, at, []string{"ErrorEquals", "Next", "ResultPath", "Assign", "Output", "Comment"})
		s.text(entry, at, "Next")
		s.language(entry, at)
		s.path(entry, at, "ResultPath", pathField{null: true, reference: true})
		s.payload(entry, at, "Output")
		s.assign(entry, at)
	}
}

func (s stateCheck) errorEquals(entry *jsonv.Object, at string, last bool) {
	s.required(entry, at, "ErrorEquals")
	v, ok := entry.Get("ErrorEquals")
	if !ok {
		return
	}
	at += "/ErrorEquals"
	items, isArray := v.([]any)
	handled := names(items)
	switch {
	case !isArray:
		s.schema(at, "Expected value of type Array")
	case len(items) == 0:
		s.schema(at, "Value cannot be empty")
	case len(handled) != len(items):
		s.schema(at, "Expected value of type String")
	case slices.Contains(handled, ErrAll) && (len(handled) > 1 || !last):
		s.schema(at, "States.ALL must appear alone and at end of list")
	}
}
