package ops_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestStartSendsExactlyThePlan(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	spec := ops.StartSpec{MachineARN: machine, Container: "job", Base: `{"env":{"A":"1"}}`, Overrides: workflow.Overrides{Args: []string{"mysql-dump"}, Memory: 2048}}
	run, plan, err := a.service().Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Input != `{"args":["mysql-dump"],"env":{"A":"1"},"memory":2048}` || !strings.HasPrefix(plan.Name, "mysql-dump-") {
		t.Errorf("plan %+v", plan)
	}
	if want := "StartRun " + machine + " | " + plan.Name + " | " + plan.Input; len(a.sent) != 1 || a.sent[0] != want {
		t.Errorf("sent %q, want %q", a.sent, want)
	}
	if run.Name.String() != plan.Name || run.Status != workflow.Running || run.Input != plan.Input {
		t.Errorf("run %+v", run)
	}
	if plan.Preview == nil || !strings.Contains(plan.Preview.JSON, `"command":["mysql-dump"]`) {
		t.Errorf("preview %+v", plan.Preview)
	}
}

func TestAnInputWithoutParametersIsSentAsGiven(t *testing.T) {
	plan, err := newAccount().service().DryRun(ops.StartSpec{MachineARN: prefix + "x", Name: "n", Base: ` [1, "<"] `})
	if err != nil || plan.Input != ` [1, "<"] ` || plan.Preview != nil {
		t.Errorf("%+v (%v)", plan, err)
	}
}

func TestStartIsRefusedBeforeTheCall(t *testing.T) {
	for name, c := range map[string]struct {
		spec ops.StartSpec
		says []string
	}{
		"every mistake at once": {
			ops.StartSpec{Name: "a b", Overrides: workflow.Overrides{CPU: 300, Capacity: "x"}}, []string{"cpu", "capacity", "name"},
		},
		"input that is not JSON": {ops.StartSpec{Base: "{\n x"}, []string{"line 2, column 2"}},
		"too much for ECS": {
			ops.StartSpec{Container: "job", Overrides: workflow.Overrides{Env: map[string]string{"B": strings.Repeat("x", 8000)}}}, []string{"8192", "S3"},
		},
	} {
		a := newAccount()
		_, _, err := a.service().Start(t.Context(), c.spec)
		if ops.KindOf(err) != ops.Usage || len(a.sent) > 0 {
			t.Errorf("%s: %v, sent %q", name, err, a.sent)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v does not say %s", name, err, part)
			}
		}
	}
	tight := ops.StartSpec{MachineARN: prefix + "x", Container: "job", Overrides: workflow.Overrides{Env: map[string]string{"B": strings.Repeat("x", 7000)}}}
	if plan, err := newAccount().service().DryRun(tight); err != nil || len(plan.Warnings) != 1 {
		t.Errorf("a tight fit: warnings %v (%v)", plan.Warnings, err)
	}
}

func TestStopSaysWhoAndWhatGoesOn(t *testing.T) {
	a := newAccount()
	runARN, _ := running(a)
	res, err := a.service().Stop(t.Context(), ops.StopRequest{RunARN: runARN})
	if err != nil || len(res.Left) != 1 || len(res.Tasks) != 0 {
		t.Errorf("%+v (%v)", res, err)
	}
	if a.sent[0] != "StopRun orders |  | stopped by me@host via stepdeck" {
		t.Errorf("sent %q", a.sent)
	}
	a.sent = nil
	res, err = a.service().Stop(t.Context(), ops.StopRequest{RunARN: runARN, Cause: "wrong table", StopTasks: true})
	if err != nil || len(res.Tasks) != 1 || res.Tasks[0].Err != nil || strings.Join(a.sent, "; ") != "StopRun orders |  | wrong table; StopTask t1 | wrong table" {
		t.Errorf("%+v, sent %q (%v)", res, a.sent, err)
	}
	a.fail["History"] = errors.New("boom")
	if _, err := a.service().Stop(t.Context(), ops.StopRequest{RunARN: runARN}); err == nil || !strings.Contains(err.Error(), "is stopped, but its tasks could not be looked up") {
		t.Errorf("got %v", err)
	}
}

