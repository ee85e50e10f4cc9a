package asl

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Retrier is one entry of Retry, with AWS's defaults filled in.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds int64
	MaxAttempts     int64 // 0: never retried
	BackoffRate     float64
	MaxDelaySeconds int64 // 0: no limit
	FullJitter      bool
}

// Catcher is one entry of Catch.
type Catcher struct {
	ErrorEquals []string
	Next        string

	fields *jsonv.Object
	place  string // such as "Catch[0]"
}

func buildRetrier(entry any) Retrier {
	o, _ := entry.(*jsonv.Object)
	return Retrier{
		ErrorEquals:     names(list(o, "ErrorEquals")),
		IntervalSeconds: integer(o, "IntervalSeconds", 1),
		MaxAttempts:     integer(o, "MaxAttempts", 3),
		BackoffRate:     decimal(o, "BackoffRate", 2),
		MaxDelaySeconds: integer(o, "MaxDelaySeconds", 0),
		FullJitter:      text(o, "JitterStrategy") == "FULL",
	}
}

func buildCatcher(entry any, index int) Catcher {
	o, _ := entry.(*jsonv.Object)
	return Catcher{
		ErrorEquals: names(list(o, "ErrorEquals")),
		Next:        text(o, "Next"),
		fields:      o,
		place:       fmt.Sprintf("Catch[%d]", index),
	}
}

func names(items []any) []string {
	var list []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// Matches says whether the retrier handles an error. A missed heartbeat is
// States.HeartbeatTimeout here, which States.Timeout covers.
func (r Retrier) Matches(errorName string) bool { return matches(r.ErrorEquals, errorName) }

// Matches says whether the catcher handles an error, as Retrier.Matches.
func (c *Catcher) Matches(errorName string) bool { return matches(c.ErrorEquals, errorName) }

func matches(handled []string, errorName string) bool {
	if slices.Contains(handled, errorName) {
		return true
	}
	timeout := errorName == ErrTimeout || errorName == ErrHeartbeatTimeout
	for _, name := range handled {
		switch name {
		case ErrAll:
			return errorName != ErrRuntime
		case ErrTaskFailed:
			if !timeout && errorName != ErrRuntime {
				return true
			}
		case ErrTimeout:
			if timeout {
				return true
			}
		}
	}
	return false
}

// Delay returns how long to wait before the k-th retry, counted from 1. random
// gives numbers in [0,1); it is asked only with full jitter.
func (r Retrier) Delay(k int64, random func() float64) time.Duration {
	if r.IntervalSeconds == 0 {
		return 0 // times an infinite power it would be no number
	}
	seconds := float64(r.IntervalSeconds) * math.Pow(r.BackoffRate, float64(k-1))
	if r.MaxDelaySeconds > 0 {
		seconds = min(seconds, float64(r.MaxDelaySeconds))
	}
	seconds = min(seconds, maxDelay.Seconds())
	if r.FullJitter {
		seconds *= random()
	}
	return time.Duration(seconds * float64(time.Second))
}

// maxDelay is the longest an execution can last (AWS: one year).
const maxDelay = 366 * 24 * time.Hour
