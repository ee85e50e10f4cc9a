package ecs

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// events hands the changes of tasks on, in their order, without holding the
// tasks up.
type events struct {
	deliver func(detail []byte)
	done    chan struct{}

	mu     sync.Mutex
	wake   *sync.Cond
	queue  [][]byte
	closed bool
}

func newEvents(deliver func([]byte)) *events {
	e := &events{deliver: deliver, done: make(chan struct{})}
	e.wake = sync.NewCond(&e.mu)
	go e.run()
	return e
}

func (e *events) add(detail []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append(e.queue, detail)
	e.wake.Signal()
}

// close delivers what waits and ends.
func (e *events) close() {
	e.mu.Lock()
	e.closed = true
	e.wake.Signal()
	e.mu.Unlock()
	<-e.done
}

func (e *events) run() {
	defer close(e.done)
	for {
		batch := e.take()
		if batch == nil {
			return
		}
		for _, detail := range batch {
			if e.deliver != nil {
				e.deliver(detail)
			}
		}
	}
}

func (e *events) take() [][]byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) == 0 && !e.closed {
		e.wake.Wait()
	}
	batch := e.queue
	e.queue = nil
	return batch
}

// eventTimes are the members of a task that an event writes as text.
var eventTimes = []string{
	"connectivityAt", "createdAt", "executionStoppedAt", "pullStartedAt", "pullStoppedAt",
	"startedAt", "stoppedAt", "stoppingAt",
}

// detail is the task as the "ECS Task State Change" event has it: texts for
// instants, and the time of the change. AWS: ecs_task_events.
func detail(t Task, now time.Time) ([]byte, error) {
	text, err := settled(t)
	if err != nil {
		return nil, err
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("read task %s: %w", t.TaskArn, err)
	}
	for _, name := range eventTimes {
		if seconds, ok := members[name].(float64); ok {
			members[name] = eventTime(time.UnixMilli(int64(seconds*1000 + 0.5)))
		}
	}
	members["updatedAt"] = eventTime(now)
	delete(members, "tags")
	return wire.Encode(members)
}

func eventTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// settled is the task as events and .sync integrations tell it: the network
// attachment is named "eni" and the platform's family is left out.
func settled(t Task) ([]byte, error) {
	attachments := make([]Attachment, len(t.Attachments))
	for i, a := range t.Attachments {
		a.Type = "eni"
		attachments[i] = a
	}
	t.Attachments = attachments
	t.PlatformFamily = ""
	text, err := wire.Encode(t)
	if err != nil {
		return nil, fmt.Errorf("encode task %s: %w", t.TaskArn, err)
	}
	return text, nil
}
