// Package triage tells why a run failed or stands still: from its history, its
// definition, its ECS tasks and the tail of its log to one sentence, with the
// evidence and what to do. It is pure and never guesses: a cause that it does
// not recognise is shown as it is.
package triage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Diagnose reads the evidence. It takes any subset of it and never fails: what
// cannot be known is said.
func Diagnose(ev Evidence) Diagnosis {
	f := newFrame(&ev)
	c := f.open()
	d := Diagnosis{Status: ev.Run.Status, Stuck: f.stuck, Gaps: f.gaps()}
	if c.detail.cut {
		d.Gaps = append(d.Gaps, Gap{FromHistory, safe.Line("the cause was cut off; what stands before the cut was read")})
	}
	d.place(f, c)
	c.judge(&d)
	d.Sentence = c.sentence(&d)
	d.Evidence = c.facts(&d)
	d.Redrive = f.foresee(d.Kind)
	d.Remedies = c.remedies(&d)
	if ev.Child != nil {
		d = c.through(d, ev.Child.Run)
	}
	return d
}

// study is a frame with what was read in its texts.
type study struct {
	*frame
	detail     unwrapped
	told       []signal // of history and ECS
	logged     []signal
	containers []ended
	blamed     *ended
	downBy     *ended
	exit       *int
	exitAt     Fact
	best       candidate
	inside     candidate // what a suspicious success would have been
}

func (f *frame) open() *study {
	c := &study{frame: f}
	c.told, c.detail = f.collect()
	c.containers = f.containers(c.detail)
	c.blamed = blame(c.containers)
	c.downBy = tookDown(c.containers, c.blamed)
	c.findExit()
	name := ""
	if c.blamed != nil {
		name = c.blamed.name
	}
	c.logged = f.logSignals(name)
	return c
}

// findExit takes the exit code from ECS, else from the cause's field, else from
// its words.
func (c *study) findExit() {
	switch {
	case c.blamed != nil && c.blamed.exitCode != nil && (c.taskCounts() || c.task == nil || c.ev.Run.Status == workflow.Succeeded):
		c.exit = c.blamed.exitCode
		c.exitAt = Fact{Source: FromHistory, EventID: c.failure.EventID, Time: c.failure.Time}
		if c.task != nil {
			c.exitAt = Fact{Source: FromECS, TaskARN: c.task.ARN, Time: c.task.Stopped}
		}
		c.exitAt.Place, c.exitAt.Container = safe.Line("exit code"), c.blamed.name
	case c.detail.exitCode != nil:
		c.exit = c.detail.exitCode
	default:
		for i := range c.told {
			if n := exitIn(c.told[i].fact.Text.String()); n != nil && c.told[i].in&inError == 0 {
				c.exit, c.exitAt = n, c.told[i].fact
				return
			}
		}
	}
	if c.exit == nil {
		return
	}
	if c.exitAt.Source == "" {
		c.exitAt = Fact{Source: FromHistory, EventID: c.failure.EventID, Time: c.failure.Time, Place: safe.Line("exitCode")}
	}
	c.exitAt.Text = safe.Linef("exit code %d", *c.exit)
}

func (d *Diagnosis) place(f *frame, c *study) {
	if f.step != nil {
		d.State, d.Attempts = f.step.State, len(f.step.Attempts)
	}
	if d.State.Empty() {
		d.State = f.failure.State
	}
	if f.attempt != nil {
		d.Attempt = f.attempt.Number
	}
	d.Iteration = f.iteration()
	d.TaskARN = cmp.Or(f.taskARN(), c.detail.taskARN)
	d.ChildRun = c.detail.childRun
	d.Error = f.failure.Error
	if c.blamed != nil {
		d.Container = safe.Line(c.blamed.name)
	}
	d.ExitCode = c.exit
}

func (c *study) judge(d *Diagnosis) {
	found := slices.Concat(recognise(c.told), recognise(c.logged))
	switch {
	case c.ev.Run.Status == workflow.Succeeded:
		c.judgeSuccess(d, found)
		return
	case !c.failed && !c.stuck:
		d.Kind, d.Confidence = StillRunning, High
		if len(c.steps) == 0 {
			d.Confidence = Low
		}
		if c.ev.Run.Status != workflow.Running {
			d.Kind, d.Confidence = Unknown, None
		}
		return
	}
	if c.downBy != nil && c.taskCounts() {
		fact := Fact{Source: FromECS, TaskARN: c.taskARN(), Container: c.downBy.name, Place: safe.Line("exit code"), Text: safe.Linef("container %s ended with exit code 0", c.downBy.name)}
		found = append(found, candidate{kind: SidecarEnded, weight: 82, score: 82, fact: fact, structural: true, last: true})
	}
	found = append(found, c.structure(c.detail, c.exit, c.exitAt)...)
	c.best, d.Confidence = choose(found, c.frame)
	d.Kind = c.best.kind
	if line, ok := c.telling(); ok && d.Confidence == High && provenBy[d.Kind] > 0 {
		if text := plain(line.Text.String()); containsAny(text, troubleWords) && !containsAny(text, consequences) {
			d.Confidence = Medium // there is an error that is not understood
		}
	}
	if d.Kind == FailState && c.best.score < 60 && c.failure.Error.Empty() && c.failure.Cause.Empty() {
		d.Confidence = Medium
	}
}

// leastSuspicion is the score from which a line casts doubt on a success.
const leastSuspicion = 62

