package asl

import (
	"errors"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

var errSkeleton = errors.New("not written yet")

func Parse(definition string) (*Machine, error)          { return nil, errSkeleton }
func Check(definition string, express bool) []Diagnostic { return nil }

type InvalidDefinition struct{ Diagnostics []Diagnostic }

func (e *InvalidDefinition) Error() string { return "" }

type Diagnostic struct{ Severity, Code, Message, Location string }

func (r Retrier) Matches(errorName string) bool { return false }

// Delay returns how long to wait before the k-th retry (from 1). random gives [0,1).
func (r Retrier) Delay(k int64, random func() float64) time.Duration { return 0 }
func (c *Catcher) Matches(errorName string) bool                     { return false }
func (s *State) Input(sc Scope, raw any) (any, error)                { return nil, errSkeleton }
func (s *State) Arguments(sc Scope, raw any) (any, error)            { return nil, errSkeleton }
func (s *State) Result(sc Scope, raw, result any) (Outcome, error)   { return Outcome{}, errSkeleton }
func (c *Catcher) Result(sc Scope, s *State, raw any, errorOutput *jsonv.Object) (Outcome, error) {
	return Outcome{}, errSkeleton
}
func (s *State) Timeout(sc Scope, raw any) (seconds int64, set bool, err error) {
	return 0, false, errSkeleton
}
func (s *State) Heartbeat(sc Scope, raw any) (seconds int64, set bool, err error) {
	return 0, false, errSkeleton
}
func (s *State) PassResult(sc Scope, raw any) (Outcome, error) { return Outcome{}, errSkeleton }

// Choose returns the next state's name. Succeed uses PassResult too.
func (s *State) Choose(sc Scope, raw any) (next string, out Outcome, err error) {
	return "", Outcome{}, errSkeleton
}
func (s *State) WaitUntil(sc Scope, raw any, now time.Time) (time.Time, error) {
	return time.Time{}, errSkeleton
}
func (s *State) Failure(sc Scope, raw any) (errorName, cause *string, err error) {
	return nil, nil, errSkeleton
}

// Items returns the array a Map state goes over.
func (s *State) Items(sc Scope, raw any) ([]any, error) { return nil, errSkeleton }

// ItemInput returns the input of one iteration; sc.Context must hold Map.Item.
func (s *State) ItemInput(sc Scope, raw any, index int, item any) (any, error) {
	return nil, errSkeleton
}

// Concurrency returns how many iterations may run at once; 0 is no limit.
func (s *State) Concurrency(sc Scope, raw any) (int, error) { return 0, errSkeleton }

// Role evaluates Credentials.RoleArn; empty when absent.
func (s *State) CredentialsValue(sc Scope, raw any) (any, error) { return nil, errSkeleton }
