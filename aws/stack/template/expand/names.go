package expand

import (
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/stack/template"
)

func (e *Expander) ref(name string) any {
	switch name {
	case "AWS::NoValue":
		return none{}
	case "AWS::StackName":
		return e.StackName
	case "AWS::AccountId":
		return e.Account
	case "AWS::Region":
		return e.Region
	case "AWS::Partition":
		return e.Partition
	case "AWS::URLSuffix":
		return e.URLSuffix
	case "AWS::StackId":
		return e.arn("cloudformation", "stack/"+e.StackName+"/00000000-0000-0000-0000-000000000000")
	}
	if value, ok := e.parameters[name]; ok {
		return value
	}
	r, ok := e.resources[name]
	if !ok {
		return "unknown:" + name
	}
	switch r.Type {
	case "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine", "AWS::ECS::TaskDefinition", "AWS::SNS::Topic":
		return e.ARN(name)
	case "AWS::SQS::Queue":
		return fmt.Sprintf("https://sqs.%s.%s/%s/%s", e.Region, e.URLSuffix, e.Account, e.name(r))
	case "AWS::EC2::SecurityGroup":
		return "sg-00000000000000001"
	default:
		return e.name(r)
	}
}

func (e *Expander) attribute(resource, attribute string) any {
	r, ok := e.resources[resource]
	if !ok {
		return "unknown:" + resource + "." + attribute
	}
	switch attribute {
	case "Arn":
		return e.ARN(resource)
	case "GroupId":
		return "sg-00000000000000001"
	case "QueueName", "Name", "RoleName":
		return e.name(r)
	case "RepositoryUri":
		return fmt.Sprintf("%s.dkr.ecr.%s.%s/%s", e.Account, e.Region, e.URLSuffix, e.name(r))
	default:
		return "unknown:" + resource + "." + attribute
	}
}

// nameFields are the properties that name a resource, where one may.
var nameFields = map[string]string{
	"AWS::S3::Bucket": "BucketName", "AWS::ECS::Cluster": "ClusterName", "AWS::IAM::Role": "RoleName",
	"AWS::Logs::LogGroup": "LogGroupName", "AWS::ECR::Repository": "RepositoryName", "AWS::ECS::TaskDefinition": "Family",
	"AWS::Serverless::StateMachine": "Name", "AWS::StepFunctions::StateMachine": "StateMachineName",
	"AWS::SQS::Queue": "QueueName", "AWS::Events::Rule": "Name", "AWS::SNS::Topic": "TopicName",
}

// name is the one given, or of the form that CloudFormation makes up.
func (e *Expander) name(r template.Resource) string {
	if field, ok := nameFields[r.Type]; ok {
		given := ""
		e.once("name "+r.Name, func() { given = e.Text(template.Field(r.Properties, field)) })
		if given != "" {
			return given
		}
	}
	made := e.StackName + "-" + r.Name + "-0SAMPLE0"
	if r.Type == "AWS::S3::Bucket" {
		return strings.ToLower(made)
	}
	return made
}

// ARN is the ARN of a resource of the template. A task definition has revision 1.
func (e *Expander) ARN(resource string) string {
	r := e.resources[resource]
	name := e.name(r)
	switch r.Type {
	case "AWS::S3::Bucket":
		return fmt.Sprintf("arn:%s:s3:::%s", e.Partition, name)
	case "AWS::IAM::Role":
		return fmt.Sprintf("arn:%s:iam::%s:role/%s", e.Partition, e.Account, name)
	case "AWS::ECS::Cluster":
		return e.arn("ecs", "cluster/"+name)
	case "AWS::ECS::TaskDefinition":
		return e.arn("ecs", "task-definition/"+name+":1")
	case "AWS::Logs::LogGroup":
		return e.arn("logs", "log-group:"+name+":*")
	case "AWS::ECR::Repository":
		return e.arn("ecr", "repository/"+name)
	case "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine":
		return e.arn("states", "stateMachine:"+name)
	case "AWS::SQS::Queue":
		return e.arn("sqs", name)
	case "AWS::SNS::Topic":
		return e.arn("sns", name)
	case "AWS::Events::Rule":
		return e.arn("events", "rule/"+name)
	default:
		return e.arn("unknown", resource)
	}
}

func (e *Expander) arn(service, rest string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", e.Partition, service, e.Region, e.Account, rest)
}

// ClusterARN is the ARN of a cluster of that name.
func (e *Expander) ClusterARN(name string) string { return e.arn("ecs", "cluster/"+name) }

// Resource finds a resource by its logical name.
func (e *Expander) Resource(name string) (template.Resource, bool) {
	r, ok := e.resources[name]
	return r, ok
}
