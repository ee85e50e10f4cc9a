package pipe

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// killAfter is how long a process has from SIGTERM to SIGKILL when the pipe is given up.
const killAfter = 5 * time.Second

const (
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignal        = 128
)

type process struct{ command *exec.Cmd }

// start runs argv in a process group of its own and returns the reading end of its stdout, which is
// closed when ctx ends: then the group is asked to end, too.
func start(ctx context.Context, argv []string, stdin, stderr *os.File) (process, *os.File, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return process{}, nil, failure(ExitUpload, "make a pipe: %w", err)
	}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Stdin, command.Stdout, command.Stderr = stdin, writer, stderr
	command.SysProcAttr = attributes()
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = killAfter
	err = command.Start()
	_ = writer.Close() // the process holds its own
	if err != nil {
		_ = reader.Close()
		code := exitNotExecutable
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			code = exitNotFound
		}
		return process{}, nil, failure(code, "start %s: %w", argv[0], err)
	}
	context.AfterFunc(ctx, func() { _ = reader.Close() }) // so that no reader waits for a silent process
	return process{command}, reader, nil
}

// wait returns nil only after exit code 0. When ctx has ended it leaves nothing of the group behind.
func (p process) wait(ctx context.Context) error {
	err := p.command.Wait()
	if ctx.Err() != nil {
		_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
	}
	if err == nil {
		return nil
	}
	name := p.command.Args[0]
	status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled():
		return failure(exitSignal+int(status.Signal()), "%s was killed by %v", name, status.Signal())
	case ok && status.ExitStatus() != 0:
		return failure(status.ExitStatus(), "%s ended with exit code %d", name, status.ExitStatus())
	}
	return failure(ExitUpload, "%s: %w", name, fmt.Errorf("wait: %w", err))
}
