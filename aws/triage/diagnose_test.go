package triage_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// told diagnoses a case written as in testdata.
func told(t testing.TB, lines ...string) triage.Diagnosis {
	t.Helper()
	c, err := readCase("0 case\n" + strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return triage.Diagnose(c.evidence)
}

func remedy(d triage.Diagnosis, action triage.Action) (triage.Remedy, bool) {
	for _, r := range d.Remedies {
		if r.Action == action {
			return r, true
		}
	}
	return triage.Remedy{}, false
}

func TestRedriveResumesInTheFailStateOfACaughtFailure(t *testing.T) {
	d := told(t,
		`definition :: {"StartAt":"Run","States":{"Run":{"Type":"Task","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Give up"}],"End":true},"Give up":{"Type":"Fail"}}}`,
		"enter Task Run", "submit", "after 1m", "fail OutOfMemory :: OutOfMemoryError: Container killed due to memory usage", "exit", "enter Fail Give up", "end JobFailed :: the job failed")
	if d.Kind != triage.OutOfMemory || d.State.String() != "Run" {
		t.Errorf("kind %s in %s, want the caught failure: outOfMemory in Run", d.Kind, d.State)
	}
	if d.Redrive.Helps != triage.HelpsNo || len(d.Redrive.Resumes) != 1 || d.Redrive.Resumes[0].String() != "Give up" {
		t.Errorf("redrive %+v, want one that resumes in Give up and does not help", d.Redrive)
	}
	r, ok := remedy(d, triage.ActRedrive)
	if !ok || !r.Useless || !strings.Contains(r.Reason.String(), "Give up") {
		t.Errorf("redrive is offered as %+v, want useless for the Fail state", r)
	}
}

func TestRedriveWarnsOfALivePredecessor(t *testing.T) {
	d := told(t, "status ABORTED", "enter Pass Prepare", "event PassStateExited", "enter Task Run", "submit", "after 8m", "end", "ecs running", "container job")
	if d.Redrive.LiveTask != taskARN(1) {
		t.Fatalf("live task %q, want %q", d.Redrive.LiveTask, taskARN(1))
	}
	if d.Remedies[0].Action != triage.ActStopTask || d.Remedies[0].ClusterARN != clusterARN {
		t.Errorf("first remedy %+v, want stopTask", d.Remedies[0])
	}
	r, _ := remedy(d, triage.ActRedrive)
	if !strings.Contains(r.Reason.String(), "first, or two run at once") {
		t.Errorf("redrive reason %q does not warn", r.Reason)
	}
	if d.Redrive.Done != 1 || d.Redrive.LastDone.String() != "Prepare" {
		t.Errorf("done %d, last %q; want Prepare alone", d.Redrive.Done, d.Redrive.LastDone)
	}
}

func TestRedriveAfterItsPeriodIsNotOffered(t *testing.T) {
	c, err := readCase("0 late\nenter Task Run\nsubmit\nafter 1m\nfail SpotInterrupted :: x\nend")
	if err != nil {
		t.Fatal(err)
	}
	c.evidence.Now = start.Add(15 * 24 * time.Hour)
	d := triage.Diagnose(c.evidence)
	if d.Redrive.Possible || d.Redrive.Why.Empty() {
		t.Errorf("redrive %+v, want impossible with a reason", d.Redrive)
	}
	if r, ok := remedy(d, triage.ActNewRun); !ok || r.RunARN != runARN {
		t.Errorf("no new run is offered instead: %+v", d.Remedies)
	}
}

func TestTheEssentialContainerIsBlamed(t *testing.T) {
	d := told(t, "enter Task Run", "submit", "after 1m", "fail TaskExited :: Essential container in task exited", "end",
		"ecs EssentialContainerExited :: Essential container in task exited",
		"container agent optional exit=1", "container job exit=5", "container proxy exit=143",
		"log agent", "| connection refused", "log job", "| ledger 7 is out of balance")
	if d.Container.String() != "job" || d.ExitCode == nil || *d.ExitCode != 5 {
		t.Errorf("container %s with exit code %v, want job with 5", d.Container, d.ExitCode)
	}
	if d.Kind != triage.ScriptFailed || !strings.Contains(d.Sentence.String(), "ledger 7") {
		t.Errorf("%s: %s, want the words of job", d.Kind, d.Sentence)
	}
}

func TestTheDecisiveLineIsFoundWithItsPlace(t *testing.T) {
	d := told(t, "enter Task Run", "submit", "after 1m", "fail JobFailed :: see log", "end",
		"ecs EssentialContainerExited :: Essential container in task exited", "container job exit=1",
		"log job", "| starting", "| FATAL: password authentication failed for user \"x\"", "| gzip: broken pipe", "| job failed with exit code 1")
	f := d.Evidence[0]
	if !f.Decisive || f.Source != triage.FromLog || f.Line != 2 || f.Container != "job" || f.Time.IsZero() {
		t.Errorf("decisive fact %+v, want line 2 of job's log with its time", f)
	}
	if r, ok := remedy(d, triage.ActOpenLog); !ok || !r.Time.Equal(f.Time) {
		t.Errorf("open log %+v, want at the line's time", r)
	}
}

func TestParallelBranchesThatFailTogether(t *testing.T) {
	d := told(t, "enter Parallel Both sides", "event ParallelStateStarted", "enter Task Left \"a\"", "submit", "after 1m",
		"fail ScriptFailed :: {\"reason\":\"the job ended with exit code 1\",\"exitCode\":1,\"tail\":\"No space left on device\"}",
		"event TaskStateAborted", "event ParallelStateFailed", "end ScriptFailed :: {\"tail\":\"No space left on device\"}")
	if d.Kind != triage.DiskFull || d.State.String() != "Left \"a\"" {
		t.Errorf("%s in %q: %s", d.Kind, d.State, d.Sentence)
	}
}

func TestTokensAreMasked(t *testing.T) {
	token := "AQCAAAAAKgAAAAMAAAAA" + strings.Repeat("Zx9+/", 120)
	d := told(t, "enter Task Run", "submit", "after 1m", "fail JobFailed :: could not run job --task-token "+token, "end",
		"log job", "| aws stepfunctions send-task-failure --task-token "+token+" failed: InvalidToken")
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), token[:60]) {
		t.Errorf("the token is in %s", text)
	}
}

