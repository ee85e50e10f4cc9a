// Package runner runs the containers of ECS tasks on this computer: as plain
// processes, or with Docker.
package runner

import (
	"context"
	"io"
	"time"
)

// Spec is one container to run.
type Spec struct {
	// Name is unique among the containers that run; it names folders and groups.
	Name string
	// Image is one that Pull has taken.
	Image string
	// EntryPoint replaces the image's own when it is not empty.
	EntryPoint []string
	// Command is the arguments of the entrypoint.
	Command []string
	// Env is everything the container is told; names are unique.
	Env []Var
	// MemoryBytes is the limit of the container's memory; 0 means none.
	MemoryBytes int64
	// StopTimeout is how long the container is given between SIGTERM and SIGKILL.
	StopTimeout time.Duration
	// User, WorkingDirectory, ReadOnlyRoot and the two below are the
	// definition's; only Docker honours them.
	User, WorkingDirectory string
	ReadOnlyRoot           bool
	// Volumes are the folders that outlast no task and may be written to.
	Volumes []string
	// DropCapabilities are those of the kernel's that the container is without.
	DropCapabilities []string
	// Output takes stdout and stderr in the order written. A Write that blocks
	// holds the container back.
	Output io.Writer
}

// Var is a variable of the environment.
type Var struct{ Name, Value string }

// Exit is how a container ended.
type Exit struct {
	// Code is the exit code; 128+n after signal n.
	Code int
	// OutOfMemory tells that the kernel killed for memory in the container.
	OutOfMemory bool
}

// Runner runs containers. Its methods may be called from several goroutines.
type Runner interface {
	// Pull makes the image present and gives its digest. The error's text is
	// what ECS tells after "CannotPullContainerError: ".
	Pull(ctx context.Context, image string) (digest string, err error)
	// Start starts a container. ctx bounds the start, not the container's life.
	// The error's text is what ECS tells after "CannotStartContainerError: ".
	Start(ctx context.Context, spec Spec) (Container, error)
	// Close releases what the runner holds. Every container has ended before.
	Close() error
}

// Container is one that was started.
type Container interface {
	// Terminate sends SIGTERM to the container's first process.
	Terminate() error
	// Kill sends SIGKILL to all of the container's processes.
	Kill() error
	// Done is closed once every process of the container is gone and its
	// output has been written.
	Done() <-chan struct{}
	// Exit is valid after Done.
	Exit() Exit
}
