package resources

import (
	"context"
	"maps"
)

const taskDefinitionType = "AWS::ECS::TaskDefinition"

// longestFamily bounds names of families.
const longestFamily = 255

var (
	pairShape     = of(texts("Name Value"))
	secretShape   = of(texts("Name! ValueFrom!"))
	containerBase = of(
		texts("Name! Image! User WorkingDirectory Hostname VersionConsistency"),
		numbers("Cpu Memory MemoryReservation StopTimeout StartTimeout"),
		flags("Essential ReadonlyRootFilesystem Privileged Interactive PseudoTerminal DisableNetworking"),
		words("EntryPoint Command DnsServers DnsSearchDomains DockerSecurityOptions Links CredentialSpecs"),
		lists("Environment", pairShape), lists("Secrets", secretShape), lists("EnvironmentFiles", of(texts("Type Value"))),
		lists("MountPoints", of(texts("SourceVolume ContainerPath"), flags("ReadOnly"))),
		lists("VolumesFrom", of(texts("SourceContainer"), flags("ReadOnly"))),
		lists("PortMappings", of(numbers("ContainerPort HostPort"), texts("Protocol Name AppProtocol ContainerPortRange"))),
		lists("DependsOn", of(texts("ContainerName Condition"))), lists("Ulimits", of(texts("Name!"), numbers("HardLimit! SoftLimit!"))),
		lists("SystemControls", of(texts("Namespace Value"))), lists("ResourceRequirements", of(texts("Type! Value!"))),
		lists("ExtraHosts", of(texts("Hostname IpAddress"))), free("DockerLabels"),
		each("HealthCheck", of(words("Command"), numbers("Interval Retries StartPeriod Timeout"))),
		each("LogConfiguration", of(texts("LogDriver!"), free("Options"), lists("SecretOptions", secretShape))),
		each("LinuxParameters", linuxShape), each("RestartPolicy", of(flags("Enabled"), numbers("RestartAttemptPeriod"), lists("IgnoredExitCodes", shape{sort: number}))),
		each("RepositoryCredentials", of(texts("CredentialsParameter"))), each("FirelensConfiguration", of(texts("Type"), free("Options"))),
	)
	linuxShape = of(
		each("Capabilities", of(words("Add Drop"))), flags("InitProcessEnabled"), numbers("MaxSwap SharedMemorySize Swappiness"),
		lists("Devices", of(texts("ContainerPath HostPath"), words("Permissions"))),
		lists("Tmpfs", of(texts("ContainerPath"), numbers("Size!"), words("MountOptions"))),
	)
	volumeShape = of(
		texts("Name"), flags("ConfiguredAtLaunch"), each("Host", of(texts("SourcePath"))),
		opaque("DockerVolumeConfiguration EFSVolumeConfiguration FSxWindowsFileServerVolumeConfiguration"),
	)
	taskDefinitionShape = of(
		texts("Family Cpu Memory ExecutionRoleArn TaskRoleArn"), tagged(), words("RequiresCompatibilities"),
		enum("NetworkMode", "bridge", "host", "awsvpc", "none"), enum("PidMode", "host", "task"), enum("IpcMode", "host", "task", "none"),
		each("EphemeralStorage", of(numbers("SizeInGiB"))), each("RuntimePlatform", of(texts("CpuArchitecture OperatingSystemFamily"))),
		lists("ContainerDefinitions", containerBase), lists("Volumes", volumeShape), flags("EnableFaultInjection"),
		opaque("PlacementConstraints ProxyConfiguration InferenceAccelerators"),
	)
)

// taskDefinition is one revision of a family; its ID is the revision's ARN.
func taskDefinition() Kind {
	return checked(Kind{
		Type: taskDefinitionType, Replaces: taskDefinitionShape.names("Tags"),
		Create: registerDefinition, Update: retagDefinition, Delete: deregisterDefinition, Read: readDefinition,
	}, taskDefinitionShape)
}

func registerDefinition(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	request, _ := taskDefinitionShape.request(p).(map[string]any)
	request["family"] = physical(env, logical, p, "Family", longestFamily)
	var made struct {
		TaskDefinition struct{ TaskDefinitionArn string }
	}
	if err := env.Invoke(ctx, "ecs", "RegisterTaskDefinition", request, &made); err != nil {
		return Made{}, failed("Ecs", err)
	}
	return definitionMade(made.TaskDefinition.TaskDefinitionArn), nil
}

func definitionMade(arn string) Made {
	return Made{ID: arn, Attributes: map[string]any{"TaskDefinitionArn": arn}}
}

func retagDefinition(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	return definitionMade(id), inPlace(ctx, env, id, old, p, changeDefinitionTags)
}

func changeDefinitionTags(ctx context.Context, env Env, id string, old, p Properties) error {
	return changeTags(ctx, env, "ecs", "Ecs", id, tagPairs, old, p)
}

func deregisterDefinition(ctx context.Context, env Env, id string, _ Properties) error {
	live, err := describeDefinition(ctx, env, id)
	if err != nil || live == nil {
		return err
	}
	return failed("Ecs", env.Invoke(ctx, "ecs", "DeregisterTaskDefinition", map[string]any{"taskDefinition": id}, nil))
}

// describeDefinition is an active revision; nil when it is not there or INACTIVE.
func describeDefinition(ctx context.Context, env Env, id string) (map[string]any, error) {
	var found struct {
		TaskDefinition map[string]any
		Tags           []any
	}
	err := env.Invoke(ctx, "ecs", "DescribeTaskDefinition", map[string]any{"taskDefinition": id, "include": []any{"TAGS"}}, &found)
	switch {
	case codeOf(err) == "ClientException": // AWS: "Unable to describe task definition."
		return nil, nil
	case err != nil:
		return nil, failed("Ecs", err)
	case str(found.TaskDefinition, "status") != "ACTIVE":
		return nil, nil
	}
	found.TaskDefinition["tags"] = found.Tags
	return found.TaskDefinition, nil
}

func readDefinition(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	found, err := describeDefinition(ctx, env, id)
	if err != nil || found == nil {
		return nil, err
	}
	live := Properties{}
	maps.Copy(live, p)
	inTemplate, _ := taskDefinitionShape.template(found).(map[string]any)
	maps.Copy(live, inTemplate)
	return observed(p, live), nil
}
