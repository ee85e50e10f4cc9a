//go:build linux

package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// runsAtOnce is more than the cores have to spare.
const runsAtOnce = 50

// TestManyRunsAtOnceEndRightAndLeaveNothing counts what the whole process holds, so it runs alone.
func TestManyRunsAtOnceEndRightAndLeaveNothing(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	dir := t.TempDir()
	w := open(t, dir)
	var runs []string
	for range runsAtOnce {
		runs = append(runs, w.start(t, "drill", "succeed", "--after", "5"))
	}
	for _, run := range runs {
		if told := w.end(t, run); told.Status != types.ExecutionStatusSucceeded || !strings.Contains(*told.Output, `"seconds"`) {
			t.Errorf("%s is %s", run, told.Status)
		}
		events := w.history(t, run)
		answers := count(events, types.HistoryEventTypeTaskSucceeded) + count(events, types.HistoryEventTypeTaskFailed) +
			count(events, types.HistoryEventTypeTaskTimedOut)
		if tasks := count(events, types.HistoryEventTypeTaskSubmitted); answers != 1 || tasks != 1 {
			t.Errorf("%s has %d tasks and %d answers", run, tasks, answers)
		}
	}
	// One more is still at work when the server closes.
	last := w.start(t, "drill", "deaf")
	shippedtest.Eventually(t, "the processes of the last task", func() error {
		if found := below(dir); len(found) < 3 {
			return fmt.Errorf("%s has %v", last, found)
		}
		return nil
	})
	w.close(t)

	if found := below(dir); len(found) > 0 {
		t.Errorf("processes are left: %v", found)
	}
	shippedtest.Eventually(t, "no goroutine and no file is left", func() error {
		if now := runtime.NumGoroutine(); now > goroutines {
			var stacks strings.Builder
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1) // a builder takes everything
			return fmt.Errorf("%d goroutines, before %d: %s", now, goroutines, &stacks)
		}
		if now := openFiles(t); len(now) > len(files) {
			return fmt.Errorf("open files %v, before %v", now, files)
		}
		return nil
	})
}

// openFiles are the files, sockets and pipes of this process.
func openFiles(t *testing.T) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			open = append(open, target)
		}
	}
	return open
}

// below lists the processes that work in a folder.
func below(folder string) []string {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd") // the pattern is a good one
	var found []string
	for _, link := range links {
		if dir, err := os.Readlink(link); err == nil && strings.HasPrefix(dir, folder) {
			found = append(found, filepath.Dir(link))
		}
	}
	return found
}