// failed makes a run that failed a moment ago, with its task in the given state.
func failed(a *account, taskStatus string) string {
	r := a.addRun(a.addMachine("dumps", workflow.Standard), "orders", workflow.Failed, time.Now().Add(-2*time.Hour))
	a.submit(r.ARN, "t1", r.Started)
	a.event(r.ARN, workflow.TaskFailed, "ScriptFailed", r.Started)
	a.event(r.ARN, workflow.ExecutionFailed, "ScriptFailed", r.Started)
	a.tasks[taskARN("t1")] = workflow.Task{ARN: taskARN("t1"), ClusterARN: cluster, LastStatus: taskStatus}
	return r.ARN
}

func TestRedriveNamesWhatResumes(t *testing.T) {
	a := newAccount()
	plan, _, err := a.service().Redrive(t.Context(), ops.RedriveRequest{RunARN: failed(a, "STOPPED"), ClientToken: "once"})
	if err != nil || len(plan.Resumes) != 1 || plan.Resumes[0].State.String() != "Run" {
		t.Errorf("%+v (%v)", plan, err)
	}
	if strings.Join(a.sent, ";") != "RedriveRun orders | once" {
		t.Errorf("sent %q", a.sent)
	}
}

func TestRedriveIsRefusedWithAReason(t *testing.T) {
	succeeded := newAccount()
	good := succeeded.addRun(succeeded.addMachine("dumps", workflow.Standard), "orders", workflow.Succeeded, night).ARN
	_, _, err := succeeded.service().Redrive(t.Context(), ops.RedriveRequest{RunARN: good})
	if ops.KindOf(err) != ops.Conflict || !strings.Contains(err.Error(), "it succeeded") || len(succeeded.sent) > 0 {
		t.Errorf("a good run: %v", err)
	}

	live := newAccount()
	arn := failed(live, "RUNNING")
	_, _, err = live.service().Redrive(t.Context(), ops.RedriveRequest{RunARN: arn})
	if ops.KindOf(err) != ops.Conflict || !strings.Contains(err.Error(), "t1") || len(live.sent) > 0 {
		t.Errorf("beside a live task: %v", err)
	}
	if _, _, err = live.service().Redrive(t.Context(), ops.RedriveRequest{RunARN: arn, BesideLive: true}); err != nil || len(live.sent) != 1 {
		t.Errorf("asked for by name: %v", err)
	}
}

func TestARedriveIntoAFailStateIsWarnedOf(t *testing.T) {
	a := newAccount()
	arn := failed(a, "STOPPED")
	h := a.histories[arn][:5]
	h = append(h, workflow.Event{ID: 6, Previous: 5, Type: "TaskStateExited", State: safe.Line("Run")},
		workflow.Event{ID: 7, Previous: 6, Type: workflow.FailStateEntered, State: safe.Line("Give up")},
		workflow.Event{ID: 8, Previous: 7, Type: workflow.ExecutionFailed})
	a.histories[arn] = h
	plan, err := a.service().PlanRedrive(t.Context(), arn)
	if err != nil || len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0].String(), "Fail state Give up") {
		t.Errorf("%+v (%v)", plan.Warnings, err)
	}
}

func TestOpenTokensAreJudgedByTheirTask(t *testing.T) {
	a := newAccount()
	machine := a.addMachine("dumps", workflow.Standard)
	for i := range 120 {
		name := "r" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
		r := a.addRun(machine, name, workflow.Running, night.Add(time.Duration(i)*time.Second))
		a.submit(r.ARN, name, r.Started)
	}
	a.tasks[taskARN("r005")] = workflow.Task{ARN: taskARN("r005"), LastStatus: "STOPPED"}
	delete(a.tasks, taskARN("r006"))
	list, err := a.service().OpenTokens(t.Context(), ops.TokenFilter{})
	if err != nil || len(list.Tokens) != 120 || len(list.Errs) > 0 {
		t.Fatalf("%d tokens, %v (%v)", len(list.Tokens), list.Errs, err)
	}
	for i, tok := range list.Tokens {
		want := workflow.Alive
		if i == 5 || i == 6 {
			want = workflow.Dead
		}
		if tok.Verdict != want || tok.Token.Reveal() != token {
			t.Errorf("%s: %s", tok.Run.Name, tok.Verdict)
		}
	}
	if a.count("History") != 120 || a.count("DescribeTasks") != 2 {
		t.Errorf("%d calls for histories, %d for tasks", a.count("History"), a.count("DescribeTasks"))
	}
}

