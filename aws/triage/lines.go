package triage

import (
	"cmp"
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// mostLines is how much of a log's tail is read.
const mostLines = 1000

// logSignals reads the tails of the attempt's logs: the blamed container's with
// full trust, the others' with less.
func (f *frame) logSignals(blamed string) []signal {
	var out []signal
	for _, log := range f.ev.Logs {
		if !f.logOf(log) {
			continue
		}
		skipped := max(0, len(log.Lines)-mostLines)
		var lines []signal
		for i, line := range log.Lines[skipped:] {
			if f.tooLate(line) {
				break
			}
			fact := Fact{
				Source: FromLog, Container: log.Container, TaskARN: cmp.Or(log.TaskARN, f.taskARN()),
				Line: skipped + i + 1, Time: line.Time, Place: safe.Line("line"),
			}
			if !blank(line.Text.String()) {
				lines = append(lines, newSignal(inLog, fact, line.Text.String()))
			}
		}
		weighLines(lines, f.ev.Run.Status != workflow.Succeeded)
		if blamed != "" && log.Container != blamed {
			for i := range lines {
				lines[i].trust -= 45
			}
		}
		out = append(out, lines...)
	}
	slices.SortStableFunc(out, func(a, b signal) int { return cmp.Compare(b.trust/45, a.trust/45) })
	return out
}

// logOf reports whether the log is of the attempt in question. A run whose
// attempts were all retried has logs of several tasks.
func (f *frame) logOf(l Log) bool {
	if f.attempt == nil && len(f.steps) > 0 {
		return false
	}
	return l.TaskARN == "" || f.taskARN() == "" || l.TaskARN == f.taskARN()
}

func (f *frame) taskARN() string {
	switch {
	case f.attempt != nil && f.attempt.TaskARN != "":
		return f.attempt.TaskARN
	case f.task != nil:
		return f.task.ARN
	}
	return ""
}

// tooLate reports whether a line was written after AWS's clock or a person
// ended the attempt: what follows is its effect.
func (f *frame) tooLate(line workflow.LogLine) bool {
	if !f.timedOut() && f.failure.Status != workflow.Aborted || f.stuck {
		return false
	}
	return f.attempt != nil && !f.attempt.Ended.IsZero() && line.Time.After(f.attempt.Ended)
}

func blank(s string) bool {
	for _, r := range s {
		if r != ' ' {
			return false
		}
	}
	return true
}

var (
	troubleWords = []string{
		"error", "fatal", "fail", "cannot", "cant ", "could not", "couldnt", "unable", "exception", "panic", "denied", "refused", "abort", "invalid",
		"not found", "killed", "critical", "no such", "timed out", "timeout", "lost", "corrupt", "unexpected", "rejected", "violat",
		"traceback", "terminated",
		"wrong", "mismatch", "missing", "illegal", "crash", "exceeded", "unreachable",
	}
	// consequences follow a failure and do not explain it.
	consequences = []string{
		"broken pipe", "sigpipe", "exit status", "exit code", "exited with", "exiting", "aborting job", "command failed", "step failed",
		"job failed", "backup failed", "dump failed",
		"task failed", "traceback", "returned non zero", "failed with code", "script failed", "upload failed", "reported",
		"sending failure", "cleanup", "cleaning up", "sendtaskfailure",
		"caused by", "see above", "job ended", "failed with exit", "giving up", "called process error", "calledprocesserror",
		"subprocess", " at line ", "stack trace", "process failed",
		"send failure", "notifying", "run failed", "failed see", "line number", "errexit", "scriptfailed", "failed after",
	}
	survived = []string{
		"retrying", "will retry", "retry in", "trying again", "try again in", "warning", "warn ", "attempt 1", "attempt 2", "ignored",
		"ignoring", "non fatal", "nonfatal",
		"deprecat", "skipping", "continuing", "falling back", "fallback", "recovered", "reconnecting", "transient", "backing off",
		"expected failure", "not fatal", "can be ignored", "harmless", "using default", "notice ",
	}
	calm = []string{
		" info ", " debug ", " trace ", "0 errors", "no errors", "errors 0", "checking ", "testing ", "handler installed", "loaded rule",
		"will be retried", "in case of", "if you see", "on error", "error handling", "0 failed", "failed 0", "without error",
	}
	recovered = []string{
		" connected ", "reconnected", "connection established", "connection restored", "succeeded", "recovered", "back online",
		"successfully", "resumed", "is up", "is ready", "now available", "retry ok",
	}
)

// weighLines sets the trust in the lines of one output. A line that the job went
// on after counts little; one with nothing but consequences behind it counts fully.
// strict tells that the job failed, so that success later on disproves a line.
func weighLines(lines []signal, strict bool) {
	trouble, overcome := false, false
	behind := 0
	for i := len(lines) - 1; i >= 0; i-- {
		l := &lines[i]
		l.last = !trouble
		l.trust = 4 * i / max(1, len(lines)-1)
		bad := containsAny(l.plain, troubleWords)
		switch {
		case containsAny(l.plain, calm) && !containsAny(l.plain, []string{" error ", " fatal "}):
			l.trust -= 30
		case strict && overcome:
			l.trust -= 50
		case containsAny(l.plain, survived):
			l.trust -= 6
			if behind > 2 {
				l.trust -= 26
			}
		}
		if !bad && containsAny(l.plain, recovered) && !containsAny(l.plain, []string{"not ", "un"}) {
			overcome = true
		}
		if bad && !containsAny(l.plain, consequences) && !recognised(l) && l.trust >= 0 {
			trouble = true
		}
		if !containsAny(l.plain, consequences) {
			behind++
		}
	}
}

// recognised reports whether any rule about jobs fits.
func recognised(l *signal) bool {
	for i := range allRules {
		if allRules[i].in&inLog != 0 && allRules[i].weight >= 60 && allRules[i].fits(l) {
			return true
		}
	}
	return false
}