func TestBadInputGivesATrueSentence(t *testing.T) {
	long := strings.Repeat("frame 12 converted ", 1800)
	for name, cause := range map[string]string{
		"32 KiB":            long,
		"cut off":           `{"reason":"the job ended with exit code 3","exitCode":3,"tail":"` + long,
		"JSON in JSON":      `{"Cause":"{\"Cause\":\"{\\\"reason\\\":\\\"flux\\\"}\"}"}`,
		"no known member":   `{"a":{"b":[1,2,{"c":null}]}}`,
		"an array":          `["flux","misaligned"]`,
		"empty":             "",
		"nothing but marks": `{"`,
	} {
		d := triage.Diagnose(failedWith("FluxError", cause, ""))
		sound(t, d)
		if d.Kind != triage.ScriptFailed {
			t.Errorf("%s: kind %s, want scriptFailed: %s", name, d.Kind, d.Sentence)
		}
	}
}

func TestEmptyEvidence(t *testing.T) {
	d := triage.Diagnose(triage.Evidence{})
	sound(t, d)
	if d.Kind != triage.Unknown || len(d.Gaps) == 0 {
		t.Errorf("%s with gaps %v, want unknown, and the gap said", d.Kind, d.Gaps)
	}
}

func TestWhatIsGoneIsSaid(t *testing.T) {
	d := told(t, "status RUNNING", "enter Task Run", "submit", "after 5h", "missing", "log job", "| FATAL: password authentication failed for user \"x\"")
	if d.Kind != triage.DatabaseAuth || !d.Stuck {
		t.Errorf("%s, stuck %v; want the log's cause of a dead token", d.Kind, d.Stuck)
	}
	if len(d.Gaps) != 1 || d.Gaps[0].Part != triage.FromECS {
		t.Errorf("gaps %+v, want ECS", d.Gaps)
	}
}

func TestJSONOfADiagnosis(t *testing.T) {
	text, err := json.Marshal(told(t, "enter Task Run", "submit", "after 1m", "fail ScriptFailed :: {\"exitCode\":3,\"reason\":\"the job ended with exit code 3\"}", "end"))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kind", "sentence", "confidence", "evidence", "remedies", "state", "attempt", "redrive"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("%q is missing in %s", name, text)
		}
	}
}

// longHistory is a run that waited in a loop until its history was full.
func longHistory() triage.Evidence {
	ev := failedWith("", "", "")
	ev.Events = ev.Events[:1]
	for id := int64(2); id < 25_000; id++ {
		kind, previous := workflow.EventType("WaitStateEntered"), id-1
		if id%2 == 1 {
			kind = "WaitStateExited"
		}
		if id == 2 {
			previous = 0
		}
		ev.Events = append(ev.Events, workflow.Event{ID: id, Previous: previous, Type: kind, State: safe.Line("Wait"), Time: start.Add(time.Duration(id) * time.Second)})
	}
	ev.Events = append(ev.Events, workflow.Event{
		ID: 25_000, Previous: 24_999, Type: workflow.ExecutionFailed, Error: safe.Line("States.Runtime"),
		Cause: safe.Line("The execution reached the maximum number of history events (25000)."), Time: start.Add(25_000 * time.Second),
	})
	return ev
}

func TestAFullHistory(t *testing.T) {
	d := triage.Diagnose(longHistory())
	if d.Kind != triage.HistoryFull || d.Redrive.Possible {
		t.Errorf("%s, redrive possible %v; want historyFull and none", d.Kind, d.Redrive.Possible)
	}
}

func BenchmarkDiagnoseFullHistory(b *testing.B) {
	ev := longHistory()
	for b.Loop() {
		triage.Diagnose(ev)
	}
}

func BenchmarkDiagnoseThousandLines(b *testing.B) {
	ev := failedWith("JobFailed", "see log", "")
	for i := range 1000 {
		ev.Logs[0].Lines = append(ev.Logs[0].Lines, workflow.LogLine{Text: safe.Line(fmt.Sprintf("converted frame %d of series %d without trouble", i, i%7))})
	}
	for b.Loop() {
		triage.Diagnose(ev)
	}
}

func TestASuccessCitesNoLine(t *testing.T) {
	good := []string{
		"enter Task Run", "submit", "after 1m", "succeed :: {}", "exit", "status SUCCEEDED", "end", "ecs EssentialContainerExited :: Essential container in task exited",
		"container job exit=0", "log job", "| dumped table users", "| dumped table orders",
	}
	for line, quoted := range map[string]bool{"| dumped table items": false, "| pg_dump: error: no space left on device": true} {
		d := told(t, append(good[:len(good):len(good)], line)...)
		_, doubted := fromLog(d)
		if doubted != quoted || (d.Kind == triage.DidSucceed) == quoted {
			t.Errorf("%s: kind %s, evidence %+v", line, d.Kind, d.Evidence)
		}
	}
}

func fromLog(d triage.Diagnosis) (triage.Fact, bool) {
	for _, f := range d.Evidence {
		if f.Source == triage.FromLog {
			return f, true
		}
	}
	return triage.Fact{}, false
}
