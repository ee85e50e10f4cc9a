package ecs

import (
	"context"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/faults"
)

// Reasons that a container or a task tells.
const (
	reasonMemory = "OutOfMemoryError: Container killed due to memory usage"
	reasonSpot   = "Your Spot Task was interrupted."
)

// attend sees the containers to their ends: it returns when every one has
// ended and its output is kept.
func (s *Service) attend(t *task, containers []*container) {
	if len(containers) == 0 {
		return
	}
	striking, spare := context.WithCancel(s.context)
	defer spare()
	terminate := make(chan struct{})
	var strikes, guards sync.WaitGroup
	for _, rule := range t.faults {
		strikes.Go(func() { s.strike(striking, t, containers, rule) })
	}
	for _, c := range containers {
		guards.Go(func() { s.guard(t, c, terminate) })
	}
	<-t.up.Done()
	s.quietly(func() { t.LastStatus = statusDeactivating })
	if s.pause(s.context) == nil {
		s.quietly(func() { t.LastStatus = statusStopping })
	}
	close(terminate)
	guards.Wait()
	spare()
	strikes.Wait()
	// The task goes on to be retired, or stays for Recover.
	_ = s.pause(s.context)
}

// guard waits for a container's end, and brings it about when the task stops
// or the service closes.
func (s *Service) guard(t *task, c *container, terminate <-chan struct{}) {
	select {
	case <-c.Done():
	case <-terminate:
		s.terminate(c)
	}
	<-c.Done()
	c.output.close()
	s.quietly(func() {
		exit := c.Exit()
		on := &t.Containers[c.index]
		on.LastStatus, on.ExitCode = statusStopped, &exit.Code
		if exit.OutOfMemory || c.starved.Load() {
			on.Reason = reasonMemory
		}
	})
	if c.definition.essential() {
		s.condemn(t, stopExited, reasonExited)
	}
}

// terminate sends SIGTERM, and SIGKILL once the stop timeout has passed.
func (s *Service) terminate(c *container) {
	if s.context.Err() == nil {
		if err := c.Terminate(); err != nil {
			s.log.Warn("a container does not take SIGTERM", "container", c.definition.Name, "error", err)
		}
		late, release := clock.After(s.clock, stopTimeout(c.definition))
		defer release()
		select {
		case <-c.Done():
			return
		case <-late:
		case <-s.context.Done():
		}
	}
	s.kill(c)
}

// kill ends a container; what it has written is then kept soon or not at all.
func (s *Service) kill(c *container) {
	c.output.hurry()
	if err := c.Kill(); err != nil {
		s.log.Error("a container cannot be killed", "container", c.definition.Name, "error", err)
	}
}

// strike makes a fault happen to a task that runs.
func (s *Service) strike(ctx context.Context, t *task, containers []*container, rule faults.Rule) {
	if s.wait(ctx, rule.Delay()) != nil {
		return
	}
	switch rule.Kind {
	case faults.OutOfMemory:
		for _, c := range containers {
			c.starved.Store(true)
			s.kill(c)
		}
	case faults.Kill:
		for _, c := range containers {
			s.kill(c)
		}
	case faults.Spot:
		if t.CapacityProviderName == fargateSpot {
			s.condemn(t, stopNotice, reasonSpot)
		}
	}
}
