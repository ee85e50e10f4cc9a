package ecs

import (
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
	ended := make(chan struct{})
	terminate := make(chan struct{})
	var strikes, guards sync.WaitGroup
	for _, rule := range t.faults {
		strikes.Go(func() { s.strike(t, containers, rule, ended) })
	}
	for _, c := range containers {
		guards.Go(func() { s.guard(t, c, terminate) })
	}
	select {
	case <-t.stop:
		s.quietly(t, func() { t.LastStatus = statusDeactivating })
		if s.pause() == nil {
			s.quietly(t, func() { t.LastStatus = statusStopping })
		}
	case <-s.context.Done():
	}
	close(terminate)
	guards.Wait()
	close(ended)
	strikes.Wait()
	_ = s.pause()
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
	s.quietly(t, func() {
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

func (s *Service) kill(c *container) {
	if err := c.Kill(); err != nil {
		s.log.Error("a container cannot be killed", "container", c.definition.Name, "error", err)
	}
}

// strike makes a fault happen to a task that runs.
func (s *Service) strike(t *task, containers []*container, rule faults.Rule, ended <-chan struct{}) {
	if s.wait(s.context, rule.Delay(), ended) != nil {
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
