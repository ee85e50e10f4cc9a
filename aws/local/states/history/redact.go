package history

// WithoutData is the event without inputs, outputs, parameters and variables,
// as GetExecutionHistory returns it for includeExecutionData false. The event
// itself stays as it is.
func (e Event) WithoutData() Event {
	if d := e.Started; d != nil {
		e.Started = &Start{RoleARN: d.RoleARN}
	}
	if e.Succeeded != nil {
		e.Succeeded = &Output{}
	}
	if d := e.StateEntered; d != nil {
		e.StateEntered = &Entry{Name: d.Name}
	}
	if d := e.StateExited; d != nil {
		e.StateExited = &Exit{Name: d.Name}
	}
	if d := e.TaskScheduled; d != nil {
		scheduled := *d
		scheduled.Parameters = ""
		e.TaskScheduled = &scheduled
	}
	if d := e.TaskSubmitted; d != nil {
		e.TaskSubmitted = &TaskOutput{Task: d.Task}
	}
	if d := e.TaskSucceeded; d != nil {
		e.TaskSucceeded = &TaskOutput{Task: d.Task}
	}
	return e
}
