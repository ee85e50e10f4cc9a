package scale_test

import (
	"context"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
)

// containers is a runner whose containers do nothing until they are told to end.
type containers struct {
	mu      sync.Mutex
	started []*container
}

// container knows the token that its task was given, and the run that gave it.
type container struct {
	token string
	run   string
	once  sync.Once
	done  chan struct{}
	exit  runner.Exit
}

func (r *containers) Pull(context.Context, string) (string, error) { return "sha256:0", nil }

func (r *containers) Start(_ context.Context, spec runner.Spec) (runner.Container, error) {
	c := &container{done: make(chan struct{})}
	for _, v := range spec.Env {
		switch v.Name {
		case "TASK_TOKEN":
			c.token = v.Value
		case "RUN":
			c.run = v.Value
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = append(r.started, c)
	return c, nil
}

func (r *containers) Close() error { return nil }

func (r *containers) all() []*container {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*container(nil), r.started...)
}

func (c *container) end(code int) {
	c.once.Do(func() {
		c.exit.Code = code
		close(c.done)
	})
}

func (c *container) alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

func (c *container) Terminate() error      { c.end(143); return nil }
func (c *container) Kill() error           { c.end(137); return nil }
func (c *container) Done() <-chan struct{} { return c.done }
func (c *container) Exit() runner.Exit     { return c.exit }
