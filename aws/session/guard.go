package session

// reads lists the calls that change nothing, by the SDK's service ID. Whatever is not here
// counts as a change: it is refused in read-only mode, and journalled otherwise. The list is
// written out, not derived from name prefixes, so that a new "Get…" with a side effect
// (AWS has several) is refused until somebody looked at it.
var reads = map[string]map[string]bool{
	"SFN": set(
		"DescribeActivity", "DescribeExecution", "DescribeMapRun", "DescribeStateMachine",
		"DescribeStateMachineAlias", "DescribeStateMachineForExecution", "GetExecutionHistory",
		"ListActivities", "ListExecutions", "ListMapRuns", "ListStateMachineAliases",
		"ListStateMachineVersions", "ListStateMachines", "ListTagsForResource",
		"ValidateStateMachineDefinition",
	),
	"ECS": set(
		"DescribeCapacityProviders", "DescribeClusters", "DescribeTaskDefinition", "DescribeTasks",
		"ListClusters", "ListTagsForResource", "ListTaskDefinitionFamilies", "ListTaskDefinitions", "ListTasks",
	),
	"CloudWatch Logs": set(
		"DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents",
		"ListTagsForResource", "StartLiveTail",
	),
	"S3": set(
		"GetBucketLocation", "GetObject", "GetObjectAttributes", "GetObjectTagging", "HeadBucket",
		"HeadObject", "ListBuckets", "ListMultipartUploads", "ListObjectsV2", "ListParts",
	),
	"SSM": set("DescribeParameters", "ListTagsForResource"),
	"ECR": set(
		"BatchGetImage", "DescribeImages", "DescribeRepositories", "GetAuthorizationToken",
		"ListImages", "ListTagsForResource",
	),
	"CloudFormation": set(
		"DescribeChangeSet", "DescribeStackDriftDetectionStatus", "DescribeStackEvents",
		"DescribeStackResourceDrifts", "DescribeStackResources", "DescribeStacks", "GetTemplate",
		"GetTemplateSummary", "ListChangeSets", "ListStackResources", "ListStacks", "ValidateTemplate",
	),
	"EC2": set("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
	"STS": set("DecodeAuthorizationMessage", "GetCallerIdentity"),
}

func isRead(service, operation string) bool { return reads[service][operation] }

// unbounded lists the calls that outlive the usual deadline because their answer, or their
// body, is a stream. Their callers' contexts end them.
var unbounded = map[string]map[string]bool{
	"SFN":             set("StartSyncExecution"),
	"CloudWatch Logs": set("StartLiveTail"),
	"S3":              set("GetObject", "PutObject", "UploadPart"),
}

func isUnbounded(service, operation string) bool { return unbounded[service][operation] }

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
