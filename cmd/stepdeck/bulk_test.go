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

func TestAGroupIsSelectedByTheNameThatWhyPrints(t *testing.T) {
	w := newWorld(t)
	id := strings.TrimSpace(w.run(t, "", "why", "dumps", "-o", "name").out)
	o := w.run(t, "", "redrive", "--group", id, "--yes", "-o", "json")
	exits0(t, o)
	if d := cmp.Diff(map[string]string{"bad": "done"}, results(t, o)); d != "" {
		t.Error(d)
	}
	exitsWith(t, w.run(t, "", "redrive", "--group", "another", "--yes"), exitNotFound)
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
		"clone --machine dumps --cause Nowhere --yes",
		"clone --resume --yes",
		"token fail --machine dumps --since 1s --yes",
		"token fail --resume --yes",
	} {
		w := newWorld(t)
		o := w.run(t, "", strings.Fields(args)...)
		exitsWith(t, o, exitNotFound)
		has(t, o.err, "next: ")
		if n := len(w.sent("RedriveExecution")) + len(w.sent("StopExecution")) + len(w.sent("StartExecution")) + len(w.sent("SendTaskFailure")); n != 0 {
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
		"clone --memory 2048":                    "no run is named",
		"clone --resume --memory 2048":           "has its change already",
		"clone bad --memory 3":                   "memory",
		"clone bad --merge [] --yes":             "merge: it is no JSON object",
		"clone bad --merge {\"day\":1} --yes":    "unknown parameter day",
		"token fail":                             "no run is named",
		"token fail --dead --stop-task":          "stopped already",
		"token fail --dead --state Run":          "--state",
		"token fail stuck --dead":                "either named or selected",
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
	has(t, o.err, "1 of 1 runs were not redriven", "stepdeck --endpoint-url "+w.url+" redrive --resume=")
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

func TestDeadTokensAreSelectedAndFailed(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "token", "fail", "--dead", "--reason", "INC-7", "--yes", "-o", "json")
	exits0(t, o)
	if d := cmp.Diff(map[string]string{"stuck": "done"}, results(t, o)); d != "" {
		t.Error(d)
	}
	sent := w.sent("SendTaskFailure")
	if len(sent) != 1 || sent[0]["error"] != "OutOfMemory" || !strings.Contains(fmt.Sprint(sent[0]["cause"]), "INC-7") {
		t.Errorf("sent %v", sent)
	}
	w.on("DescribeTasks", `{"tasks":[{"taskArn":"`+taskARN+`","clusterArn":"jobs","lastStatus":"RUNNING"}]}`)
	o = w.run(t, "", "token", "fail", "--dead", "--yes")
	exitsWith(t, o, exitNotFound)
	has(t, o.err, "no token is dead", "next: ")
	o = w.run(t, "", "token", "fail", "--machine", "dumps", "--yes")
	exitsWith(t, o, exitNotFound)
	has(t, o.out, "excluded", "dumps/stuck", "is still RUNNING")
	if n := len(w.sent("SendTaskFailure")); n != 1 {
		t.Errorf("%d answers were sent", n)
	}
}

func TestRunsAreSelectedForACloneWithAChange(t *testing.T) {
	w := newWorld(t)
	w.on("StartExecution", fmt.Sprintf(`{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:dumps:bad-2","startDate":%d}`, began))
	o := w.run(t, "", "clone", "--machine", "dumps", "--cause", "exit 3", "--memory", "4096", "--yes", "-o", "json", "--", "drill", "fail")
	exits0(t, o)
	views := decoded[[]struct{ Name, Result, NewRun string }](t, o.out)
	if len(views) != 1 || views[0].Name != "bad" || views[0].Result != "done" || !strings.HasSuffix(views[0].NewRun, ":bad-2") {
		t.Errorf("results %+v", views)
	}
	sent := w.sent("StartExecution")
	if len(sent) != 1 || !strings.HasPrefix(fmt.Sprint(sent[0]["name"]), "bad-") {
		t.Fatalf("sent %v", sent)
	}
	input := decoded[struct {
		Args   []string
		Memory int
	}](t, fmt.Sprint(sent[0]["input"]))
	if input.Memory != 4096 || len(input.Args) != 2 || input.Args[1] != "fail" {
		t.Errorf("the input is %v", sent[0]["input"])
	}
	is(t, w.run(t, "", "clone", "dumps/good", "--yes").out, `
RESULT  RUN         WHY
cloned  dumps/good  as dumps/bad-2
`)
	is(t, w.run(t, "", "clone", "dumps/good", "--yes", "-o", "name").out, "dumps/bad-2\n")
}

func TestAnActionBegunElsewhereIsNotResumedHere(t *testing.T) {
	w := newWorld(t)
	w.on("RedriveExecution", `{"__type":"ExecutionLimitExceeded","message":"too many"}`)
	exitsWith(t, w.run(t, "", "redrive", "--machine", "dumps", "--yes"), exitFailed)
	o := w.run(t, "", "--region", "eu-west-1", "redrive", "--resume", "--yes")
	exitsWith(t, o, exitUsage)
	has(t, o.err, "it was begun in us-east-1", "--region us-east-1")
}

func TestATokenOnTheCommandLineIsRefusedAndNotRepeated(t *testing.T) {
	for _, command := range []string{"token fail", "token succeed", "why", "redrive", "stop", "clone", "run show"} {
		w := newWorld(t)
		o := w.run(t, "", append(strings.Fields(command), secret, "--yes")...)
		exitsWith(t, o, exitUsage)
		has(t, o.err, "a token is a secret", "next: ", "stepdeck --endpoint-url "+w.url+" tokens")
		if strings.Contains(o.err+o.out, secret[:60]) || len(w.requests) != 0 {
			t.Errorf("%s: %d calls, and it says %s", command, len(w.requests), o.err)
		}
	}
}
