package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// results are what became of each run, by name.
func results(t *testing.T, o outcome) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, v := range decoded[[]struct{ Name, Result string }](t, o.out) {
		got[v.Name] = v.Result
	}
	return got
}

func TestRunsAreSelectedForARedrive(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "redrive", "--machine", "dumps", "--since", "24h", "--cause", "exit 3", "--yes", "-o", "json")
	exits0(t, o)
	if d := cmp.Diff(map[string]string{"bad": "done"}, results(t, o)); d != "" {
		t.Error(d)
	}
	sent := w.sent("RedriveExecution")
	if len(sent) != 1 || sent[0]["executionArn"] != badARN || sent[0]["clientToken"] == nil {
		t.Errorf("sent %v", sent)
	}
	if left, err := os.ReadDir(filepath.Join(w.app.state, "bulk")); err != nil || len(left) != 0 {
		t.Errorf("journals are left: %v %v", left, err)
	}
	o = w.run(t, "", "redrive", "--machine", "dumps", "--status", "failed,running", "--yes")
	exits0(t, o)
	is(t, o.out, `
RESULT    RUN          WHY
redriven  dumps/bad
excluded  dumps/stuck  it is still running; stop it first
`)
}

func TestRunsAreSelectedForAStop(t *testing.T) {
	w := newWorld(t)
	w.on("DescribeTasks", `{"tasks":[{"taskArn":"`+taskARN+`","clusterArn":"jobs","lastStatus":"RUNNING"}]}`)
	o := w.run(t, "", "stop", "--machine", "dumps", "--cause", "wrong table", "--yes")
	exits0(t, o)
	has(t, o.out, "stopped  dumps/stuck  task 0123456789abcdef goes on")
	sentOnce(t, w, "StopExecution", map[string]any{"executionArn": stuckARN, "cause": "wrong table"})
}

func TestABulkActionOverNothingSaysSo(t *testing.T) {
	for _, args := range []string{
		"redrive --machine dumps --since 1s --yes",
		"redrive --machine dumps --cause Nowhere --yes",
		"redrive --machine dumps --status running --yes",
		"redrive --resume --yes",
		"stop --machine dumps --since 1s --yes",
		"stop --resume=none --yes",
	} {
		w := newWorld(t)
		o := w.run(t, "", strings.Fields(args)...)
		exitsWith(t, o, exitNotFound)
		has(t, o.err, "next: ")
		if n := len(w.sent("RedriveExecution")) + len(w.sent("StopExecution")); n != 0 {
			t.Errorf("%s sent %d changes", args, n)
		}
	}
}

func TestABulkActionThatSaysTwoThingsIsRefused(t *testing.T) {
	for args, words := range map[string]string{
		"redrive":                                "no run is named",
		"redrive bad --machine dumps":            "either named or selected",
		"redrive --resume --machine dumps":       "--resume",
		"redrive --machine dumps --limit 10001":  "10,000",
		"redrive --machine dumps --status lost":  `"lost"`,
		"redrive --machine dumps --since lately": `"lately"`,
		"stop":                                   "no run is named",
	} {
		o := newWorld(t).run(t, "", append(strings.Fields(args), "--yes")...)
		exitsWith(t, o, exitUsage)
		has(t, o.err, words, "next: ")
	}
}

func TestTheNumberOfRunsIsTyped(t *testing.T) {
	w := newWorld(t)
	args := []string{"redrive", "--machine", "dumps", "--status", "failed,running"}
	o := w.run(t, "1\n", args...)
	exitsWith(t, o, exitUsage)
	has(t, o.err, "nobody can be asked", "add --yes")
	w.app.asks = true
	for _, answer := range []string{"", "y\n", "2\n"} {
		exitsWith(t, w.run(t, answer, args...), exitUsage)
	}
	if n := len(w.sent("RedriveExecution")); n != 0 {
		t.Fatalf("%d were sent", n)
	}
	o = w.run(t, "1\n", args...)
	exits0(t, o)
	has(t, o.err, "Redrive 1 of 2 runs:\n  dumps/bad FAILED\nNot these 1:\n  dumps/stuck: it is still running; stop it first\n",
		"At most 75 a second after the first 325", "Type 1 to redrive them: ")
}

func TestWhatFailedIsTriedAgainByResuming(t *testing.T) {
	w := newWorld(t)
	w.on("RedriveExecution", `{"__type":"ExecutionLimitExceeded","message":"too many"}`)
	o := w.run(t, "", "redrive", "--machine", "dumps", "--yes")
	exitsWith(t, o, exitFailed)
	has(t, o.out, "failed  dumps/bad", "too many")
	has(t, o.err, "1 of 1 runs were not redriven", "stepdeck redrive --resume=")
	first := w.sent("RedriveExecution")
	w.on("RedriveExecution", fmt.Sprintf(`{"redriveDate":%d}`, began))
	exitsWith(t, w.run(t, "", "stop", "--resume", "--yes"), exitNotFound)
	exits0(t, w.run(t, "", "redrive", "--resume", "--yes"))
	if sent := w.sent("RedriveExecution"); len(sent) != len(first)+1 || sent[0]["clientToken"] != sent[len(first)]["clientToken"] {
		t.Errorf("sent %v", sent)
	}
	exitsWith(t, w.run(t, "", "redrive", "--resume", "--yes"), exitNotFound)
}

func TestABulkActionOnAReadOnlySessionSendsNothing(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "--read-only", "redrive", "--machine", "dumps", "--yes", "-o", "json")
	exitsWith(t, o, exitDenied)
	if n := len(w.sent("RedriveExecution")); n != 0 {
		t.Errorf("%d were sent", n)
	}
	var object struct{ Error struct{ Kind string } }
	if err := json.Unmarshal([]byte(o.err), &object); err != nil || object.Error.Kind != "denied" {
		t.Errorf("%v in %s", err, o.err)
	}
}
