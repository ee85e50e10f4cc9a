package ecs

import (
	"encoding/json"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// KeyValue is a variable of a container's environment.
type KeyValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Secret is a variable whose value SSM keeps.
type Secret struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

// LogConfiguration says where a container's output goes.
type LogConfiguration struct {
	LogDriver     string            `json:"logDriver"`
	Options       map[string]string `json:"options,omitempty"`
	SecretOptions []Secret          `json:"secretOptions,omitempty"`
}

// ContainerDefinition is one container of a task definition. What tasks here
// do not need to know is kept as it came.
type ContainerDefinition struct {
	Name                   string            `json:"name"`
	Image                  string            `json:"image"`
	CPU                    int               `json:"cpu"`
	Memory                 int               `json:"memory,omitempty"`
	MemoryReservation      int               `json:"memoryReservation,omitempty"`
	PortMappings           []json.RawMessage `json:"portMappings"`
	Essential              *bool             `json:"essential"`
	EntryPoint             []string          `json:"entryPoint,omitempty"`
	Command                []string          `json:"command,omitempty"`
	Environment            []KeyValue        `json:"environment"`
	Secrets                []Secret          `json:"secrets,omitempty"`
	MountPoints            []json.RawMessage `json:"mountPoints"`
	VolumesFrom            []json.RawMessage `json:"volumesFrom"`
	LinuxParameters        json.RawMessage   `json:"linuxParameters,omitempty"`
	DependsOn              json.RawMessage   `json:"dependsOn,omitempty"`
	StopTimeout            int               `json:"stopTimeout,omitempty"`
	User                   string            `json:"user,omitempty"`
	WorkingDirectory       string            `json:"workingDirectory,omitempty"`
	ReadonlyRootFilesystem *bool             `json:"readonlyRootFilesystem,omitempty"`
	DockerLabels           map[string]string `json:"dockerLabels,omitempty"`
	Ulimits                json.RawMessage   `json:"ulimits,omitempty"`
	LogConfiguration       *LogConfiguration `json:"logConfiguration,omitempty"`
	HealthCheck            json.RawMessage   `json:"healthCheck,omitempty"`
	SystemControls         []json.RawMessage `json:"systemControls"`
	VersionConsistency     string            `json:"versionConsistency,omitempty"`
}

// essential tells whether the task ends with the container; so it is unless
// the definition says otherwise.
func (c ContainerDefinition) essential() bool { return c.Essential == nil || *c.Essential }

// EphemeralStorage is the disk of a task.
type EphemeralStorage struct {
	SizeInGiB int `json:"sizeInGiB"`
}

// TaskDefinition is a revision of a task definition on the wire.
type TaskDefinition struct {
	TaskDefinitionArn       string                `json:"taskDefinitionArn"`
	ContainerDefinitions    []ContainerDefinition `json:"containerDefinitions"`
	Family                  string                `json:"family"`
	TaskRoleArn             string                `json:"taskRoleArn,omitempty"`
	ExecutionRoleArn        string                `json:"executionRoleArn,omitempty"`
	NetworkMode             string                `json:"networkMode,omitempty"`
	Revision                int                   `json:"revision"`
	Volumes                 []json.RawMessage     `json:"volumes"`
	Status                  string                `json:"status"`
	PlacementConstraints    []json.RawMessage     `json:"placementConstraints"`
	Compatibilities         []string              `json:"compatibilities"`
	RuntimePlatform         json.RawMessage       `json:"runtimePlatform,omitempty"`
	RequiresCompatibilities []string              `json:"requiresCompatibilities,omitempty"`
	CPU                     string                `json:"cpu,omitempty"`
	Memory                  string                `json:"memory,omitempty"`
	PidMode                 string                `json:"pidMode,omitempty"`
	IpcMode                 string                `json:"ipcMode,omitempty"`
	EphemeralStorage        *EphemeralStorage     `json:"ephemeralStorage,omitempty"`
	RegisteredAt            *wire.Seconds         `json:"registeredAt,omitempty"`
	DeregisteredAt          *wire.Seconds         `json:"deregisteredAt,omitempty"`
	RegisteredBy            string                `json:"registeredBy,omitempty"`
}

// container finds a container by its name.
func (d TaskDefinition) container(name string) (ContainerDefinition, bool) {
	for _, c := range d.ContainerDefinitions {
		if c.Name == name {
			return c, true
		}
	}
	return ContainerDefinition{}, false
}

type definitionRecord struct {
	TaskDefinition
	Tags []Tag `json:"tags"`
}
