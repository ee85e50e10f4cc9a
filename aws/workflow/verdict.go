package workflow

import (
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Verdict is whether an open token will ever be answered by its task.
type Verdict string

// The verdicts. Dead: the task is STOPPED or MISSING, so nothing will answer.
// Unknown: no task was submitted yet, or ECS could not be asked.
const (
	Alive   Verdict = "alive"
	Dead    Verdict = "dead"
	Unknown Verdict = "unknown"
)

// VerdictOn judges an open token by its task; a nil task is one not known.
func VerdictOn(t *Task) Verdict {
	switch {
	case t == nil:
		return Unknown
	case t.Gone():
		return Dead
	case t.Live():
		return Alive
	}
	return Unknown
}

// StopError names why a task stopped as the managed stack's reaper does, for
// failing its token with the true reason. It is empty for a live task.
func (t Task) StopError() string {
	switch {
	case t.Missing:
		return "TaskExited"
	case !t.Gone():
		return ""
	case t.StopCode == "SpotInterruption" || t.StopCode == "TerminationNotice":
		return "SpotInterrupted"
	case t.StopCode == "TaskFailedToStart":
		return "TaskFailedToStart"
	case t.outOfMemory():
		return "OutOfMemory"
	case t.StopCode == "UserInitiated":
		return "TaskStopped"
	}
	return "TaskExited"
}

func (t Task) outOfMemory() bool {
	if strings.Contains(t.StoppedReason.String(), "OutOfMemory") {
		return true
	}
	for _, c := range t.Containers {
		if strings.Contains(c.Reason.String(), "OutOfMemory") {
			return true
		}
	}
	return false
}

// StopCause says in a line why the task stopped: ECS's reason, then each
// container's exit code and reason.
func (t Task) StopCause() safe.Text {
	if t.Missing {
		return safe.Linef("ECS no longer knows task %s: it stopped more than an hour ago", TaskID(t.ARN))
	}
	parts := []string{t.StoppedReason.Or(safe.Line("the task stopped")).String()}
	for _, c := range t.Containers {
		text := "container " + c.Name.String()
		if c.ExitCode != nil {
			text += fmt.Sprintf(" exit %d", *c.ExitCode)
		} else {
			text += " never ran"
		}
		if !c.Reason.Empty() {
			text += " (" + c.Reason.String() + ")"
		}
		parts = append(parts, text)
	}
	return safe.Line(strings.Join(parts, "; "))
}
