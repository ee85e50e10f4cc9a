package runner

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cgroupRoot is where systems mount control groups.
const cgroupRoot = "/sys/fs/cgroup"

// groupPrefix begins the folder of a process's groups; its pid follows.
const groupPrefix = "stepdeck-"

// removeRounds bounds how often a group that is still busy is tried, 1 ms apart.
const removeRounds = 200

// memoryGroups is a folder of memory cgroups, version 1 or 2.
type memoryGroups struct {
	dir string
	v2  bool
}

// findMemoryGroups makes a folder for groups, or gives nil where this process
// may not.
func findMemoryGroups() *memoryGroups {
	v2 := false
	mount := filepath.Join(cgroupRoot, "memory")
	if controllers, err := os.ReadFile(filepath.Join(cgroupRoot, "cgroup.controllers")); err == nil && bytes.Contains(controllers, []byte("memory")) {
		v2, mount = true, cgroupRoot
	} else if _, err := os.Stat(filepath.Join(mount, "memory.limit_in_bytes")); err != nil {
		return nil
	}
	sweepGroups(mount)
	dir, err := os.MkdirTemp(mount, groupPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil
	}
	groups := &memoryGroups{dir: dir, v2: v2}
	if v2 && os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+memory"), 0) != nil {
		_ = groups.remove()
		return nil
	}
	return groups
}

// sweepGroups removes the folders of processes that ended without doing so.
func sweepGroups(mount string) {
	left, err := filepath.Glob(filepath.Join(mount, groupPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), groupPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		groups, _ := filepath.Glob(filepath.Join(dir, "*", "cgroup.procs"))
		for _, procs := range groups {
			_ = syscall.Rmdir(filepath.Dir(procs)) // busy ones stay
		}
		_ = syscall.Rmdir(dir)
	}
}

// remove removes the folder; every group in it is gone.
func (g *memoryGroups) remove() error {
	if err := removeGroup(g.dir); err != nil {
		return fmt.Errorf("remove the memory groups: %w", err)
	}
	return nil
}

func removeGroup(dir string) error {
	var err error
	for range removeRounds {
		if err = syscall.Rmdir(dir); !errors.Is(err, syscall.EBUSY) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

// memoryGroup is the group of one container. A nil one limits nothing.
type memoryGroup struct {
	dir string
	v2  bool
}

func (g *memoryGroups) make(name string, limit int64) (*memoryGroup, error) {
	group := &memoryGroup{dir: filepath.Join(g.dir, name), v2: g.v2}
	if err := os.MkdirAll(group.dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the memory group: %w", err)
	}
	file, swap, swapLimit := "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", limit
	if g.v2 {
		file, swap, swapLimit = "memory.max", "memory.swap.max", 0
	}
	if err := group.write(file, limit); err != nil {
		group.remove()
		return nil, fmt.Errorf("limit the memory to %d bytes: %w", limit, err)
	}
	// Not every kernel accounts for swap; without, swapping only delays the kill.
	_ = group.write(swap, swapLimit)
	return group, nil
}

func (m *memoryGroup) write(file string, value int64) error {
	return os.WriteFile(filepath.Join(m.dir, file), strconv.AppendInt(nil, value, 10), 0)
}

// start starts the command inside the group. In version 1 the calling thread,
// which the caller has locked, enters the group for the moment of the fork:
// the child begins where the thread is.
func (m *memoryGroup) start(cmd *exec.Cmd) error {
	if m == nil {
		return cmd.Start()
	}
	if m.v2 {
		dir, err := os.Open(m.dir)
		if err != nil {
			return fmt.Errorf("open the memory group: %w", err)
		}
		defer func() { _ = dir.Close() }()
		cmd.SysProcAttr.UseCgroupFD, cmd.SysProcAttr.CgroupFD = true, int(dir.Fd())
		return cmd.Start()
	}
	home, err := m.home()
	if err != nil {
		return err
	}
	thread := int64(syscall.Gettid())
	if err := m.write("tasks", thread); err != nil {
		return fmt.Errorf("enter the memory group: %w", err)
	}
	return errors.Join(cmd.Start(), home.write("tasks", thread))
}

// home is the group that this thread is in.
func (m *memoryGroup) home() (*memoryGroup, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/cgroup", syscall.Gettid()))
	if err != nil {
		return nil, fmt.Errorf("read the thread's groups: %w", err)
	}
	for line := range bytes.Lines(text) {
		if parts := bytes.SplitN(bytes.TrimSpace(line), []byte(":"), 3); len(parts) == 3 && string(parts[1]) == "memory" {
			return &memoryGroup{dir: filepath.Join(cgroupRoot, "memory", string(parts[2]))}, nil
		}
	}
	return nil, errors.New("this thread is in no memory group")
}

// members are the processes in the group.
func (m *memoryGroup) members() []int {
	if m == nil {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(m.dir, "cgroup.procs"))
	if err != nil {
		return nil
	}
	var pids []int
	for field := range bytes.FieldsSeq(text) {
		if pid, err := strconv.Atoi(string(field)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killed tells whether the kernel has killed for memory in the group.
func (m *memoryGroup) killed() bool {
	if m == nil {
		return false
	}
	file := "memory.oom_control"
	if m.v2 {
		file = "memory.events"
	}
	text, err := os.ReadFile(filepath.Join(m.dir, file))
	if err != nil {
		return false
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) == 2 && string(fields[0]) == "oom_kill" {
			return string(fields[1]) != "0"
		}
	}
	return false
}

func (m *memoryGroup) remove() {
	if m != nil {
		_ = removeGroup(m.dir)
	}
}
