package triage_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/triage"
)

// wording is a row of the table.
type wording struct{ kind, where, text string }

func wordings(t *testing.T) []wording {
	t.Helper()
	data, err := os.ReadFile("testdata/wordings.table")
	if err != nil {
		t.Fatal(err)
	}
	var rows []wording
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(strings.TrimSpace(line), " | ", 3)
		if len(parts) != 3 {
			t.Fatalf("%q has not three parts", line)
		}
		rows = append(rows, wording{parts[0], parts[1], parts[2]})
	}
	return rows
}

// TestWordings checks causes in words of their own, each put where AWS or a job
// would tell it.
func TestWordings(t *testing.T) {
	for _, row := range wordings(t) {
		if row.kind == "neutral" {
			continue
		}
		t.Run(row.text, func(t *testing.T) {
			if d := worded(t, row.where, row.text); string(d.Kind) != row.kind {
				t.Errorf("kind %s (%s), want %s: %s", d.Kind, d.Confidence, row.kind, d.Sentence)
			}
		})
	}
}

// TestNoCauseIsTakenFromNeutralWords puts sentences of other trades wherever a job
// is listened to, as loggers write them.
func TestNoCauseIsTakenFromNeutralWords(t *testing.T) {
	places := []string{"log", "cause", "dead", "good"}
	generic := []triage.Kind{triage.ScriptFailed, triage.DeadToken, triage.DidSucceed, triage.FailState, triage.Unknown}
	n := 0
	for _, row := range wordings(t) {
		if row.kind != "neutral" {
			continue
		}
		n++
		for _, place := range places {
			for _, before := range []string{"", "ERROR ", "[error] ", "2026-11-23 02:00:00,123 ERROR - ", "fatal: "} {
				d := worded(t, place, before+row.text)
				if d.Confidence != triage.Low && !slices.Contains(generic, d.Kind) {
					t.Errorf("%s in %s: %s (%s): %s", before+row.text, place, d.Kind, d.Confidence, d.Sentence)
				}
				if place == "good" && d.Kind != triage.DidSucceed {
					t.Errorf("%s casts doubt on a success: %s", before+row.text, d.Sentence)
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d sentences are neutral", n)
	}
}

func worded(t *testing.T, where, text string) triage.Diagnosis {
	t.Helper()
	c, err := readCase(wordedCase(where, text))
	if err != nil {
		t.Fatal(err)
	}
	return triage.Diagnose(c.evidence)
}

// wordedCase puts a text where it would be told.
func wordedCase(where, text string) string {
	name, cause, _ := strings.Cut(text, ": ")
	return map[string]string{
		"stop": "0 stop\nenter Task Run\nsubmit sync\nafter 1m\nfail States.TaskFailed :: " + fmt.Sprintf(`{"StopCode":"TaskFailedToStart","StoppedReason":%q}`, text) + "\nend",
		"api":  "0 api\nenter Task Run\nschedule\nafter 1s\nrefuse ECS.InvalidParameterException :: " + text + " (Service: AmazonECS; Status Code: 400; Error Code: X; Request ID: 2)\nend",
		"log": "0 log\nenter Task Run\nsubmit\nafter 10m\nfail JobFailed :: the job ended with status 1\nend\n" +
			"ecs EssentialContainerExited :: Essential container in task exited\ncontainer job exit=1\n" +
			"log job\n| starting job\n| phase 1 ok\n| " + text + "\n| job failed, exiting with code 1\n| sending failure to Step Functions",
		"dead": "0 dead\nstatus RUNNING\nenter Task Run\nsubmit\nafter 10m\necs EssentialContainerExited :: Essential container in task exited\n" +
			"container job exit=1\nlog job\n| starting job\n| phase 1 ok\n| " + text,
		"cause": "0 cause\nenter Task Run\nsubmit\nafter 10m\nfail JobFailed :: " + text + "\nend",
		"good": "0 good\nstatus SUCCEEDED\nenter Task Run\nsubmit\nafter 10m\nsucceed\nend\n" +
			"ecs EssentialContainerExited :: Essential container in task exited\ncontainer job exit=0\nlog job\n| starting job\n| " + text,
		"run": "0 run\nenter Pass Run\nafter 1s\nend " + name + " :: " + cause,
	}[where]
}

// TestWordsOfOtherTradesAreNotClaimedForSure puts words of the vocabularies into
// sentences that mean something else.
func TestWordsOfOtherTradesAreNotClaimedForSure(t *testing.T) {
	jobs := []string{
		"column password has wrong format in row 3", "invoice session was closed by accountant, cannot post",
		"frame host not found in scene graph", "the certificate of origin is invalid for order 7",
		"ERROR customer limit exceeded: 5 orders allowed", "subnet mask column is missing", "error in token stream at line 4",
		"Role Playing test failed for user story 3", "could not parse memory column", "upload of pictures failed",
		"output image is too large for the page", "some object not found in catalogue", "row truncated in file prices.csv",
		`ERROR: product "disk" is full price only`, "ERROR: volume full-text index was not built", "error: storage is full of surprises",
		"error: disk full backup is not configured", "ERROR: not enough space in the hall for 40 chairs", "lock file exists", "stopped by rule 7", "result must be valid per schema", "ERROR: 3 images could not be converted",
	}
	for _, text := range jobs {
		notForSure(t, "log", text)
	}
	for _, text := range []string{"Task was rejected by flux controller", "the agent went for lunch", "host said no", "UnknownReason: 77"} {
		notForSure(t, "stop", text)
		notForSure(t, "api", text)
	}
}

func notForSure(t *testing.T, where, text string) {
	t.Helper()
	if d := worded(t, where, text); d.Confidence == triage.High {
		t.Errorf("%s told by %s: %s for sure: %s", text, where, d.Kind, d.Sentence)
	}
}
