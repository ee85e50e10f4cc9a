//go:build unix

package main

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// failedRuns starts n runs that fail at once, also after each redrive.
func (s *station) failedRuns(t *testing.T, machine string, n int) []string {
	t.Helper()
	created, err := s.states.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &machine, RoleArn: aws.String("arn:aws:iam::123456789012:role/any"),
		Definition: aws.String(`{"StartAt":"Break","States":{"Break":{"Type":"Fail","Error":"Broken","Cause":"it never works"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for i := range n {
		started, err := s.states.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: created.StateMachineArn, Name: aws.String(fmt.Sprintf("run-%d", i))})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, *started.ExecutionArn)
	}
	for _, run := range runs {
		shippedtest.Eventually(t, "the run fails", func() error {
			if status := s.describe(t, run).Status; status != types.ExecutionStatusFailed {
				return fmt.Errorf("it is %s", status)
			}
			return nil
		})
	}
	return runs
}

func TestAnInterruptedBulkRedriveIsResumedAndRedrivesEachRunOnce(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	runs := s.failedRuns(t, "broken", 40)
	// Slow calls, so that the interrupt comes while some are under way and others wait.
	s.faults(t, `[{"kind":"latency","service":"states","operation":"RedriveExecution","delayMillis":2000}]`)
	first := s.begin(t, "redrive", "--machine", "broken", "--status", "failed", "--cause", "never works", "--yes", "-o", "json")
	shippedtest.Eventually(t, "some are redriven", func() error {
		if n := s.redriven(t, runs); n == 0 {
			return fmt.Errorf("none is")
		}
		return nil
	})
	first.interrupt()
	o := first.wait(t)
	exitsWith(t, o, exitInterrupted)
	if n := s.redriven(t, runs); n == len(runs) {
		t.Fatal("all are redriven: nothing is left to resume")
	}

	s.faults(t, `[{"kind":"throttle","service":"states","operation":"RedriveExecution","every":3}]`)
	o = s.run(t, "redrive", "--resume", "--yes", "-o", "json")
	exits0(t, o)
	done := 0
	for _, result := range results(t, o) {
		if result == "done" {
			done++
		}
	}
	if done != len(runs) {
		t.Errorf("%d of %d are told to be redriven: %s", done, len(runs), o.out)
	}
	for _, run := range runs {
		if n := *s.describe(t, run).RedriveCount; n != 1 {
			t.Errorf("%s was redriven %d times", run, n)
		}
	}
}

// redriven counts the runs that were redriven at all.
func (s *station) redriven(t *testing.T, runs []string) int {
	t.Helper()
	n := 0
	for _, run := range runs {
		if *s.describe(t, run).RedriveCount > 0 {
			n++
		}
	}
	return n
}
