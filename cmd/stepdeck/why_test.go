package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestWhyARunFailed(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "why", "dumps/bad")
	exits0(t, o)
	is(t, o.out, `
FAILED after 1m 30s   outOfMemory (high confidence)
Run: the container was killed for memory.
  ecs       OutOfMemoryError: Container killed due to memory usage  container job
  ecs       Essential container in task exited; container job exit 137 (OutOfMemoryError: Container killed due to memory usage)
  history   ScriptFailed  TaskFailed #6
  log       11:16:42  ERROR lost connection
Next:
  1. run again with more memory
  2. a redrive (it resumes in Run) would not help: a redrive runs with the same memory, so it fails the same way
  3. open the log at that line
`)
	is(t, w.run(t, "", "why", "dumps/bad", "-o", "name").out, "dumps/bad\n")
	var d struct {
		Name, Kind, Sentence string
		Evidence, Remedies   []map[string]any
	}
	if err := json.Unmarshal([]byte(w.run(t, "", "why", "dumps/bad", "-o", "json").out), &d); err != nil {
		t.Fatal(err)
	}
	if d.Name != "bad" || d.Kind != "outOfMemory" || d.Sentence == "" || len(d.Evidence) == 0 || len(d.Remedies) == 0 {
		t.Errorf("JSON %+v", d)
	}
}

func TestWhyARunIsStuck(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "why", "dumps/stuck")
	exits0(t, o)
	is(t, o.out, `
RUNNING for 30m   outOfMemory (high confidence)
Run: the container was killed for memory; its token was never answered, so the run waits for nothing.
  ecs       OutOfMemoryError: Container killed due to memory usage  container job
  ecs       Essential container in task exited; container job exit 137 (OutOfMemoryError: Container killed due to memory usage)
  log       11:16:42  ERROR lost connection
Next:
  1. fail the token with OutOfMemory, so that the retries of the machine take over
  2. run again with more memory
  3. open the log at that line
`)
}

func TestWhyAMachineFails(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "why", "dumps")
	exits0(t, o)
	is(t, o.out, `
COUNT  SHARE  FIRST     LAST      OVER TIME     KIND         STATE  ERROR         CAUSE
1      100%   11:18:10  11:18:10  ...........1  outOfMemory  Run    ScriptFailed  OutOfMemoryError: Container killed due to memory usage
`)
	has(t, o.err, "failed runs looked at: 1")
	type told struct {
		Machine       string
		Failed, Known int
		Unread        []struct {
			Status string
			Before time.Time
		}
		Groups []struct {
			Count          int
			Kind, Sentence string
			Runs           []string
		}
	}
	o = w.run(t, "", "why", "dumps", "--since", "7d", "-o", "json")
	exits0(t, o)
	all := decoded[told](t, o.out)
	if len(all.Groups) != 1 || all.Groups[0].Kind != "outOfMemory" || all.Groups[0].Runs[0] != badARN || all.Groups[0].Sentence != "Run: the container was killed for memory." {
		t.Errorf("groups %+v", all.Groups)
	}
	if all.Failed != 1 || all.Known != 1 || all.Unread == nil || len(all.Unread) != 0 || !strings.HasSuffix(all.Machine, ":dumps") {
		t.Errorf("looked at %+v", all)
	}
	if none := decoded[told](t, w.run(t, "", "why", "dumps", "--since", "1s", "-o", "json").out); none.Failed != 0 || none.Groups == nil || len(none.Groups) != 0 {
		t.Errorf("of no failure: %+v", none)
	}
}

func TestWhyAMachineFailsTellsWhatWasNotRead(t *testing.T) {
	w := newWorld(t)
	w.on("GetExecutionHistory", `{"__type":"AccessDeniedException","message":"not authorized to perform: states:GetExecutionHistory"}`)
	o := w.run(t, "", "why", "dumps", "-o", "json")
	if o.code == 0 {
		t.Error("it ends well")
	}
	has(t, o.out, `"failed": 1`, `"known": 0`, "GetExecutionHistory", `"groups": []`)
}
