package ecs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Statuses of a task, in the order of its life. AWS: task lifecycle.
const (
	statusProvisioning   = "PROVISIONING"
	statusPending        = "PENDING"
	statusActivating     = "ACTIVATING"
	statusRunning        = "RUNNING"
	statusDeactivating   = "DEACTIVATING"
	statusStopping       = "STOPPING"
	statusDeprovisioning = "DEPROVISIONING"
	statusStopped        = "STOPPED"
)

// Why a task stopped. AWS: TaskStopCode.
const (
	stopFailedToStart = "TaskFailedToStart"
	stopExited        = "EssentialContainerExited"
	stopUser          = "UserInitiated"
	stopSpot          = "SpotInterruption"
	stopNotice        = "TerminationNotice"
)

// stoppedLife is how long a stopped task is still told of. AWS: DescribeTasks.
const stoppedLife = time.Hour

// Detail is a name and a value of an attachment or an attribute.
type Detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attachment is the network interface of a task.
type Attachment struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	Status  string   `json:"status"`
	Details []Detail `json:"details"`
}

// NetworkInterface is a container's share of the attachment.
type NetworkInterface struct {
	AttachmentID       string `json:"attachmentId"`
	PrivateIpv4Address string `json:"privateIpv4Address"`
}

// Container is a container of a task on the wire.
type Container struct {
	ContainerArn      string             `json:"containerArn"`
	TaskArn           string             `json:"taskArn"`
	Name              string             `json:"name"`
	Image             string             `json:"image"`
	ImageDigest       string             `json:"imageDigest,omitempty"`
	RuntimeID         string             `json:"runtimeId,omitempty"`
	LastStatus        string             `json:"lastStatus"`
	ExitCode          *int               `json:"exitCode,omitempty"`
	Reason            string             `json:"reason,omitempty"`
	NetworkBindings   []any              `json:"networkBindings"`
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces"`
	CPU               string             `json:"cpu"`
	Memory            string             `json:"memory,omitempty"`
	MemoryReservation string             `json:"memoryReservation,omitempty"`
}

// ContainerOverride changes a container of one task.
type ContainerOverride struct {
	Name                 string     `json:"name"`
	Command              []string   `json:"command,omitempty"`
	Environment          []KeyValue `json:"environment,omitempty"`
	EnvironmentFiles     []any      `json:"environmentFiles,omitempty"`
	ResourceRequirements []any      `json:"resourceRequirements,omitempty"`
	CPU                  *int       `json:"cpu,omitempty"`
	Memory               *int       `json:"memory,omitempty"`
	MemoryReservation    *int       `json:"memoryReservation,omitempty"`
}

// TaskOverride changes the definition for one task.
type TaskOverride struct {
	ContainerOverrides            []ContainerOverride `json:"containerOverrides"`
	InferenceAcceleratorOverrides []any               `json:"inferenceAcceleratorOverrides"`
	CPU                           string              `json:"cpu,omitempty"`
	Memory                        string              `json:"memory,omitempty"`
	ExecutionRoleArn              string              `json:"executionRoleArn,omitempty"`
	TaskRoleArn                   string              `json:"taskRoleArn,omitempty"`
	EphemeralStorage              *EphemeralStorage   `json:"ephemeralStorage,omitempty"`
}

