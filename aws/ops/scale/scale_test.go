package scale_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Sizes of the account.
const (
	allRuns  = 2000
	redriven = 200
	scripts  = 20 // runs whose job fails
	pulls    = 10 // runs whose image cannot be pulled
	dead     = 12
	alive    = 4
	orphans  = 3
)

// Machines of the account. Runs of the plain one have no task, the others one
// each; that of a deaf one does not notice that nobody waits for it any more.
const (
	plain = "plain"
	jobs  = "jobs"
	stuck = "stuck"
	deaf  = "deaf"
)

// ended is a machine whose runs end as their input says.
var ended = object{"QueryLanguage": "JSONata", "StartAt": "How", "States": object{
	"How":   object{"Type": "Choice", "Default": "Well", "Choices": []object{{"Condition": "{% $exists($states.input.error) %}", "Next": "Dump"}}},
	"Dump":  object{"Type": "Fail", "Error": "{% $states.input.error %}", "Cause": "{% $states.input.cause %}"},
	"Well":  object{"Type": "Pass", "Next": "Ready"},
	"Ready": object{"Type": "Succeed"},
}}

// taskOf is a machine that runs its input's args as a task and tries once. The
// task finds its token in a variable.
func taskOf(variable string) object {
	return object{"QueryLanguage": "JSONata", "StartAt": "Job", "States": object{"Job": object{
		"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken", "End": true,
		"Arguments": object{
			"Cluster": shippedtest.Cluster, "TaskDefinition": shippedtest.Family, "LaunchType": "FARGATE",
			"NetworkConfiguration": object{"AwsvpcConfiguration": object{"Subnets": []string{"subnet-00000000000000001"}}},
			"Overrides": object{"ContainerOverrides": []object{{
				"Name": shippedtest.Container, "Command": "{% $states.input.args %}",
				"Environment": []object{{"Name": variable, "Value": "{% $states.context.Task.Token %}"}},
			}}},
		},
	}}}
}

// causes are how the runs of the plain machine fail, each worded a little differently every time.
var causes = []struct {
	error string
	cause func(i int) string
	kind  triage.Kind
	runs  int
}{
	{"OutOfMemory", func(i int) string {
		return fmt.Sprintf(`{"stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited","taskArn":"arn:aws:ecs:us-east-1:123456789012:task/dumps/%032x","containers":[{"name":"job","exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"}]}`, i)
	}, triage.OutOfMemory, 120},
	{"SpotInterrupted", func(i int) string {
		return fmt.Sprintf(`{"stopCode":"SpotInterruption","stoppedReason":"Your Spot Task was interrupted.","taskArn":"arn:aws:ecs:us-east-1:123456789012:task/dumps/%032x","containers":[{"name":"job","exitCode":143}]}`, i)
	}, triage.SpotInterrupted, 80},
	{"ScriptFailed", func(i int) string {
		return fmt.Sprintf(`{"reason":"the job ended with exit code 1","exitCode":1,"tail":"10.0.%d.%d: FATAL: password authentication failed for user \"dump\""}`, i/250, i%250)
	}, triage.DatabaseAuth, 50},
	{"ScriptFailed", func(i int) string {
		return fmt.Sprintf("dump %d: write /tmp/%08x/orders.sql: No space left on device", i, i)
	}, triage.DiskFull, 20},
}

