package ecs

import (
	"context"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// steps is how many rests a task takes on its way up, and on its way down.
const steps = 3

// live takes a task from PROVISIONING to STOPPED. It is the only one that
// changes the task's lastStatus. When the service closes it leaves the task
// where it is, for Recover.
func (s *Service) live(t *task) {
	containers, err := s.launch(t)
	if err != nil {
		s.condemn(t, stopFailedToStart, err.Error())
	}
	s.attend(t, containers)
	if s.context.Err() != nil {
		return
	}
	s.retire(t)
}

// launch brings the task to RUNNING. Containers that it gives have been
// started, also when there is an error. It ends early when the task is told to
// stop.
func (s *Service) launch(t *task) ([]*container, error) {
	if err := s.pause(t.up); err != nil {
		return nil, err
	}
	s.change(t, func() {
		t.LastStatus = statusPending
		t.connect(s)
	})
	if err := s.pause(t.up); err != nil {
		return nil, err
	}
	containers, err := s.prepare(t)
	if err != nil {
		return nil, err
	}
	for i, c := range containers {
		if err := s.start(t, c); err != nil {
			closeOutputs(containers[i:])
			return containers[:i], fmt.Errorf("CannotStartContainerError: %w", err)
		}
	}
	s.quietly(func() { t.LastStatus = statusActivating })
	if err := s.pause(t.up); err != nil {
		return containers, err
	}
	s.change(t, func() {
		t.LastStatus = statusRunning
		t.StartedAt = wire.SecondsOf(s.clock.Now())
	})
	return containers, nil
}

// condemn says that the task is to end, and why; the first reason stands, and
// the end of the service is none.
func (s *Service) condemn(t *task, code, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.condemnLocked(t, code, reason)
}

func (s *Service) condemnLocked(t *task, code, reason string) {
	if t.DesiredStatus == statusStopped || s.closed {
		return
	}
	t.DesiredStatus = statusStopped
	t.StopCode, t.StoppedReason = code, reason
	t.StoppingAt = wire.SecondsOf(s.clock.Now())
	t.stop()
	if code == stopUser || code == stopNotice {
		s.changed(t)
	}
}

// retire brings a task whose containers have ended to STOPPED.
func (s *Service) retire(t *task) {
	s.change(t, func() {
		t.LastStatus = statusDeprovisioning
		t.ExecutionStoppedAt = wire.SecondsOf(s.clock.Now())
		for i := range t.Containers {
			t.Containers[i].LastStatus = statusStopped
		}
	})
	if s.pause(s.context) != nil {
		return
	}
	s.change(t, func() {
		t.LastStatus = statusStopped
		if t.StopCode == stopNotice {
			t.StopCode = stopSpot
		}
		t.StoppedAt = wire.SecondsOf(s.clock.Now())
		t.release()
		close(t.stopped)
	})
}

// change makes a change that is counted, kept and told.
func (s *Service) change(t *task, f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	f()
	s.changed(t)
}

// quietly makes a change that only DescribeTasks shows. AWS counts no version
// for the statuses that a task merely passes.
func (s *Service) quietly(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		f()
	}
}

// pause waits a step of the ladder out, or until ctx is done.
func (s *Service) pause(ctx context.Context) error {
	return s.wait(ctx, s.step())
}

func (s *Service) step() time.Duration { return max(s.options.StartDelay, 0) / steps }

func (s *Service) wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	done, release := clock.After(s.clock, d)
	defer release()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return nil
	}
}

// connect gives the task its network interface. The caller holds Service.mu.
func (t *task) connect(s *Service) {
	host := t.Sequence%250 + 4
	address := fmt.Sprintf("10.0.%d.%d", t.Sequence/250%250, host)
	a := &t.Attachments[0]
	a.Status = "ATTACHED"
	a.Details = append(a.Details[:1:1],
		Detail{"networkInterfaceId", "eni-" + ids.Hex(17)},
		Detail{"macAddress", fmt.Sprintf("0a:00:0a:00:%02x:%02x", t.Sequence/250%250, host)},
		Detail{"privateDnsName", fmt.Sprintf("ip-10-0-%d-%d.%s.compute.internal", t.Sequence/250%250, host, s.options.Region)},
		Detail{"privateIPv4Address", address},
	)
	t.Connectivity, t.ConnectivityAt = "CONNECTED", wire.SecondsOf(s.clock.Now())
	for i := range t.Containers {
		c := &t.Containers[i]
		c.RuntimeID = t.id() + "-" + randomDigits()
		c.NetworkInterfaces = []NetworkInterface{{AttachmentID: a.ID, PrivateIpv4Address: address}}
	}
}

// release takes the network interface away.
func (t *task) release() { t.Attachments[0].Status = "DELETED" }
