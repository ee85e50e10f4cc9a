package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Bounds of the calls to the engine.
const (
	dockerCall = 30 * time.Second
	dockerPull = 10 * time.Minute
	startPoll  = 20 * time.Millisecond
)

// dockerLabel marks the containers of tasks, so that they can be told from others.
const dockerLabel = "stepdeck.task"

// DockerOptions say where images come from.
type DockerOptions struct {
	// Registry is the host in the names of images that Mirror serves; empty for none.
	Registry string
	// Mirror is HOST:PORT, on loopback: engines speak to other hosts with TLS only.
	Mirror string
	// Login gives a user and a password for Mirror.
	Login func() (user, password string)
}

// Docker runs each container with the docker command. Containers share the
// network of this computer, so that they reach local AWS on loopback.
type Docker struct {
	command string
	options DockerOptions
}

// NewDocker looks for the docker command and asks for its engine.
func NewDocker(ctx context.Context, options DockerOptions) (*Docker, error) {
	path, err := exec.LookPath("docker")
	if err != nil {
		return nil, fmt.Errorf("tasks cannot run with Docker: %w; install it or run tasks as processes", err)
	}
	d := &Docker{command: path, options: options}
	ctx, cancel := context.WithTimeout(ctx, dockerCall)
	defer cancel()
	if _, err := d.call(ctx, "version", "--format", "{{.Server.Version}}"); err != nil {
		return nil, fmt.Errorf("tasks cannot run with Docker: no engine answers: %w; start it or run tasks as processes", err)
	}
	return d, nil
}

// Start creates the container and attaches to it.
func (d *Docker) Start(ctx context.Context, spec Spec) (Container, error) {
	ctx, cancel := context.WithTimeout(ctx, dockerCall)
	defer cancel()
	id, err := d.create(ctx, spec)
	if err != nil {
		return nil, err
	}
	c := &dockerContainer{docker: d, id: id, done: make(chan struct{})}
	life := context.WithoutCancel(ctx)
	attached := exec.CommandContext(life, d.command, "start", "--attach", id)
	attached.Stdout, attached.Stderr = spec.Output, spec.Output
	if err := attached.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the container: %w", err), c.remove(life))
	}
	go c.await(life, attached)
	if err := c.begun(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Close has nothing to release.
func (d *Docker) Close() error { return nil }

// create makes the container; values go by a file, since arguments show in
// the list of processes.
func (d *Docker) create(ctx context.Context, spec Spec) (string, error) {
	dir, err := os.MkdirTemp("", "task-")
	if err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "env")
	args := []string{"create", "--label", dockerLabel + "=" + spec.Name, "--network", "host", "--init=false", "--env-file", file}
	var lines bytes.Buffer
	var inherited []string
	for _, v := range spec.Env {
		if strings.ContainsAny(v.Value, "\r\n") {
			// A file of variables has no way to write a line break.
			args, inherited = append(args, "--env", v.Name), append(inherited, v.Name+"="+v.Value)
			continue
		}
		fmt.Fprintf(&lines, "%s=%s\n", v.Name, v.Value)
	}
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		return "", fmt.Errorf("write the environment: %w", err)
	}
	return d.callWith(ctx, inherited, append(args, d.arguments(spec)...)...)
}

func (d *Docker) arguments(spec Spec) []string {
	args := []string{"--pull", "never", "--stop-timeout", strconv.Itoa(int(spec.StopTimeout / time.Second))}
	if spec.MemoryBytes > 0 {
		limit := strconv.FormatInt(spec.MemoryBytes, 10)
		args = append(args, "--memory", limit, "--memory-swap", limit)
	}
	if spec.ReadOnlyRoot {
		args = append(args, "--read-only")
	}
	for _, folder := range spec.Volumes {
		// A volume without a name goes with its container. It takes over the image's folder, with its owner.
		args = append(args, "--volume", folder)
	}
	for _, capability := range spec.DropCapabilities {
		args = append(args, "--cap-drop", capability)
	}
	if spec.User != "" {
		args = append(args, "--user", spec.User)
	}
	if spec.WorkingDirectory != "" {
		args = append(args, "--workdir", spec.WorkingDirectory)
	}
	command := spec.Command
	if len(spec.EntryPoint) > 0 {
		args = append(args, "--entrypoint", spec.EntryPoint[0])
		command = append(spec.EntryPoint[1:len(spec.EntryPoint):len(spec.EntryPoint)], command...)
	}
	return append(append(args, "--", d.local(spec.Image)), command...)
}

func (d *Docker) call(ctx context.Context, args ...string) (string, error) {
	return d.callWith(ctx, nil, args...)
}

func (d *Docker) callWith(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, d.command, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("docker %s: %w: %s", args[0], err, bytes.TrimSpace(problems.Bytes()))
	}
	return strings.TrimSpace(out.String()), nil
}

// dockerContainer is a container of the engine. await removes it.
type dockerContainer struct {
	docker *Docker
	id     string
	done   chan struct{}
	exit   Exit
	// failure is why the container never ran; valid after done.
	failure error
}

// begun returns once signals reach the container.
func (c *dockerContainer) begun(ctx context.Context) error {
	for {
		select {
		case <-c.done:
			return c.failure
		case <-time.After(startPoll):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("wait for the container to run: %w", ctx.Err()), c.remove(context.WithoutCancel(ctx)))
		}
		if state, err := c.inspect(ctx); err == nil && !state.StartedAt.IsZero() {
			return nil
		}
	}
}

func (c *dockerContainer) await(ctx context.Context, attached *exec.Cmd) {
	defer close(c.done)
	// The engine tells how the container ended, which this only waits for.
	_ = attached.Wait()
	bounded, cancel := context.WithTimeout(ctx, dockerCall)
	defer cancel()
	c.exit.Code = attached.ProcessState.ExitCode()
	if state, err := c.inspect(bounded); err == nil {
		c.exit = Exit{Code: state.ExitCode, OutOfMemory: state.OOMKilled}
		if state.StartedAt.IsZero() {
			c.failure = errors.New(state.Error)
		}
	}
	_ = c.remove(ctx)
}

type dockerState struct {
	Error     string
	ExitCode  int
	OOMKilled bool
	// StartedAt is zero as long as the container has not run.
	StartedAt time.Time
}

func (c *dockerContainer) inspect(ctx context.Context) (state dockerState, err error) {
	text, err := c.docker.call(ctx, "inspect", "--format", "{{json .State}}", c.id)
	if err != nil {
		return state, err
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		return state, fmt.Errorf("docker inspect answered %q: %w", text, err)
	}
	return state, nil
}

func (c *dockerContainer) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dockerCall)
	defer cancel()
	_, err := c.docker.call(ctx, "rm", "--force", "--volumes", c.id)
	return err
}

// Terminate sends SIGTERM to the container's PID 1.
func (c *dockerContainer) Terminate() error { return c.signal("TERM") }

// Kill kills the container.
func (c *dockerContainer) Kill() error { return c.signal("KILL") }

func (c *dockerContainer) signal(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dockerCall)
	defer cancel()
	_, err := c.docker.call(ctx, "kill", "--signal", name, c.id)
	select {
	case <-c.done:
		return nil
	default:
		return err
	}
}

// Done is closed when the container has ended and is removed.
func (c *dockerContainer) Done() <-chan struct{} { return c.done }

// Exit is what the engine tells of the end.
func (c *dockerContainer) Exit() Exit { return c.exit }
