package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sentOnce(t *testing.T, w *world, operation string, want map[string]any) {
	t.Helper()
	got := w.sent(operation)
	if len(got) != 1 {
		t.Fatalf("%s was sent %d times", operation, len(got))
	}
	if d := cmp.Diff(want, got[0]); d != "" {
		t.Error(d)
	}
}

func TestStartPutsTheFlagsIntoTheInput(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "start", "dumps", "mysql-dump", "shop", "-e", "DB=a=b", "--memory", "2048", "--cpu", "1024",
		"--capacity", "spot", "--timeout", "90m", "--overlap", "skip", "--name", "one", "--", "--all")
	exits0(t, o)
	sentOnce(t, w, "StartExecution", map[string]any{
		"stateMachineArn": machineARN, "name": "one",
		"input": `{"args":["mysql-dump","shop","--all"],"capacity":"spot","cpu":1024,"env":{"DB":"a=b"},"memory":2048,"overlap":"skip","timeoutSeconds":5400}`,
	})
	is(t, o.out, "started dumps/one\n")
	has(t, o.err, "stepdeck --endpoint-url "+w.url+" logs -f dumps/one")
}

func TestStartLikeARunKeepsItsInput(t *testing.T) {
	w := newWorld(t)
	exits0(t, w.run(t, "", "start", "--like", "bad", "--memory", "1024", "--name", "two", "-o", "json"))
	sentOnce(t, w, "StartExecution", map[string]any{
		"stateMachineArn": machineARN, "name": "two", "input": `{"args":["drill","fail"],"memory":1024}`,
	})
}

func TestStartReadsTheInputFromAPipe(t *testing.T) {
	w := newWorld(t)
	exits0(t, w.run(t, `{"args": ["x"]}`, "start", "dumps", "--input", "-", "--name", "three"))
	sentOnce(t, w, "StartExecution", map[string]any{"stateMachineArn": machineARN, "name": "three", "input": `{"args": ["x"]}`})
}

// endless is an input that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 64<<20 {
		return 0, errors.New("far more was read than is of use")
	}
	return copy(p, bytes.Repeat([]byte(" "), len(p))), nil
}

func TestAnInputWithoutAnEndIsRefused(t *testing.T) {
	w := newWorld(t)
	var out, stderr bytes.Buffer
	a := *w.app
	a.in, a.out, a.err = &endless{}, &out, &stderr
	if code := a.execute(t.Context(), []string{"--endpoint-url", w.url, "start", "dumps", "--input", "-"}); code != 2 {
		t.Errorf("it ends with %d", code)
	}
	has(t, stderr.String(), "are more than the 262144 that AWS takes")
}

func TestADryRunSendsNothing(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "start", "dumps", "drill", "--name", "n", "--dry-run")
	exits0(t, o)
	has(t, o.out, "would start  dumps/n", `input        {"args":["drill"]}`, "of 8,192 characters")
	if n := len(w.sent("StartExecution")); n != 0 {
		t.Errorf("%d starts were sent", n)
	}
}

