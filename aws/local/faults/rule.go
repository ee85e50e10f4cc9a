// Package faults makes calls to local AWS fail, and its tasks misbehave, on
// demand.
package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Kinds of faults. Those of calls are answered in the call's place; those of
// tasks decide the fate of a task that RunTask starts.
const (
	Throttle    = "throttle"     // ThrottlingException, HTTP 400
	ServerError = "server-error" // HTTP 500
	Latency     = "latency"      // the answer comes after Delay
	Drop        = "drop"         // the connection closes without an answer
	Expired     = "expired"      // ExpiredTokenException
	Denied      = "denied"       // AccessDeniedException
	Full        = "full"         // S3 refuses to store anything more
	NoCapacity  = "no-capacity"  // RunTask answers with a failure of capacity
	PullFailure = "pull-failure" // the task's image cannot be pulled
	OutOfMemory = "oom"          // the task's container is killed for memory
	Spot        = "spot"         // a Spot task is interrupted
	Kill        = "kill"         // the task's container is killed
	NoReaper    = "no-reaper"    // the STOPPED event of the task is lost
)

var callKinds = []string{Throttle, ServerError, Latency, Drop, Expired, Denied, Full}

var taskKinds = []string{NoCapacity, PullFailure, OutOfMemory, Spot, Kill, NoReaper}

// services are the names that calls are signed for.
var services = []string{"states", "ecs", "ecr", "logs", "s3", "ssm", "sts"}

// Rule is one fault and when it strikes.
type Rule struct {
	// Kind is one of the constants.
	Kind string `json:"kind"`
	// Service and Operation choose the calls; empty means any. The faults of
	// tasks take neither.
	Service   string `json:"service,omitempty"`
	Operation string `json:"operation,omitempty"`
	// Family chooses the tasks by task definition; empty means any.
	Family string `json:"family,omitempty"`
	// Every strikes each n-th time that the rule fits; 0 means each time.
	Every int `json:"every,omitempty"`
	// Times bounds how often it strikes; 0 means no bound.
	Times int `json:"times,omitempty"`
	// Probability strikes by chance, from 0 to 1; 0 means always.
	Probability float64 `json:"probability,omitempty"`
	// DelayMillis is how long Latency holds a call, and how long after RUNNING
	// the faults OutOfMemory, Spot and Kill strike.
	DelayMillis int64 `json:"delayMillis,omitempty"`
}

// Delay is DelayMillis as a duration.
func (r Rule) Delay() time.Duration { return time.Duration(r.DelayMillis) * time.Millisecond }

func (r Rule) check() error {
	known := slices.Concat(callKinds, taskKinds)
	switch {
	case !slices.Contains(known, r.Kind):
		return fmt.Errorf("fault kind %q is not known; known are %s", r.Kind, strings.Join(known, ", "))
	case r.Service != "" && !slices.Contains(services, r.Service):
		return fmt.Errorf("fault %s: service %q is not served; served are %s", r.Kind, r.Service, strings.Join(services, ", "))
	case slices.Contains(taskKinds, r.Kind) && (r.Service != "" || r.Operation != ""):
		return fmt.Errorf("fault %s strikes tasks: choose them by family, not by service or operation", r.Kind)
	case slices.Contains(callKinds, r.Kind) && r.Family != "":
		return fmt.Errorf("fault %s strikes calls: choose them by service and operation, not by family", r.Kind)
	case r.Every < 0 || r.Times < 0 || r.DelayMillis < 0:
		return fmt.Errorf("fault %s: every, times and delayMillis must not be negative", r.Kind)
	case r.Probability < 0 || r.Probability > 1:
		return fmt.Errorf("fault %s: probability %v is not between 0 and 1", r.Kind, r.Probability)
	case r.Kind == Latency && r.DelayMillis == 0:
		return fmt.Errorf("fault %s: delayMillis is missing", r.Kind)
	}
	return nil
}

// Parse reads a JSON list of rules. A key that is not known is an error.
func Parse(text io.Reader) ([]Rule, error) {
	dec := json.NewDecoder(text)
	dec.DisallowUnknownFields()
	var rules []Rule
	err := dec.Decode(&rules)
	if err == nil && rules == nil {
		err = errors.New("there is no list")
	}
	if _, more := dec.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("something stands after the list")
	}
	if err != nil {
		return nil, fmt.Errorf("faults are a JSON list of rules such as [{\"kind\":%q,\"service\":\"states\",\"every\":3}]: %w", Throttle, err)
	}
	for i, r := range rules {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return rules, nil
}