// Task is a task on the wire.
type Task struct {
	Attachments           []Attachment      `json:"attachments"`
	Attributes            []Detail          `json:"attributes"`
	AvailabilityZone      string            `json:"availabilityZone"`
	CapacityProviderName  string            `json:"capacityProviderName,omitempty"`
	ClusterArn            string            `json:"clusterArn"`
	Connectivity          string            `json:"connectivity,omitempty"`
	ConnectivityAt        *wire.Seconds     `json:"connectivityAt,omitempty"`
	Containers            []Container       `json:"containers"`
	CPU                   string            `json:"cpu"`
	CreatedAt             *wire.Seconds     `json:"createdAt"`
	DesiredStatus         string            `json:"desiredStatus"`
	EnableExecuteCommand  bool              `json:"enableExecuteCommand"`
	EphemeralStorage      *EphemeralStorage `json:"ephemeralStorage,omitempty"`
	ExecutionStoppedAt    *wire.Seconds     `json:"executionStoppedAt,omitempty"`
	Group                 string            `json:"group"`
	InferenceAccelerators []any             `json:"inferenceAccelerators"`
	LastStatus            string            `json:"lastStatus"`
	LaunchType            string            `json:"launchType,omitempty"`
	Memory                string            `json:"memory"`
	Overrides             TaskOverride      `json:"overrides"`
	PlatformFamily        string            `json:"platformFamily,omitempty"`
	PlatformVersion       string            `json:"platformVersion"`
	PullStartedAt         *wire.Seconds     `json:"pullStartedAt,omitempty"`
	PullStoppedAt         *wire.Seconds     `json:"pullStoppedAt,omitempty"`
	StartedAt             *wire.Seconds     `json:"startedAt,omitempty"`
	StartedBy             string            `json:"startedBy,omitempty"`
	StopCode              string            `json:"stopCode,omitempty"`
	StoppedAt             *wire.Seconds     `json:"stoppedAt,omitempty"`
	StoppedReason         string            `json:"stoppedReason,omitempty"`
	StoppingAt            *wire.Seconds     `json:"stoppingAt,omitempty"`
	Tags                  []Tag             `json:"tags"`
	TaskArn               string            `json:"taskArn"`
	TaskDefinitionArn     string            `json:"taskDefinitionArn"`
	Version               int64             `json:"version"`
}

// taskRecord is a task as the store keeps it.
type taskRecord struct {
	Task
	// Sequence orders tasks by their start.
	Sequence int64 `json:"sequence"`
	Family   string
	// ClientToken and Request make a repeated RunTask the same one.
	ClientToken string `json:"clientToken,omitempty"`
	Request     string `json:"request,omitempty"`
	// Lost tells that the STOPPED event is not delivered.
	Lost bool `json:"lost,omitempty"`
}

// task is a task at work. Service.mu guards the record.
type task struct {
	taskRecord
	definition TaskDefinition
	faults     []faults.Rule
	// up lasts as long as the task is to run and the service is open.
	up   context.Context
	stop context.CancelFunc
	// stopped is closed when the task is STOPPED.
	stopped chan struct{}
}

func (s *Service) newTask(r taskRecord) *task {
	t := &task{taskRecord: r, stopped: make(chan struct{})}
	t.up, t.stop = context.WithCancel(s.context)
	return t
}

// id is the last part of the task's ARN.
func (t *taskRecord) id() string { return t.TaskArn[strings.LastIndexByte(t.TaskArn, '/')+1:] }

func (t *taskRecord) key() string { return t.id() }

// expired tells whether the task is no longer told of.
func (t *taskRecord) expired(now time.Time) bool {
	return t.StoppedAt != nil && !now.Before(time.Time(*t.StoppedAt).Add(stoppedLife))
}

// snapshot is a copy that later changes leave alone.
func (t *taskRecord) snapshot() Task {
	copied := t.Task
	copied.Containers = append([]Container(nil), t.Containers...)
	copied.Attachments = append([]Attachment(nil), t.Attachments...)
	return copied
}

// changed counts a change, keeps it and hands its event on. The caller holds s.mu.
func (s *Service) changed(t *task) {
	t.Version++
	if err := s.storeTask(t); err != nil {
		s.log.Error("a task's change is not kept", "task", t.TaskArn, "error", err)
	}
	if t.Lost && t.LastStatus == statusStopped {
		return
	}
	event, err := detail(t.Task, s.clock.Now())
	if err != nil {
		s.log.Error("a task's change is not told", "task", t.TaskArn, "error", err)
		return
	}
	s.events.add(event)
}

func (s *Service) storeTask(t *task) error {
	if err := s.options.Store.Put(taskBucket, t.key(), t.taskRecord); err != nil {
		return fmt.Errorf("keep task %s: %w", t.TaskArn, err)
	}
	return nil
}