func TestABadStartIsRefusedBeforeItIsSent(t *testing.T) {
	w := newWorld(t)
	file := func(content string) string {
		name := filepath.Join(t.TempDir(), "input.json")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct {
		name  string
		args  []string
		words []string
	}{
		{"no machine", nil, []string{"MACHINE is missing"}},
		{"unknown parameter in the input", []string{"dumps", "--input", file(`{"arg":["x"]}`)}, []string{"unknown parameter arg", "args, env, capacity"}},
		{"input that is no object", []string{"dumps", "--input", file(`["x"]`)}, []string{"the input is no JSON object", "args, env, capacity"}},
		{"input that is null", []string{"dumps", "--input", file(`null`)}, []string{"the input is no JSON object"}},
		{"variable with a blank", []string{"dumps", "-e", "A B=x"}, []string{`"A B" is no name of a variable`}},
		{"bad name", []string{"dumps", "--name", "a b"}, []string{"name", "' '"}},
		{"long name", []string{"dumps", "--name", strings.Repeat("n", 81)}, []string{"81", "80"}},
		{"not JSON", []string{"dumps", "--input", file("{\n  \"args\": [x]}")}, []string{"line 2, column 12"}},
		{"too large", []string{"dumps", "--input", file(`"` + strings.Repeat("x", 262_144) + `"`)}, []string{"262146", "262144"}},
		{"too many overrides", []string{"dumps", "-e", "A=" + strings.Repeat("x", 9000)}, []string{"8192"}},
		{"wrong size", []string{"dumps", "--cpu", "256", "--memory", "4096"}, []string{"memory", "2048"}},
		{"wrong capacity", []string{"dumps", "--capacity", "cheap"}, []string{"spot, fargate"}},
		{"no such file", []string{"dumps", "--input", filepath.Join(t.TempDir(), "none")}, []string{"--input"}},
		{"empty input", []string{"dumps", "--input", file("")}, []string{"empty"}},
		{"variable without a value", []string{"dumps", "-e", "A"}, []string{"NAME=VALUE"}},
		{"two inputs", []string{"dumps", "--input", "-", "--like", "bad"}, []string{"--like"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := w.run(t, "", append([]string{"start"}, c.args...)...)
			exitsWith(t, o, exitUsage)
			has(t, o.err, c.words...)
			if !strings.Contains(o.err, "\nnext: ") {
				t.Errorf("no next step: %s", o.err)
			}
		})
	}
	if n := len(w.sent("StartExecution")); n != 0 {
		t.Errorf("%d starts were sent", n)
	}
}

func TestAParameterThatAMachineDoesNotReadIsRefused(t *testing.T) {
	w := newWorld(t)
	w.on("DescribeStateMachine", `{"stateMachineArn":"`+machineARN+`","name":"dumps","type":"STANDARD","status":"ACTIVE","roleArn":"r","creationDate":1,
		"definition":`+quote(`{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$.table","End":true}}}`)+`}`)
	o := w.run(t, "", "start", "dumps", "--memory", "2048")
	exitsWith(t, o, exitUsage)
	has(t, o.err, "unknown parameter memory", "it takes table", "--input FILE")
}

func TestWaitingEndsWithTheRunsFate(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "start", "dumps", "--name", "good", "--wait")
	exits0(t, o)
	is(t, o.out, "SUCCEEDED dumps/good after 1m 5s\n")
	o = w.run(t, "", "start", "dumps", "--name", "bad", "--wait")
	exitsWith(t, o, exitFailed)
	is(t, o.out, "FAILED dumps/bad after 1m 30s\nRun: ScriptFailed: exit 3\n")
}

func TestFollowingShowsTheLogAndThenTheFate(t *testing.T) {
	o := newWorld(t).run(t, "", "start", "dumps", "--name", "bad", "--follow")
	exitsWith(t, o, exitFailed)
	has(t, o.out, "ERROR lost connection\nFAILED dumps/bad")
}

func TestAChangeAsksFirst(t *testing.T) {
	for operation, args := range map[string][]string{
		"StopExecution":     {"stop", "stuck"},
		"RedriveExecution":  {"redrive", "bad"},
		"SendTaskFailure":   {"token", "fail", "stuck"},
		"SendTaskSuccess":   {"token", "succeed", "stuck"},
		"SendTaskHeartbeat": {"token", "heartbeat", "stuck"},
	} {
		t.Run(operation, func(t *testing.T) {
			w := newWorld(t)
			o := w.run(t, "y\n", args...)
			exitsWith(t, o, exitUsage)
			has(t, o.err, "nobody can be asked", "add --yes")
			w.app.asks = true
			for _, answer := range []string{"n\n", "\n", ""} {
				exitsWith(t, w.run(t, answer, args...), exitUsage)
			}
			if n := len(w.sent(operation)); n != 0 {
				t.Fatalf("%d calls were sent without a yes", n)
			}
			o = w.run(t, "y\n", args...)
			exits0(t, o)
			has(t, o.err, "dumps/"+args[len(args)-1], "[y/N]")
			w.app.asks = false
			exits0(t, w.run(t, "", append(args, "--yes")...))
			if n := len(w.sent(operation)); n != 2 {
				t.Errorf("%d calls were sent, want 2", n)
			}
		})
	}
}

