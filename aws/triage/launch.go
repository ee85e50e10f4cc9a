package triage

// launchRules read what RunTask answers instead of starting a task.
var launchRules = []rule{
	on(OverridesTooLong, inCause, 95, "override", "8192|length|too long|too large|size|exceed|at most|too big|longer"),
	on(ContainerUnknown, inCause, 95,
		"not a container in the task|container named|does not contain container|no container named|"+
			"containers in the task definition|unknown container",
		"override|not a container|not contain|no container|unknown|not found|not exist|not defined"),
	on(SizeInvalid, inCause, 94,
		"no fargate configuration|fargate configuration exists|invalid cpu|invalid memory|memory or cpu|cpu or memory|"+
			"cpu and memory|memory and cpu|invalid setting for container|cpu value|memory value|task cpu|task memory"),
	on(CapacityProviderMissing, inCause, 94,
		"capacity provider|capacityprovider",
		absent+"|not associated|not contain|not attached|invalid|not a member|not part of",
		"!empty capacity"),
	on(TaskDefinitionMissing, inError|inCause, 94,
		"task definition|taskdefinition|task def ",
		absent+"|no revision|not registered",
		"!container|override|role"),
	on(ClusterMissing, inError|inCause, 94, "cluster", absent, "!subnet|security group|container instance|capacity provider|task definition"),
	on(NetworkConfig, inCause, 93,
		"network configuration|networkconfiguration|awsvpc|assign public ip|assignpublicip|subnet|security group|securitygroup|"+
			"network mode|networkmode|vpc",
		"must |not supported|unsupported|requires|different|needs|invalid|required|incompatible|not allowed|not belong|"+
			"different vpc|same vpc|at least|cannot be|malformed|not valid|not provided|no network configuration|error retrieving|"+
			"not specified|can not be|empty|"+
			absent,
		"!not authorized|capacity is|dial tcp|connect to"),
	on(PermissionDenied, inCause, 86, "assume", "role", "unable|cannot|"+refused, "!passrole"),
	on(Throttled, inError|inAPI, 88,
		"rate exceeded|throttling|throttled|too many requests|requestlimitexceeded|toomanyrequestsexception|request limit|"+
			"request rate",
		"!pull|image"),
	on(Throttled, inAPI, 80, "too many concurrent attempts"),
	on(Throttled, inLog, 64,
		"rate exceeded|throttling|throttled|too many requests|requestlimitexceeded|slow down|slowdown|"+
			"please reduce your request rate",
		"!retrying"),
}
