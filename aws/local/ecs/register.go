package ecs

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of task definitions. AWS: RegisterTaskDefinition.
const (
	mostContainers   = 10
	mostStopTimeout  = 120
	leastMemory      = 6
	leastStorage     = 21
	mostStorage      = 200
	defaultStorage   = 20
	networkModeVPC   = "awsvpc"
	logDriverAWSLogs = "awslogs"
)

var resourceName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,255}$`)

type registerInput struct {
	TaskDefinition
	Tags []Tag `json:"tags"`
}

type definitionOutput struct {
	TaskDefinition TaskDefinition `json:"taskDefinition"`
	Tags           []Tag          `json:"tags,omitempty"`
}

func (s *Service) registerTaskDefinition(_ context.Context, in *registerInput) (*definitionOutput, error) {
	d := in.TaskDefinition
	if err := checkDefinition(&d); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	complete(&d)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Revision = len(s.definitions[d.Family]) + 1
	d.TaskDefinitionArn = s.arn("task-definition", d.Family+":"+strconv.Itoa(d.Revision))
	d.Status = statusActive
	d.RegisteredAt, d.DeregisteredAt = wire.SecondsOf(s.clock.Now()), nil
	d.RegisteredBy = "arn:aws:iam::" + s.options.Account + ":root"
	record := &definitionRecord{TaskDefinition: d, Tags: in.Tags}
	if err := s.storeDefinition(record); err != nil {
		return nil, err
	}
	s.definitions[d.Family] = append(s.definitions[d.Family], record)
	return &definitionOutput{TaskDefinition: d, Tags: in.Tags}, nil
}

// complete fills in what AWS answers for members that were left out.
func complete(d *TaskDefinition) {
	d.Volumes, d.PlacementConstraints = orEmpty(d.Volumes), orEmpty(d.PlacementConstraints)
	d.Compatibilities = []string{"EC2"}
	if checkFargate(d) == nil {
		d.Compatibilities = []string{"EC2", fargate}
	}
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		essential := c.essential()
		c.Essential = &essential
		c.PortMappings, c.Environment = orEmpty(c.PortMappings), orEmpty(c.Environment)
		c.MountPoints, c.VolumesFrom = orEmpty(c.MountPoints), orEmpty(c.VolumesFrom)
		c.SystemControls = orEmpty(c.SystemControls)
	}
}

func checkDefinition(d *TaskDefinition) error {
	switch {
	case d.Family == "":
		return client("Family cannot be null or empty.")
	case !resourceName.MatchString(d.Family):
		return client("Family contains invalid characters.")
	case len(d.ContainerDefinitions) == 0:
		return client("Container list cannot be empty.")
	case len(d.ContainerDefinitions) > mostContainers:
		return client("Too many container definitions: the limit is %d.", mostContainers)
	case d.NetworkMode != "" && !slices.Contains([]string{"bridge", "host", networkModeVPC, "none"}, d.NetworkMode):
		return client("Invalid network mode '%s'; it must be one of [bridge, host, awsvpc, none].", d.NetworkMode)
	}
	for _, compatibility := range d.RequiresCompatibilities {
		if !slices.Contains([]string{"EC2", fargate, "EXTERNAL", "MANAGED_INSTANCES"}, compatibility) {
			return client("Invalid requiresCompatibilities '%s'; it must be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES].", compatibility)
		}
	}
	if err := checkSize(d); err != nil {
		return err
	}
	if err := checkContainers(d); err != nil {
		return err
	}
	if slices.Contains(d.RequiresCompatibilities, fargate) {
		return checkFargate(d)
	}
	return nil
}

// checkSize checks the task's own size and writes it in units and MiB.
func checkSize(d *TaskDefinition) error {
	if d.CPU != "" {
		units, ok := cpuUnits(d.CPU)
		if !ok || units < 128 {
			return client("Invalid 'cpu' setting for task.")
		}
		d.CPU = strconv.Itoa(units)
	}
	if d.Memory != "" {
		mib, ok := mebibytes(d.Memory)
		if !ok || mib < leastMemory {
			return client("Invalid 'memory' setting for task.")
		}
		d.Memory = strconv.Itoa(mib)
	}
	if e := d.EphemeralStorage; e != nil && (e.SizeInGiB < leastStorage || e.SizeInGiB > mostStorage) {
		return client("Ephemeral storage size must be between %d and %d GiB.", leastStorage, mostStorage)
	}
	return nil
}

func checkContainers(d *TaskDefinition) error {
	names := map[string]bool{}
	essential := false
	for _, c := range d.ContainerDefinitions {
		if err := checkContainer(d, c); err != nil {
			return err
		}
		if names[c.Name] {
			return client("Container name '%s' is used more than once in the task definition.", c.Name)
		}
		names[c.Name] = true
		essential = essential || c.essential()
	}
	if !essential {
		return client("At least one container of the task definition must be essential.")
	}
	return nil
}

func checkContainer(d *TaskDefinition, c ContainerDefinition) error {
	taskMemory, _ := strconv.Atoi(d.Memory)
	switch {
	case c.Name == "":
		return client("Container.name should not be null or empty.")
	case !resourceName.MatchString(c.Name):
		return client("Container name '%s' contains invalid characters.", c.Name)
	case c.Image == "":
		return client("Container.image should not be null or empty.")
	case c.CPU < 0:
		return client("Invalid 'cpu' setting for container '%s'", c.Name)
	case c.Memory < 0 || c.Memory > 0 && c.Memory < leastMemory || c.MemoryReservation < 0:
		return client("Invalid 'memory' setting for container '%s'", c.Name)
	case taskMemory == 0 && c.Memory == 0 && c.MemoryReservation == 0:
		return client("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", c.Name)
	case taskMemory > 0 && c.Memory > taskMemory:
		return client("Invalid setting for container '%s'. 'memory' (%d) is greater than the task's (%d).", c.Name, c.Memory, taskMemory)
	case c.StopTimeout < 0 || c.StopTimeout > mostStopTimeout:
		return client("Invalid 'stopTimeout' setting for container '%s'; it must be at most %d seconds.", c.Name, mostStopTimeout)
	case len(c.Secrets) > 0 && d.ExecutionRoleArn == "":
		return client("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
	}
	for _, v := range c.Environment {
		if v.Name == "" {
			return client("Environment variable name must not be empty in container '%s'.", c.Name)
		}
	}
	for _, v := range c.Secrets {
		if v.Name == "" || v.ValueFrom == "" {
			return client("Secrets need a name and a valueFrom in container '%s'.", c.Name)
		}
	}
	return checkLogging(c)
}

func checkLogging(c ContainerDefinition) error {
	l := c.LogConfiguration
	if l == nil || l.LogDriver != logDriverAWSLogs {
		return nil
	}
	for _, option := range []string{"awslogs-group", "awslogs-region"} {
		if l.Options[option] == "" {
			return client("Log driver awslogs requires options: awslogs-group, awslogs-region")
		}
	}
	return nil
}

// checkFargate checks what Fargate asks of a definition.
func checkFargate(d *TaskDefinition) error {
	cpu, _ := strconv.Atoi(d.CPU)
	memory, _ := strconv.Atoi(d.Memory)
	switch {
	case d.NetworkMode != networkModeVPC:
		return client("Fargate only supports network mode ‘awsvpc’.")
	case d.CPU == "":
		return client("Fargate requires that 'cpu' be defined at the task level.")
	case d.Memory == "":
		return client("Fargate requires that 'memory' be defined at the task level.")
	case !fits(cpu, memory):
		return client("No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS documentation for the valid values.", cpu, memory)
	}
	for _, c := range d.ContainerDefinitions {
		l := c.LogConfiguration
		switch {
		case l == nil:
		case !slices.Contains([]string{logDriverAWSLogs, "splunk", "awsfirelens"}, l.LogDriver):
			return client("Fargate does not support log driver '%s' of container '%s'; it supports awslogs, splunk and awsfirelens.", l.LogDriver, c.Name)
		case l.LogDriver == logDriverAWSLogs && d.ExecutionRoleArn == "":
			return client("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
		case l.LogDriver == logDriverAWSLogs && l.Options["awslogs-stream-prefix"] == "":
			return client("Log driver awslogs requires option awslogs-stream-prefix on Fargate, in container '%s'.", c.Name)
		}
	}
	return nil
}
