package workflow_test

import (
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestFailureNamesErrorStateAndEvent(t *testing.T) {
	for name, c := range map[string]struct {
		history   string
		newest    int // events loaded, from the end; 0: all
		wantError string
		wantState string
		wantEvent int64
		status    workflow.Status
	}{
		"of a task":              {"a retry has no entry of its own", 0, "Script", "Dump", 10, workflow.Failed},
		"of a Fail state":        {"a caught failure looks exited", 0, "Gone", "Give up", 9, workflow.Failed},
		"in a branch":            {"one branch fails the other", 0, "Script", "A", 12, workflow.Failed},
		"a stop, where it stood": {"stopped by an operator", 0, "", "Dump", 6, workflow.Aborted},
		"the machine's timeout":  {"the machine's own timeout", 0, "", "Dump", 6, workflow.TimedOut},
		"from the last two only": {"a retry has no entry of its own", 2, "Script", "", 10, workflow.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			s.add(0, workflow.ExecutionStarted)
			histories[c.history].write(s)
			events := s.events
			if c.newest > 0 {
				events = events[len(events)-c.newest:]
			}
			f, ok := workflow.FailureOf(events)
			if !ok || f.Error.String() != c.wantError || f.State.String() != c.wantState || f.EventID != c.wantEvent || f.Status != c.status {
				t.Errorf("got %+v (%v)", f, ok)
			}
		})
	}
}

func TestARuntimeErrorNamesItsStateItself(t *testing.T) {
	cause := "An error occurred while executing the state 'It's odd' (entered at the event id #7). Invalid path '$.x'"
	f, ok := workflow.FailureOf([]workflow.Event{{ID: 8, Previous: 7, Type: workflow.ExecutionFailed, Error: safe.Line("States.Runtime"), Cause: safe.Block(cause)}})
	if !ok || f.State.String() != "It's odd" || f.EventID != 7 {
		t.Errorf("got %+v (%v)", f, ok)
	}
}

func TestARedrivenRunHasNoFailureYet(t *testing.T) {
	for _, name := range []string{"redriven without a new entry", "a task that works", "a token nobody has answered"} {
		s := &script{}
		histories[name].write(s)
		if f, ok := workflow.FailureOf(s.events); ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestWhatAWSWouldRedrive(t *testing.T) {
	now := start.Add(30 * 24 * time.Hour)
	ended := func(ago time.Duration, s workflow.Status) workflow.Run {
		return workflow.Run{Status: s, Started: start, Stopped: now.Add(-ago)}
	}
	for name, c := range map[string]struct {
		run    workflow.Run
		kind   workflow.MachineType
		events int
		want   bool
	}{
		"failed":                 {ended(time.Hour, workflow.Failed), workflow.Standard, 12, true},
		"aborted":                {ended(time.Hour, workflow.Aborted), workflow.Standard, 12, true},
		"timed out":              {ended(time.Hour, workflow.TimedOut), workflow.Standard, 12, true},
		"succeeded":              {ended(time.Hour, workflow.Succeeded), workflow.Standard, 12, false},
		"running":                {workflow.Run{Status: workflow.Running}, workflow.Standard, 12, false},
		"Express":                {ended(time.Hour, workflow.Failed), workflow.Express, 12, false},
		"on the fourteenth day":  {ended(14*24*time.Hour, workflow.Failed), workflow.Standard, 12, true},
		"after a fortnight":      {ended(14*24*time.Hour+time.Second, workflow.Failed), workflow.Standard, 12, false},
		"with room for one more": {ended(time.Hour, workflow.Failed), workflow.Standard, 24_998, true},
		"with a full history":    {ended(time.Hour, workflow.Failed), workflow.Standard, 24_999, false},
		"AWS says no":            {workflow.Run{Status: workflow.Failed, RedriveStatus: workflow.NotRedrivable, RedriveReason: safe.Line("why")}, workflow.Standard, 0, false},
		"child of a Map Run":     {workflow.Run{Status: workflow.Failed, RedriveStatus: workflow.RedrivableByMapRun}, workflow.Standard, 0, false},
	} {
		ok, reason := workflow.CheckRedrive(c.run, c.kind, c.events, now)
		if ok != c.want {
			t.Errorf("%s: redrivable %v (%s)", name, ok, reason)
		}
		if !ok && reason.Empty() {
			t.Errorf("%s: refused without a reason", name)
		}
	}
}

func TestAStoppedTaskIsNamedAsTheReaperDoes(t *testing.T) {
	killed := 137
	for want, task := range map[string]workflow.Task{
		"SpotInterrupted":   {LastStatus: "STOPPED", StopCode: "SpotInterruption"},
		"TaskFailedToStart": {LastStatus: "STOPPED", StopCode: "TaskFailedToStart"},
		"OutOfMemory":       {LastStatus: "STOPPED", StopCode: "EssentialContainerExited", Containers: []workflow.Container{{ExitCode: &killed, Reason: safe.Line("OutOfMemoryError: Container killed due to memory usage")}}},
		"TaskStopped":       {LastStatus: "STOPPED", StopCode: "UserInitiated"},
		"TaskExited":        {LastStatus: "STOPPED", StopCode: "EssentialContainerExited"},
		"":                  {LastStatus: "RUNNING"},
	} {
		if got := task.StopError(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	task := workflow.Task{LastStatus: "STOPPED", StoppedReason: safe.Line("Essential container in task exited"), Containers: []workflow.Container{{Name: safe.Line("job"), ExitCode: &killed}, {Name: safe.Line("side")}}}
	if got := task.StopCause().String(); got != "Essential container in task exited; container job exit 137; container side never ran" {
		t.Errorf("cause %q", got)
	}
}

func TestVerdicts(t *testing.T) {
	for want, task := range map[workflow.Verdict]*workflow.Task{
		workflow.Unknown: nil, workflow.Alive: {LastStatus: "PENDING"}, workflow.Dead: {Missing: true},
	} {
		if got := workflow.VerdictOn(task); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