// fill makes the account through its API, and lets the runs end.
func (w *world) fill(t *testing.T) {
	t.Helper()
	w.machine(t, plain, ended)
	w.machine(t, jobs, taskOf("TASK_TOKEN"))
	w.machine(t, stuck, taskOf("TASK_TOKEN"))
	w.machine(t, deaf, taskOf("TOKEN_UNSEEN"))
	rest := allRuns - scripts - pulls - dead - alive - orphans
	for i, c := range causes {
		atOnce(c.runs, func(k int) {
			w.start(t, plain, fmt.Sprintf("bad-%d-%d", i, k), object{"error": c.error, "cause": c.cause(k)})
		})
		rest -= c.runs
	}
	atOnce(scripts, func(k int) {
		w.start(t, jobs, fmt.Sprintf("script-%d", k), object{"args": []string{"drill", "fail", "3"}})
	})
	w.settle(t, jobs)
	w.fault(faults.Rule{Kind: faults.PullFailure, Family: shippedtest.Family})
	atOnce(pulls, func(k int) { w.start(t, jobs, fmt.Sprintf("pull-%d", k), object{"args": []string{"drill", "succeed"}}) })
	w.settle(t, jobs)

	w.fault(faults.Rule{Kind: faults.Kill, Family: shippedtest.Family}, faults.Rule{Kind: faults.NoReaper, Family: shippedtest.Family})
	before := w.stopped(t)
	atOnce(dead, func(k int) { w.start(t, stuck, fmt.Sprintf("dead-%d", k), object{"args": []string{"drill", "hang"}}) })
	shippedtest.Eventually(t, "tasks die", func() error {
		if died := w.stopped(t) - before; died < dead {
			return fmt.Errorf("%d have", died)
		}
		return nil
	})
	w.fault()
	for k := range alive {
		w.submitted(t, w.start(t, stuck, fmt.Sprintf("alive-%d", k), object{"args": []string{"drill", "hang"}}))
	}
	for k := range orphans {
		arn := w.start(t, deaf, fmt.Sprintf("orphan-%d", k), object{"args": []string{"drill", "hang"}})
		w.submitted(t, arn)
		call[struct{}](t, w, "states", "StopExecution", object{"executionArn": arn})
	}
	atOnce(rest, func(k int) { w.start(t, plain, fmt.Sprintf("good-%d", k), object{}) })
	w.settle(t, plain)
}

// inBubble lets time pass at once, as far as nothing else is done; so the pace
// that the session keeps costs none.
func inBubble(t *testing.T, use func(t *testing.T)) {
	t.Helper()
	now := time.Now()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now)) // a bubble begins in the year 2000
		use(t)
	})
}

// TestAnAccountWithManyFailures is one account that the cases look at in turn.
func TestAnAccountWithManyFailures(t *testing.T) {
	w := newWorld(t)
	began := time.Now()
	w.fill(t)
	t.Logf("%d runs made in %s", allRuns, time.Since(began).Round(time.Millisecond))
	t.Run("failures are grouped with as few calls as pages and runs", func(t *testing.T) { inBubble(t, w.groups) })
	t.Run("dead tokens are found in one look", func(t *testing.T) { inBubble(t, w.tokens) })
	t.Run("orphans are found in one look", func(t *testing.T) { inBubble(t, w.orphans) })
	t.Run("a bulk redrive takes as long as its rate, through throttles", func(t *testing.T) { inBubble(t, w.redrive) })
}

type counted struct {
	Kind  triage.Kind
	State string
	Count int
}

