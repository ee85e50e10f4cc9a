package workflow

import (
	"encoding/json"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// CauseDetail is what a cause tells beyond its text.
type CauseDetail struct {
	// Reason is the cause in a sentence; its first line where it is plain text.
	Reason safe.Text
	// Tail is the last output of the job, oldest line first.
	Tail []safe.Text
	// Structured tells that the cause was JSON of a known kind.
	Structured bool
}

// causeForms are the members of the JSON causes that are known: the
// entrypoint's, the reaper's, that of ecs:runTask.sync (the task, in the
// words of Step Functions) and that of states:startExecution.sync (the child).
type causeForms struct {
	Reason        string `json:"reason"`
	Tail          string `json:"tail"`
	StopCode      string `json:"stopCode"`
	StoppedReason string `json:"stoppedReason"`
	Containers    []struct {
		Name     string `json:"name"`
		ExitCode *int   `json:"exitCode"`
		Reason   string `json:"reason"`
	} `json:"containers"`
	ExecutionARN string `json:"executionArn"`
	Error        string `json:"error"`
	Cause        string `json:"cause"`
}

// deepestCause bounds how far a child's cause is followed into its children.
const deepestCause = 8

// ReadCause reads a cause as far as its form is known. Names are matched in
// any case, because Step Functions writes them with a capital.
func ReadCause(cause safe.Text) CauseDetail { return readCause(cause.String(), deepestCause) }

func readCause(text string, depth int) CauseDetail {
	plain := CauseDetail{Reason: safe.Block(text).FirstLine()}
	var form causeForms
	if !strings.HasPrefix(strings.TrimSpace(text), "{") || json.Unmarshal([]byte(text), &form) != nil {
		return plain
	}
	switch {
	case form.Reason != "":
		return CauseDetail{Reason: safe.Line(form.Reason), Tail: safe.Block(strings.TrimRight(form.Tail, "\n")).Lines(), Structured: true}
	case form.StoppedReason != "" || form.StopCode != "":
		return CauseDetail{Reason: form.stopped(), Structured: true}
	case form.ExecutionARN != "" && depth > 0:
		child := readCause(form.Cause, depth-1)
		child.Reason = safe.Join(": ", present(safe.Linef("run %s", RunName(form.ExecutionARN)), safe.Line(form.Error), child.Reason)...)
		child.Structured = true
		return child
	default:
		return plain
	}
}

// stopped is a stopped task in a sentence.
func (f causeForms) stopped() safe.Text {
	reason := f.StoppedReason
	if reason == "" {
		reason = f.StopCode
	}
	parts := []safe.Text{safe.Line(reason)}
	for _, c := range f.Containers {
		switch {
		case c.Reason != "":
			parts = append(parts, safe.Linef("container %s: %s", c.Name, c.Reason))
		case c.ExitCode != nil:
			parts = append(parts, safe.Linef("container %s ended with exit code %d", c.Name, *c.ExitCode))
		}
	}
	return safe.Join("; ", parts...)
}

// Brief is the reason in one line, with the job's last words where it had any.
func (d CauseDetail) Brief() safe.Text {
	for i := len(d.Tail) - 1; i >= 0; i-- {
		if last := d.Tail[i]; strings.TrimSpace(last.String()) != "" {
			return safe.Join(": ", d.Reason, last)
		}
	}
	return d.Reason
}

func present(texts ...safe.Text) []safe.Text {
	var kept []safe.Text
	for _, t := range texts {
		if !t.Empty() {
			kept = append(kept, t)
		}
	}
	return kept
}
