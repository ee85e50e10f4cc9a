package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestSuccessIsReportedWithTheOutput(t *testing.T) {
	cases := map[string]struct{ script, want string }{
		"no output file": {`true`, `{}`},
		"an object":      {`echo '{ "rows": 12, "say": "\"hi\"" }' > $STEPRUN_OUTPUT`, `{"rows":12,"say":"\"hi\""}`},
		"lines":          {`echo 'say="hi"' >> $STEPRUN_OUTPUT; echo rows=12 >> $STEPRUN_OUTPUT`, `{"rows":"12","say":"\"hi\""}`},
		"several lines":  {`printf 'log<<EOF\none\ntwo\nEOF\n' >> $STEPRUN_OUTPUT`, `{"log":"one\ntwo"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			states := newStepFunctions(t)
			p := withToken(t, states).script("job", c.script).start("job")
			if code := p.wait(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			sent := states.of("SendTaskSuccess")
			if len(sent) != 1 || sent[0].Output != c.want || sent[0].TaskToken != "the-token" {
				t.Fatalf("sent %+v, want %s once", sent, c.want)
			}
			if states.calls[0].Operation != "SendTaskHeartbeat" {
				t.Fatalf("the first call was %s", states.calls[0].Operation)
			}
		})
	}
}

func TestFailureNamesAndCodes(t *testing.T) {
	cases := map[string]struct {
		script string
		error  string
		code   int
		field  string
		value  any
		reason string
	}{
		"non-zero":       {`echo the last line; exit 3`, "ScriptFailed", 3, "exitCode", 3.0, "exit code 3"},
		"try again":      {`exit 75`, "ScriptRetryable", 75, "exitCode", 75.0, "exit code 75"},
		"killed":         {`kill -9 $$`, "ScriptFailed", 137, "signal", "SIGKILL", "SIGKILL"},
		"output invalid": {`printf 'a=1\nnonsense\n' > $STEPRUN_OUTPUT`, "OutputInvalid", 65, "exitCode", 0.0, "line 2"},
		"output is cut":  {`echo '{"a":' > $STEPRUN_OUTPUT`, "OutputInvalid", 65, "exitCode", 0.0, "line 1, column 6"},
		"output is big":  {`printf 'a=%0300000d' 1 > $STEPRUN_OUTPUT`, "OutputTooLarge", 65, "exitCode", 0.0, "STEPRUN_ARTIFACTS"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			states := newStepFunctions(t)
			p := withToken(t, states).script("job", c.script).start("job", "an argument")
			if code := p.wait(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			cause := causeOf(t, states, c.error)
			if cause[c.field] != c.value {
				t.Errorf("%s is %v, want %v", c.field, cause[c.field], c.value)
			}
			if reason := cause["reason"].(string); !strings.Contains(reason, c.reason) {
				t.Errorf("the reason %q does not name %q", reason, c.reason)
			}
			if cause["command"] != "job an argument" {
				t.Errorf("command is %v", cause["command"])
			}
			if len(states.of("SendTaskSuccess")) != 0 {
				t.Error("success was reported too")
			}
		})
	}
}

func TestCauseHoldsTheMaskedTailAndThePlace(t *testing.T) {
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"Labels":{"com.amazonaws.ecs.task-arn":"arn:aws:ecs:us-east-1:1:task/c/abc"},"LogOptions":{"awslogs-stream":"task/main/abc"}}`)
	}))
	defer metadata.Close()
	states := newStepFunctions(t)
	p := withToken(t, states, "ECS_CONTAINER_METADATA_URI_V4="+metadata.URL, "DB_PASSWORD=correct horse", "STEPRUN_SECRETS=DB_PASSWORD, OTHER")
	// What comes by two pipes has an order only if the second waits for the first.
	gate := filepath.Join(p.folder, "gate")
	p.script("job", `mkfifo "`+gate+`"; for i in {1..4000}; do echo "line $i" >&2; done; read -r < "`+gate+`"; echo "using correct horse"; env | grep TOKEN; exit 1`).start("job")
	p.until("line 4000\n")
	opened, err := os.OpenFile(gate, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if _, err := opened.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	p.wait()
	cause := causeOf(t, states, "ScriptFailed")
	tail := cause["tail"].(string)
	if len(tail) > 16<<10 || len(tail) < 15<<10 || !strings.HasPrefix(tail, "line ") || strings.Contains(tail, "line 1\n") {
		t.Errorf("tail of %d bytes begins %.40q", len(tail), tail)
	}
	if strings.Contains(tail, "correct horse") || !strings.Contains(tail, "using ***\n") {
		t.Errorf("the secret is not masked: %q", tail[len(tail)-60:])
	}
	if strings.Contains(tail, "the-token") {
		t.Error("the job could see the token")
	}
	if cause["task"] != "arn:aws:ecs:us-east-1:1:task/c/abc" || cause["logStream"] != "task/main/abc" {
		t.Errorf("place: %v %v", cause["task"], cause["logStream"])
	}
	first, _, _ := strings.Cut(p.stderr.String(), "\n")
	if !strings.HasPrefix(first, "steprun: ") || !strings.Contains(first, "task/c/abc") || !strings.Contains(first, "task/main/abc") {
		t.Errorf("first line %q", first)
	}
	if !strings.Contains(p.stderr.String(), "\nline 1\nline 2\n") || p.stdout.String() != "using correct horse\n" {
		t.Errorf("what the job writes did not pass through: stdout %q", p.stdout.String())
	}
}

