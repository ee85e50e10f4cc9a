package ecs

import (
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Buckets of the store.
const (
	clusterBucket    = "ecs/clusters"
	definitionBucket = "ecs/definitions"
	taskBucket       = "ecs/tasks"
)

// Why a task ended that was alive when local AWS was.
const (
	reasonExited  = "Essential container in task exited"
	reasonRestart = "Local AWS was stopped while the task ran"
	exitKilled    = 137
)

func (s *Service) load() error {
	err := store.Load(s.options.Store, clusterBucket, "", func(_ string, c *clusterRecord) error {
		s.clusters[c.ClusterName] = c
		return nil
	})
	if err != nil {
		return fmt.Errorf("load clusters: %w", err)
	}
	err = store.Load(s.options.Store, definitionBucket, "", func(_ string, d *definitionRecord) error {
		s.definitions[d.Family] = append(s.definitions[d.Family], d)
		return nil
	})
	if err != nil {
		return fmt.Errorf("load task definitions: %w", err)
	}
	err = store.Load(s.options.Store, taskBucket, "", func(_ string, r *taskRecord) error {
		t := s.newTask(*r)
		if d := s.definition(t.TaskDefinitionArn); d != nil {
			t.definition = d.TaskDefinition
		}
		if t.LastStatus == statusStopped {
			t.stop()
			close(t.stopped)
		} else {
			s.left = append(s.left, t)
		}
		s.tasks[t.id()] = t
		s.sequence = max(s.sequence, t.Sequence)
		return nil
	})
	if err != nil {
		return fmt.Errorf("load tasks: %w", err)
	}
	return nil
}

// Recover ends the tasks that were alive when the service was last closed, and
// tells of it. Call it once, when the receiver of OnChange is ready.
func (s *Service) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.left {
		now := wire.SecondsOf(s.clock.Now())
		t.end(now)
		t.stop()
		s.changed(t)
		close(t.stopped)
	}
	s.left = nil
}

// end stops a task whose containers are gone without a word.
func (t *task) end(now *wire.Seconds) {
	t.LastStatus, t.DesiredStatus = statusStopped, statusStopped
	if t.StopCode == "" {
		t.StopCode, t.StoppedReason, t.StoppingAt = stopExited, reasonExited, now
	}
	if t.StopCode == stopNotice {
		t.StopCode = stopSpot
	}
	for i := range t.Containers {
		c := &t.Containers[i]
		if c.LastStatus == statusRunning {
			code := exitKilled
			c.ExitCode = &code
		}
		if c.LastStatus != statusStopped {
			c.LastStatus, c.Reason = statusStopped, reasonRestart
		}
	}
	t.ExecutionStoppedAt, t.StoppedAt = now, now
	t.release()
}
