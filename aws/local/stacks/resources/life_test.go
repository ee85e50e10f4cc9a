package resources_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

const (
	trust = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	grant = `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	other = `{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
)

// life is what happens to one resource of a kind.
type life struct {
	kind string
	// before are resources that it needs, by type, with their properties.
	before [][2]string
	// properties at first, and after an update.
	properties, updated string
	// id and attributes are those wanted of it.
	id         string
	attributes map[string]any
	// change is done behind the stack's back; drifted is what then tells it.
	change  func(r *rig, id string)
	drifted string
	// gone deletes it behind the stack's back.
	gone func(r *rig, id string)
	// twice is what a second one of the properties fails with; empty where AWS makes another.
	twice string
}

var lives = map[string]life{
	"repository": {
		kind: "AWS::ECR::Repository",
		properties: `{"RepositoryName":"team/dumps","ImageTagMutability":"IMMUTABLE","ImageScanningConfiguration":{"ScanOnPush":"true"},"EncryptionConfiguration":{"EncryptionType":"AES256"},
			"LifecyclePolicy":{"LifecyclePolicyText":"{\"rules\":[{\"rulePriority\":1}]}"},"Tags":[{"Key":"b","Value":"1"},{"Key":"a","Value":"2"}]}`,
		updated: `{"RepositoryName":"team/dumps","ImageTagMutability":"MUTABLE","Tags":[{"Key":"c","Value":"1"}]}`,
		id:      "team/dumps",
		attributes: map[string]any{
			"Arn": "arn:aws:ecr:us-east-1:123456789012:repository/team/dumps", "RepositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/dumps",
		},
		change: func(r *rig, _ string) {
			r.call("ecr", "PutLifecyclePolicy", `{"repositoryName":"team/dumps","lifecyclePolicyText":"{\"rules\":[{\"rulePriority\":2}]}"}`)
		},
		drifted: "LifecyclePolicyText",
		gone:    func(r *rig, _ string) { r.call("ecr", "DeleteRepository", `{"repositoryName":"team/dumps"}`) },
		twice:   "The repository with name 'team/dumps' already exists in the registry with id '123456789012' (Service: Ecr, Status Code: 400",
	},
	"bucket": {
		kind: "AWS::S3::Bucket",
		properties: `{"BucketName":"dumps-artifacts","VersioningConfiguration":{"Status":"Enabled"},"PublicAccessBlockConfiguration":{"BlockPublicAcls":"true"},
			"LifecycleConfiguration":{"Rules":[{"Id":"Expire","Status":"Enabled","ExpirationInDays":"90","NoncurrentVersionExpiration":{"NoncurrentDays":14}}]}}`,
		updated: `{"BucketName":"dumps-artifacts","VersioningConfiguration":{"Status":"Suspended"}}`,
		id:      "dumps-artifacts",
		attributes: map[string]any{
			"Arn": "arn:aws:s3:::dumps-artifacts", "DomainName": "dumps-artifacts.s3.amazonaws.com",
			"RegionalDomainName": "dumps-artifacts.s3.us-east-1.amazonaws.com", "DualStackDomainName": "dumps-artifacts.s3.dualstack.us-east-1.amazonaws.com",
			"WebsiteURL": "http://dumps-artifacts.s3-website-us-east-1.amazonaws.com",
		},
		change: func(r *rig, id string) {
			r.ok(r.records.Put("AWS::S3::Bucket", id, map[string]any{"VersioningConfiguration": map[string]any{"Status": "Suspended"}}))
		},
		drifted: "Suspended",
		gone:    func(r *rig, _ string) { r.call("s3", "DeleteBucket", `{"Bucket":"dumps-artifacts"}`) },
		twice:   "dumps-artifacts already exists (Service: S3",
	},
	"bucket policy": {
		kind:       "AWS::S3::BucketPolicy",
		properties: `{"Bucket":"dumps-artifacts","PolicyDocument":` + grant + `}`, updated: `{"Bucket":"dumps-artifacts","PolicyDocument":` + other + `}`,
		id: "dumps-artifacts",
		change: func(r *rig, id string) {
			r.ok(r.records.Put("AWS::S3::BucketPolicy", id, map[string]any{"Bucket": id, "PolicyDocument": map[string]any{}}))
		},
		drifted: "Statement",
		gone:    func(r *rig, id string) { r.ok(r.records.Delete("AWS::S3::BucketPolicy", id)) },
		twice:   `Resource of type 'AWS::S3::BucketPolicy' with identifier '{"/properties/Bucket":"dumps-artifacts"}' already exists.`,
	},
	"cluster": {
		kind: "AWS::ECS::Cluster",
		properties: `{"ClusterName":"dumps","CapacityProviders":["FARGATE","FARGATE_SPOT"],"DefaultCapacityProviderStrategy":[{"CapacityProvider":"FARGATE","Weight":"1"}],
			"ClusterSettings":[{"Name":"containerInsights","Value":"enabled"}],"Tags":[{"Key":"project","Value":"dumps"}]}`,
		updated: `{"ClusterName":"dumps","CapacityProviders":["FARGATE"],"ClusterSettings":[{"Name":"containerInsights","Value":"disabled"}]}`,
		id:      "dumps", attributes: map[string]any{"Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/dumps"},
		change: func(r *rig, _ string) {
			r.call("ecs", "UpdateCluster", `{"cluster":"dumps","settings":[{"name":"containerInsights","value":"disabled"}]}`)
		},
		drifted: "disabled",
		gone:    func(r *rig, _ string) { r.call("ecs", "DeleteCluster", `{"cluster":"dumps"}`) },
		twice:   `Resource of type 'AWS::ECS::Cluster' with identifier '{"/properties/ClusterName":"dumps"}' already exists.`,
	},
	"capacity providers": {
		kind: "AWS::ECS::ClusterCapacityProviderAssociations", before: [][2]string{{"AWS::ECS::Cluster", `{"ClusterName":"dumps"}`}},
		properties: `{"Cluster":"dumps","CapacityProviders":["FARGATE","FARGATE_SPOT"],"DefaultCapacityProviderStrategy":[{"CapacityProvider":"FARGATE_SPOT","Base":1,"Weight":2}]}`,
		updated:    `{"Cluster":"dumps","CapacityProviders":["FARGATE"],"DefaultCapacityProviderStrategy":[]}`,
		id:         "dumps",
		change: func(r *rig, _ string) {
			r.call("ecs", "PutClusterCapacityProviders", `{"cluster":"dumps","capacityProviders":["FARGATE_SPOT"],"defaultCapacityProviderStrategy":[]}`)
		},
		drifted: "FARGATE",
		gone:    func(r *rig, _ string) { r.call("ecs", "DeleteCluster", `{"cluster":"dumps"}`) },
	},
	"task definition": {
		kind: "AWS::ECS::TaskDefinition",
		properties: `{"Family":"dumps-task","NetworkMode":"awsvpc","RequiresCompatibilities":["FARGATE"],"Cpu":"256","Memory":512,"EphemeralStorage":{"SizeInGiB":"21"},
			"RuntimePlatform":{"OperatingSystemFamily":"LINUX","CpuArchitecture":"X86_64"},"ExecutionRoleArn":"arn:aws:iam::123456789012:role/e","TaskRoleArn":"arn:aws:iam::123456789012:role/t",
			"Volumes":[{"Name":"work"}],"Tags":[{"Key":"project","Value":"dumps"}],"ContainerDefinitions":[{"Name":"job","Image":"busybox","Essential":"true","User":65532,"ReadonlyRootFilesystem":true,
			"LinuxParameters":{"Capabilities":{"Drop":["ALL"]}},"MountPoints":[{"SourceVolume":"work","ContainerPath":"/work"}],"StopTimeout":"110",
			"Environment":[{"Name":"B","Value":"1"},{"Name":"A","Value":2}],"Secrets":[{"Name":"DB_USER","ValueFrom":"arn:aws:ssm:us-east-1:123456789012:parameter/dumps/db/user"}],
			"LogConfiguration":{"LogDriver":"awslogs","Options":{"awslogs-group":"/g","awslogs-region":"us-east-1","awslogs-stream-prefix":"run"}}}]}`,
		updated: "", // all but the tags replaces it
		id:      "arn:aws:ecs:us-east-1:123456789012:task-definition/dumps-task:1", attributes: map[string]any{"TaskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/dumps-task:1"},
		change: func(r *rig, id string) {
			r.call("ecs", "TagResource", `{"resourceArn":"`+id+`","tags":[{"key":"project","value":"mine"}]}`)
		},
		drifted: "mine",
		gone: func(r *rig, id string) {
			r.call("ecs", "DeregisterTaskDefinition", `{"taskDefinition":"`+id+`"}`)
		},
	},
	"log group": {
		kind:       "AWS::Logs::LogGroup",
		properties: `{"LogGroupName":"/aws/ecs/dumps/task","RetentionInDays":"30","Tags":[{"Key":"project","Value":"dumps"}]}`,
		updated:    `{"LogGroupName":"/aws/ecs/dumps/task","Tags":[{"Key":"team","Value":"data"}]}`,
		id:         "/aws/ecs/dumps/task", attributes: map[string]any{"Arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ecs/dumps/task:*"},
		change: func(r *rig, id string) {
			r.call("logs", "PutRetentionPolicy", `{"logGroupName":"`+id+`","retentionInDays":7}`)
		},
		drifted: "7",
		gone:    func(r *rig, id string) { r.call("logs", "DeleteLogGroup", `{"logGroupName":"`+id+`"}`) },
		twice:   `Resource of type 'AWS::Logs::LogGroup' with identifier '{"/properties/LogGroupName":"/aws/ecs/dumps/task"}' already exists.`,
	},
	"role": {
		kind: "AWS::IAM::Role",
		properties: `{"RoleName":"task","Path":"/dumps/","Description":"d","MaxSessionDuration":"7200","AssumeRolePolicyDocument":` + trust + `,"ManagedPolicyArns":["arn:aws:iam::aws:policy/Base"],
			"Policies":[{"PolicyName":"read","PolicyDocument":` + grant + `},{"PolicyName":"deny","PolicyDocument":` + other + `}],"Tags":[{"Key":"b","Value":"1"},{"Key":"a","Value":"2"}]}`,
		updated: `{"RoleName":"task","Path":"/dumps/","AssumeRolePolicyDocument":` + trust + `,"Policies":[{"PolicyName":"read","PolicyDocument":` + other + `}],"Tags":[{"Key":"a","Value":"3"}]}`,
		id:      "task", attributes: map[string]any{"Arn": "arn:aws:iam::123456789012:role/dumps/task", "RoleId": "*"},
		change: func(r *rig, _ string) {
			r.call("iam", "PutRolePolicy", `{"RoleName":"task","PolicyName":"read","PolicyDocument":"{\"Statement\":[]}"}`)
		},
		drifted: "s3:GetObject",
		gone: func(r *rig, _ string) {
			for _, name := range []string{"read", "deny"} {
				r.call("iam", "DeleteRolePolicy", `{"RoleName":"task","PolicyName":"`+name+`"}`)
			}
			r.call("iam", "DetachRolePolicy", `{"RoleName":"task","PolicyArn":"arn:aws:iam::aws:policy/Base"}`)
			r.call("iam", "DeleteRole", `{"RoleName":"task"}`)
		},
		twice: "Role with name task already exists. (Service: Iam, Status Code: 409",
	},
	"role policy": {
		kind: "AWS::IAM::RolePolicy", before: [][2]string{{"AWS::IAM::Role", `{"RoleName":"task","AssumeRolePolicyDocument":` + trust + `}`}},
		properties: `{"RoleName":"task","PolicyName":"report","PolicyDocument":` + grant + `}`, updated: `{"RoleName":"task","PolicyName":"report","PolicyDocument":` + other + `}`,
		id: "report|task",
		change: func(r *rig, _ string) {
			r.call("iam", "PutRolePolicy", `{"RoleName":"task","PolicyName":"report","PolicyDocument":"{\"Statement\":[]}"}`)
		},
		drifted: "s3:GetObject",
		gone:    func(r *rig, _ string) { r.call("iam", "DeleteRolePolicy", `{"RoleName":"task","PolicyName":"report"}`) },
		twice:   `Resource of type 'AWS::IAM::RolePolicy' with identifier '{"/properties/PolicyName":"report|task"}' already exists.`,
	},
	"policy": {
		kind: "AWS::IAM::Policy", before: [][2]string{{"AWS::IAM::Role", `{"RoleName":"task","AssumeRolePolicyDocument":` + trust + `}`}},
		properties: `{"PolicyName":"report","Roles":["task"],"PolicyDocument":` + grant + `}`, updated: `{"PolicyName":"other","Roles":["task"],"PolicyDocument":` + other + `}`,
		id: "dumps-Thing-*", attributes: map[string]any{"Id": "*"},
		change: func(r *rig, _ string) {
			r.call("iam", "PutRolePolicy", `{"RoleName":"task","PolicyName":"report","PolicyDocument":"{\"Statement\":[]}"}`)
		},
		drifted: "s3:GetObject",
		gone:    func(r *rig, _ string) { r.call("iam", "DeleteRolePolicy", `{"RoleName":"task","PolicyName":"report"}`) },
	},
	"machine": {
		kind: "AWS::StepFunctions::StateMachine",
		properties: `{"StateMachineName":"dumps-run","StateMachineType":"STANDARD","RoleArn":"arn:aws:iam::123456789012:role/w","DefinitionSubstitutions":{"Seconds":5},
			"Definition":{"StartAt":"A","TimeoutSeconds":9,"States":{"A":{"Type":"Pass","Result":"${Seconds}","End":true}}},"TracingConfiguration":{"Enabled":"true"},"Tags":[{"Key":"b","Value":"1"},{"Key":"a","Value":"2"}],
			"LoggingConfiguration":{"Level":"ALL","IncludeExecutionData":false,"Destinations":[{"CloudWatchLogsLogGroup":{"LogGroupArn":"arn:aws:logs:us-east-1:123456789012:log-group:/g:*"}}]}}`,
		updated: `{"StateMachineName":"dumps-run","RoleArn":"arn:aws:iam::123456789012:role/w","DefinitionString":"{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Succeed\"}}}","Tags":[{"Key":"a","Value":"3"}]}`,
		id:      "arn:aws:states:us-east-1:123456789012:stateMachine:dumps-run",
		attributes: map[string]any{
			"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:dumps-run", "Name": "dumps-run", "StateMachineRevisionId": "INITIAL",
		},
		change: func(r *rig, id string) {
			r.call("states", "UpdateStateMachine", `{"stateMachineArn":"`+id+`","definition":"{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Succeed\"}}}"}`)
		},
		drifted: `"StartAt": string("C")`,
		gone:    func(r *rig, id string) { r.call("states", "DeleteStateMachine", `{"stateMachineArn":"`+id+`"}`) },
		twice:   "Resource of type 'AWS::StepFunctions::StateMachine' with identifier '{\"/properties/Arn\":\"arn:aws:states:us-east-1:123456789012:stateMachine:dumps-run\"}' already exists.",
	},
	"rule": {
		kind: "AWS::Events::Rule",
		properties: `{"Name":"dumps-reap","Description":"d","EventPattern":{"source":["aws.ecs"]},
			"Targets":[{"Id":"reaper","Arn":"arn:aws:states:us-east-1:123456789012:stateMachine:dumps-reap","RoleArn":"arn:aws:iam::123456789012:role/r","RetryPolicy":{"MaximumRetryAttempts":"20","MaximumEventAgeInSeconds":3600},"DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:123456789012:q"}}]}`,
		updated: `{"Name":"dumps-reap","EventPattern":"{\"source\":[\"aws.ecs\",\"mine\"]}","State":"DISABLED",
			"Targets":[{"Id":"second","Arn":"arn:aws:states:us-east-1:123456789012:stateMachine:dumps-reap","RoleArn":"arn:aws:iam::123456789012:role/r"}]}`,
		id: "dumps-reap", attributes: map[string]any{"Arn": "arn:aws:events:us-east-1:123456789012:rule/dumps-reap"},
		change: func(r *rig, _ string) {
			r.call("events", "PutRule", `{"Name":"dumps-reap","Description":"d","EventPattern":"{\"source\":[\"aws.ec2\"]}"}`)
		},
		drifted: "aws.ec2",
		gone: func(r *rig, _ string) {
			r.call("events", "RemoveTargets", `{"Rule":"dumps-reap","Ids":["reaper"]}`)
			r.call("events", "DeleteRule", `{"Name":"dumps-reap"}`)
		},
		twice: `Resource of type 'AWS::Events::Rule' with identifier '{"/properties/Arn":"arn:aws:events:us-east-1:123456789012:rule/dumps-reap"}' already exists.`,
	},
	"security group": {
		kind: "AWS::EC2::SecurityGroup",
		properties: `{"GroupName":"task","GroupDescription":"of tasks","VpcId":"` + network.VPC + `","Tags":[{"Key":"project","Value":"dumps"}],
			"SecurityGroupEgress":[{"IpProtocol":"tcp","FromPort":443,"ToPort":"443","CidrIp":"0.0.0.0/0","Description":"AWS"},{"IpProtocol":"tcp","FromPort":3306,"ToPort":3306,"CidrIp":"10.0.0.0/8"}]}`,
		updated: `{"GroupName":"task","GroupDescription":"of tasks","VpcId":"` + network.VPC + `","Tags":[{"Key":"team","Value":"data"}],
			"SecurityGroupEgress":[{"IpProtocol":"-1","CidrIp":"0.0.0.0/0","Description":"all"},{"IpProtocol":"tcp","FromPort":3306,"ToPort":3306,"CidrIp":"10.0.0.0/8","Description":"database"}],"SecurityGroupIngress":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIp":"10.0.0.0/8"}]}`,
		id: "sg-*", attributes: map[string]any{"GroupId": "*", "Id": "*", "VpcId": network.VPC},
		change: func(r *rig, id string) {
			r.call("ec2", "RevokeSecurityGroupEgress", `{"GroupId":"`+id+`","IpPermissions":[{"IpProtocol":"tcp","FromPort":"443","ToPort":"443","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}`)
		},
		drifted: `443`,
		gone:    func(r *rig, id string) { r.call("ec2", "DeleteSecurityGroup", `{"GroupId":"`+id+`"}`) },
		twice:   "The security group 'task' already exists for VPC '" + network.VPC + "' (Service: Ec2",
	},
	"queue": {
		kind:       "AWS::SQS::Queue",
		properties: `{"QueueName":"dead","MessageRetentionPeriod":"1209600","SqsManagedSseEnabled":true}`, updated: `{"QueueName":"dead","MessageRetentionPeriod":60}`,
		id:         "https://sqs.us-east-1.amazonaws.com/123456789012/dead",
		attributes: map[string]any{"Arn": "arn:aws:sqs:us-east-1:123456789012:dead", "QueueName": "dead", "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/dead"},
		change: func(r *rig, id string) {
			r.ok(r.records.Put("AWS::SQS::Queue", id, map[string]any{"QueueName": "dead", "MessageRetentionPeriod": 5}))
		},
		drifted: "MessageRetentionPeriod",
		gone:    func(r *rig, id string) { r.ok(r.records.Delete("AWS::SQS::Queue", id)) },
		twice:   "already exists.",
	},
	"queue policy": {
		kind:       "AWS::SQS::QueuePolicy",
		properties: `{"Queues":["https://sqs.us-east-1.amazonaws.com/123456789012/dead"],"PolicyDocument":` + grant + `}`, updated: `{"Queues":["x"],"PolicyDocument":` + other + `}`,
		id: "dumps-Thing-*", attributes: map[string]any{"Id": "*"},
		change: func(r *rig, id string) {
			r.ok(r.records.Put("AWS::SQS::QueuePolicy", id, map[string]any{"Queues": []string{}}))
		},
		drifted: "dead",
		gone:    func(r *rig, id string) { r.ok(r.records.Delete("AWS::SQS::QueuePolicy", id)) },
	},
	"alarm": {
		kind:       "AWS::CloudWatch::Alarm",
		properties: `{"ComparisonOperator":"GreaterThanOrEqualToThreshold","EvaluationPeriods":"1","Threshold":1,"Metrics":[{"Id":"m","Expression":"a+b"},{"Id":"a","ReturnData":"false","MetricStat":{"Metric":{"Namespace":"N","MetricName":"M","Dimensions":[{"Name":"x","Value":"y"}]},"Period":300,"Stat":"Sum"}}]}`,
		updated:    `{"ComparisonOperator":"LessThanThreshold","EvaluationPeriods":2}`,
		id:         "dumps-Thing-*", attributes: map[string]any{"Arn": "*"},
		change: func(r *rig, id string) {
			r.ok(r.records.Put("AWS::CloudWatch::Alarm", id, map[string]any{"Threshold": 2}))
		},
		drifted: "Threshold",
		gone:    func(r *rig, id string) { r.ok(r.records.Delete("AWS::CloudWatch::Alarm", id)) },
	},
	"schedule": {
		kind: "AWS::Scheduler::Schedule",
		properties: `{"Name":"nightly","ScheduleExpression":"rate(1 day)","ScheduleExpressionTimezone":"UTC","FlexibleTimeWindow":{"Mode":"FLEXIBLE","MaximumWindowInMinutes":5},
			"Target":{"Arn":"arn:aws:states:us-east-1:123456789012:stateMachine:dumps-run","RoleArn":"r","Input":"{}","RetryPolicy":{"MaximumRetryAttempts":10}}}`,
		updated: `{"Name":"nightly","ScheduleExpression":"rate(2 days)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":"a","RoleArn":"r"}}`,
		id:      "nightly", attributes: map[string]any{"Arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/nightly"},
		change: func(r *rig, id string) {
			r.ok(r.records.Put("AWS::Scheduler::Schedule", id, map[string]any{"ScheduleExpression": "rate(9 days)"}))
		},
		drifted: "rate(9 days)",
		gone:    func(r *rig, id string) { r.ok(r.records.Delete("AWS::Scheduler::Schedule", id)) },
		twice:   "already exists.",
	},
}

func TestEveryKindLives(t *testing.T) {
	for name, l := range lives {
		t.Run(name, func(t *testing.T) { l.run(newRig(t)) })
	}
	var lived []string
	for _, l := range lives {
		lived = append(lived, l.kind)
	}
	for kind := range resources.Known() {
		if !slices.Contains(lived, kind) {
			t.Errorf("%s has no life here", kind)
		}
	}
}

func (l life) run(r *rig) {
	for _, needed := range l.before {
		r.create(needed[0], "Needed", needed[1])
	}
	kind := kindOf(r, l.kind)
	made := r.create(l.kind, "Thing", l.properties)
	l.checkMade(r, made)
	if kind.Name != "" {
		there, err := kind.Existing(r.Context(), r.env, made.ID)
		r.ok(err)
		l.checkMade(r, there)
		if name := props(r, l.properties)[kind.Name]; name != made.ID {
			r.Errorf("its %s is %v, its id %s", kind.Name, name, made.ID)
		}
	}
	if diff := r.drift(l.kind, made.ID, l.properties); diff != "" {
		r.Errorf("it drifts from the beginning: %s", diff)
	}
	_, err := kind.Create(r.Context(), r.env, "Thing", props(r, l.properties))
	if l.twice != "" {
		r.refused(err, `Resource handler returned message: "`, l.twice, "HandlerErrorCode: AlreadyExists)")
	} else {
		r.ok(err)
	}
	l.change(r, made.ID)
	if diff := r.drift(l.kind, made.ID, l.properties); !strings.Contains(diff, l.drifted) {
		r.Errorf("after the change behind its back: %s, want %s in it", diff, l.drifted)
	}
	last := l.properties
	if l.updated != "" {
		last = l.updated
		again, err := kind.Update(r.Context(), r.env, made.ID, props(r, l.properties), props(r, l.updated))
		r.ok(err)
		if again.ID != made.ID {
			r.Errorf("the update made %s of %s", again.ID, made.ID)
		}
		if diff := r.drift(l.kind, made.ID, l.updated); diff != "" {
			r.Errorf("after the update: %s", diff)
		}
	}
	for range 2 {
		r.ok(kind.Delete(r.Context(), r.env, made.ID, props(r, last)))
		if diff := r.drift(l.kind, made.ID, last); diff != "gone" && !strings.Contains(l.kind, "CapacityProviderAssociations") {
			r.Errorf("after the deletion: %s", diff)
		}
	}
	l.vanishes(newRig(r.T))
}

// vanishes deletes it behind the stack's back.
func (l life) vanishes(r *rig) {
	for _, needed := range l.before {
		r.create(needed[0], "Needed", needed[1])
	}
	made := r.create(l.kind, "Thing", l.properties)
	l.gone(r, made.ID)
	if diff := r.drift(l.kind, made.ID, l.properties); diff != "gone" {
		r.Errorf("deleted behind its back: %s", diff)
	}
	r.ok(kindOf(r, l.kind).Delete(r.Context(), r.env, made.ID, props(r, l.properties)))
}

func (l life) checkMade(r *rig, made resources.Made) {
	r.Helper()
	front, random := strings.CutSuffix(l.id, "*")
	if fits := random && strings.HasPrefix(made.ID, front) && len(made.ID) > len(front); made.ID != l.id && !fits {
		r.Errorf("its id is %s, want %s", made.ID, l.id)
	}
	for name, want := range l.attributes {
		if want == "*" && made.Attributes[name] != "" {
			made.Attributes[name] = "*"
		}
	}
	if diff := cmp.Diff(l.attributes, made.Attributes); diff != "" {
		r.Errorf("its attributes: %s", diff)
	}
}
