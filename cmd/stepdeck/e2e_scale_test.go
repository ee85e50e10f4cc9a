//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// manyRuns are more than are under way at the same time when the process is killed.
const manyRuns = 110

// TestAKilledBulkRedriveIsResumedAndRedrivesEachRunOnce kills the process in the middle, which
// cannot tidy up then, and goes on in another.
func TestAKilledBulkRedriveIsResumedAndRedrivesEachRunOnce(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	runs := s.failedRuns(t, "broken", manyRuns)
	s.faults(t, `[{"kind":"latency","service":"states","operation":"RedriveExecution","delayMillis":300},
		{"kind":"throttle","service":"states","operation":"RedriveExecution","probability":0.2}]`)
	state := t.TempDir()
	if err := (&app{state: filepath.Join(state, "stepdeck")}).writeAddress(s.server); err != nil {
		t.Fatal(err)
	}
	first := launch(t, state, "--local", "redrive", "--machine", "broken", "--yes", "-o", "json")
	shippedtest.Eventually(t, "some are redriven", func() error {
		if n := s.redriven(t, runs[manyRuns-20:]) + s.redriven(t, runs[:20]); n == 0 {
			return fmt.Errorf("none is: %s", first.err.String())
		}
		return nil
	})
	if err := first.process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	first.wait(t)
	if n := s.redriven(t, runs); n == manyRuns {
		t.Fatal("all are redriven: nothing is left to resume")
	}

	o := launch(t, state, "--local", "redrive", "--resume", "--yes", "-o", "json").wait(t)
	exits0(t, o)
	for name, result := range results(t, o) {
		if result != "done" {
			t.Errorf("%s: %s", name, result)
		}
	}
	if strings.Contains(o.err, "throttl") {
		t.Errorf("the throttles are told: %s", o.err)
	}
	for _, run := range runs {
		if n := *s.describe(t, run).RedriveCount; n != 1 {
			t.Errorf("%s was redriven %d times", run, n)
		}
	}
}
