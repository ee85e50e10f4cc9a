package workflow

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Task is an ECS task as DescribeTasks tells it. ECS forgets a stopped task
// after about an hour; then only ARN, ClusterARN and Missing are set.
type Task struct {
	ARN           string    `json:"arn"`
	ClusterARN    string    `json:"clusterArn"`
	DefinitionARN string    `json:"definitionArn,omitempty"`
	Missing       bool      `json:"missing,omitempty"`
	LastStatus    string    `json:"status,omitempty"`
	DesiredStatus string    `json:"desiredStatus,omitempty"`
	StopCode      string    `json:"stopCode,omitempty"`
	StoppedReason safe.Text `json:"stoppedReason,omitzero"`

	CPU              string `json:"cpu,omitempty"`    // CPU units
	Memory           string `json:"memory,omitempty"` // MiB
	LaunchType       string `json:"launchType,omitempty"`
	CapacityProvider string `json:"capacityProvider,omitempty"`
	PlatformVersion  string `json:"platformVersion,omitempty"`
	AvailabilityZone string `json:"availabilityZone,omitempty"`
	SubnetID         string `json:"subnetId,omitempty"`
	PrivateIP        string `json:"privateIp,omitempty"`
	Group            string `json:"group,omitempty"`
	StartedBy        string `json:"startedBy,omitempty"`

	Created     time.Time `json:"created,omitzero"`
	PullStarted time.Time `json:"pullStarted,omitzero"`
	PullStopped time.Time `json:"pullStopped,omitzero"`
	Started     time.Time `json:"started,omitzero"`
	Stopping    time.Time `json:"stopping,omitzero"`
	Stopped     time.Time `json:"stopped,omitzero"`

	Containers []Container         `json:"containers,omitempty"`
	Overrides  []ContainerOverride `json:"-"` // holds the token
}

// Container is one container of a task.
type Container struct {
	Name       safe.Text `json:"name"`
	Image      safe.Text `json:"image,omitzero"`
	Digest     string    `json:"digest,omitempty"`
	LastStatus string    `json:"status,omitempty"`
	// ExitCode is nil when the container never ran or still runs.
	ExitCode *int      `json:"exitCode,omitempty"`
	Reason   safe.Text `json:"reason,omitzero"`
}

// ContainerOverride is what a run changed for one container, raw as sent.
type ContainerOverride struct {
	Name        string
	Command     []string
	Environment []EnvVar
}

// EnvVar is one environment variable, raw.
type EnvVar struct{ Name, Value string }

// Gone reports whether the task can never answer again: STOPPED or MISSING.
func (t Task) Gone() bool { return t.Missing || t.LastStatus == "STOPPED" }

// Live reports whether the task exists and has not stopped yet.
func (t Task) Live() bool { return !t.Gone() && t.LastStatus != "" }

// TaskID returns the last path segment of a task ARN, which names its log streams.
func TaskID(taskARN string) string { return taskARN[strings.LastIndexByte(taskARN, '/')+1:] }

// TaskDefinition is the part of an ECS task definition that the console needs.
type TaskDefinition struct {
	ARN        string
	Family     string
	Revision   int
	CPU        string // CPU units
	Memory     string // MiB
	Containers []ContainerDefinition
}

// ContainerDefinition is one container of a task definition.
type ContainerDefinition struct {
	Name      string
	Image     string
	Essential bool
	// LogDriver is "awslogs" where the log can be read; the other log fields
	// are its options and empty for other drivers.
	LogDriver string
	LogGroup  string
	LogRegion string
	LogPrefix string
}

// LogRef names one log stream.
type LogRef struct {
	Group     string
	Stream    string
	Region    string // empty: the session's region
	Container string
	TaskARN   string
}

// LogOf returns where container's log of the task lies (AWS: awslogs names
// streams prefix/container/task-id). ok is false for other log drivers.
func (d TaskDefinition) LogOf(container, taskARN string) (ref LogRef, ok bool) {
	for _, c := range d.Containers {
		if c.Name != container {
			continue
		}
		if c.LogDriver != "awslogs" || c.LogGroup == "" || c.LogPrefix == "" {
			return LogRef{}, false
		}
		return LogRef{
			Group: c.LogGroup, Region: c.LogRegion, Container: c.Name, TaskARN: taskARN,
			Stream: c.LogPrefix + "/" + c.Name + "/" + TaskID(taskARN),
		}, true
	}
	return LogRef{}, false
}

// LogLine is one event of a log stream.
type LogLine struct {
	Time     time.Time // as the program's log driver stamped it, millisecond precision
	Ingested time.Time // when CloudWatch took it in
	Text     safe.Text
	// Raw is the line as received, for saving and copying only.
	Raw string
}
