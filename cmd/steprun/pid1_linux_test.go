package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// asPID1 runs the program as the first process of a PID namespace with its own /proc, as in a
// container. That needs a privilege; without it the test is skipped, but never in CI.
func asPID1(t *testing.T, p *program) *program {
	t.Helper()
	p.attach = func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `mount -t proc proc /proc && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS}
	}
	probe := exec.Command("/bin/sh", "-c", "mount -t proc proc /proc")
	probe.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS}
	if err := probe.Run(); err != nil {
		missing(t, "a PID namespace", err)
	}
	return p
}

func missing(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s cannot be made: %v", what, err)
	}
	t.Skipf("%s cannot be made: %v", what, err)
}

func TestPID1PassesSIGTERMOn(t *testing.T) {
	states := newStepFunctions(t)
	p := asPID1(t, withToken(t, states)).script("job", `trap 'echo "stopping $PPID"; exit 9' TERM; echo ready >&2; while :; do sleep 0.05; done`).start("job")
	p.until("ready")
	signalProcess(t, p, syscall.SIGTERM)
	if code := p.wait(); code != 143 {
		t.Errorf("exit code %d", code)
	}
	if p.stdout.String() != "stopping 1\n" {
		t.Errorf("stdout %q", p.stdout.String())
	}
	if len(states.of("SendTaskFailure")) != 0 {
		t.Error("a failure was reported")
	}
}

func TestPID1CollectsOrphans(t *testing.T) {
	states := newStepFunctions(t)
	// Each inner shell leaves an orphan that ends at once; none may stay as a zombie.
	p := asPID1(t, withToken(t, states)).script("job", `
for i in {1..20}; do sh -c 'sleep 0 & exit 0'; done
for i in {1..200}; do
  zombies=$(grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l)
  [ "$zombies" = 0 ] && break
  sleep 0.05
done
echo "zombies=$zombies" > $STEPRUN_OUTPUT
exit 0`).start("job")
	p.wait()
	if sent := states.of("SendTaskSuccess"); len(sent) != 1 || sent[0].Output != `{"zombies":"0"}` {
		t.Fatalf("sent %+v", sent)
	}
}

func TestPID1EndsThoughADaemonHoldsItsOutput(t *testing.T) {
	states := newStepFunctions(t)
	p := asPID1(t, withToken(t, states)).script("job", `setsid sleep 1000 & exit 7`).start("job")
	if code := p.wait(); code != 7 {
		t.Fatalf("exit code %d", code)
	}
	causeOf(t, states, "ScriptFailed")
}

func TestJobIsOfferedToTheOOMKiller(t *testing.T) {
	p := asPID1(t, newProgram(t)).script("job", `
for i in {1..100}; do
  cmp -s /proc/self/oom_score_adj /proc/1/oom_score_adj || break
  sleep 0.02
done
cat /proc/self/oom_score_adj /proc/1/oom_score_adj`).start("job")
	p.wait()
	var job, first int
	if _, err := fmt.Sscan(p.stdout.String(), &job, &first); err != nil {
		t.Fatal(err)
	}
	if job != min(first+500, 1000) {
		t.Fatalf("oom_score_adj of the job is %d, of PID 1 %d", job, first)
	}
}

func TestOutOfMemoryIsReported(t *testing.T) {
	group := memoryCgroup(t, 96<<20)
	states := newStepFunctions(t)
	p := withToken(t, states)
	p.attach = func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `echo $$ > ` + group + `/cgroup.procs && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	}
	p.script("job", `echo "filling memory"; x=$(head -c 300000000 /dev/zero | tr '\0' x); echo "not reached"`).start("job")
	p.wait()
	cause := causeOf(t, states, "OutOfMemory")
	if tail := cause["tail"].(string); !strings.Contains(tail, "filling memory\n") {
		t.Errorf("tail %q", tail)
	}
}

// memoryCgroup makes a cgroup (v2 or v1) with a memory limit in bytes.
func memoryCgroup(t *testing.T, limit int) string {
	t.Helper()
	parent, file := "/sys/fs/cgroup", "memory.max"
	if _, err := os.Stat("/sys/fs/cgroup/memory/memory.limit_in_bytes"); err == nil {
		parent, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
	}
	group := filepath.Join(parent, "steprun-test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		missing(t, "a memory cgroup", err)
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	if err := os.WriteFile(filepath.Join(group, file), []byte(strconv.Itoa(limit)), 0o600); err != nil {
		missing(t, "a memory cgroup", err)
	}
	return group
}
