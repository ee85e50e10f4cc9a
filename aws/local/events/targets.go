package events

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// mostTargets is how many targets a rule may have.
const mostTargets = 5

// The retries of a target that names none. AWS: RetryPolicy.
const (
	usualAttempts = 185
	usualAge      = 24 * time.Hour
)

// target is a target of a rule.
type target struct {
	ID          string       `json:"Id"`
	ARN         string       `json:"Arn"`
	RoleARN     string       `json:"RoleArn,omitempty"`
	Input       string       `json:"Input,omitempty"`
	Retry       *retryPolicy `json:"RetryPolicy,omitempty"`
	DeadLetters *deadLetters `json:"DeadLetterConfig,omitempty"`
}

type retryPolicy struct {
	Attempts *int `json:"MaximumRetryAttempts,omitempty"`
	Seconds  *int `json:"MaximumEventAgeInSeconds,omitempty"`
}

type deadLetters struct {
	ARN string `json:"Arn,omitempty"`
}

// retries is how often, and how long after the event, a start is tried again.
func (t target) retries() (attempts int, age time.Duration) {
	attempts, age = usualAttempts, usualAge
	if t.Retry != nil && t.Retry.Attempts != nil {
		attempts = *t.Retry.Attempts
	}
	if t.Retry != nil && t.Retry.Seconds != nil {
		age = time.Duration(*t.Retry.Seconds) * time.Second
	}
	return attempts, age
}

type putTargetsInput struct {
	Rule    string
	Bus     string `json:"EventBusName"`
	Targets []givenTarget
}

// givenTarget has also what makes an event into another input, which is refused.
type givenTarget struct {
	target
	InputPath        *string
	InputTransformer json.RawMessage
}

func (t givenTarget) check(v *wire.Violations) {
	v.Length("targets.member.id", t.ID, 1, 64)
	v.Length("targets.member.arn", t.ARN, 1, 1600)
	if t.Retry != nil && t.Retry.Attempts != nil {
		v.Range("targets.member.retryPolicy.maximumRetryAttempts", int64(*t.Retry.Attempts), 0, usualAttempts)
	}
	if t.Retry != nil && t.Retry.Seconds != nil {
		v.Range("targets.member.retryPolicy.maximumEventAgeInSeconds", int64(*t.Retry.Seconds), 60, int64(usualAge/time.Second))
	}
}

func (t givenTarget) refusal() error {
	switch {
	case !strings.HasPrefix(t.ARN, "arn:"):
		return wire.Errorf("ValidationException", "Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.ARN)
	case !isMachine(t.ARN):
		return wire.Errorf("ValidationException", "Local AWS delivers events to state machines alone; %s is none.", t.ARN)
	case t.RoleARN == "":
		return wire.Errorf("ValidationException", "RoleArn is required for target %s.", t.ARN)
	case t.InputPath != nil || t.InputTransformer != nil:
		return wire.Errorf("ValidationException", "Local AWS passes the event as it is: leave out InputPath and InputTransformer of target %s.", t.ID)
	case t.Input != "" && !json.Valid([]byte(t.Input)):
		return wire.Errorf("ValidationException", "JSON syntax error in input for target %s.", t.ID)
	}
	return nil
}

func isMachine(arn string) bool {
	return strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":states:") && strings.Contains(arn, ":stateMachine:")
}

type failedEntriesOutput struct {
	Count   int   `json:"FailedEntryCount"`
	Entries []any `json:"FailedEntries"`
}

func (s *Service) putTargets(_ context.Context, in *putTargetsInput) (*failedEntriesOutput, error) {
	var v wire.Violations
	v.Items("targets", len(in.Targets), 1, 100)
	for _, t := range in.Targets {
		t.check(&v)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	for _, t := range in.Targets {
		if err := t.refusal(); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.find(in.Rule, in.Bus)
	if err != nil {
		return nil, err
	}
	after := *before
	after.Targets = slices.DeleteFunc(slices.Clone(before.Targets), func(old target) bool {
		return slices.ContainsFunc(in.Targets, func(put givenTarget) bool { return put.ID == old.ID })
	})
	for _, put := range in.Targets {
		after.Targets = append(after.Targets, put.target)
	}
	if len(after.Targets) > mostTargets {
		return nil, wire.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	return &failedEntriesOutput{Entries: []any{}}, s.keep(&after)
}

type removeTargetsInput struct {
	Rule string
	Bus  string   `json:"EventBusName"`
	IDs  []string `json:"Ids"`
}

func (s *Service) removeTargets(_ context.Context, in *removeTargetsInput) (*failedEntriesOutput, error) {
	_, err := s.change(in.Rule, in.Bus, func(r *ruleRecord) {
		r.Targets = slices.DeleteFunc(slices.Clone(r.Targets), func(t target) bool { return slices.Contains(in.IDs, t.ID) })
	})
	if err != nil {
		return nil, err
	}
	return &failedEntriesOutput{Entries: []any{}}, nil
}

type listTargetsInput struct {
	Rule string
	Bus  string `json:"EventBusName"`
}

type listTargetsOutput struct {
	Targets []target
}

func (s *Service) listTargets(_ context.Context, in *listTargetsInput) (*listTargetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Rule, in.Bus)
	if err != nil {
		return nil, err
	}
	return &listTargetsOutput{append([]target{}, r.Targets...)}, nil
}
