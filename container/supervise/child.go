package supervise

import (
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// child is the job's process, the leader of a process group of its own.
//
// One goroutine starts it and then collects every child of this process, because PID 1 inherits the
// orphans of the container. So nothing else here may start processes: it would never see their end.
type child struct {
	pid    int
	ended  chan struct{}      // closed once status is set
	status syscall.WaitStatus // of the job's process; read it after ended

	outputs sync.WaitGroup // the copiers of stdout and stderr
	pipes   []*os.File
}

// startChild starts the program at path. What it writes goes unchanged to stdout and stderr, and to tail.
func startChild(path string, argv, env []string, stdout, stderr io.Writer, tail io.Writer) (*child, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close() // nothing was written
	c := &child{ended: make(chan struct{})}
	out, err := c.pipe(stdout, tail)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the child holds its own
	errs, err := c.pipe(stderr, tail)
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	defer errs.Close() // the child holds its own

	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the death signal of the child is tied to the thread that starts it
		defer runtime.UnlockOSThread()
		process, err := os.StartProcess(path, argv, &os.ProcAttr{
			Env: env, Files: []*os.File{null, out, errs}, Sys: childAttributes(),
		})
		if err == nil {
			c.pid = process.Pid
			_ = process.Release()
		}
		started <- err
		if err == nil {
			c.collect()
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	offerToOOMKiller(c.pid)
	return c, nil
}

// collect waits for children until there are none left, orphans included.
func (c *child) collect() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return
		case pid == c.pid:
			c.status = status
			close(c.ended)
		}
	}
}

// signal reaches every process of the job's group.
func (c *child) signal(signal syscall.Signal) {
	_ = syscall.Kill(-c.pid, signal) // ESRCH: it has just ended, which is what was wanted
}

// pipe returns the end that the child writes to; what comes out is copied to both writers.
func (c *child) pipe(to, tail io.Writer) (*os.File, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.pipes = append(c.pipes, reader)
	c.outputs.Go(func() {
		buffer := make([]byte, 32<<10)
		for {
			n, err := reader.Read(buffer)
			_, _ = tail.Write(buffer[:n])
			_, _ = to.Write(buffer[:n]) // a log that is gone must not stop the job
			if err != nil {
				return
			}
		}
	})
	return writer, nil
}

// drain waits for the rest of the output, no longer than the limit if a process that the job left
// behind holds it open, and kills what is left of the job's group, as the end of the container would.
func (c *child) drain(limit time.Duration) {
	copied := make(chan struct{})
	go func() {
		c.outputs.Wait()
		close(copied)
	}()
	select {
	case <-copied:
	case <-time.After(limit):
	}
	c.signal(syscall.SIGKILL)
	for _, pipe := range c.pipes {
		_ = pipe.SetReadDeadline(time.Now())
	}
	select {
	case <-copied:
	case <-time.After(drainLimit): // the log itself is stuck; the report must not be
	}
}