func TestDeadTokenStartsNothing(t *testing.T) {
	for _, code := range []string{"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"} {
		t.Run(code, func(t *testing.T) {
			states := newStepFunctions(t, rule{operation: "SendTaskHeartbeat", times: always, status: 400, code: code})
			p := withToken(t, states).script("job", `echo started`).start("job")
			if exit := p.wait(); exit != 0 || p.stdout.Len() != 0 {
				t.Fatalf("exit code %d, stdout %q", exit, p.stdout.String())
			}
			if len(states.calls) != 1 {
				t.Fatalf("calls: %+v", states.calls)
			}
		})
	}
}

func TestDeniedHeartbeatNamesTheActionAndStartsNothing(t *testing.T) {
	const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:shop-run"
	deny := rule{
		operation: "SendTaskHeartbeat", times: always, status: 400, code: "AccessDeniedException",
		message: "User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: states:SendTaskHeartbeat on resource: " + machine,
	}
	states := newStepFunctions(t, deny)
	p := withToken(t, states).script("job", `echo started`).start("job")
	if exit := p.wait(); exit != 77 || p.stdout.Len() != 0 {
		t.Fatalf("exit code %d, stdout %q", exit, p.stdout.String())
	}
	if log := p.stderr.String(); !strings.Contains(log, "may not call states:SendTaskHeartbeat on "+machine) {
		t.Errorf("log: %s", log)
	}
	causeOf(t, states, "AccessDenied")
}

func TestTokenThatDiesStopsTheJobAndReportsNothing(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states).script("job", `trap 'echo stopping >&2; exit 1' TERM; echo ready >&2; while :; do sleep 0.05; done`).start("job")
	p.until("ready")
	states.closeToken()
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if !strings.Contains(p.stderr.String(), "stopping\n") {
		t.Error("the job got no SIGTERM")
	}
	if len(states.of("SendTaskFailure"))+len(states.of("SendTaskSuccess")) != 0 {
		t.Error("something was reported for a dead token")
	}
}

func TestHeartbeatsContinueThroughServerErrors(t *testing.T) {
	states := newStepFunctions(t, rule{operation: "SendTaskHeartbeat", after: 1, times: 2, status: 500, code: "InternalError"})
	p := withToken(t, states).script("job", `while [ ! -e "$0.released" ]; do sleep 0.05; done`).start("job")
	for range 5 {
		<-states.seen
	}
	if err := os.WriteFile(p.folder+"/job.released", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 0 || len(states.of("SendTaskSuccess")) != 1 {
		t.Fatalf("exit code %d, successes %d", code, len(states.of("SendTaskSuccess")))
	}
	if !strings.Contains(p.stderr.String(), "steprun: heartbeat: ") {
		t.Error("the errors were not logged")
	}
}

func TestStubbornJobIsKilledAfterTheGrace(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states, "STEPRUN_GRACE_SECONDS=1").script("job", `trap '' TERM; echo ready >&2; while :; do sleep 0.05; done`).start("job")
	p.until("ready")
	states.closeToken()
	if code := p.wait(); code != 0 || !strings.Contains(p.stderr.String(), "killing it") {
		t.Fatalf("exit code %d", code)
	}
}

