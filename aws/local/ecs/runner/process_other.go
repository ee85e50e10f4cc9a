//go:build unix && !linux

package runner

import (
	"os/exec"
	"syscall"
)

// start starts the command in its own session.
func start(cmd *exec.Cmd, _ *memoryGroup) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd.Start()
}

// await returns when the process has ended, and kills what is left of its group.
func (p *process) await(cmd *exec.Cmd) error {
	err := cmd.Wait()
	p.end()
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	return err
}

// memoryGroups do not exist here: memory limits are not enforced.
type memoryGroups struct{}

type memoryGroup struct{}

func findMemoryGroups() *memoryGroups { return nil }

func (*memoryGroups) make(string, int64) (*memoryGroup, error) { return nil, nil }

func (*memoryGroups) remove() error { return nil }

func (*memoryGroup) killed() bool { return false }

func (*memoryGroup) remove() {}
