package runner

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// systemPath is the PATH of a task after the folder of scripts.
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// outputGrace is how long the output of a process that has left its session
// is read after the container's end.
const outputGrace = 2 * time.Second

// ProcessOptions say how containers run as processes.
type ProcessOptions struct {
	// Entrypoint is the program that stands for the image's entrypoint.
	Entrypoint string
	// Scripts is the folder, or the list of folders, that PATH begins with;
	// empty for none.
	Scripts string
	// Images tells which images there are.
	Images func(image string) bool
	// Dir is where the tasks' folders are made; empty means the system's.
	Dir string
}

// Process runs each container as a process of this computer: in a session and
// a folder of its own, with nothing of this process's environment. The memory
// limit holds where this process may make memory cgroups (as root on Linux),
// and is not enforced elsewhere. User, working directory and read-only root of
// a container are Docker's alone.
type Process struct {
	options ProcessOptions
	groups  *memoryGroups
}

// NewProcess is a runner of processes; the caller closes it.
func NewProcess(o ProcessOptions) (*Process, error) {
	path, err := exec.LookPath(o.Entrypoint)
	if err != nil {
		return nil, fmt.Errorf("entrypoint of tasks: %w", err)
	}
	if o.Entrypoint, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("entrypoint of tasks: %w", err)
	}
	return &Process{options: o, groups: findMemoryGroups()}, nil
}

// LimitsMemory tells whether memory limits are enforced here.
func (r *Process) LimitsMemory() bool { return r.groups != nil }

// Pull knows the images of the options. AWS: the text for an image that is not there.
func (r *Process) Pull(_ context.Context, image string) (string, error) {
	if !r.options.Images(image) {
		return "", fmt.Errorf("pull image manifest has been retried 1 time(s): failed to resolve ref %s: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed", reference(image))
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(image))), nil
}

// reference is the image's full name as registries resolve it.
func reference(image string) string {
	host, _, found := strings.Cut(image, "/")
	switch {
	case !found:
		image = "docker.io/library/" + image
	case !strings.ContainsAny(host, ".:") && host != "localhost":
		image = "docker.io/" + image
	}
	if last := image[strings.LastIndex(image, "/"):]; !strings.ContainsAny(last, ":@") {
		image += ":latest"
	}
	return image
}

// Start starts the entrypoint with the container's command as its arguments.
func (r *Process) Start(ctx context.Context, spec Spec) (Container, error) {
	if len(spec.EntryPoint) > 0 {
		return nil, errors.New("tasks that run as processes keep the image's entrypoint; remove entryPoint from the task definition or run tasks with Docker")
	}
	dir, err := os.MkdirTemp(r.options.Dir, "task-")
	if err != nil {
		return nil, fmt.Errorf("make the task's folder: %w", err)
	}
	var group *memoryGroup
	if r.groups != nil && spec.MemoryBytes > 0 {
		if group, err = r.groups.make(spec.Name, spec.MemoryBytes); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	p := &process{dir: dir, group: group, done: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(r.command(context.WithoutCancel(ctx), spec, dir), started)
	if err := <-started; err != nil {
		<-p.done
		return nil, err
	}
	return p, nil
}

// Close gives back the cgroups.
func (r *Process) Close() error {
	if r.groups == nil {
		return nil
	}
	return r.groups.remove()
}

func (r *Process) command(ctx context.Context, spec Spec, dir string) *exec.Cmd {
	path := systemPath
	if r.options.Scripts != "" {
		path = r.options.Scripts + ":" + path
	}
	cmd := exec.CommandContext(ctx, r.options.Entrypoint, spec.Command...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + path, "HOME=" + dir, "TMPDIR=" + dir}
	for _, v := range spec.Env {
		cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
	}
	cmd.Stdout, cmd.Stderr = spec.Output, spec.Output
	cmd.WaitDelay = outputGrace
	return cmd
}

// process is a container that runs as a process. The process leads a session,
// so that all that it starts can be found and killed.
type process struct {
	dir   string
	group *memoryGroup
	done  chan struct{}
	exit  Exit

	// mu keeps signals from a pid that has been given back to the system.
	mu   sync.Mutex
	pid  int
	gone bool
}

// run owns the process from its start to its end. It keeps its thread, because
// the kernel kills the process when the thread that started it dies.
func (p *process) run(cmd *exec.Cmd, started chan<- error) {
	defer close(p.done)
	defer p.clean()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := start(cmd, p.group); err != nil {
		started <- err
		return
	}
	p.pid = cmd.Process.Pid
	started <- nil
	err := p.await(cmd)
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) && !errors.Is(err, exec.ErrWaitDelay) {
		p.exit.Code = 255
		return
	}
	p.exit = Exit{Code: exitCode(cmd.ProcessState), OutOfMemory: p.group.killed() && !cmd.ProcessState.Success()}
}

func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// clean removes the folder and the group. What is left of either harms no
// other task.
func (p *process) clean() {
	_ = os.RemoveAll(p.dir)
	p.group.remove()
}

// end says that the pid must not be signalled any longer.
func (p *process) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
}

// Terminate sends SIGTERM to the first process alone.
func (p *process) Terminate() error { return p.signal(p.pid, syscall.SIGTERM) }

// Kill sends SIGKILL to the process's group; what else there is in its session
// is swept when it has ended.
func (p *process) Kill() error { return p.signal(-p.pid, syscall.SIGKILL) }

func (p *process) signal(target int, signal syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return nil
	}
	if err := syscall.Kill(target, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("%s to process %d: %w", signal, p.pid, err)
	}
	return nil
}

// Done is closed when the session is empty and the output has been read.
func (p *process) Done() <-chan struct{} { return p.done }

// Exit is how the first process ended.
func (p *process) Exit() Exit { return p.exit }