func TestStopSignalReachesTheGroupAndIsLeftToTheReaper(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states).script("job", `echo ready >&2; sleep 1000 | sleep 1000`).start("job")
	p.until("ready")
	signalProcess(t, p, syscall.SIGTERM)
	if code := p.wait(); code != 143 {
		t.Fatalf("exit code %d", code)
	}
	if len(states.of("SendTaskFailure"))+len(states.of("SendTaskSuccess")) != 0 {
		t.Error("something was reported; the reaper knows why the task was stopped")
	}
}

func TestWhatCleansUpInTheGraceIsLetFinish(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states)
	p.script("work", `trap 'sleep 2.5; echo cleaned up >&2; exit' TERM; echo ready >&2; while :; do sleep 0.05; done`)
	p.script("job", `work; echo not reached`).start("job") // the shell dies of the signal before its child ends
	p.until("ready")
	signalProcess(t, p, syscall.SIGTERM)
	if code := p.wait(); code != 143 || !strings.Contains(p.stderr.String(), "cleaned up") {
		t.Fatalf("exit code %d", code)
	}
}

func TestJobThatFinishesInTheGraceIsASuccess(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states).script("job", `trap 'echo saved=yes > $STEPRUN_OUTPUT; exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done`).start("job")
	p.until("ready")
	signalProcess(t, p, syscall.SIGTERM)
	p.wait()
	if sent := states.of("SendTaskSuccess"); len(sent) != 1 || sent[0].Output != `{"saved":"yes"}` {
		t.Fatalf("sent %+v", sent)
	}
}

