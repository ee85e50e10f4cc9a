package asl

// Names of errors that the language itself raises or treats apart.
const (
	ErrAll                  = "States.ALL"
	ErrBranchFailed         = "States.BranchFailed"
	ErrDataLimitExceeded    = "States.DataLimitExceeded"
	ErrHeartbeatTimeout     = "States.HeartbeatTimeout"
	ErrIntrinsicFailure     = "States.IntrinsicFailure"
	ErrNoChoiceMatched      = "States.NoChoiceMatched"
	ErrQueryEvaluationError = "States.QueryEvaluationError"
	ErrRuntime              = "States.Runtime"
	ErrTaskFailed           = "States.TaskFailed"
	ErrTimeout              = "States.Timeout"
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
