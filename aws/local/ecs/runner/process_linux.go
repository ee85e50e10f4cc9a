package runner

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// sweepLimit bounds the wait for killed processes to be gone; only one stuck
// in the kernel takes longer.
const sweepLimit = 2 * time.Second

// start starts the command in its own session; it dies with this process.
func start(cmd *exec.Cmd, group *memoryGroup) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	return group.start(cmd)
}

// await returns when the process and all that it started are gone. The process
// is reaped last, so that its pid stays its own while the rest is killed.
func (p *process) await(cmd *exec.Cmd) error {
	for {
		err := unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	p.end()
	sweep(p.pid, p.group)
	return cmd.Wait()
}

// sweep kills what is left in a session and in a group.
func sweep(session int, group *memoryGroup) {
	for deadline := time.Now().Add(sweepLimit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		left := append(members(session), group.members()...)
		alive := 0
		for _, pid := range left {
			if pid != session && syscall.Kill(pid, syscall.SIGKILL) == nil {
				alive++
			}
		}
		if alive == 0 {
			return
		}
	}
}

// members are the live processes of a session.
func members(session int) []int {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = proc.Close() }()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil
	}
	var found []int
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if in, alive := sessionOf(pid); alive && in == session {
			found = append(found, pid)
		}
	}
	return found
}

// sessionOf reads "pid (name) state ppid pgrp session …".
func sessionOf(pid int) (session int, alive bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 4 || fields[0][0] == 'Z' || fields[0][0] == 'X' {
		return 0, false
	}
	session, err = strconv.Atoi(string(fields[3]))
	return session, err == nil
}