func signalProcess(t *testing.T, p *program, signal syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func TestSuccessSurvivesServerErrorsAndNeverBecomesAFailure(t *testing.T) {
	states := newStepFunctions(t,
		rule{operation: "SendTaskSuccess", times: 2, status: 500, code: "InternalError"},
		rule{operation: "SendTaskSuccess", times: 1, status: 400, code: "ThrottlingException"})
	p := withToken(t, states).script("job", `echo a=1 > $STEPRUN_OUTPUT`).start("job")
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if sent := states.of("SendTaskSuccess"); len(sent) != 4 || sent[3].Output != `{"a":"1"}` {
		t.Fatalf("sent %+v", sent)
	}
	if len(states.of("SendTaskFailure")) != 0 {
		t.Error("a success became a failure")
	}
}

func TestSuccessThatIsDeniedStaysUnreported(t *testing.T) {
	states := newStepFunctions(t, rule{operation: "SendTaskSuccess", times: always, status: 400, code: "AccessDeniedException"})
	p := withToken(t, states).script("job", `true`).start("job")
	if code := p.wait(); code != 74 || len(states.of("SendTaskFailure")) != 0 {
		t.Fatalf("exit code %d, failures %d", code, len(states.of("SendTaskFailure")))
	}
}

func TestTokenAnsweredByOthersIsNoError(t *testing.T) {
	for _, script := range []string{"exit 0", "exit 5"} {
		states := newStepFunctions(t,
			rule{operation: "SendTaskSuccess", times: always, status: 400, code: "TaskTimedOut"},
			rule{operation: "SendTaskFailure", times: always, status: 400, code: "TaskTimedOut"})
		p := withToken(t, states).script("job", script).start("job")
		if code := p.wait(); code != 0 {
			t.Errorf("%s: exit code %d", script, code)
		}
	}
}

func TestWithoutTokenTheJobJustRuns(t *testing.T) {
	p := newProgram(t).script("job", `echo "hello $1"; echo a=1 > $STEPRUN_OUTPUT; exit $2`)
	if code := p.start("job", "you", "0").wait(); code != 0 || p.stdout.String() != "hello you\n{\"a\":\"1\"}\n" {
		t.Fatalf("exit code %d, stdout %q", code, p.stdout.String())
	}
	p = newProgram(t).script("job", `exit 4`)
	if code := p.start("job").wait(); code != 4 {
		t.Fatalf("exit code %d", code)
	}
}

func TestCommandThatCannotStart(t *testing.T) {
	cases := map[string]struct {
		args []string
		code int
		want string
	}{
		"unknown":        {[]string{"mysql-dmp"}, 127, "mysql-dmp"},
		"not executable": {[]string{"notes.txt"}, 126, "notes.txt"},
		"none":           {nil, 127, "no command"},
		"built in":       {[]string{"pipe"}, 127, `"pipe"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			states := newStepFunctions(t)
			p := withToken(t, states).script("mysql-dump", "")
			if err := os.WriteFile(p.folder+"/notes.txt", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if code := p.start(c.args...).wait(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			cause := causeOf(t, states, "ScriptFailed")
			reason := cause["reason"].(string)
			if !strings.Contains(reason, c.want) || !strings.Contains(reason, "mysql-dump") || cause["exitCode"] != float64(c.code) {
				t.Errorf("cause %v", cause)
			}
		})
	}
}

func TestBackgroundProcessDoesNotHangTheEnd(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states).script("job", `sleep 1000 & echo "$!"; exit 0`).start("job")
	if code := p.wait(); code != 0 || len(states.of("SendTaskSuccess")) != 1 {
		t.Fatalf("exit code %d", code)
	}
	var left int
	if _, err := fmt.Sscan(p.stdout.String(), &left); err != nil {
		t.Fatal(err)
	}
	untilGone(t, left)
}

func TestWrongEnvironmentIsReportedByName(t *testing.T) {
	states := newStepFunctions(t)
	p := withToken(t, states, "STEPRUN_GRACE_SECONDS=soon", "STEPRUN_ARTIFACTS=bucket").script("job", "echo started").start("job")
	if code := p.wait(); code != 66 || p.stdout.Len() != 0 {
		t.Fatalf("exit code %d, stdout %q", code, p.stdout.String())
	}
	reason := causeOf(t, states, "InputInvalid")["reason"].(string)
	for _, name := range []string{"STEPRUN_GRACE_SECONDS", "STEPRUN_ARTIFACTS"} {
		if !strings.Contains(reason, name) {
			t.Errorf("the reason %q does not name %s", reason, name)
		}
	}
}

func TestLargeInputComesFromS3(t *testing.T) {
	bucket := newBucket(t)
	input, err := json.Marshal(map[string]any{
		"args": []string{"two words", "last"},
		"env":  map[string]any{"SHOP": "a b", "LIMIT": 5, "TASK_TOKEN": "forged", "STEPRUN_OUTPUT": "/forged", "STEPRUN_SECRETS": "X"},
	})
	if err != nil {
		t.Fatal(err)
	}
	bucket.put("inputs/1.json", input)
	states := newStepFunctions(t)
	p := withToken(t, states, append(bucket.env(), "STEPRUN_INPUT=s3://bucket/inputs/1.json", "SHOP=old")...)
	p.script("job", `echo "$# $1|$2|$3|$SHOP|$LIMIT|$TASK_TOKEN|$STEPRUN_SECRETS|$([ -w $(dirname $STEPRUN_OUTPUT) ] && echo own)"`).start("job", "first")
	if code := p.wait(); code != 0 || p.stdout.String() != "3 first|two words|last|a b|5|||own\n" {
		t.Fatalf("exit code %d, stdout %q", code, p.stdout.String())
	}
}

func TestWrongInputIsReported(t *testing.T) {
	bucket := newBucket(t)
	bucket.put("list.json", []byte(`["a"]`))
	bucket.put("more.json", []byte(`{"args": ["a"]}]`))
	for _, key := range []string{"list.json", "more.json", "missing.json"} {
		states := newStepFunctions(t)
		p := withToken(t, states, append(bucket.env(), "STEPRUN_INPUT=s3://bucket/"+key)...).script("job", "echo started").start("job")
		if code := p.wait(); code != 66 || p.stdout.Len() != 0 {
			t.Fatalf("%s: exit code %d, stdout %q", key, code, p.stdout.String())
		}
		if reason := causeOf(t, states, "InputInvalid")["reason"].(string); !strings.Contains(reason, key) {
			t.Errorf("the reason %q does not name %s", reason, key)
		}
	}
}

func TestLargeOutputGoesToS3(t *testing.T) {
	bucket := newBucket(t)
	states := newStepFunctions(t)
	p := withToken(t, states, append(bucket.env(), "STEPRUN_ARTIFACTS=s3://bucket/shop/")...)
	p.script("job", `printf 'a=%0300000d' 1 > $STEPRUN_OUTPUT`).start("job")
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	var pointer struct{ OutputURI string }
	if err := json.Unmarshal([]byte(states.of("SendTaskSuccess")[0].Output), &pointer); err != nil {
		t.Fatal(err)
	}
	key, ok := strings.CutPrefix(pointer.OutputURI, "s3://bucket/")
	if !ok || !strings.HasPrefix(key, "shop/outputs/") || len(bucket.get(key)) < 300_000 {
		t.Fatalf("pointer %q, keys %v", pointer.OutputURI, bucket.keys())
	}
}
