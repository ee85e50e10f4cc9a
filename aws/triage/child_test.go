package triage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

const (
	childARN   = "arn:aws:states:eu-west-1:123456789012:execution:dumps:child"
	deeperARN  = "arn:aws:states:eu-west-1:123456789012:execution:dumps:deeper"
	ofTheChild = `{"ExecutionArn":"` + childARN + `","Status":"FAILED","Error":"ScriptFailed","Cause":"exit 1"}`
)

func caseOf(t *testing.T, runARN string, lines ...string) triage.Evidence {
	t.Helper()
	c, err := readCase("0 case\n" + strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.evidence.Run.ARN = runARN
	return c.evidence
}

// waitingFor is a run whose child failed with a cause.
func waitingFor(t *testing.T, cause string) triage.Evidence {
	t.Helper()
	return caseOf(t, runARN, "enter Task Call", "schedule child", "after 5m", "fail States.TaskFailed :: "+cause, "end")
}

func killedForMemory(t *testing.T) triage.Evidence {
	t.Helper()
	return caseOf(t, childARN, "enter Task Dump", "submit", "after 4m", "fail ScriptFailed :: exit 1", "end",
		"ecs EssentialContainerExited :: Essential container in task exited", "container job exit=137 :: OutOfMemoryError: Container killed due to memory usage")
}

func TestAChildIsNamedByWhatStartedItOrItsCause(t *testing.T) {
	started := waitingFor(t, "the JSON got lost")
	for i := range started.Events {
		if started.Events[i].Type == workflow.TaskStarted {
			started.Events[i].Type, started.Events[i].Output = workflow.TaskSubmitted, `{"ExecutionArn":"`+childARN+`","StartDate":1}`
		}
	}
	for name, c := range map[string]struct {
		evidence triage.Evidence
		want     string
	}{
		"the answer to StartExecution": {started, childARN},
		"the cause":                    {waitingFor(t, ofTheChild), childARN},
		"the outermost":                {waitingFor(t, `{"ExecutionArn":"`+childARN+`","Cause":"{\"ExecutionArn\":\"`+deeperARN+`\"}"}`), childARN},
		"a cause that is cut off":      {waitingFor(t, ofTheChild[:len(ofTheChild)-20]), childARN},
		"none":                         {killedForMemory(t), ""},
		"no evidence":                  {triage.Evidence{}, ""},
	} {
		if got := triage.ChildOf(c.evidence); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestARunFailsForTheReasonOfItsChild(t *testing.T) {
	ev, child := waitingFor(t, ofTheChild), killedForMemory(t)
	ev.Child = &child
	d := triage.Diagnose(ev)
	sound(t, d)
	if d.Kind != triage.OutOfMemory || d.Confidence != triage.High || d.Sentence.String() != "Call: child run child: Dump: the container was killed for memory (512 MiB)." {
		t.Errorf("%s (%s): %s", d.Kind, d.Confidence, d.Sentence)
	}
	if f := d.Evidence[0]; !f.Decisive || f.Source != triage.FromECS || f.RunARN != childARN {
		t.Errorf("the decisive fact is %+v", f)
	}
	if d.ChildRun != childARN || d.TaskARN != taskARN(1) || d.State.String() != "Call" {
		t.Errorf("run %s, task %s, state %s", d.ChildRun, d.TaskARN, d.State)
	}
	if d.Redrive.Helps != triage.HelpsNo || d.Redrive.Resumes[0].String() != "Call" {
		t.Errorf("redrive %+v, want that of the parent", d.Redrive)
	}
	if r, ok := remedy(d, triage.ActNewRun); !ok || r.Memory <= 512 || r.RunARN != childARN || !strings.HasPrefix(r.Text.String(), "in the child run: ") || r.For(runARN) {
		t.Errorf("more memory is not offered for the child: %+v", d.Remedies)
	}
	for i, f := range d.Evidence {
		for _, before := range d.Evidence[:i] {
			if f.RunARN == "" && f.Source == before.Source && f.Text == before.Text {
				t.Errorf("%q of the child is told again as its parent's", f.Text)
			}
		}
	}
	if r, ok := remedy(d, triage.ActOpenRun); !ok || r.RunARN != childARN {
		t.Errorf("the child cannot be opened: %+v", d.Remedies)
	}
}

func TestAChildOfAChildIsTold(t *testing.T) {
	deepest := killedForMemory(t)
	deepest.Run.ARN = deeperARN
	child := waitingFor(t, strings.ReplaceAll(ofTheChild, childARN, deeperARN))
	child.Run.ARN, child.Child = childARN, &deepest
	ev := waitingFor(t, ofTheChild)
	ev.Child = &child
	d := triage.Diagnose(ev)
	if d.Kind != triage.OutOfMemory || d.ChildRun != deeperARN || d.Evidence[0].RunARN != deeperARN {
		t.Errorf("%s of %s: %s, by %+v", d.Kind, d.ChildRun, d.Sentence, d.Evidence)
	}
}

func TestAChildThatEndedForItsParentsReasonExplainsNothing(t *testing.T) {
	child := caseOf(t, childARN, "status ABORTED", "enter Task Dump", "submit", "after 5m", "end")
	timedOut := caseOf(t, runARN, "enter Task Call", "schedule child timeout=5m", "after 5m", "timeout", "end States.Timeout")
	stopped := caseOf(t, runARN, "status ABORTED", "enter Task Call", "schedule child", "after 5m", "end Wrong :: wrong table")
	running := caseOf(t, runARN, "status RUNNING", "enter Task Call", "schedule child", "after 5m")
	for _, ev := range []triage.Evidence{timedOut, stopped, running} {
		want := triage.Diagnose(ev)
		ev.Child = &child
		if got := triage.Diagnose(ev); got.Kind != want.Kind || got.Sentence != want.Sentence {
			t.Errorf("%s: %s; want %s: %s", got.Kind, got.Sentence, want.Kind, want.Sentence)
		}
	}
}

func TestARunWaitsForTheDeadTokenOfItsChild(t *testing.T) {
	child := caseOf(t, childARN, "status RUNNING", "enter Task Dump", "submit", "after 5m", "ecs EssentialContainerExited :: Essential container in task exited", "container job exit=3")
	ev := caseOf(t, runARN, "status RUNNING", "enter Task Call", "schedule child", "after 5m")
	ev.Child, ev.Now = &child, start.Add(time.Hour)
	d := triage.Diagnose(ev)
	if !d.Stuck {
		t.Fatalf("%s: %s", d.Kind, d.Sentence)
	}
	if r, ok := remedy(d, triage.ActFailToken); !ok || r.RunARN != childARN {
		t.Errorf("the child's token cannot be failed: %+v", d.Remedies)
	}
}
