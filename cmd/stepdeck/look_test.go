package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestMachinesInEveryForm(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "machines")
	exits0(t, o)
	is(t, o.out, `
NAME    TYPE      CREATED
dumps   STANDARD  2026-11-17 11:06:40
reaper  EXPRESS   2026-11-17 11:06:40
`)
	is(t, w.run(t, "", "machines", "-o", "name").out, "dumps\nreaper\n")
	is(t, w.run(t, "", "machines", "-o", "json").out, `
[
  {
    "name": "dumps",
    "arn": "arn:aws:states:us-east-1:123456789012:stateMachine:dumps",
    "type": "STANDARD",
    "created": "2026-11-17T11:06:40Z"
  },
  {
    "name": "reaper",
    "arn": "arn:aws:states:us-east-1:123456789012:stateMachine:reaper",
    "type": "EXPRESS",
    "created": "2026-11-17T11:06:40Z"
  }
]
`)
}

func TestWithoutACommandTheOverviewIsShown(t *testing.T) {
	o := newWorld(t).run(t, "")
	exits0(t, o)
	is(t, o.out, `
MACHINE  LAST RUN                    STATUS   STARTED   TOOK  LAST 10
dumps    stuck                       RUNNING  11:36:40  30m   1 ok, 1 failed, 1 running
reaper   Express: AWS lists no runs
`)
	has(t, o.err, " runs MACHINE lists its runs")
}

func TestRunsSayWhyTheyFailed(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "runs", "dumps")
	exits0(t, o)
	is(t, o.out, `
STATUS     MACHINE  NAME   STARTED   TOOK    REDRIVES  WHY
RUNNING    dumps    stuck  11:36:40  30m     0
FAILED     dumps    bad    11:16:40  1m 30s  0         Run: ScriptFailed: exit 3
SUCCEEDED  dumps    good   11:06:40  1m 5s   0
`)
	is(t, w.run(t, "", "runs", "-o", "name").out, "dumps/stuck\ndumps/bad\ndumps/good\n")
}

func TestRunsAreFiltered(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		args string
		want string
	}{
		{"--status failed", "dumps/bad\n"},
		{"--status timed-out", ""},
		{"--since 45m", "dumps/stuck\n"},
		{"--since 2026-11-18T11:16", "dumps/stuck\ndumps/bad\n"},
		{"--cause scriptfailed", "dumps/bad\n"},
		{"--cause nothing", ""},
		{"--limit 2", "dumps/stuck\ndumps/bad\n"},
	} {
		o := w.run(t, "", append([]string{"runs", "dumps", "-o", "name"}, strings.Fields(c.args)...)...)
		exits0(t, o)
		if o.out != c.want {
			t.Errorf("runs %s: %q, want %q", c.args, o.out, c.want)
		}
	}
}

func TestJSONOfRunsIsStable(t *testing.T) {
	o := newWorld(t).run(t, "", "runs", "--status", "failed", "-o", "json")
	exits0(t, o)
	is(t, o.out, `
[
  {
    "name": "bad",
    "arn": "arn:aws:states:us-east-1:123456789012:execution:dumps:bad",
    "machine": "dumps",
    "machineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:dumps",
    "status": "FAILED",
    "started": "2026-11-18T11:16:40Z",
    "stopped": "2026-11-18T11:18:10Z",
    "seconds": 90,
    "redriveCount": 0,
    "failure": {
      "status": "FAILED",
      "error": "ScriptFailed",
      "cause": "exit 3\nlast line",
      "state": "Run",
      "event": 6,
      "time": "2026-11-18T11:17:40Z"
    }
  }
]
`)
	is(t, newWorld(t).run(t, "", "runs", "--status", "aborted", "-o", "json").out, "[]\n")
}

func TestAStatusHasAGlyphAndAColourForPeopleOnly(t *testing.T) {
	w := newWorld(t)
	if o := w.run(t, "", "runs"); strings.ContainsAny(o.out, "\x1b✖●✔") {
		t.Errorf("a pipe got more than words: %q", o.out)
	}
	w.app.draws = true
	has(t, w.run(t, "", "runs").out, "\x1b[31m✖ FAILED\x1b[0m", "● RUNNING")
	if o := w.run(t, "", "runs", "--no-color"); strings.Contains(o.out, "\x1b") || !strings.Contains(o.out, "✖ FAILED") {
		t.Errorf("--no-color: %q", o.out)
	}
}

