package ops_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// running makes a run whose task t1 works, with a log stream.
func running(a *account) (runARN string, log *logStream) {
	r := a.addRun(a.addMachine("dumps", workflow.Standard), "orders", workflow.Running, time.Now())
	a.submit(r.ARN, "t1", time.Now())
	return r.ARN, a.addStream("t1")
}

// stop ends the run and its task.
func (a *account) stop(task string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tasks[taskARN(task)] = workflow.Task{ARN: taskARN(task), ClusterARN: cluster, LastStatus: "STOPPED"}
	for i := range a.runs {
		a.runs[i].Status, a.runs[i].Stopped = workflow.Succeeded, time.Now()
	}
}

// collect reads a tail to its end: the lines, the notices, the failure.
func collect(items <-chan ops.TailItem) (lines, notices []string, err error) {
	for item := range items {
		switch {
		case item.Err != nil:
			err = item.Err
		case !item.Notice.Empty():
			notices = append(notices, item.Notice.String())
		default:
			lines = append(lines, item.Line.Text.String())
		}
	}
	return lines, notices, err
}

// No line is lost, doubled or out of order, whatever the live tail does, as
// long as it says when it leaves lines out.
func TestTailBringsEachLineOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			wait  time.Duration
			lines int
			how   delivery
			cut   bool
		}
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{
				time.Duration(rapid.IntRange(1, 6000).Draw(rt, "wait")) * time.Millisecond, rapid.IntRange(0, 8).Draw(rt, "lines"),
				delivery(rapid.IntRange(0, 1).Draw(rt, "how")), rapid.IntRange(0, 9).Draw(rt, "cut") == 0,
			}
		}), 1, 25).Draw(rt, "steps")
		before := rapid.IntRange(0, 10).Draw(rt, "before")
		delay := time.Duration(rapid.IntRange(0, 4000).Draw(rt, "delay")) * time.Millisecond
		var liveErr error
		if rapid.IntRange(0, 5).Draw(rt, "refused") == 0 {
			liveErr = errors.New("AccessDenied")
		}
		var want, got []string
		var err error
		synctest.Test(t, func(t *testing.T) {
			a := newAccount()
			runARN, log := running(a)
			log.delay, a.liveErr = delay, liveErr
			write := func(how delivery, n int) {
				var texts []string
				for range n {
					// Few different texts, so that equal lines meet at the seam.
					texts = append(texts, fmt.Sprint("line ", len(want)%2))
					want = append(want, texts[len(texts)-1]+" of "+fmt.Sprint(len(want)/5))
					texts[len(texts)-1] = want[len(want)-1]
				}
				log.write(how, texts...)
			}
			write(whole, before)
			go func() {
				for _, s := range steps {
					time.Sleep(s.wait)
					write(s.how, s.lines)
					if s.cut {
						log.end(errors.New("SessionTimeoutException"))
					}
				}
				a.stop("t1")
			}()
			got, _, err = collect(a.service().Tail(t.Context(), ops.TailRequest{RunARN: runARN, Container: "job", Follow: true}))
		})
		if err != nil {
			rt.Fatal(err)
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("%d lines, want %d\ngot  %q\nwant %q", len(got), len(want), got, want)
		}
	})
}

// A slow reader makes CloudWatch drop updates without a word; the pages bring
// their lines later, while the run still works.
func TestLinesThatTheLiveTailDropsComeFromThePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		runARN, log := running(a)
		go func() {
			for i := range 10 {
				time.Sleep(3 * time.Second)
				log.write(delivery(i%2)*dropped, fmt.Sprint("line ", i))
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		lines, _, err := collect(a.service().Tail(ctx, ops.TailRequest{RunARN: runARN, Container: "job", Follow: true}))
		slices.Sort(lines)
		if err != nil || len(lines) != 10 || len(slices.Compact(lines)) != 10 {
			t.Errorf("lines %q (%v)", lines, err)
		}
	})
}

func TestTailReadsOnAfterTheTaskHasStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		runARN, log := running(a)
		go func() {
			time.Sleep(5 * time.Second)
			a.stop("t1")
			time.Sleep(6 * time.Second)
			log.write(dropped, "the last words")
		}()
		lines, _, err := collect(a.service().Tail(t.Context(), ops.TailRequest{RunARN: runARN, Container: "job", Follow: true}))
		if err != nil || !slices.Equal(lines, []string{"the last words"}) {
			t.Errorf("lines %q (%v)", lines, err)
		}
	})
}

func TestTailWaitsForTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		r := a.addRun(a.addMachine("dumps", workflow.Standard), "orders", workflow.Running, time.Now())
		a.submit(r.ARN, "t1", time.Now())
		arn := r.ARN
		go func() {
			time.Sleep(50 * time.Second)
			a.addStream("t1").write(whole, "hello")
			time.Sleep(20 * time.Second)
			a.stop("t1")
		}()
		lines, notices, err := collect(a.service().Tail(t.Context(), ops.TailRequest{RunARN: arn, Container: "job", Follow: true}))
		if err != nil || !slices.Equal(lines, []string{"hello"}) || len(notices) != 0 {
			t.Errorf("lines %q, notices %q (%v)", lines, notices, err)
		}
	})
}

func TestNoStreamOfAStoppedTaskIsAFinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		r := a.addRun(a.addMachine("dumps", workflow.Standard), "orders", workflow.Failed, time.Now().Add(-2*time.Hour))
		a.submit(r.ARN, "t1", r.Started)
		_, notices, err := collect(a.service().Tail(t.Context(), ops.TailRequest{RunARN: r.ARN, Container: "job", Follow: true}))
		if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "never started") {
			t.Errorf("notices %q (%v)", notices, err)
		}
	})
}

func TestTailOfAttemptsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		r := a.addRun(a.addMachine("dumps", workflow.Standard), "orders", workflow.Failed, time.Now().Add(-2*time.Hour))
		a.submit(r.ARN, "t1", r.Started)
		a.event(r.ARN, workflow.TaskFailed, "Spot", r.Started)
		a.submit(r.ARN, "t2", r.Started.Add(time.Minute))
		for _, task := range []string{"t2", "t1"} {
			a.addStream(task).write(whole, "ERROR in "+task, "fine in "+task)
		}
		for name, c := range map[string]struct {
			req  ops.TailRequest
			want []string
		}{
			"all":         {ops.TailRequest{}, []string{"ERROR in t1", "fine in t1", "ERROR in t2", "fine in t2"}},
			"one attempt": {ops.TailRequest{Attempt: 2}, []string{"ERROR in t2", "fine in t2"}},
			"matching":    {ops.TailRequest{Grep: "error"}, []string{"ERROR in t1", "ERROR in t2"}},
			"since later": {ops.TailRequest{Since: time.Now().Add(time.Second)}, nil},
		} {
			c.req.RunARN, c.req.Container = r.ARN, "job"
			lines, notices, err := collect(a.service().Tail(t.Context(), c.req))
			if err != nil || !slices.Equal(lines, c.want) || len(notices) > 0 {
				t.Errorf("%s: %q %q (%v)", name, lines, notices, err)
			}
		}
		if a.count("LiveTail") != 0 {
			t.Error("a live tail was opened for a log that is whole")
		}
	})
}

func TestTailSaysWhatItCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		machine := a.addMachine("dumps", workflow.Standard)
		old := time.Now().Add(-2 * time.Hour)
		refused := a.addRun(machine, "refused", workflow.Failed, old).ARN
		a.event(refused, workflow.ExecutionStarted, "", old)
		run := a.addRun(machine, "orders", workflow.Failed, old).ARN
		a.submit(run, "t1", old)
		a.addStream("t1")
		s := a.service()

		_, notices, _ := collect(s.Tail(t.Context(), ops.TailRequest{RunARN: refused}))
		if len(notices) != 1 || !strings.Contains(notices[0], "started no task") {
			t.Errorf("no task: %q", notices)
		}
		_, notices, _ = collect(s.Tail(t.Context(), ops.TailRequest{RunARN: run}))
		if len(notices) != 1 || !strings.Contains(notices[0], "proxy logs to awsfirelens") {
			t.Errorf("other driver: %q", notices)
		}
		_, _, err := collect(s.Tail(t.Context(), ops.TailRequest{RunARN: run, Container: "jbo"}))
		if ops.KindOf(err) != ops.Usage || !strings.Contains(err.Error(), "it has: job, proxy") {
			t.Errorf("unknown container: %v", err)
		}
		a.fail["LogPage"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed")}
		_, _, err = collect(s.Tail(t.Context(), ops.TailRequest{RunARN: run, Container: "job"}))
		if ops.KindOf(err) != ops.Denied {
			t.Errorf("denied: %v", err)
		}
	})
}

func TestLeavingATailEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		runARN, log := running(a)
		log.write(whole, "one", "two", "three", "four")
		ctx, cancel := context.WithCancel(t.Context())
		items := a.service().Tail(ctx, ops.TailRequest{RunARN: runARN, Container: "job", Follow: true})
		<-items
		cancel()
		// Nobody reads any more; the bubble ends only if every goroutine does.
		synctest.Wait()
		if _, _, err := collect(items); err != nil {
			t.Errorf("leaving is no failure: %v", err)
		}
	})
}
