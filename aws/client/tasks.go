package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// tasks reads and stops tasks of ECS.
type tasks struct{ api *ecs.Client }

func (t *tasks) DescribeTasks(ctx context.Context, cluster string, taskARNs []string) ([]workflow.Task, error) {
	out, err := t.api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: optional(cluster), Tasks: taskARNs})
	if err != nil {
		return nil, err
	}
	result := make([]workflow.Task, 0, len(taskARNs))
	for _, task := range out.Tasks {
		result = append(result, taskOf(task))
	}
	for _, f := range out.Failures {
		// AWS: DescribeTasks answers 200 and reports forgotten tasks here.
		result = append(result, workflow.Task{ARN: aws.ToString(f.Arn), ClusterARN: cluster, Missing: true})
	}
	return result, nil
}

func (t *tasks) ListTasks(ctx context.Context, q ops.TaskQuery) (ops.TaskPage, error) {
	desired := types.DesiredStatusRunning
	if q.Stopped {
		desired = types.DesiredStatusStopped
	}
	out, err := t.api.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: optional(q.Cluster), Family: optional(q.Family), DesiredStatus: desired, NextToken: optional(q.Page),
	})
	if err != nil {
		return ops.TaskPage{}, err
	}
	return ops.TaskPage{ARNs: out.TaskArns, Next: aws.ToString(out.NextToken)}, nil
}

func (t *tasks) StopTask(ctx context.Context, cluster, taskARN, reason string) error {
	_, err := t.api.StopTask(ctx, &ecs.StopTaskInput{Cluster: optional(cluster), Task: &taskARN, Reason: optional(reason)})
	return err
}

func (t *tasks) DescribeTaskDefinition(ctx context.Context, arn string) (workflow.TaskDefinition, error) {
	out, err := t.api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return workflow.TaskDefinition{}, err
	}
	d := out.TaskDefinition
	result := workflow.TaskDefinition{
		ARN: aws.ToString(d.TaskDefinitionArn), Family: aws.ToString(d.Family), Revision: int(d.Revision),
		CPU: aws.ToString(d.Cpu), Memory: aws.ToString(d.Memory),
	}
	for _, c := range d.ContainerDefinitions {
		result.Containers = append(result.Containers, containerDefinition(c))
	}
	return result, nil
}

func containerDefinition(c types.ContainerDefinition) workflow.ContainerDefinition {
	out := workflow.ContainerDefinition{
		Name: aws.ToString(c.Name), Image: aws.ToString(c.Image),
		// AWS: a container is essential unless it is said not to be.
		Essential: c.Essential == nil || *c.Essential,
	}
	if l := c.LogConfiguration; l != nil {
		out.LogDriver = string(l.LogDriver)
		if l.LogDriver == types.LogDriverAwslogs {
			out.LogGroup = l.Options["awslogs-group"]
			out.LogRegion = l.Options["awslogs-region"]
			out.LogPrefix = l.Options["awslogs-stream-prefix"]
		}
	}
	return out
}

func taskOf(t types.Task) workflow.Task {
	out := workflow.Task{
		ARN: aws.ToString(t.TaskArn), ClusterARN: aws.ToString(t.ClusterArn),
		DefinitionARN: aws.ToString(t.TaskDefinitionArn),
		LastStatus:    aws.ToString(t.LastStatus), DesiredStatus: aws.ToString(t.DesiredStatus),
		StopCode: string(t.StopCode), StoppedReason: safe.Block(aws.ToString(t.StoppedReason)),
		CPU: aws.ToString(t.Cpu), Memory: aws.ToString(t.Memory),
		LaunchType: string(t.LaunchType), CapacityProvider: aws.ToString(t.CapacityProviderName),
		PlatformVersion: aws.ToString(t.PlatformVersion), AvailabilityZone: aws.ToString(t.AvailabilityZone),
		Group: aws.ToString(t.Group), StartedBy: aws.ToString(t.StartedBy),
		Created: aws.ToTime(t.CreatedAt), PullStarted: aws.ToTime(t.PullStartedAt), PullStopped: aws.ToTime(t.PullStoppedAt),
		Started: aws.ToTime(t.StartedAt), Stopping: aws.ToTime(t.StoppingAt), Stopped: aws.ToTime(t.StoppedAt),
	}
	out.SubnetID, out.PrivateIP = network(t.Attachments)
	for _, c := range t.Containers {
		out.Containers = append(out.Containers, containerOf(c))
	}
	if t.Overrides != nil {
		for _, o := range t.Overrides.ContainerOverrides {
			out.Overrides = append(out.Overrides, overrideOf(o))
		}
	}
	return out
}

func containerOf(c types.Container) workflow.Container {
	out := workflow.Container{
		Name: safe.Line(aws.ToString(c.Name)), Image: safe.Line(aws.ToString(c.Image)),
		Digest: aws.ToString(c.ImageDigest), LastStatus: aws.ToString(c.LastStatus),
		Reason: safe.Block(aws.ToString(c.Reason)),
	}
	if c.ExitCode != nil {
		code := int(*c.ExitCode)
		out.ExitCode = &code
	}
	return out
}

func overrideOf(o types.ContainerOverride) workflow.ContainerOverride {
	out := workflow.ContainerOverride{Name: aws.ToString(o.Name), Command: o.Command}
	for _, e := range o.Environment {
		out.Environment = append(out.Environment, workflow.EnvVar{Name: aws.ToString(e.Name), Value: aws.ToString(e.Value)})
	}
	return out
}

func network(attachments []types.Attachment) (subnet, ip string) {
	for _, a := range attachments {
		for _, d := range a.Details {
			switch aws.ToString(d.Name) {
			case "subnetId":
				subnet = aws.ToString(d.Value)
			case "privateIPv4Address":
				ip = aws.ToString(d.Value)
			}
		}
	}
	return subnet, ip
}
