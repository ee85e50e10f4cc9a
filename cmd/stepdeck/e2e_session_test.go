//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestARunIsFollowedWhileItRuns(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	following := s.begin(t, "start", shippedtest.Machine, "drill", "hang", "--name", "long", "--follow")
	// The job never ends by itself, so what is printed was printed live.
	following.until(t, "drill: hang: 2 s")

	exits0(t, s.run(t, "stop", "long", "--stop-task", "--yes"))
	o := following.wait(t)
	exitsWith(t, o, exitFailed)
	has(t, o.out, "ABORTED dumps-run/long")
	if status := s.describe(t, s.arn("long")).Status; status != types.ExecutionStatusAborted {
		t.Errorf("the run is %s", status)
	}
	shippedtest.Eventually(t, "the task of the stopped run ends", func() error {
		for _, task := range s.show(t, "long").Tasks {
			if task.Status != "STOPPED" {
				return fmt.Errorf("it is %s", task.Status)
			}
		}
		return nil
	})
}

func TestAnInterruptLeavesTheRunAlone(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	following := s.begin(t, "start", shippedtest.Machine, "drill", "hang", "--name", "detached", "--follow")
	following.until(t, "drill: hang: begins")
	following.interrupt()
	o := following.wait(t)
	exitsWith(t, o, exitInterrupted)
	has(t, o.err, "detached: the run goes on", "stepdeck --local logs -f dumps-run/detached")

	again := s.begin(t, "logs", "detached", "-f")
	again.until(t, "drill: hang: 1 s")
	again.interrupt()
	exitsWith(t, again.wait(t), exitInterrupted)
	if status := s.describe(t, s.arn("detached")).Status; status != types.ExecutionStatusRunning {
		t.Errorf("the run is %s", status)
	}
}

func TestTheReaperFailsTheTokenOfAKilledTask(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	// The first attempt must have written something: its log is told only then.
	s.faults(t, `[{"kind":"kill","times":1,"delayMillis":1500}]`)
	o := s.run(t, "start", "--follow", "--name", "killed", shippedtest.Machine, "--", "drill", "succeed", "--after", "3")
	exits0(t, o)
	has(t, o.out, "SUCCEEDED dumps-run/killed")
	has(t, o.err, "attempt 1", "attempt 2")
	if diff := cmp.Diff([]string{"TaskExited", "succeeded"}, s.attempts(t, s.arn("killed"))); diff != "" {
		t.Errorf("attempts: %s", diff)
	}
	for _, event := range s.history(t, s.arn("killed")) {
		if event.Type == types.HistoryEventTypeTaskFailed {
			has(t, *event.TaskFailedEventDetails.Cause, "Essential container in task exited", `"exitCode":137`, "EssentialContainerExited")
		}
	}
}

func TestAJobThatKillsItsSupervisorIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	exits0(t, s.run(t, "start", "--name", "dies", shippedtest.Machine, "--", "drill", "die", "--pid1"))
	shippedtest.Eventually(t, "the second attempt", func() error {
		if failed := s.attempts(t, s.arn("dies")); !slices.Equal(failed, []string{"TaskExited", "TaskExited"}) {
			return fmt.Errorf("the ends are %v", failed)
		}
		return nil
	})
}

func TestADeadTokenIsFailedByHandAndTheRunRedriven(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	s.faults(t, `[{"kind":"kill","times":1},{"kind":"no-reaper","times":1}]`)
	exits0(t, s.run(t, "start", "--name", "stuck", shippedtest.Machine, "--", "drill", "succeed", "--after", "2"))

	var dead tokenView
	shippedtest.Eventually(t, "a dead token", func() error {
		tokens := s.tokens(t)
		if len(tokens) != 1 || tokens[0].Status != workflow.Dead {
			return fmt.Errorf("the tokens are %+v", tokens)
		}
		dead = tokens[0]
		return nil
	})
	if dead.TaskStatus != "STOPPED" || dead.State.String() != "Run" {
		t.Errorf("the token is %+v", dead)
	}
	o := s.run(t, "tokens", "--dead")
	exits0(t, o)
	has(t, o.out, "dead", "dumps-run/stuck", "STOPPED")
	if status := s.describe(t, s.arn("stuck")).Status; status != types.ExecutionStatusRunning {
		t.Fatalf("with the reaper off the run is %s", status)
	}

	exits0(t, s.run(t, "token", "fail", "stuck", "--error", "GivenUp", "--reason", "nobody answers", "--yes"))
	run := s.describe(t, s.arn("stuck"))
	if run.Status != types.ExecutionStatusFailed || *run.Error != "GivenUp" || !strings.Contains(*run.Cause, "nobody answers") {
		t.Errorf("failed by hand it is %s with %v: %v", run.Status, run.Error, run.Cause)
	}

	exits0(t, s.run(t, "redrive", "stuck", "--yes"))
	shippedtest.Eventually(t, "the redriven run succeeds", func() error {
		if shown := s.show(t, "stuck"); shown.Status != workflow.Succeeded || shown.RedriveCount != 1 {
			return fmt.Errorf("it is %s, redriven %d times", shown.Status, shown.RedriveCount)
		}
		return nil
	})
	if diff := cmp.Diff([]string{"GivenUp", "succeeded"}, s.attempts(t, s.arn("stuck"))); diff != "" {
		t.Errorf("attempts: %s", diff)
	}
}

func TestATokenIsAnsweredByHandWithoutItsTask(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	exits0(t, s.run(t, "start", "--name", "held", shippedtest.Machine, "drill", "hang"))
	shippedtest.Eventually(t, "a living task", func() error {
		if tokens := s.tokens(t); len(tokens) != 1 || tokens[0].TaskStatus != "RUNNING" {
			return fmt.Errorf("the tokens are %+v", tokens)
		}
		return nil
	})
	exits0(t, s.run(t, "token", "heartbeat", "held", "--yes"))
	if o := s.run(t, "token", "succeed", "held", "--yes"); o.code != exitFailed {
		t.Errorf("a token whose task works is answered: %+v", o)
	}
	exits0(t, s.run(t, "token", "succeed", "held", "--stop-task", "--output-json", `{"by":"hand"}`, "--yes"))
	run := s.show(t, "held")
	if run.Status != workflow.Succeeded || !strings.Contains(run.Output, `"by"`) {
		t.Errorf("answered by hand it is %s with %s", run.Status, run.Output)
	}
}
