package workflow

import "strings"

// attempt applies events of tasks, Lambda functions and activities. ok is false
// for any other event.
func (b *builder) attempt(e Event) (at place, ok bool) {
	phase := ""
	for _, prefix := range []string{"Task", "LambdaFunction", "Activity"} {
		if rest, found := strings.CutPrefix(string(e.Type), prefix); found {
			phase = rest
			break
		}
	}
	switch phase {
	case "Scheduled":
		return b.scheduled(e), true
	case "Started", "Submitted", "Succeeded", "Failed", "TimedOut", "StartFailed", "SubmitFailed", "ScheduleFailed":
		return b.progressed(e, phase), true
	}
	return outside, false
}

func (b *builder) scheduled(e Event) place {
	i := b.stepToSchedule(e)
	s := &b.steps[i]
	if !s.Open() {
		b.resume(i)
	}
	a := Attempt{
		Number: len(s.Attempts) + 1, Redrive: b.redrive, Outcome: StillOpen,
		ScheduledID: e.ID, Scheduled: e.Time, ResourceType: e.ResourceType, Resource: e.Resource,
		Timeout: e.Timeout, Heartbeat: e.Heartbeat, Parameters: e.Parameters,
	}
	for _, earlier := range s.Attempts {
		if earlier.Redrive == b.redrive {
			a.RetryCount++
		}
	}
	s.Attempts = append(s.Attempts, a)
	return place{step: i}
}

// stepToSchedule finds the step a new attempt belongs to. After a redrive the
// event may point at ExecutionRedriven, with no new StateEntered.
func (b *builder) stepToSchedule(e Event) int {
	prev := b.before(e)
	isTask := func(s *Step) bool { return s.Type == "Task" && s.ExitedID == 0 }
	if prev.step >= 0 && !prev.redriven && isTask(&b.steps[prev.step]) {
		return prev.step
	}
	if b.redrive > 0 {
		same := func(s *Step) bool {
			last := s.LastAttempt()
			return isTask(s) && last != nil && last.Resource == e.Resource
		}
		if i := b.resumable(prev.step, same); i >= 0 {
			return i
		}
		if i := b.resumable(prev.step, isTask); i >= 0 {
			return i
		}
	}
	if prev.step >= 0 && isTask(&b.steps[prev.step]) {
		return prev.step
	}
	if i := b.lastStep(func(s *Step) bool { return isTask(s) && s.Open() && len(s.Attempts) == 0 }); i >= 0 {
		return i
	}
	return b.add(Step{Parent: -1, Type: "Task", Outcome: StillOpen})
}

func (b *builder) progressed(e Event, phase string) place {
	i := b.before(e).step
	if i < 0 || b.steps[i].Type != "Task" {
		i = b.lastStep(func(s *Step) bool {
			last := s.LastAttempt()
			return s.Type == "Task" && last != nil && last.Open()
		})
	}
	if i < 0 {
		i = b.add(Step{Parent: -1, Type: "Task", Outcome: StillOpen})
	}
	s := &b.steps[i]
	if s.LastAttempt() == nil {
		s.Attempts = append(s.Attempts, Attempt{Number: 1, Redrive: b.redrive, Outcome: StillOpen, Resource: e.Resource, ResourceType: e.ResourceType})
	}
	s.LastAttempt().apply(e, phase)
	if last := s.LastAttempt(); last.Outcome.Bad() {
		s.Error, s.Cause = last.Error, last.Cause
	}
	return place{step: i}
}

// apply takes an event of the attempt up.
func (a *Attempt) apply(e Event, phase string) {
	switch phase {
	case "Started":
		a.Started = e.Time
		return
	case "Submitted":
		a.Submitted, a.Response = e.Time, e.Output
		a.readTaskRef(e.Output)
		return
	case "Succeeded":
		a.Outcome, a.Output = DidSucceed, e.Output
		if a.TaskARN == "" && a.ResourceType == "ecs" {
			a.readTaskRef(e.Output)
		}
	case "Failed":
		a.Outcome = DidFail
	case "TimedOut":
		a.Outcome = a.timedOut(e.Time, e.Error.String())
	default:
		a.Outcome = NeverSubmitted
	}
	a.Ended, a.EndedID, a.Error, a.Cause = e.Time, e.ID, e.Error, e.Cause
}

// readTaskRef takes the task's ARNs from what RunTask answered. It looks for
// the keys instead of decoding: an answer has kilobytes, a history thousands of them.
func (a *Attempt) readTaskRef(response string) {
	a.TaskARN = stringField(response, "TaskArn")
	a.ClusterARN = stringField(response, "ClusterArn")
	a.DefinitionARN = stringField(response, "TaskDefinitionArn")
}

// stringField returns the first string value of key in a JSON text. A quoted
// key inside a string value cannot match, because its quotes are escaped there.
func stringField(json, key string) string {
	quoted := `"` + key + `"`
	for {
		i := strings.Index(json, quoted)
		if i < 0 {
			return ""
		}
		json = strings.TrimLeft(json[i+len(quoted):], " \t\r\n")
		rest, isKey := strings.CutPrefix(json, ":")
		if !isKey {
			continue
		}
		rest, isString := strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), `"`)
		value, _, whole := strings.Cut(rest, `"`)
		if isString && whole && !strings.Contains(value, `\`) {
			return value
		}
	}
}
