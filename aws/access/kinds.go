package access

// clusterARN is the stack's cluster in a condition.
const clusterARN = "${Cluster}"

// Kinds tells, for each type of resource that the stack's template has, what CloudFormation
// needs to make, change, read for drift, and delete it. It calls in the name of who deploys,
// and only through it are these allowed. A serverless machine counts as the one it becomes.
func Kinds() map[string][]Need {
	return map[string][]Need{
		"AWS::ECR::Repository": on(
			repository, "ecr", "CreateRepository", "DeleteRepository", "DescribeRepositories", "DeleteLifecyclePolicy",
			"GetLifecyclePolicy", "PutLifecyclePolicy", "DeleteRepositoryPolicy", "GetRepositoryPolicy", "SetRepositoryPolicy",
			"PutImageScanningConfiguration", "PutImageTagMutability", "ListTagsForResource", "TagResource", "UntagResource",
		),
		"AWS::S3::Bucket": on(
			buckets, "s3", "CreateBucket", "DeleteBucket", "PutBucketTagging", "TagResource", "UntagResource", "PutEncryptionConfiguration",
			"PutBucketPublicAccessBlock", "PutBucketOwnershipControls", "PutBucketVersioning", "PutLifecycleConfiguration",
			// Drift, and taking a bucket in, read all of it, also what the template does not set.
			"GetAccelerateConfiguration", "GetAnalyticsConfiguration", "GetBucketCORS", "GetBucketLogging", "GetBucketMetadataTableConfiguration",
			"GetBucketNotification", "GetBucketObjectLockConfiguration", "GetBucketOwnershipControls", "GetBucketPublicAccessBlock",
			"GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite", "GetEncryptionConfiguration", "GetIntelligentTieringConfiguration",
			"GetInventoryConfiguration", "GetLifecycleConfiguration", "GetMetricsConfiguration", "GetReplicationConfiguration",
			"ListBucket", "ListTagsForResource",
		),
		"AWS::S3::BucketPolicy": on(buckets, "s3", "DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"),
		"AWS::ECS::Cluster": append(
			on(cluster, "ecs", "DeleteCluster", "DescribeClusters", "PutClusterCapacityProviders", "UpdateCluster", "UpdateClusterSettings",
				"ListTagsForResource", "TagResource", "UntagResource"),
			allow("ecs:CreateCluster", everything),
			// AWS: the account's first cluster makes the role that ECS itself uses.
			allow("iam:CreateServiceLinkedRole", everything).when("StringEquals", "iam:AWSServiceName", "ecs.amazonaws.com"),
		),
		// AWS: revisions are registered and deregistered without a resource to name.
		"AWS::ECS::TaskDefinition": append(
			on(everything, "ecs", "RegisterTaskDefinition", "DeregisterTaskDefinition", "DescribeTaskDefinition"),
			append(on(definitions, "ecs", "ListTagsForResource", "TagResource", "UntagResource"), pass("ecs-tasks"))...,
		),
		"AWS::EC2::SecurityGroup": append(
			on(groups, "ec2", "CreateSecurityGroup", "DeleteSecurityGroup", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress",
				"RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress", "CreateTags", "DeleteTags"),
			allow("ec2:CreateSecurityGroup", networks), allow("ec2:DescribeSecurityGroups", everything),
		),
		"AWS::Logs::LogGroup": append(
			on(logGroups, "logs", "CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy", "PutRetentionPolicy",
				"GetDataProtectionPolicy", "DescribeIndexPolicies", "ListTagsForResource", "TagResource", "UntagResource"),
			allow("logs:DescribeLogGroups", everything), allow("logs:DescribeResourcePolicies", everything),
		),
		"AWS::IAM::Role": on(
			roles, "iam", "CreateRole", "DeleteRole", "GetRole", "UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy", "AttachRolePolicy", "DetachRolePolicy",
			"DeleteRolePolicy", "GetRolePolicy", "PutRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "TagRole", "UntagRole",
		),
		"AWS::IAM::RolePolicy": on(roles, "iam", "DeleteRolePolicy", "GetRolePolicy", "PutRolePolicy"),
		"AWS::StepFunctions::StateMachine": append(
			on(machines, "states", "CreateStateMachine", "DeleteStateMachine", "DescribeStateMachine", "UpdateStateMachine",
				"ListTagsForResource", "TagResource", "UntagResource"),
			pass("states"),
		),
		"AWS::Events::Rule": append(
			on(rules, "events", "DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "PutRule", "ListTargetsByRule", "PutTargets",
				"RemoveTargets", "ListTagsForResource", "TagResource", "UntagResource"),
			pass("events"),
		),
		"AWS::SQS::Queue": on(
			queues, "sqs", "CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "SetQueueAttributes",
			"ListQueueTags", "TagQueue", "UntagQueue",
		),
		"AWS::SQS::QueuePolicy": on(queues, "sqs", "GetQueueAttributes", "SetQueueAttributes"),
		// AWS: alarms are described as alarm:*, whatever names are asked for.
		"AWS::CloudWatch::Alarm": append(
			on(alarms, "cloudwatch", "DeleteAlarms", "PutMetricAlarm", "ListTagsForResource", "TagResource", "UntagResource"),
			allow("cloudwatch:DescribeAlarms", everything),
		),
		"AWS::Scheduler::Schedule": append(
			on(schedules, "scheduler", "CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"),
			pass("scheduler"),
		),
	}
}

// on allows actions of one service on one resource.
func on(r Resource, service string, actions ...string) []Need {
	var needs []Need
	for _, action := range actions {
		needs = append(needs, allow(service+":"+action, r))
	}
	return needs
}

// pass lets a service have the stack's roles, and no other service.
func pass(service string) Need {
	return allow("iam:PassRole", roles).when("StringEquals", "iam:PassedToService", service+".amazonaws.com")
}
