package history

// Data says whether a payload was cut; the API never cuts one.
type Data struct {
	Truncated bool `json:"truncated"`
}

// Start are the details of ExecutionStarted.
type Start struct {
	Input        string `json:"input,omitempty"`
	InputDetails *Data  `json:"inputDetails,omitempty"`
	RoleARN      string `json:"roleArn"`
}

// Output is what a run ended with.
type Output struct {
	Output        string `json:"output,omitempty"`
	OutputDetails *Data  `json:"outputDetails,omitempty"`
}

// Failure is why a run ended; either part may be missing.
type Failure struct {
	Error *string `json:"error,omitempty"`
	Cause *string `json:"cause,omitempty"`
}

// Redrive are the details of ExecutionRedriven.
type Redrive struct {
	RedriveCount int `json:"redriveCount"`
}

// Entry are the details of entering a state.
type Entry struct {
	Name         string `json:"name"`
	Input        string `json:"input,omitempty"`
	InputDetails *Data  `json:"inputDetails,omitempty"`
}

// Exit are the details of leaving a state.
type Exit struct {
	Name          string `json:"name"`
	Output        string `json:"output,omitempty"`
	OutputDetails *Data  `json:"outputDetails,omitempty"`
	// AssignedVariables holds each variable's value as JSON text.
	AssignedVariables        map[string]string `json:"assignedVariables,omitempty"`
	AssignedVariablesDetails *Data             `json:"assignedVariablesDetails,omitempty"`
}

// Evaluated are the details of an expression that failed.
type Evaluated struct {
	Error    string `json:"error,omitempty"`
	Cause    string `json:"cause,omitempty"`
	Location string `json:"location,omitempty"`
	State    string `json:"state"`
}

// Task names what a task calls: "ecs" and "runTask.sync", say.
type Task struct {
	ResourceType string `json:"resourceType"`
	Resource     string `json:"resource"`
}

// Schedule are the details of TaskScheduled.
type Schedule struct {
	Task
	Region             string       `json:"region"`
	Parameters         string       `json:"parameters,omitempty"`
	TimeoutInSeconds   int64        `json:"timeoutInSeconds,omitempty"`
	HeartbeatInSeconds int64        `json:"heartbeatInSeconds,omitempty"`
	TaskCredentials    *Credentials `json:"taskCredentials,omitempty"`
}

// Credentials are the role that a task runs under.
type Credentials struct {
	RoleARN string `json:"roleArn,omitempty"`
}

// TaskOutput is what a task answered.
type TaskOutput struct {
	Task
	Output        string `json:"output,omitempty"`
	OutputDetails *Data  `json:"outputDetails,omitempty"`
}

// TaskFailure is why a task failed; error or cause may be missing.
type TaskFailure struct {
	Task
	Error *string `json:"error,omitempty"`
	Cause *string `json:"cause,omitempty"`
}

// Length are the details of MapStateStarted.
type Length struct {
	Length int `json:"length"`
}

// Iteration names one iteration of a Map state.
type Iteration struct {
	Name  string `json:"name"`
	Index int    `json:"index"`
}
