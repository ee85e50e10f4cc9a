package triage_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"pgregory.net/rapid"
)

// sound checks what must hold for any diagnosis.
func sound(t interface {
	Helper()
	Fatalf(string, ...any)
}, d triage.Diagnosis,
) {
	t.Helper()
	s := d.Sentence.String()
	if s == "" || !strings.HasSuffix(s, ".") || strings.Contains(s, "\n") {
		t.Fatalf("not one sentence: %q", s)
	}
	if utf8.RuneCountInString(s) > 900 {
		t.Fatalf("the sentence has %d runes: %q", utf8.RuneCountInString(s), s)
	}
	if (d.Kind == triage.Unknown) != (d.Confidence == triage.None) {
		t.Fatalf("kind %s with confidence %s", d.Kind, d.Confidence)
	}
	if d.Kind != triage.Unknown && d.Status.Bad() && len(d.Evidence) == 0 {
		t.Fatalf("kind %s without evidence", d.Kind)
	}
	if d.Evidence == nil || d.Remedies == nil {
		t.Fatalf("evidence and remedies must be lists in JSON")
	}
}

func TestAnyPartOfTheEvidenceGivesASoundDiagnosis(t *testing.T) {
	cases := readCases(t)
	rapid.Check(t, func(t *rapid.T) {
		ev := rapid.SampledFrom(cases).Draw(t, "case").evidence
		if len(ev.Events) > 0 {
			events := rapid.Permutation(ev.Events).Draw(t, "events")
			ev.Events = events[:rapid.IntRange(0, len(events)).Draw(t, "kept")]
		}
		if rapid.Bool().Draw(t, "no tasks") {
			ev.Tasks = nil
		}
		if rapid.Bool().Draw(t, "no log") {
			ev.Logs = nil
		}
		if rapid.Bool().Draw(t, "no definition") {
			ev.Definition = nil
		}
		ev.Run.Status = rapid.SampledFrom([]workflow.Status{workflow.Running, workflow.Failed, workflow.TimedOut, workflow.Aborted, workflow.Succeeded, "NEW"}).Draw(t, "status")
		sound(t, triage.Diagnose(ev))
	})
}

// TestHighConfidenceNeedsItsFact takes away the facts that a diagnosis calls
// decisive, one after the other, until none is left of that kind: then the kind
// must not be claimed for sure any more.
func TestHighConfidenceNeedsItsFact(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.name, func(t *testing.T) {
			ev := c.evidence
			first := triage.Diagnose(ev)
			if first.Confidence != triage.High || first.Kind == triage.DidSucceed || first.Kind == triage.StillRunning {
				return
			}
			for range 20 {
				d := triage.Diagnose(ev)
				if d.Kind != first.Kind || d.Confidence != triage.High {
					return
				}
				removed := false
				for _, f := range d.Evidence {
					if f.Decisive {
						ev = without(ev, f)
						removed = true
					}
				}
				if !removed {
					t.Fatalf("%s is claimed for sure and no fact is decisive: %s", d.Kind, d.Sentence)
				}
			}
			t.Errorf("%s is still claimed for sure: %+v", first.Kind, triage.Diagnose(ev).Evidence)
		})
	}
}

// without returns the evidence without the fact's place.
func without(ev triage.Evidence, f triage.Fact) triage.Evidence {
	switch f.Source {
	case triage.FromECS:
		ev.Tasks = nil
	case triage.FromLog:
		var logs []triage.Log
		for _, l := range ev.Logs {
			var lines []workflow.LogLine
			for i, line := range l.Lines {
				if i+1 != f.Line || l.Container != f.Container {
					lines = append(lines, line)
				}
			}
			l.Lines = lines
			logs = append(logs, l)
		}
		ev.Logs = logs
	default:
		var events []workflow.Event
		for _, e := range ev.Events {
			if e.ID == f.EventID || strings.HasPrefix(string(e.Type), "Execution") && e.ID > 1 {
				e.Error, e.Cause, e.Type = safe.Text{}, safe.Text{}, workflow.ExecutionFailed
			}
			events = append(events, e)
		}
		ev.Events, ev.Run.Status = events, workflow.Failed
	}
	return ev
}

// FuzzCause feeds any error, cause and line of log.
func FuzzCause(f *testing.F) {
	f.Add("ScriptFailed", `{"reason":"the job ended with exit code 3","exitCode":3,"tail":"a\nb"}`, "pg_dump: error: x")
	f.Add("States.TaskFailed", `{"ExecutionArn":"arn:aws:states:r:1:execution:m:n","Cause":"{\"Cause\":\"{\\\"StoppedReason\\\":\\\"x`, "")
	f.Add("", "", "\x1b[2J")
	f.Add("E", strings.Repeat(`{"cause":`, 3000), strings.Repeat("x", 40000))
	f.Add("E", `[[[[{"Containers":[null,{"ExitCode":"x"}]}]]]]`, "an error: 'a' ''")
	f.Fuzz(func(t *testing.T, name, cause, line string) {
		ev := failedWith(name, cause, line)
		d := triage.Diagnose(ev)
		sound(t, d)
		triage.Normalise(cause)
		triage.SignatureOf("m", workflow.Failure{Error: safe.Line(name), Cause: safe.Block(cause)})
	})
}

// failedWith is a failed run with one callback task and one line of log.
func failedWith(name, cause, line string) triage.Evidence {
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	return triage.Evidence{
		Run: workflow.Run{ARN: runARN, Status: workflow.Failed, Started: start, Stopped: at(9)},
		Events: []workflow.Event{
			{ID: 1, Type: workflow.ExecutionStarted, Time: start},
			{ID: 2, Type: "TaskStateEntered", State: safe.Line("Run"), Time: start},
			{ID: 3, Previous: 2, Type: workflow.TaskScheduled, ResourceType: "ecs", Resource: "runTask.waitForTaskToken", Time: start},
			{ID: 4, Previous: 3, Type: workflow.TaskFailed, Error: safe.Line(name), Cause: safe.Block(cause), Time: at(8)},
			{ID: 5, Previous: 4, Type: workflow.ExecutionFailed, Error: safe.Line(name), Cause: safe.Block(cause), Time: at(9)},
		},
		Logs: []triage.Log{{Container: "job", Lines: []workflow.LogLine{{Text: safe.Line(line)}}}},
		Now:  at(20),
	}
}
