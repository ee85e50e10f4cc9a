package ecs

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// callLimit bounds one call to another service of local AWS.
const callLimit = 10 * time.Second

// defaultStopTimeout is between SIGTERM and SIGKILL when the definition names
// none. AWS: stopTimeout on Fargate.
const defaultStopTimeout = 30 * time.Second

// container is a container of a task at work.
type container struct {
	runner.Container
	definition ContainerDefinition
	index      int
	env        []runner.Var
	output     *output
	// starved is set when the fault of memory strikes.
	starved atomic.Bool
}

// prepare fetches all that the containers need before they run. AWS fetches
// secrets first, then pulls, then opens the logs.
func (s *Service) prepare(t *task) (containers []*container, err error) {
	ctx := t.up
	for i, d := range t.definition.ContainerDefinitions {
		c := &container{definition: d, index: i}
		secrets, err := s.secrets(ctx, d.Secrets)
		if err != nil {
			return nil, fmt.Errorf("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: %w", err)
		}
		c.env = s.environment(t, c, secrets)
		containers = append(containers, c)
	}
	if err := s.pull(ctx, t, containers); err != nil {
		return nil, fmt.Errorf("CannotPullContainerError: %w", err)
	}
	for i, c := range containers {
		if c.output, err = s.open(ctx, t, c.definition); err != nil {
			closeOutputs(containers[:i])
			return nil, fmt.Errorf("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: %w", err)
		}
	}
	return containers, nil
}

func (s *Service) pull(ctx context.Context, t *task, containers []*container) error {
	began := s.clock.Now()
	digests := make([]string, len(containers))
	for i, c := range containers {
		for _, rule := range t.faults {
			if rule.Kind == faults.PullFailure {
				return fmt.Errorf("pull image manifest has been retried 1 time(s): failed to resolve ref %s: not found", c.definition.Image)
			}
		}
		digest, err := s.options.Runner.Pull(ctx, c.definition.Image)
		if err != nil {
			return err
		}
		digests[i] = digest
	}
	s.quietly(func() {
		t.PullStartedAt, t.PullStoppedAt = wire.SecondsOf(began), wire.SecondsOf(s.clock.Now())
		for i, digest := range digests {
			t.Containers[i].ImageDigest = digest
		}
	})
	return nil
}

// environment is everything that a container is told. What makes it reach
// local AWS, and nothing else, cannot be overridden.
func (s *Service) environment(t *task, c *container, secrets []runner.Var) []runner.Var {
	var env variables
	for _, v := range c.definition.Environment {
		env.set(v.Name, v.Value)
	}
	for _, v := range t.Overrides.override(c.definition.Name).Environment {
		env.set(v.Name, v.Value)
	}
	for _, v := range secrets {
		env.set(v.Name, v.Value)
	}
	s.mu.Lock()
	runtime := t.Containers[c.index].RuntimeID
	s.mu.Unlock()
	endpoint := strings.TrimSuffix(s.options.Endpoint, "/")
	env.set("AWS_ENDPOINT_URL", endpoint)
	env.set("AWS_REGION", s.options.Region)
	env.set("AWS_DEFAULT_REGION", s.options.Region)
	env.set("AWS_ACCESS_KEY_ID", "local")
	env.set("AWS_SECRET_ACCESS_KEY", "local")
	env.set("ECS_CONTAINER_METADATA_URI_V4", endpoint+metadataPath+runtime)
	return env.list
}

// variables is an environment whose names are unique.
type variables struct{ list []runner.Var }

func (v *variables) set(name, value string) {
	for i := range v.list {
		if v.list[i].Name == name {
			v.list[i].Value = value
			return
		}
	}
	v.list = append(v.list, runner.Var{Name: name, Value: value})
}

// start starts a container whose task has not been told to stop.
func (s *Service) start(t *task, c *container) error {
	if err := t.up.Err(); err != nil {
		return err
	}
	d := c.definition
	over := t.Overrides.override(d.Name)
	command := d.Command
	if len(over.Command) > 0 {
		command = over.Command
	}
	started, err := s.options.Runner.Start(t.up, runner.Spec{
		Name: t.id() + "-" + d.Name, Image: d.Image, EntryPoint: d.EntryPoint, Command: command, Env: c.env,
		MemoryBytes: memoryLimit(t, over, d), StopTimeout: stopTimeout(d),
		User: d.User, WorkingDirectory: d.WorkingDirectory,
		ReadOnlyRoot: d.ReadonlyRootFilesystem != nil && *d.ReadonlyRootFilesystem,
		Volumes:      d.writableFolders(), DropCapabilities: d.droppedCapabilities(),
		Output: c.output,
	})
	if err != nil {
		return err
	}
	c.Container = started
	s.quietly(func() { t.Containers[c.index].LastStatus = statusRunning })
	return nil
}

// memoryLimit is the container's own limit, or else the task's, in bytes.
func memoryLimit(t *task, over ContainerOverride, d ContainerDefinition) int64 {
	task, _ := strconv.Atoi(t.Memory)
	own := *cmp.Or(over.Memory, &d.Memory)
	return int64(cmp.Or(own, task)) << 20
}

func stopTimeout(d ContainerDefinition) time.Duration {
	if d.StopTimeout > 0 {
		return time.Duration(d.StopTimeout) * time.Second
	}
	return defaultStopTimeout
}

func closeOutputs(containers []*container) {
	for _, c := range containers {
		c.output.close()
	}
}