func TestStoppingCanTakeTheTasksAlong(t *testing.T) {
	w := newWorld(t)
	w.on("DescribeTasks", `{"tasks":[{"taskArn":"`+taskARN+`","clusterArn":"jobs","lastStatus":"RUNNING"}]}`)
	has(t, w.run(t, "", "stop", "stuck").err, "Stop dumps/stuck (its task goes on)?")
	has(t, w.run(t, "", "stop", "stuck", "--stop-task").err, "Stop dumps/stuck (and its task)?")
	o := w.run(t, "", "stop", "stuck", "--yes", "--cause", "wrong table")
	exits0(t, o)
	has(t, o.err, "task 0123456789abcdef goes on")
	sentOnce(t, w, "StopExecution", map[string]any{"executionArn": stuckARN, "cause": "wrong table"})
	o = w.run(t, "", "stop", "stuck", "--yes", "--stop-task", "-o", "json")
	exits0(t, o)
	has(t, o.out, `"status": "ABORTED"`, `"tasksStopped": [`)
	if n := len(w.sent("StopTask")); n != 1 {
		t.Errorf("%d tasks were stopped, want 1", n)
	}
}

func TestARunThatHasEndedIsNotStopped(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "stop", "good", "--yes")
	exitsWith(t, o, exitFailed)
	has(t, o.err, "run dumps/good does not run: it is SUCCEEDED", "next: should a task of it still work, --stop-task")
	if n := len(w.sent("StopExecution")); n != 0 {
		t.Error("it was stopped all the same")
	}
	w.on("DescribeTasks", `{"tasks":[{"taskArn":"`+taskARN+`","clusterArn":"jobs","lastStatus":"RUNNING"}]}`)
	o = w.run(t, "", "stop", "good", "--yes", "--stop-task", "-o", "json")
	exits0(t, o)
	has(t, o.out, `"status": "SUCCEEDED"`, `"tasksStopped": [`)
}

func TestNobodyWaitsForAnExpressRun(t *testing.T) {
	w := newWorld(t)
	w.on("DescribeStateMachine", `{"stateMachineArn":"`+strings.Replace(machineARN, "dumps", "reaper", 1)+`","name":"reaper","type":"EXPRESS","status":"ACTIVE","roleArn":"r","creationDate":1,"definition":`+quote(managedDefinition)+`}`)
	for _, flag := range []string{"--wait", "--follow"} {
		o := w.run(t, "", "start", "reaper", flag)
		exitsWith(t, o, exitUsage)
		has(t, o.err, "reaper is an Express machine", "next: leave them out")
	}
	if n := len(w.sent("StartExecution")); n != 0 {
		t.Error("the run was started all the same")
	}
	express := strings.Replace(goodARN, "execution:dumps", "express:reaper", 1) + ":1"
	w.on("StartExecution", `{"executionArn":"`+express+`","startDate":1}`)
	o := w.run(t, "", "start", "reaper")
	exits0(t, o)
	if strings.Contains(o.err, "follow it") {
		t.Errorf("following is offered: %s", o.err)
	}
}

func TestAFailedTokenCarriesWhatECSSaysAndWhoDidIt(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "token", "fail", "stuck", "--yes", "--reason", "ticket 9")
	exits0(t, o)
	sent := w.sent("SendTaskFailure")[0]
	if sent["taskToken"] != secret {
		t.Error("another token was sent")
	}
	has(t, sent["cause"].(string), "OutOfMemoryError", "by hand by", "ticket 9")
	if strings.Contains(o.out+o.err, secret[:30]) {
		t.Error("the token is printed")
	}
}

func TestOneFailureAmongSeveralDoesNotStopTheOthers(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "redrive", "good", "bad", "--yes", "-o", "json")
	exitsWith(t, o, exitFailed)
	sentOnce(t, w, "RedriveExecution", map[string]any{"executionArn": badARN, "clientToken": w.sent("RedriveExecution")[0]["clientToken"]})
	has(t, o.out, `"status": "SUCCEEDED"`, `"error": "run good cannot be redriven`, `"status": "RUNNING"`)
	has(t, o.err, "1 of 2 runs were not redriven")
}

func TestReadOnlyRefusesChanges(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "--read-only", "stop", "stuck", "--yes")
	exitsWith(t, o, exitDenied)
	has(t, o.err, "read-only")
	if n := len(w.sent("StopExecution")); n != 0 {
		t.Errorf("%d stops were sent", n)
	}
	exits0(t, w.run(t, "", "--read-only", "runs"))
}

func TestChangesAreInTheJournal(t *testing.T) {
	w := newWorld(t)
	exits0(t, w.run(t, "", "stop", "stuck", "--yes", "--reason", "ticket 9"))
	content, err := os.ReadFile(filepath.Join(w.app.state, "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(content), `"operation":"StopExecution"`, `"target":"`+stuckARN+`"`, `"reason":"ticket 9"`, `"result":"ok"`, "user/ann")
}