// judgeSuccess looks for a failure that a success hides: a pipe whose exit code
// is its last program's, a success sent too early.
func (c *study) judgeSuccess(d *Diagnosis, found []candidate) {
	d.Kind, d.Confidence = DidSucceed, High
	if code := c.exit; code != nil && *code != 0 && (c.blamed == nil || !c.blamed.known || c.blamed.essential) && !c.afterAnswer() {
		d.Kind, d.Confidence = SuspiciousSuccess, Medium
		c.best = candidate{kind: SuspiciousSuccess, weight: 70, score: 70, fact: c.exitAt, structural: true}
	}
	best, sure := choose(found, c.frame)
	if best.standing == foreign {
		return
	}
	if best.score >= leastSuspicion && best.fact.Source == FromLog && containsAny(plain(best.fact.Text.String()), troubleWords) ||
		best.kind == DumpIncomplete && best.score >= leastSuspicion {
		if d.Kind != SuspiciousSuccess {
			d.Confidence = sure
		}
		d.Kind, c.best, c.inside = SuspiciousSuccess, best, best
	}
}

// afterAnswer reports whether the task was told to end after it had answered.
func (c *study) afterAnswer() bool {
	return c.task != nil && (c.task.StopCode == "UserInitiated" || c.task.StopCode == "SpotInterruption") || *c.exit == 143
}

// facts lists the evidence: the decisive fact first, then what else was told,
// each once.
func (c *study) facts(d *Diagnosis) []Fact {
	facts := []Fact{}
	add := func(f Fact) {
		if f.Text.Empty() || len(facts) >= mostFacts {
			return
		}
		f.Text = shorten(f.Text, longestFact)
		for _, known := range facts {
			if known.Text == f.Text && known.Source == f.Source && known.EventID == f.EventID && known.Container == f.Container {
				return
			}
		}
		facts = append(facts, f)
	}
	if d.Kind != Unknown && c.best.fact.Source != "" {
		for _, decisive := range []Fact{c.best.fact, c.best.cause} {
			decisive.Decisive = true
			add(decisive)
		}
	}
	if c.task != nil && (c.task.Gone() || c.task.Live()) {
		add(Fact{Source: FromECS, TaskARN: c.task.ARN, Place: safe.Line(cmp.Or(c.task.StopCode, c.task.LastStatus, "MISSING")), Text: c.taskText(), Time: c.task.Stopped})
	}
	for i := range c.told {
		if f := &c.told[i].fact; f.Line == 0 && f.Source != FromECS {
			add(c.told[i].fact)
		}
	}
	if c.attempt != nil && c.timedOut() && !c.attempt.Ended.IsZero() {
		add(Fact{Source: FromHistory, EventID: c.attempt.EndedID, Time: c.attempt.Ended, Place: safe.Line(string(workflow.TaskTimedOut)), Text: c.clockText()})
	}
	// What a job that did its work wrote proves nothing.
	if line, ok := c.telling(); ok && d.Kind != DidSucceed {
		add(line)
	}
	for _, log := range c.ev.Logs {
		if log.NoStream && c.logOf(log) {
			add(Fact{Source: FromLog, Container: log.Container, TaskARN: log.TaskARN, Place: safe.Line("stream"), Text: safe.Line("there is no log stream: the container never started")})
		}
	}
	return facts
}

const (
	mostFacts   = 12
	longestFact = 2000 // runes
)

func (c *study) taskText() safe.Text {
	if c.task.Live() {
		return safe.Linef("task %s is %s", workflow.TaskID(c.task.ARN), c.task.LastStatus)
	}
	return c.task.StopCause()
}

// telling is the line of the job's output that tells most: a recognised one, else
// the last that sounds like trouble and is no mere consequence, else the last.
func (c *study) telling() (Fact, bool) {
	lines := c.logged
	if len(lines) == 0 {
		for i := range c.told {
			if c.told[i].fact.Line > 0 {
				lines = append(lines, c.told[i])
			}
		}
	}
	best, score := -1, -100
	for i := range lines {
		n := lines[i].trust
		bad := containsAny(lines[i].plain, troubleWords)
		switch {
		case lines[i].fact == c.best.fact:
			n += 200
		case bad && !containsAny(lines[i].plain, consequences):
			n += 40
		case bad:
			n -= 20
		}
		if n >= score {
			best, score = i, n
		}
	}
	if best < 0 {
		return Fact{}, false
	}
	return lines[best].fact, true
}

// gaps lists what the diagnosis had to do without, given or found.
func (f *frame) gaps() []Gap {
	gaps := slices.Clone(f.ev.Gaps)
	if f.task != nil && f.task.Missing {
		gaps = append(gaps, Gap{FromECS, safe.Line("ECS no longer knows the task (it forgets a stopped task after about an hour); history and log are used instead")})
	}
	if f.withoutData() {
		gaps = append(gaps, Gap{FromHistory, safe.Line("the history came without payloads, so the task and its token are not known")})
	}
	if len(f.events) == 0 && f.ev.Failure == nil {
		gaps = append(gaps, Gap{FromHistory, safe.Line("no event of the history could be read")})
	}
	return gaps
}

// withoutData reports whether a task was submitted and its payload is absent:
// encrypted, redacted or not asked for.
func (f *frame) withoutData() bool {
	return f.attempt != nil && f.attempt.ResourceType == "ecs" && f.attempt.TaskARN == "" && !f.attempt.Submitted.IsZero()
}

func shorten(t safe.Text, runes int) safe.Text {
	r := []rune(t.String())
	if len(r) <= runes {
		return t
	}
	return safe.Line(strings.TrimSpace(string(r[:runes-1])) + "…")
}
