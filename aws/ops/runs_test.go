package ops_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

var night = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// nightly is an account with two Standard machines and an Express one.
func nightly() *account {
	a := newAccount()
	dumps, images := a.addMachine("dumps", workflow.Standard), a.addMachine("images", workflow.Standard)
	a.addMachine("reaper", workflow.Express)
	for i, status := range []workflow.Status{workflow.Succeeded, workflow.Failed, workflow.Aborted, workflow.Failed, workflow.Running} {
		name := string(rune('a' + i))
		a.addRun(dumps, "dump-"+name, status, night.Add(time.Duration(i)*time.Hour))
		a.addRun(images, "image-"+name, status, night.Add(time.Duration(i)*time.Hour+time.Minute))
	}
	for i, r := range a.runs {
		a.event(r.ARN, workflow.ExecutionStarted, "", r.Started)
		if r.Status.Bad() {
			a.event(r.ARN, workflow.ExecutionFailed, []string{"OutOfMemory", "ScriptFailed"}[i%2], r.Stopped)
		}
	}
	return a
}

func names(runs []workflow.Run) string {
	out := make([]string, len(runs))
	for i, r := range runs {
		out[i] = r.Name.String()
	}
	return strings.Join(out, " ")
}

func TestListRuns(t *testing.T) {
	for name, c := range map[string]struct {
		filter ops.RunFilter
		want   string
		more   bool
	}{
		"of all machines, newest first": {ops.RunFilter{}, "image-e dump-e image-d dump-d image-c dump-c image-b dump-b image-a dump-a", false},
		"of one machine":                {ops.RunFilter{MachineARN: prefix + "dumps"}, "dump-e dump-d dump-c dump-b dump-a", false},
		"by status":                     {ops.RunFilter{Status: workflow.Failed}, "image-d dump-d image-b dump-b", false},
		"since":                         {ops.RunFilter{Since: night.Add(3 * time.Hour)}, "image-e dump-e image-d dump-d", false},
		"no more than asked for":        {ops.RunFilter{Limit: 3}, "image-e dump-e image-d", true},
		"by cause, in any case":         {ops.RunFilter{Cause: "outofmemory"}, "dump-d dump-c dump-b", false},
	} {
		for _, pageSize := range []int{0, 2} {
			a := nightly()
			a.pageSize = pageSize
			list, err := a.service().ListRuns(t.Context(), c.filter)
			if err != nil || names(list.Runs) != c.want || list.More != c.more {
				t.Errorf("%s, pages of %d: %s, more %v (%v)\nwant %s", name, pageSize, names(list.Runs), list.More, err, c.want)
			}
		}
	}
}

func TestAFailureIsReadOnceUntilTheRunIsRedriven(t *testing.T) {
	a := nightly()
	s := a.service()
	run := a.runs[2]
	for range 3 {
		f, err := s.Failure(t.Context(), run)
		if err != nil || f.Error.String() != "OutOfMemory" {
			t.Fatalf("%+v (%v)", f, err)
		}
	}
	run.RedriveCount++
	if _, err := s.Failure(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if n := a.count("History"); n != 2 {
		t.Errorf("history read %d times, want once for each redrive count", n)
	}
	if _, err := s.Failure(t.Context(), a.runs[0]); ops.KindOf(err) != ops.Conflict {
		t.Errorf("failure of a good run: %v", err)
	}
}

func TestFindMachine(t *testing.T) {
	s := nightly().service()
	for query, want := range map[string]string{"dumps": "dumps", "DUMPS": "dumps", prefix + "images": "images"} {
		if m, err := s.FindMachine(t.Context(), query); err != nil || m.Name.String() != want {
			t.Errorf("%s: %s (%v)", query, m.Name, err)
		}
	}
	for query, hint := range map[string]string{"dmups": "did you mean dumps?", "image": "did you mean images?", "zzzzzzzz": "stepdeck machines"} {
		_, err := s.FindMachine(t.Context(), query)
		if ops.KindOf(err) != ops.NotFound || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v, want %s", query, err, hint)
		}
	}
}

func TestFindRun(t *testing.T) {
	for name, c := range map[string]struct{ selector, machine, want string }{
		"by name, wherever it is": {"image-b", "", "image-b"},
		"by name in a machine":    {"dump-b", "dumps", "dump-b"},
		"by ARN":                  {workflow.RunARNOf(prefix+"dumps", "dump-c"), "", "dump-c"},
		"the latest":              {"@latest", "", "image-e"},
		"the latest of a machine": {"@latest", "dumps", "dump-e"},
		"the last failed":         {"@failed", "dumps", "dump-d"},
	} {
		r, err := nightly().service().FindRun(t.Context(), c.selector, c.machine)
		if err != nil || r.Name.String() != c.want {
			t.Errorf("%s: %s (%v)", name, r.Name, err)
		}
	}
	twin := nightly()
	twin.addRun(prefix+"images", "dump-a", workflow.Succeeded, night)
	for selector, c := range map[string]struct {
		account *account
		kind    ops.Kind
	}{
		"nobody": {nightly(), ops.NotFound}, "@first": {nightly(), ops.Usage}, "@latest": {newAccount(), ops.NotFound}, "dump-a": {twin, ops.Usage},
	} {
		if r, err := c.account.service().FindRun(t.Context(), selector, ""); ops.KindOf(err) != c.kind {
			t.Errorf("%s: %s (%v)", selector, r.Name, err)
		}
	}
}