func (w *world) groups(t *testing.T) {
	w.counter.reset()
	got, err := w.service(t).GroupFailures(t.Context(), ops.Window{Since: time.Now().Add(-time.Hour)}, 12, nil)
	if err != nil || got.Err != nil || len(got.Unread) > 0 {
		t.Fatalf("%v, %v, unread %v", err, got.Err, got.Unread)
	}
	want := []counted{
		{triage.ScriptFailed, "Job", scripts},
		{triage.ImagePull, "Job", pulls},
	}
	for _, c := range causes {
		want = append(want, counted{c.kind, "Dump", c.runs})
	}
	var found []counted
	failed := 0
	for _, g := range got.Groups {
		found = append(found, counted{g.Kind, g.Signature.State.String(), g.Count})
		failed += g.Count
		if strip := sum(g.Strip); strip != g.Count || len(g.Runs) != g.Count || g.Sentence.Empty() {
			t.Errorf("%s: %d runs, %d in the strip, %d named: %s", g.ID, g.Count, strip, len(g.Runs), g.Sentence)
		}
	}
	byKind := func(a, b counted) int { return strings.Compare(string(a.Kind), string(b.Kind)) }
	slices.SortFunc(want, byKind)
	slices.SortFunc(found, byKind)
	if d := cmp.Diff(want, found); d != "" {
		t.Error(d)
	}
	// Machines are the shipped one and the four of the test; each of two statuses has a page.
	machines, pages, histories, tasks := w.counter.count("ListStateMachines"), w.counter.count("ListExecutions"), w.counter.count("GetExecutionHistory"), w.counter.count("DescribeTasks")
	t.Logf("%d failures in %d groups: %d machine pages, %d run pages, %d histories, %d hundreds of tasks", failed, len(found), machines, pages, histories, tasks)
	if machines != 1 || pages > 2*5 || histories != failed || tasks > 2+failed/100 {
		t.Errorf("too many calls")
	}
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

func (w *world) tokens(t *testing.T) {
	got, err := w.service(t).OpenTokens(t.Context(), ops.TokenFilter{})
	if err != nil || len(got.Errs) > 0 {
		t.Fatalf("%v %v", err, got.Errs)
	}
	found := 0
	for _, token := range got.Tokens {
		is := token.Verdict == workflow.Dead
		if is != strings.HasPrefix(token.Run.Name.String(), "dead-") || token.Token.Empty() {
			t.Errorf("the token of %s is %s", token.Run.Name, token.Verdict)
		}
		if is {
			found++
		}
	}
	if found != dead || len(got.Tokens) != dead+alive {
		t.Errorf("%d dead tokens of %d, want %d of %d", found, len(got.Tokens), dead, dead+alive)
	}
}

func (w *world) orphans(t *testing.T) {
	got, err := w.service(t).Orphans(t.Context(), ops.OrphanFilter{Limit: 10_000})
	if err != nil || len(got.Errs) > 0 {
		t.Fatalf("%v %v", err, got.Errs)
	}
	for _, o := range got.Orphans {
		if !strings.HasPrefix(o.Run.Name.String(), "orphan-") {
			t.Errorf("task %s of %s is no orphan", o.Task.ARN, o.Run.Name)
		}
	}
	if len(got.Orphans) != orphans {
		t.Errorf("%d orphans, want %d", len(got.Orphans), orphans)
	}
}

// redrive redrives many runs while AWS throttles at random. They fail again at once.
func (w *world) redrive(t *testing.T) {
	w.fault(faults.Rule{Kind: faults.Throttle, Service: "states", Operation: "RedriveExecution", Probability: 0.3})
	defer w.fault()
	s := w.service(t)
	window, err := s.FailuresIn(t.Context(), ops.Window{MachineARN: w.MachineARN(plain), Limit: redriven})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkRedrive}, window.Runs)
	if err != nil || len(plan.Items) != redriven {
		t.Fatalf("%d of %d are planned: %v, %v", len(plan.Items), redriven, plan.Excluded, err)
	}
	w.counter.reset()
	rate := ops.Rate{Burst: 10, PerSecond: 5}
	b, err := s.BeginBulk(t.TempDir(), plan, rate)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := b.Run(t.Context()); err != nil {
		t.Error(err)
	}
	took, allowed := time.Since(began), rate.Time(redriven)
	t.Logf("%d redrives in %s where the bucket allows %s, with %d calls", redriven, took, allowed, w.counter.count("RedriveExecution"))
	if took > allowed*11/10 {
		t.Errorf("it took too long")
	}
	if w.counter.count("RedriveExecution") <= redriven {
		t.Error("nothing was throttled")
	}
	for i, item := range b.Items() {
		if o := b.Outcomes()[i]; o.State != ops.BulkDone {
			t.Errorf("%s: %+v", item.RunARN, o)
		}
		if told := w.describe(t, item.RunARN); told.RedriveCount != 1 {
			t.Errorf("%s was redriven %d times", item.RunARN, told.RedriveCount)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