func TestShowingARun(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"bad", "dumps/bad", badARN, "@failed", "dumps/@failed"} {
		o := w.run(t, "", "run", "show", name)
		exits0(t, o)
		is(t, o.out, `
FAILED after 1m 30s

run       dumps/bad
arn       arn:aws:states:us-east-1:123456789012:execution:dumps:bad
started   2026-11-18T11:16:40Z
stopped   2026-11-18T11:18:10Z
why       Run: ScriptFailed: exit 3
redrive   possible until 2026-12-02 11:18:10
input     {"args":["drill","fail"]}

STEP  TYPE  OUTCOME  ENTERED   TOOK  ATTEMPTS  ERROR
Run   Task  failed   11:16:40  1m    1         ScriptFailed: exit 3

TASK              STATUS   EXIT  STOP CODE                 REASON
0123456789abcdef  STOPPED  137   EssentialContainerExited  Essential container in task exited
`)
	}
}

func TestJSONOfARunHoldsStepsAndTasksButNoToken(t *testing.T) {
	o := newWorld(t).run(t, "", "run", "show", "stuck", "-o", "json")
	exits0(t, o)
	var v struct {
		Name, Status string
		Steps        []struct {
			State    string
			Attempts []struct {
				TaskArn        string
				TimeoutSeconds float64
			}
		}
		Tasks []struct{ Arn, Status string }
	}
	if err := json.Unmarshal([]byte(o.out), &v); err != nil {
		t.Fatal(err)
	}
	if v.Name != "stuck" || v.Status != "RUNNING" || len(v.Steps) != 1 || v.Steps[0].Attempts[0].TaskArn != taskARN || v.Tasks[0].Status != "STOPPED" {
		t.Errorf("%+v", v)
	}
	if got := v.Steps[0].Attempts[0].TimeoutSeconds; got != 7200 {
		t.Errorf("the attempt's timeout is %v s, want 7200", got)
	}
	if strings.Contains(o.out, secret) {
		t.Error("the token is printed")
	}
}

func TestTokensAreListedWithoutTheToken(t *testing.T) {
	w := newWorld(t)
	for _, form := range []string{"table", "json", "name"} {
		o := w.run(t, "", "tokens", "dumps", "--dead", "-o", form)
		exits0(t, o)
		if has(t, o.out, "stuck"); strings.Contains(o.out+o.err, secret[:30]) {
			t.Errorf("-o %s prints the token", form)
		}
	}
	is(t, w.run(t, "", "tokens").out, `
TOKEN  RUN          STATE  ATTEMPT  AGE  TIMES OUT  TASK
dead   dumps/stuck  Run    1        30m  13:36:40   STOPPED
`)
}

func TestLogs(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "logs", "bad")
	exits0(t, o)
	if strings.Contains(o.out, "\x1b") {
		t.Errorf("an escape sequence of the log got through: %q", o.out)
	}
	has(t, o.out, "11:16:41.000  dumping", "11:16:42.000  ERROR lost connection\n")
	has(t, o.err, "attempt 1, task "+taskARN)
	is(t, w.run(t, "", "logs", "bad", "--grep", "error", "-o", "json").out,
		`{"time":"2026-11-18T11:16:42Z","attempt":1,"container":"job","text":"ERROR lost connection"}`+"\n")
	exitsWith(t, w.run(t, "", "logs", "bad", "--container", "nobody"), exitUsage)
}

func TestASavedLogIsAsItCame(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "log")
	exits0(t, w.run(t, "", "logs", "bad", "--save", file))
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	is(t, string(content), "dumping\x1b[2J orders\nERROR lost connection\n")
	exitsWith(t, w.run(t, "", "logs", "bad", "--save", file), exitUsage)
}

func TestDoctor(t *testing.T) {
	w := newWorld(t)
	o := w.run(t, "", "doctor")
	exits0(t, o)
	has(t, o.out, "credentials        ok      arn:aws:iam::123456789012:user/ann", "log                ok")
	w.on("DescribeTasks", `{"__type":"AccessDeniedException","message":"User: ann is not authorized to perform: ecs:DescribeTasks on resource: task"}`)
	o = w.run(t, "", "doctor")
	exitsWith(t, o, exitDenied)
	has(t, o.out, "history and tasks  failed", "ecs:DescribeTasks on task")
}

func TestAFailStateNamedAfterItsErrorIsNamedOnce(t *testing.T) {
	name := safe.Line("InvalidInput")
	is(t, why(&workflow.Failure{State: name, Error: name, Cause: safe.Line("no args")}).String(), "InvalidInput: no args")
	is(t, why(&workflow.Failure{State: safe.Line("Check"), Error: name, Cause: safe.Line("no args")}).String(), "Check: InvalidInput: no args")
}
