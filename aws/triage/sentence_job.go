package triage

import (
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// deadClause says how a task ended that left its token open.
func (c *study) deadClause() string {
	text := "the task ended"
	switch {
	case c.task == nil:
	case c.task.Missing:
		text = "the task has ended (ECS no longer knows it)"
	case c.exit != nil:
		text += " with exit code " + strconv.Itoa(*c.exit)
	case c.task.StopCode == "TaskFailedToStart":
		text = "the task never started (" + quoted(c.task.StoppedReason) + ")"
	case !c.task.StoppedReason.Empty():
		text += " (" + quoted(c.task.StoppedReason) + ")"
	}
	if c.stuck {
		return text + " without answering its token, so the run waits for nothing"
	}
	return text + " without answering its token, and the clock ran out"
}

// scriptClause quotes the job's own words: its reason, or the line of its
// output that tells most.
func (c *study) scriptClause(d *Diagnosis) string {
	text := "the job failed"
	if c.exit != nil && *c.exit != 0 {
		text += " with exit code " + strconv.Itoa(*c.exit)
	} else if !d.Error.Empty() {
		text = "the job reported " + quoted(d.Error)
	}
	if line, ok := c.telling(); ok {
		return text + "; its output says: " + quoted(line.Text)
	}
	for i := range c.told {
		s := &c.told[i]
		if s.in&inError == 0 && s.fact.Text != d.Error && s.fact.Source == FromHistory {
			return text + ": " + quoted(s.fact.Text)
		}
	}
	if d.Error.Empty() && c.exit == nil {
		return "the job failed its token with neither error nor cause"
	}
	return text + " and gave no cause"
}

func (c *study) signalClause(d *Diagnosis) string {
	what := "container"
	if c.attempt != nil && c.attempt.Outcome == workflow.DidFail && c.attempt.Callback() {
		what = "job" // something outlived it to report its end
	}
	text := "the " + what + " was killed (SIGKILL, exit code 137) and ECS gives no reason"
	if d.Kind == Terminated {
		text = "the " + what + " was told to end (SIGTERM, exit code 143) and ECS gives no reason"
	}
	if c.task != nil && !c.task.StoppedReason.Empty() && !strings.HasPrefix(plain(c.task.StoppedReason.String()), " essential container") {
		text = strings.TrimSuffix(text, " and ECS gives no reason") + "; ECS says: " + quoted(c.task.StoppedReason)
	}
	return text
}

// doubt says what speaks against a success.
func (c *study) doubt(quote string) string {
	if c.inside.kind == "" {
		return "the run succeeded, but its task ended with " + quote
	}
	where := "its log says: "
	if c.best.fact.Source != FromLog {
		where = "its evidence says: "
	}
	what := clauses[c.inside.kind]
	if what == "" {
		return "the run succeeded, but " + where + quote
	}
	return "the run succeeded, but " + what + "; " + where + quote
}

func (c *study) runningClause() string {
	a := c.attempt
	switch {
	case len(c.steps) == 0:
		return "the run is running; its history is not loaded"
	case c.step == nil:
		return "the run is running"
	case c.step.Waiting():
		last := c.step.LastAttempt()
		return "attempt " + strconv.Itoa(last.Number) + " failed" + afterColon(joined(last.Error, workflow.ReadCause(last.Cause).Reason)) + "; the next one follows"
	case a == nil || a.Began().IsZero():
		return "the run is in this state"
	case c.task != nil && c.task.Live():
		return "the task is " + c.task.LastStatus + c.since(a) + "; nothing is wrong that can be seen"
	case c.task != nil && c.task.Gone():
		return "the task has ended; Step Functions has not taken notice yet"
	}
	return "the attempt is open" + c.since(a) + "; its task is not known"
}

func (c *study) since(a *workflow.Attempt) string {
	if c.ev.Now.IsZero() || !c.ev.Now.After(a.Began()) {
		return ""
	}
	return " for " + safe.Duration(c.ev.Now.Sub(a.Began())).String()
}

func afterColon(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