func TestShowRunTellsWhatItCouldNotRead(t *testing.T) {
	a := newAccount()
	r := a.addRun(a.addMachine("dumps", workflow.Standard), "orders", workflow.Failed, night)
	a.submit(r.ARN, "t1", night)
	a.event(r.ARN, workflow.TaskFailed, "ScriptFailed", night)
	a.event(r.ARN, workflow.ExecutionFailed, "ScriptFailed", night)

	v, err := a.service().ShowRun(t.Context(), r.ARN)
	if err != nil || v.Failure == nil || v.Failure.State.String() != "Run" || v.Definition == nil || len(v.Partial) > 0 {
		t.Fatalf("%+v (%v)", v, err)
	}
	if task := v.Task(v.Steps[0].LastAttempt()); task == nil || task.LastStatus != "RUNNING" {
		t.Errorf("task %+v", task)
	}
	denied := &ops.Problem{Kind: ops.Denied, Title: safe.Line("denied")}
	a.fail["DescribeTasks"], a.fail["MachineForRun"] = denied, denied
	v, err = a.service().ShowRun(t.Context(), r.ARN)
	if err != nil || v.Failure == nil || len(v.Partial) != 2 {
		t.Errorf("%d parts missing, want 2 (%v)", len(v.Partial), err)
	}
	a.fail["DescribeRun"] = denied
	if _, err := a.service().ShowRun(t.Context(), r.ARN); ops.KindOf(err) != ops.Denied {
		t.Errorf("got %v", err)
	}
}

func TestHistoryIsReadFromBothEnds(t *testing.T) {
	a := newAccount()
	r := a.addRun(a.addMachine("dumps", workflow.Standard), "long", workflow.Running, night)
	for range 25 {
		a.event(r.ARN, "Some", "", night)
	}
	a.pageSize = 2
	missing := -1
	h, err := a.service().LoadHistory(t.Context(), r.ARN, func(_, m int) { missing = m })
	if err != nil || len(h.Events()) != 25 || missing != 0 {
		t.Errorf("%d events, %d missing (%v)", len(h.Events()), missing, err)
	}
	if n := a.count("History"); n > 16 {
		t.Errorf("%d calls for 13 pages", n)
	}
	a.fail["History"] = errors.New("boom")
	if h, err := a.service().LoadHistory(t.Context(), r.ARN, nil); err == nil || h == nil {
		t.Error("a failure must come with what was read")
	}
}

func TestWaitRidesOutThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		runARN, _ := running(a)
		setFailure := func(err error) { a.mu.Lock(); defer a.mu.Unlock(); a.fail["DescribeRun"] = err }
		go func() {
			time.Sleep(10 * time.Second)
			setFailure(&ops.Problem{Kind: ops.Throttled, Title: safe.Line("Rate exceeded")})
			time.Sleep(5 * time.Minute)
			setFailure(nil)
			a.stop("t1")
		}()
		r, err := a.service().WaitRun(t.Context(), runARN)
		if err != nil || r.Status != workflow.Succeeded {
			t.Errorf("%s (%v)", r.Status, err)
		}
		if n := a.count("DescribeRun"); n > 30 {
			t.Errorf("%d calls, most of them while throttled", n)
		}
		setFailure(&ops.Problem{Kind: ops.Expired, Title: safe.Line("expired")})
		if _, err := a.service().WaitRun(t.Context(), runARN); ops.KindOf(err) != ops.Expired {
			t.Errorf("an expired session: %v", err)
		}
	})
}

func TestFollowReportsChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		runARN, _ := running(a)
		go func() {
			time.Sleep(30 * time.Second)
			a.mu.Lock()
			a.event(runARN, workflow.TaskSucceeded, "", time.Now())
			a.mu.Unlock()
			time.Sleep(30 * time.Second)
			a.stop("t1")
		}()
		var updates []ops.RunUpdate
		for u := range a.service().FollowRun(t.Context(), runARN) {
			updates = append(updates, u)
		}
		if len(updates) != 3 {
			t.Fatalf("%d updates, want first sight, success, end", len(updates))
		}
		if got := updates[1].Steps[0].LastAttempt().Outcome; got != workflow.DidSucceed {
			t.Errorf("second update: attempt %s", got)
		}
		if last := updates[2]; last.Run.Status != workflow.Succeeded || last.Err != nil {
			t.Errorf("last update: %+v", last)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for u := range a.service().FollowRun(ctx, runARN) {
			if u.Err != nil {
				t.Errorf("leaving is no failure: %v", u.Err)
			}
		}
	})
}
