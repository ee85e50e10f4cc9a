package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// startLimit bounds the start of a run by an event.
const startLimit = 10 * time.Second

// events is the one path of EventBridge that the shipped stack needs: a task
// that reached STOPPED with a task token in its overrides starts the reaper
// machine with the event as input.
type events struct {
	invoke  func(ctx context.Context, service, operation string, body []byte) ([]byte, error)
	region  string
	clock   clock.Clock
	log     *slog.Logger
	target  string
	cluster string

	starting sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc
}

func newEvents(invoke func(context.Context, string, string, []byte) ([]byte, error), opts Options) *events {
	ctx, cancel := context.WithCancel(context.Background())
	return &events{
		invoke: invoke, region: opts.Region, clock: opts.Clock, log: opts.Log,
		target: machineARN(opts.Region, ReaperName), cluster: clusterARN(opts.Region),
		ctx: ctx, cancel: cancel,
	}
}

// taskChange takes the detail of an ECS Task State Change. It does not block.
func (e *events) taskChange(detail []byte) {
	var task struct {
		TaskARN    string `json:"taskArn"`
		ClusterARN string `json:"clusterArn"`
		LastStatus string `json:"lastStatus"`
		Overrides  struct {
			ContainerOverrides []struct {
				Environment []struct {
					Name string `json:"name"`
				} `json:"environment"`
			} `json:"containerOverrides"`
		} `json:"overrides"`
	}
	if err := json.Unmarshal(detail, &task); err != nil {
		e.log.Error("read a task's event", "error", err)
		return
	}
	if task.LastStatus != "STOPPED" || task.ClusterARN != e.cluster {
		return
	}
	for _, container := range task.Overrides.ContainerOverrides {
		for _, variable := range container.Environment {
			if variable.Name == "TASK_TOKEN" {
				e.starting.Go(func() { e.start(task.TaskARN, detail) })
				return
			}
		}
	}
}

func (e *events) start(taskARN string, detail json.RawMessage) {
	ctx, cancel := context.WithTimeout(e.ctx, startLimit)
	defer cancel()
	if err := e.startReaper(ctx, taskARN, detail); err != nil && e.ctx.Err() == nil {
		e.log.Error("start the reaper", "task", taskARN, "error", err)
	}
}

func (e *events) startReaper(ctx context.Context, taskARN string, detail json.RawMessage) error {
	event, err := wire.Encode(map[string]any{
		"version": "0", "id": newID(), "detail-type": "ECS Task State Change", "source": "aws.ecs",
		"account": Account, "region": e.region, "time": e.clock.Now().UTC().Format(time.RFC3339),
		"resources": []string{taskARN}, "detail": detail,
	})
	if err != nil {
		return fmt.Errorf("encode the event: %w", err)
	}
	request, err := wire.Encode(map[string]string{"stateMachineArn": e.target, "input": string(event)})
	if err != nil {
		return fmt.Errorf("encode the start: %w", err)
	}
	_, err = e.invoke(ctx, "states", "StartExecution", request)
	return err
}

// close waits until no start is under way.
func (e *events) close() {
	e.cancel()
	e.starting.Wait()
}

// newID is an event's id.
func newID() string {
	text := rand.Text()
	return strings.ToLower(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
}
