package ecs

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// mostOverrides is how many characters the overrides of a task may have,
// JSON's own included. AWS: RunTask, overrides.
const mostOverrides = 8192

// checkOverrides checks the overrides of a request against the definition.
func checkOverrides(o TaskOverride, d TaskDefinition) error {
	text, err := wire.Encode(struct {
		ContainerOverrides []ContainerOverride `json:"containerOverrides"`
	}{o.ContainerOverrides})
	if err != nil {
		return err
	}
	if utf8.RuneCount(text) > mostOverrides {
		return invalid("Container Overrides length must be at most %d", mostOverrides)
	}
	seen := map[string]bool{}
	for _, c := range o.ContainerOverrides {
		if err := checkContainerOverride(c, d); err != nil {
			return err
		}
		if seen[c.Name] {
			return invalid("Override for container named %s is given more than once.", c.Name)
		}
		seen[c.Name] = true
	}
	return checkOverrideSize(o, d)
}

func checkContainerOverride(c ContainerOverride, d TaskDefinition) error {
	if _, known := d.container(c.Name); !known {
		return invalid("Override for container named %s is not a container in the TaskDefinition.", c.Name)
	}
	switch {
	case len(c.EnvironmentFiles) > 0:
		return wire.Errorf("UnsupportedFeatureException", "Local AWS does not read environmentFiles; give the variables of container %s in environment.", c.Name)
	case c.CPU != nil && *c.CPU < 0:
		return invalid("Invalid 'cpu' setting for container '%s'", c.Name)
	case c.Memory != nil && *c.Memory < leastMemory:
		return invalid("Invalid 'memory' setting for container '%s'", c.Name)
	}
	for _, v := range c.Environment {
		if v.Name == "" {
			return invalid("Environment variable name must not be empty in the override of container %s.", c.Name)
		}
	}
	return nil
}

func checkOverrideSize(o TaskOverride, d TaskDefinition) error {
	cpu, cpuOK := cpuUnits(cmp.Or(o.CPU, d.CPU))
	memory, memoryOK := mebibytes(cmp.Or(o.Memory, d.Memory))
	switch {
	case !cpuOK:
		return invalid("Invalid 'cpu' setting for task.")
	case !memoryOK:
		return invalid("Invalid 'memory' setting for task.")
	case !fits(cpu, memory):
		return invalid("No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS documentation for the valid values.", cpu, memory)
	}
	for _, c := range o.ContainerOverrides {
		if c.Memory != nil && *c.Memory > memory {
			return invalid("Invalid setting for container '%s'. 'memory' (%d) is greater than the task's (%d).", c.Name, *c.Memory, memory)
		}
	}
	if e := o.EphemeralStorage; e != nil && (e.SizeInGiB < leastStorage || e.SizeInGiB > mostStorage) {
		return invalid("Ephemeral storage size must be between %d and %d GiB.", leastStorage, mostStorage)
	}
	return nil
}

// applied is the overrides as a task tells them: every container is named.
func applied(o TaskOverride, d TaskDefinition) TaskOverride {
	given := o.ContainerOverrides
	o.ContainerOverrides, o.InferenceAcceleratorOverrides = []ContainerOverride{}, []any{}
	for _, c := range d.ContainerDefinitions {
		i := slices.IndexFunc(given, func(g ContainerOverride) bool { return g.Name == c.Name })
		if i < 0 {
			o.ContainerOverrides = append(o.ContainerOverrides, ContainerOverride{Name: c.Name})
			continue
		}
		o.ContainerOverrides = append(o.ContainerOverrides, given[i])
	}
	return o
}

// override is what the task says for the container.
func (o TaskOverride) override(name string) ContainerOverride {
	for _, c := range o.ContainerOverrides {
		if c.Name == name {
			return c
		}
	}
	return ContainerOverride{Name: name}
}

// size is the task's CPU units and MiB of memory, as text.
func (o TaskOverride) size(d TaskDefinition) (cpu, memory string) {
	units, _ := cpuUnits(cmp.Or(o.CPU, d.CPU))
	mib, _ := mebibytes(cmp.Or(o.Memory, d.Memory))
	return strconv.Itoa(units), strconv.Itoa(mib)
}
