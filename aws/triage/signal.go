package triage

import (
	"cmp"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// signal is one text that may tell the cause, with the place it comes from.
type signal struct {
	in    where
	plain string
	fact  Fact
	// trust is added to the weight of what the text is recognised as.
	trust int
	// last tells that no other error follows it in the job's output.
	last bool
}

// longestSignal bounds how much of one text is matched, in bytes from either end.
const longestSignal = 8 << 10

func newSignal(in where, fact Fact, text string) signal {
	if len(text) > 2*longestSignal {
		text = text[:longestSignal] + " … " + text[len(text)-longestSignal:]
	}
	text = workflow.MaskTokens(text)
	fact.Text = safe.Line(strings.TrimSpace(text))
	return signal{in: in, plain: plain(text), fact: fact, last: true}
}

// collect gathers every text that may tell why the frame's step ended, except
// the log.
func (f *frame) collect() (signals []signal, detail unwrapped) {
	add := func(in where, fact Fact, text string) {
		if strings.TrimSpace(text) != "" {
			signals = append(signals, newSignal(in, fact, text))
		}
	}
	for _, told := range f.told() {
		at := Fact{Source: FromHistory, Place: safe.Line(string(told.place)), EventID: told.event, Time: told.time}
		add(inError, at, told.name)
		u := unwrap(told.cause)
		for _, name := range u.errors {
			if name != told.name {
				add(inError, at, name)
			}
		}
		for _, text := range u.texts {
			signals = append(signals, causeSignals(text, told.name, at)...)
		}
		for _, reason := range u.reasons {
			add(inStop, at, reason)
		}
		for _, c := range u.containers {
			named := at
			named.Container = c.name
			add(inStop, named, c.reason)
		}
		signals = append(signals, lineSignals(u.tail, at)...)
		detail = merge(detail, u)
	}
	if f.taskCounts() {
		at := Fact{Source: FromECS, TaskARN: f.task.ARN, Time: f.task.Stopped, Place: safe.Line("stoppedReason")}
		add(inStop, at, f.task.StoppedReason.String())
		for _, c := range f.task.Containers {
			at.Place, at.Container = safe.Line("container reason"), c.Name.String()
			add(inStop, at, c.Reason.String())
		}
	}
	return signals, detail
}

// told is an error and its cause as an event has them.
type told struct {
	name, cause string
	place       workflow.EventType
	event       int64
	time        time.Time
}

// told lists the errors that tell of the failure: the attempt's own, the
// Fail state's that followed it, and the run's where they differ.
func (f *frame) told() []told {
	var list []told
	add := func(t told) {
		if t.name == "" && t.cause == "" {
			return
		}
		for _, known := range list {
			if known.name == t.name && known.cause == t.cause {
				return
			}
		}
		list = append(list, t)
	}
	if a := f.attempt; a != nil && a.Outcome.Bad() && !f.stuck {
		add(told{a.Error.String(), a.Cause.String(), f.typeOf(a.EndedID), a.EndedID, a.Ended})
	}
	if s := f.step; s != nil && s.Outcome.Bad() && (f.attempt == nil || !f.attempt.Outcome.Bad()) {
		add(told{s.Error.String(), s.Cause.String(), f.typeOf(f.failure.EventID), f.failure.EventID, s.Ended})
	}
	if f.failed {
		place := f.typeOf(f.failure.EventID)
		add(told{f.failure.Error.String(), f.failure.Cause.String(), place, f.failure.EventID, f.failure.Time})
	}
	return list
}

func (f *frame) typeOf(id int64) workflow.EventType {
	for i := range f.events {
		if f.events[i].ID == id {
			return f.events[i].Type
		}
	}
	return "status"
}

// causeSignals reads a cause that is plain text. What a service answered is
// about the call; what came by the token is the job's or a watcher's word.
func causeSignals(text, errorName string, at Fact) []signal {
	text = strings.TrimSpace(text)
	if serviceAnswer(errorName, text) {
		return []signal{newSignal(inCause, at, text)}
	}
	lines := strings.Split(text, "\n")
	if len(lines) > 1 {
		return lineSignals(lines, at)
	}
	in := inCause | inLog
	if wordedAsStop(errorName, text) {
		in |= inStop
	}
	return []signal{newSignal(in, at, text)}
}

// serviceAnswer tells an error of an AWS call from one that a job gave its
// token (Step Functions names them Service.Exception, or adds the call).
func serviceAnswer(name, cause string) bool {
	service, exception, dotted := strings.Cut(name, ".")
	if dotted && service != "" && exception != "" && !strings.Contains(name, " ") {
		return true
	}
	return strings.Contains(cause, "(Service: ")
}

var stopWords = []string{
	"cannotpull", "cannotstart", "cannotcreate", "resourceinitialization", "outofmemoryerror container", "essential container", "your spot task",
	"task stopped", "host ec2", "timeout waiting for", "taskfailedtostart", "task failed to start", "failed to start the task", "container killed",
	"spotinterruption", "stoppedreason", "stopcode", "unable to pull",
}

func wordedAsStop(name, cause string) bool {
	return containsAny(plain(name+" "+cause), stopWords)
}

func lineSignals(lines []string, at Fact) []signal {
	const most = 400
	skipped := max(0, len(lines)-most)
	var out []signal
	for i, line := range lines[skipped:] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		at.Line = skipped + i + 1
		in := inLog
		if i == 0 && skipped == 0 {
			in |= inCause
		}
		if wordedAsStop("", line) {
			in |= inStop
		}
		out = append(out, newSignal(in, at, line))
	}
	weighLines(out, true)
	return out
}

// merge keeps what the first cause told and fills in from the next.
func merge(a, b unwrapped) unwrapped {
	if a.exitCode == nil {
		a.exitCode = b.exitCode
	}
	if len(a.containers) == 0 {
		a.containers = b.containers
	}
	a.texts = append(a.texts, b.texts...)
	a.errors = append(a.errors, b.errors...)
	a.tail = append(a.tail, b.tail...)
	a.reasons = append(a.reasons, b.reasons...)
	a.stopCode, a.taskARN = cmp.Or(a.stopCode, b.stopCode), cmp.Or(a.taskARN, b.taskARN)
	a.childRun, a.childState = cmp.Or(a.childRun, b.childRun), cmp.Or(a.childState, b.childState)
	a.cpu, a.memory = cmp.Or(a.cpu, b.cpu), cmp.Or(a.memory, b.memory)
	a.cut = a.cut || b.cut
	return a
}

// taskCounts reports whether the task's stop can be a cause. One that was
// stopped after its attempt had ended is an effect.
func (f *frame) taskCounts() bool {
	if f.task == nil || !f.task.Gone() || f.task.Missing {
		return false
	}
	if f.stuck || f.goneBefore() {
		return true
	}
	if f.timedOut() || f.failure.Status == workflow.Aborted {
		return false
	}
	return f.task.StopCode != "UserInitiated" && f.task.StopCode != "ServiceSchedulerInitiated"
}
