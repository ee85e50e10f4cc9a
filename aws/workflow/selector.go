package workflow

import (
	"fmt"
	"strings"
)

// Selector names a run in a command: by ARN, by name, or relative to now.
type Selector struct {
	Kind  SelectorKind
	Value string // the ARN or the name
}

// SelectorKind is the way a Selector names a run.
type SelectorKind int

// The kinds of selector. Latest is the run started last, LastFailed the one
// started last among those that failed or timed out.
const (
	ByName SelectorKind = iota
	ByARN
	Latest
	LastFailed
)

// ParseSelector reads @latest, @failed, a run's ARN or a run's name.
func ParseSelector(s string) (Selector, error) {
	switch {
	case s == "":
		return Selector{}, fmt.Errorf("no run named: give a name, an ARN, @latest or @failed")
	case s == "@latest":
		return Selector{Kind: Latest}, nil
	case s == "@failed":
		return Selector{Kind: LastFailed}, nil
	case strings.HasPrefix(s, "@"):
		return Selector{}, fmt.Errorf("%s is unknown: use @latest or @failed", s)
	case IsRunARN(s):
		return Selector{Kind: ByARN, Value: s}, nil
	case strings.HasPrefix(s, "arn:"):
		return Selector{}, fmt.Errorf("%s is not the ARN of a run: that is arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME", s)
	}
	return Selector{Kind: ByName, Value: s}, nil
}

// String writes the selector as ParseSelector reads it.
func (s Selector) String() string {
	switch s.Kind {
	case Latest:
		return "@latest"
	case LastFailed:
		return "@failed"
	}
	return s.Value
}
