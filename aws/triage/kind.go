package triage

// Kind is what made a run fail, from a closed list. The values are stable:
// scripts match on them.
type Kind string

// What is not a failure, and what is not known.
const (
	Unknown           Kind = "unknown" // not recognised: the raw facts are shown instead
	StillRunning      Kind = "stillRunning"
	DidSucceed        Kind = "succeeded"
	SuspiciousSuccess Kind = "suspiciousSuccess" // succeeded, but its log or its task tells of a failure
)

// The job in the container.
const (
	ScriptFailed      Kind = "scriptFailed" // ended with an exit code or an error of its own, nothing more specific
	OutOfMemory       Kind = "outOfMemory"
	Killed            Kind = "killed"  // SIGKILL, and nothing tells by whom
	Crashed           Kind = "crashed" // SIGSEGV and the like
	Terminated        Kind = "terminated"
	BadCommand        Kind = "badCommand" // not found or not executable
	WrongArchitecture Kind = "wrongArchitecture"
	DependencyMissing Kind = "dependencyMissing"
	InputInvalid      Kind = "inputInvalid"
	SidecarEnded      Kind = "sidecarEnded" // another essential container ended and took the job with it
)

// ECS and what a task needs to start and to stay.
const (
	ImagePull       Kind = "imagePull"
	SecretFetch     Kind = "secretFetch"
	LogSetup        Kind = "logSetup"
	NetworkSetup    Kind = "networkSetup"
	VolumeSetup     Kind = "volumeSetup"
	SpotInterrupted Kind = "spotInterrupted"
	HostLost        Kind = "hostLost"
	TaskStopped     Kind = "taskStopped" // someone stopped the ECS task
)

// RunTask refused the task, or had no place for it.
const (
	NoCapacity              Kind = "noCapacity"
	TaskQuota               Kind = "taskQuota"
	Throttled               Kind = "throttled"
	OverridesTooLong        Kind = "overridesTooLong"
	NetworkConfig           Kind = "networkConfig"
	ClusterMissing          Kind = "clusterMissing"
	TaskDefinitionMissing   Kind = "taskDefinitionMissing"
	ContainerUnknown        Kind = "containerUnknown" // an override names a container that the task definition lacks
	SizeInvalid             Kind = "sizeInvalid"
	CapacityProviderMissing Kind = "capacityProviderMissing"
)

// Permissions.
const (
	PassRoleDenied   Kind = "passRoleDenied"
	RunTaskDenied    Kind = "runTaskDenied"
	CallbackDenied   Kind = "callbackDenied" // the task may not answer its token
	PermissionDenied Kind = "permissionDenied"
	Credentials      Kind = "credentials" // none, expired or refused
)

// The token and its answer.
const (
	DeadToken      Kind = "deadToken"     // the task is gone and its token was never answered
	TokenRejected  Kind = "tokenRejected" // mangled, empty, or of an earlier attempt
	OutputInvalid  Kind = "outputInvalid"
	OutputTooLarge Kind = "outputTooLarge"
)

// Time and people.
const (
	HeartbeatLost Kind = "heartbeatLost"
	TaskTimeout   Kind = "taskTimeout"
	RunTimeout    Kind = "runTimeout"
	Stopped       Kind = "stopped" // someone stopped the run
)

// Databases, connections and storage that the job works with.
const (
	DatabaseAuth       Kind = "databaseAuth"
	DatabaseMissing    Kind = "databaseMissing"
	DatabasePermission Kind = "databasePermission"
	DatabaseVersion    Kind = "databaseVersion"
	DatabaseBusy       Kind = "databaseBusy"
	DatabaseLocked     Kind = "databaseLocked"
	DatabaseError      Kind = "databaseError"
	HostUnknown        Kind = "hostUnknown"
	ConnectionRefused  Kind = "connectionRefused"
	ConnectionTimeout  Kind = "connectionTimeout"
	ConnectionLost     Kind = "connectionLost"
	TLSFailed          Kind = "tlsFailed"
	DiskFull           Kind = "diskFull"
	DumpIncomplete     Kind = "dumpIncomplete"
	BucketMissing      Kind = "bucketMissing"
	ObjectMissing      Kind = "objectMissing"
)

// The definition of the machine.
const (
	DefinitionError Kind = "definitionError" // a path or a function that cannot be evaluated
	NoChoiceMatched Kind = "noChoiceMatched"
	ExpressionError Kind = "expressionError" // JSONata
	ParameterType   Kind = "parameterType"
	HistoryFull     Kind = "historyFull"
	MapItemsFailed  Kind = "mapItemsFailed"
	FailState       Kind = "failState" // the machine ended the run itself
)
