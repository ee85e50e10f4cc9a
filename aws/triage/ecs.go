package triage

// ecsRules read ECS's stop reasons. ECS has worded most of them twice (short
// codes until mid-2024, prose since), and both are still met.
var ecsRules = []rule{
	on(SpotInterrupted, inError|inStop, 96, "spot", "interrupt|reclaim|terminat|preempt|notice|stopped|taken back|evict"),
	on(OutOfMemory, inStop, 95,
		"outofmemory|out of memory|oomkill| oom |memory usage|memory limit|exceeded its memory|exceeded the memory|"+
			"memory exhausted|ran out of memory|exceeded memory|used too much memory"),
	on(OutOfMemory, inStop, 88, "memory", "killed|exceed|kill", "!resource:|insufficient|placement|instance"),
	on(OutOfMemory, inError, 90, "outofmemory|oomkilled|out of memory|oomerror| oom |memoryexceeded|memorylimit"),

	on(WrongArchitecture, inStop, 95,
		"descriptor matching platform|matching manifest for|no match for platform|image operating system|platform of the image|"+
			"does not match the specified platform|architecture|exec format|platform does not match"),
	on(DiskFull, inStop, 94, "no space left|not enough space|insufficient disk|enospc|ran out of disk"),
	on(DiskFull, inStop, 94, "disk full|disk is full").saying(filledUp),
	on(ImagePull, inStop, 93,
		"cannotpull|imagepull|image pull|pull image|pulling image|pull the image|pull container|pulling container|"+
			"pull the container|failed to resolve ref|image manifest|manifest unknown|no basic auth credentials|pull rate limit|"+
			"toomanyrequests|pull access denied|ref pull|docker pull|pull of image|pulling the image|fetch the image|fetch image|"+
			"download the image|image could not be pulled|image cant be pulled|image not found|image was not found|"+
			"image does not exist|image doesnt exist|image cannot be|pull from the registry|pull from registry|pull the docker|"+
			"failed to pull|ecr:|image:tag|retrieve the image",
		"!secret|ssm|log group"),
	on(ImagePull, inStop, 84, "image|registry|repository|docker.io|.ecr.", failing, "!secret|ssm|log group|log stream|exec"),

	on(ImagePull, inStop, 94, "cannot pull registry auth|registry auth from amazon ecr|registry auth from ecr|getauthorizationtoken"),
	on(SecretFetch, inStop, 92,
		"secret|ssm|parameter store|asm |systems manager|getparameter|kms|registry auth|registryauth|parameterstore",
		failing+"|retriev|fetch|pull|decrypt"),
	on(SecretFetch, inStop, 84,
		"execution resource retrieval|resource retrieval| env file|environment file|environmentfiles|execution role",
		failing,
		"!logger|log stream|log group|image"),
	on(LogSetup, inStop, 92,
		"logger|log stream|log group|loggroup|logstream|cloudwatch|awslogs|log driver|logging driver|firelens|splunk|fluentd|"+
			"log configuration|logs:",
		failing+"|killed"),
	on(NetworkSetup, inStop, 92,
		"network interface| eni |elastic network|ip address|subnet|freeaddresses|security group",
		"timeout|timed out|waiting|provision|attach|create|creating|insufficient|free|exhaust|unable|fail|error|delet|"+
			"not found|limit|not become|detach"),
	on(NetworkSetup, inStop, 84,
		"vpc endpoint|nat gateway|route table|no route to host|network unreachable|network is unreachable|internet access|"+
			"connectivity|network configuration",
		failing+"|check|connection issue",
		"!image|secret|log group|cloudwatch|ssm"),
	on(VolumeSetup, inStop, 90,
		" efs|nfs|volume|mount|file system|filesystem|fsx|access point|ephemeralstorage|ephemeral storage| ebs ",
		failing+"|wait|provision",
		"!log |secret|image"),
	on(BadCommand, inStop, 93,
		"executable file not found|not found in $path|permission denied|no such file or directory|is a directory|"+
			"not a directory|executable|not executable|command not found|invalid entrypoint",
		"start|create|exec|oci|runc|container process|entrypoint|init|command|path",
		"!pull|mount|volume|secret"),
	on(BadCommand, inStop, 90,
		"command|entrypoint|executable|program|binary",
		"not found|missing|not exist|no such|not in",
		"path|start|run|exec",
		"!image|secret|log |volume"),
	on(BadCommand, inStop, 60,
		"cannotstartcontainer|cannotcreatecontainer|oci runtime|runc create|failed to create shim|container process|"+
			"failed to start container"),

	on(NoCapacity, inAPI, 93,
		"capacity|resource:|no container instance|no active instance|placement constraint|unable to place|memberof|"+
			"no instances|fargate capacity",
		"unavailable|not available|insufficient|exhaust|resource:|no container instance|no active instance|empty|unsatisfied|"+
			"unable to place|lack|currently|at this time|not enough|does not have|no available|no instances|not satisf",
		"!limit on the number|pull|network interface|ip address"),
	on(NoCapacity, inAPI, 92,
		"insufficient|not enough|no available",
		"cpu|memory units|memory available|gpu| eni |instances|vcpu",
		"!memory usage|killed|ip address"),
	on(NoCapacity, inStop, 62, " agent | attribute | location |resource:|empty capacity provider| inactive "),
	on(TaskQuota, inAPI, 94,
		"limit|quota|maximum number|too many",
		"tasks|vcpu|concurrently|on demand|fargate|service quota",
		"!overrides|cpu units|pull rate|out of memory"),

	on(HostLost, inStop, 90,
		"host|instance|infrastructure|maintenance|hardware|platform|underlying|fargate",
		"terminated|terminating|retire|retirement|maintenance|drain|degraded|unhealthy|patch|lost|unreachable|hardware failure|"+
			"status check",
		"!spot|image|exited"),
	on(TaskStopped, inError|inStop, 84,
		"stopped by|stoptask|user initiated|userinitiated|manually|taskstopped|stopped from the console|cancelled by|"+
			"canceled by|terminated by user|stopped on request"),
}
