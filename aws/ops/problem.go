package ops

import (
	"errors"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Kind classifies a Problem; commands map it to an exit code.
type Kind int

// The kinds of problem. Conflict: the thing's state does not allow it (already
// exists, token closed). Failed: AWS or the run refused for its own reason.
const (
	Internal Kind = iota
	Usage
	NotFound
	Denied
	Expired
	Throttled
	Unreachable
	Conflict
	Failed
)

// Problem is an error ready to be shown: what happened, on which call, and
// what to do about it.
type Problem struct {
	Kind   Kind
	Title  safe.Text // what happened, naming the thing
	Detail safe.Text // the reason, as AWS gave it
	Hint   safe.Text // the next step
	Err    error     // the cause, for errors.Is and logs; may be nil
}

// Error joins title, detail and hint.
func (p *Problem) Error() string {
	s := p.Title.String()
	if !p.Detail.Empty() {
		s += ": " + p.Detail.String()
	}
	if !p.Hint.Empty() {
		s += " (" + p.Hint.String() + ")"
	}
	return s
}

// Brief is what happened and why, without the next step and without the calls
// that led there: of the first Problem in err's chain, else err's own text.
func Brief(err error) safe.Text {
	var p *Problem
	switch {
	case !errors.As(err, &p):
		return safe.Line(err.Error())
	case p.Detail.Empty():
		return p.Title
	default:
		return safe.Join(": ", p.Title, p.Detail)
	}
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// KindOf returns the kind of the first Problem in err's chain, else Internal.
func KindOf(err error) Kind {
	var p *Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return Internal
}