func TestADeadTokenIsFailedWithTheTrueReason(t *testing.T) {
	a := newAccount()
	runARN, _ := running(a)
	code := 137
	a.tasks[taskARN("t1")] = workflow.Task{ARN: taskARN("t1"), LastStatus: "STOPPED", StopCode: "EssentialContainerExited", StoppedReason: safe.Line("Essential container in task exited"), Containers: []workflow.Container{
		{Name: safe.Line("job"), ExitCode: &code, Reason: safe.Line("OutOfMemoryError: killed")},
	}}
	res, err := a.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Fail, Why: "stuck since 2"})
	if err != nil {
		t.Fatal(err)
	}
	want := "FailToken …Z3n9== | OutOfMemory | Essential container in task exited; container job exit 137 (OutOfMemoryError: killed)\nfailed by hand by me@host via stepdeck: stuck since 2"
	if strings.Join(a.sent, ";") != want || res.Error != "OutOfMemory" {
		t.Errorf("sent %q", a.sent)
	}
}

func TestALiveTaskIsNotAnsweredFor(t *testing.T) {
	a := newAccount()
	runARN, _ := running(a)
	s := a.service()
	_, err := s.ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Succeed})
	if ops.KindOf(err) != ops.Conflict || len(a.sent) > 0 {
		t.Fatalf("sent %q (%v)", a.sent, err)
	}
	if _, err := s.ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Heartbeat}); err != nil {
		t.Errorf("heartbeat: %v", err)
	}
	res, err := s.ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Fail, Error: "Mine", Cause: "hangs", StopTask: true})
	if err != nil || res.TaskStop == nil || res.TaskStop.Err != nil {
		t.Errorf("%+v (%v)", res, err)
	}
	want := "HeartbeatToken …Z3n9==;FailToken …Z3n9== | Mine | hangs\nfailed by hand by me@host via stepdeck;StopTask t1 | stopped by me@host via stepdeck"
	if strings.Join(a.sent, ";") != want {
		t.Errorf("sent %q", a.sent)
	}
}

func TestASuccessByHandIsStamped(t *testing.T) {
	for output, want := range map[string]string{"": "succeeded by hand", `{"key":"s3://x"}`: "s3://x", `[1]`: ""} {
		a := newAccount()
		runARN, _ := running(a)
		res, err := a.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Succeed, Output: output, WhileAlive: true})
		if err != nil || !json.Valid([]byte(res.Output)) || !strings.Contains(res.Output, want) {
			t.Errorf("%s: %s (%v)", output, res.Output, err)
		}
	}
	a := newAccount()
	runARN, _ := running(a)
	_, err := a.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Succeed, Output: "{", WhileAlive: true})
	if ops.KindOf(err) != ops.Usage || len(a.sent) > 0 {
		t.Errorf("broken output: %v", err)
	}
}

func TestTheJournalIsToldWhoseTokenIsAnswered(t *testing.T) {
	a := newAccount()
	runARN, _ := running(a)
	for _, as := range []ops.Resolution{ops.Heartbeat, ops.Fail, ops.Succeed} {
		if _, err := a.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: as, WhileAlive: true}); err != nil {
			t.Errorf("%s: %v", as, err)
		}
	}
	if want := []string{runARN, runARN, runARN}; !slices.Equal(a.about, want) {
		t.Errorf("the answers are about %q, want %q", a.about, want)
	}
}

func TestTheTokenMeantMustBeClear(t *testing.T) {
	closed := newAccount()
	if _, err := closed.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: failed(closed, "STOPPED"), As: ops.Fail}); ops.KindOf(err) != ops.Conflict {
		t.Errorf("closed run: %v", err)
	}
	waiting := newAccount()
	runARN, _ := running(waiting)
	if _, err := waiting.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Fail, State: "Other"}); ops.KindOf(err) != ops.NotFound || !strings.Contains(err.Error(), "open: Run") {
		t.Errorf("other state: %v", err)
	}
	waiting.event(runARN, workflow.TaskFailed, "Spot", night)
	if _, err := waiting.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runARN, As: ops.Fail}); ops.KindOf(err) != ops.Conflict {
		t.Errorf("between attempts: %v", err)
	}
}
