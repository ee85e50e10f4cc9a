package triage

import (
	"cmp"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// structure returns what codes, clocks and types of events tell, whatever the
// wording.
func (f *frame) structure(detail unwrapped, exit *int, at Fact) []candidate {
	var out []candidate
	add := func(kind Kind, weight int, fact Fact) {
		out = append(out, candidate{kind: kind, weight: weight, score: weight, fact: fact, structural: true, last: true})
	}
	end := Fact{Source: FromHistory, EventID: f.failure.EventID, Time: f.failure.Time, Place: safe.Line(string(f.typeOf(f.failure.EventID)))}
	if f.failure.Status == workflow.Aborted {
		end.Text = safe.Line("the run was stopped")
		add(Stopped, 99, end)
	}
	f.stopCode(detail, add)
	f.clock(end, add)
	f.child(detail, end, add)
	f.byExit(exit, at, add)
	f.byType(end, add)
	return out
}

// provenBy are the kinds that say no more than the structure shows.
var provenBy = map[Kind]int{DeadToken: 60, Killed: 50, Terminated: 50, FailState: 50}

type adder func(kind Kind, weight int, fact Fact)

func (f *frame) stopCode(detail unwrapped, add adder) {
	code, reason, fact := detail.stopCode, strings.Join(detail.reasons, "; "), Fact{Source: FromHistory, EventID: f.failure.EventID, Place: safe.Line("stopCode"), Time: f.failure.Time}
	if f.taskCounts() {
		code, reason = f.task.StopCode, f.task.StoppedReason.String()
		fact = Fact{Source: FromECS, TaskARN: f.task.ARN, Place: safe.Line("stopCode"), Time: f.task.Stopped}
	}
	fact.Text = safe.Line(cmp.Or(reason, code))
	switch code {
	case "SpotInterruption", "TerminationNotice":
		add(SpotInterrupted, 97, fact)
	case "UserInitiated":
		add(TaskStopped, 85, fact)
	}
	if f.stuck || f.timedOut() && f.goneBefore() {
		if f.task.Missing {
			fact = Fact{Source: FromECS, TaskARN: f.task.ARN, Place: safe.Line("status"), Text: safe.Line("MISSING")}
		} else {
			fact.Text = f.task.StopCause()
		}
		add(DeadToken, 64, fact)
	}
}

// clock tells a lost heartbeat from a timeout (the history writes both alike).
func (f *frame) clock(end Fact, add adder) {
	if f.stuck || f.goneBefore() {
		return
	}
	if f.failure.Status == workflow.TimedOut {
		end.Text = safe.Line("the machine's TimeoutSeconds ran out")
		add(RunTimeout, 86, end)
		return
	}
	if f.attempt == nil {
		return
	}
	fact := Fact{Source: FromHistory, EventID: f.attempt.EndedID, Time: f.attempt.Ended, Place: safe.Line(string(workflow.TaskTimedOut)), Text: f.clockText()}
	_, known := f.took()
	switch {
	case f.attempt.Outcome == workflow.HeartbeatLost && known:
		add(HeartbeatLost, 86, fact)
	case f.attempt.Outcome == workflow.DidTimeOut && known:
		add(TaskTimeout, 86, fact)
	case f.timedOut():
		add(TaskTimeout, 62, fact) // without the begin there is no arithmetic
	}
}

// took is how long the attempt ran until it ended. ok is false where its begin
// or its end is not loaded.
func (f *frame) took() (d time.Duration, ok bool) {
	a := f.attempt
	if a == nil || a.Began().IsZero() || a.Ended.Before(a.Began()) {
		return 0, false
	}
	return a.Ended.Sub(a.Began()), true
}

func (f *frame) clockText() safe.Text {
	a := f.attempt
	text := "States.Timeout"
	if took, ok := f.took(); ok {
		text += " after " + safe.Duration(took).String()
	}
	if a.Timeout > 0 {
		text += "; TimeoutSeconds " + safe.Duration(a.Timeout).String()
	}
	if a.Heartbeat > 0 {
		text += "; HeartbeatSeconds " + safe.Duration(a.Heartbeat).String()
	}
	return safe.Line(text)
}

func (f *frame) child(detail unwrapped, end Fact, add adder) {
	if detail.childRun == "" {
		return
	}
	end.Text = safe.Linef("child run %s: %s", workflow.RunName(detail.childRun), detail.childState)
	switch detail.childState {
	case "TIMED_OUT":
		add(RunTimeout, 84, end)
	case "ABORTED":
		add(Stopped, 84, end)
	}
	for _, name := range detail.errors {
		if name == "States.Timeout" {
			add(TaskTimeout, 66, end)
		}
		if name == "States.HeartbeatTimeout" {
			add(HeartbeatLost, 84, end)
		}
	}
}

// byExit reads the exit code as a shell gives it: 128 and the signal for a
// killed process.
func (f *frame) byExit(exit *int, at Fact, add adder) {
	if exit == nil || *exit == 0 || f.ev.Run.Status == workflow.Succeeded {
		return
	}
	if (f.timedOut() || f.failure.Status == workflow.Aborted) && !f.goneBefore() {
		return
	}
	switch *exit {
	case 126, 127:
		add(BadCommand, 77, at)
	case 132, 134, 135, 136, 139:
		add(Crashed, 74, at)
	case 137:
		add(Killed, 50, at)
	case 143:
		add(Terminated, 50, at)
	default:
		add(ScriptFailed, 42, at)
	}
}

func (f *frame) byType(end Fact, add adder) {
	if !f.failed {
		return
	}
	name := f.failure.Error.String()
	end.Text = f.failure.Error.Or(safe.Line("no error name was given"))
	for i := range f.events {
		e := &f.events[i]
		if e.Type == workflow.EvaluationFailed && e.ID >= f.failure.EventID-1 && e.ID <= f.failure.EventID+1 && e.Error == f.failure.Error {
			add(ExpressionError, 97, end)
		}
		if e.Type == "MapRunFailed" && e.ID == f.failure.EventID {
			add(MapItemsFailed, 78, end)
		}
	}
	if f.step != nil && f.step.Type == "Fail" {
		add(FailState, 50, end)
	}
	if f.attempt != nil && f.attempt.Outcome == workflow.DidFail && f.attempt.Callback() && !strings.Contains(name, ".") {
		weight := 38
		if name == "" {
			weight = 35
		}
		add(ScriptFailed, weight, end)
	}
	if f.attempt == nil && name != "" && (name == "ScriptFailed" || name == "ScriptRetryable") {
		add(ScriptFailed, 38, end)
	}
}
