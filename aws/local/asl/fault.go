package asl

import (
	"errors"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/asl/intrinsics"
	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Names of errors that the language raises or treats apart.
const (
	ErrAll                    = "States.ALL"
	ErrDataLimitExceeded      = "States.DataLimitExceeded"
	ErrHeartbeatTimeout       = "States.HeartbeatTimeout"
	ErrQueryEvaluation        = "States.QueryEvaluationError"
	ErrResultPathMatchFailure = "States.ResultPathMatchFailure"
	ErrRuntime                = "States.Runtime"
	ErrTaskFailed             = "States.TaskFailed"
	ErrTimeout                = "States.Timeout"
)

// Evaluation says which expression failed, for an EvaluationFailed event.
type Evaluation struct {
	Location string // the field, with its path inside a template, such as "Output/result"; may be empty
	State    string
}

// Fault is why a state could not be evaluated. Its Cause carries no
// "An error occurred while executing the state …" prefix.
type Fault struct {
	Name     string // the error name, such as States.Runtime
	Cause    string
	HasCause bool
	// Prefix: AWS puts "An error occurred while executing the state '<name>'
	// (entered at the event id #<n>). " before the cause.
	Prefix bool
	// Evaluation is non-nil when an EvaluationFailed event comes before the
	// state's failure.
	Evaluation *Evaluation
	// Catchable: Retry and Catch of the state are consulted.
	Catchable bool
}

// Error gives name and cause, so that a Fault is an error.
func (f *Fault) Error() string {
	if !f.HasCause {
		return f.Name
	}
	return f.Name + ": " + f.Cause
}

func runtimeFault(format string, args ...any) *Fault {
	return &Fault{Name: ErrRuntime, Cause: fmt.Sprintf(format, args...), HasCause: true, Prefix: true}
}

// pathFault is the failure of a path field such as InputPath.
func pathFault(path string, err error) error {
	var mismatch *paths.MismatchError
	if errors.As(err, &mismatch) {
		return &Fault{Name: ErrResultPathMatchFailure, Cause: err.Error(), HasCause: true, Prefix: true, Catchable: true}
	}
	return runtimeFault("Invalid path '%s' : %v", path, err)
}

// templateFault is the failure of a path or an intrinsic function that stands
// in a payload template or in ErrorPath and CausePath.
func templateFault(field string, input any, err error) error {
	var missing *paths.NotFoundError
	var call *intrinsics.CallError
	switch {
	case errors.As(err, &call) && errors.As(err, &missing):
		return runtimeFault("The function '%s' had the following error: The JsonPath argument for the field '%s' could not be found in the input '%s'",
			call.Call, missing.Path, jsonv.Text(input))
	case errors.As(err, &missing):
		return runtimeFault("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
			missing.Path, field, jsonv.Text(input))
	}
	return runtimeFault("%v", err)
}

func (s *State) queryFault(location, format string, args ...any) *Fault {
	return &Fault{
		Name: ErrQueryEvaluation, Cause: fmt.Sprintf(format, args...), HasCause: true, Prefix: true, Catchable: true,
		Evaluation: &Evaluation{Location: location, State: s.Name},
	}
}

func (s *State) expressionFault(source, location string, err error) *Fault {
	switch {
	case errors.Is(err, expr.ErrUndefined), errors.Is(err, expr.ErrUnsupported):
		return s.queryFault(location, "The JSONata expression '%s' specified for the field '%s' %v.", source, location, err)
	}
	return s.queryFault(location, "The JSONata expression '%s' specified for the field '%s' threw an error during evaluation. %v",
		source, location, err)
}

func (s *State) typeFault(source, location, expected string, v any) *Fault {
	return s.queryFault(location,
		"The JSONata expression '%s' specified for the field '%s' returned an unexpected result type. Expected '%s', but was '%s' for value: %s",
		source, location, expected, jsonv.Kind(v), jsonv.Text(v))
}
