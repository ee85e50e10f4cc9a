package ecs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of RunTask. AWS: RunTask, AwsVpcConfiguration.
const (
	mostCount          = 10
	mostClientToken    = 64
	mostStartedBy      = 128
	mostGroup          = 255
	mostSubnets        = 16
	mostSecurityGroups = 5
	platformVersion    = "1.4.0"
	noCapacity         = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
)

type vpcConfiguration struct {
	Subnets        []string `json:"subnets"`
	SecurityGroups []string `json:"securityGroups"`
	AssignPublicIP string   `json:"assignPublicIp"`
}

type networkConfiguration struct {
	AwsvpcConfiguration *vpcConfiguration `json:"awsvpcConfiguration"`
}

type runTaskInput struct {
	Cluster                  string                `json:"cluster"`
	TaskDefinition           string                `json:"taskDefinition"`
	CapacityProviderStrategy []StrategyItem        `json:"capacityProviderStrategy"`
	LaunchType               string                `json:"launchType"`
	NetworkConfiguration     *networkConfiguration `json:"networkConfiguration"`
	Overrides                TaskOverride          `json:"overrides"`
	Count                    *int                  `json:"count"`
	Group                    string                `json:"group"`
	StartedBy                string                `json:"startedBy"`
	ClientToken              string                `json:"clientToken"`
	PlatformVersion          string                `json:"platformVersion"`
	PropagateTags            string                `json:"propagateTags"`
	EnableECSManagedTags     bool                  `json:"enableECSManagedTags"`
	EnableExecuteCommand     bool                  `json:"enableExecuteCommand"`
	Tags                     []Tag                 `json:"tags"`
}

type runTaskOutput struct {
	Tasks    []Task    `json:"tasks"`
	Failures []Failure `json:"failures"`
}

func (s *Service) runTask(_ context.Context, in *runTaskInput) (*runTaskOutput, error) {
	if err := checkRun(in); err != nil {
		return nil, err
	}
	request, err := fingerprint(in)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, wire.Errorf(serverException, "Local AWS is shutting down.")
	}
	s.purge()
	cluster, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if before, err := s.repeated(cluster, in.ClientToken, request); before != nil || err != nil {
		return before, err
	}
	definition, err := s.runnable(in, cluster)
	if err != nil {
		return nil, err
	}
	out := &runTaskOutput{Tasks: []Task{}, Failures: []Failure{}}
	for n := range *in.Count {
		rules := s.strikes(definition.Family)
		if slices.ContainsFunc(rules, func(r faults.Rule) bool { return r.Kind == faults.NoCapacity }) {
			out.Failures = append(out.Failures, Failure{Reason: noCapacity})
			continue
		}
		t := s.create(in, n, cluster, definition)
		t.ClientToken, t.Request, t.faults = in.ClientToken, request, rules
		t.Lost = slices.ContainsFunc(rules, func(r faults.Rule) bool { return r.Kind == faults.NoReaper })
		s.tasks[t.id()] = t
		s.changed(t)
		out.Tasks = append(out.Tasks, t.snapshot())
		s.begin(func() { s.live(t) })
	}
	return out, nil
}

func (s *Service) strikes(family string) []faults.Rule {
	if s.options.Faults == nil {
		return nil
	}
	return s.options.Faults.Task(family)
}

var startedBy = regexp.MustCompile(`^[a-zA-Z0-9_/ .:-]*$`)

// checkRun checks what the request says by itself, and puts defaults in place.
func checkRun(in *runTaskInput) error {
	if in.Count == nil {
		one := 1
		in.Count = &one
	}
	switch {
	case in.TaskDefinition == "":
		return invalid("TaskDefinition can not be blank.")
	case *in.Count < 1 || *in.Count > mostCount:
		return invalid("Count must be between 1 and %d, not %d.", mostCount, *in.Count)
	case len(in.ClientToken) > mostClientToken:
		return invalid("clientToken must be at most %d characters.", mostClientToken)
	case len(in.StartedBy) > mostStartedBy || !startedBy.MatchString(in.StartedBy):
		return invalid("startedBy must be at most %d letters, numbers, hyphens, forward slashes and underscores.", mostStartedBy)
	case len(in.Group) > mostGroup:
		return invalid("group must be at most %d characters.", mostGroup)
	case in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0:
		return invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	case in.LaunchType != "" && !slices.Contains([]string{"EC2", fargate, "EXTERNAL", "MANAGED_INSTANCES"}, in.LaunchType):
		return invalid("launchType must be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES], not '%s'.", in.LaunchType)
	case in.PropagateTags != "" && !slices.Contains([]string{"TASK_DEFINITION", "SERVICE", "NONE"}, in.PropagateTags):
		return invalid("propagateTags must be one of [TASK_DEFINITION, SERVICE, NONE], not '%s'.", in.PropagateTags)
	case in.PropagateTags == "SERVICE":
		return invalid("propagateTags SERVICE is not supported for tasks that no service starts.")
	case in.PlatformVersion != "" && !slices.Contains([]string{"LATEST", platformVersion, "1.3.0"}, in.PlatformVersion):
		return wire.Errorf(platformUnknown, "The specified platform does not exist.")
	}
	return checkTags(in.Tags)
}

// runnable finds the definition and checks the rest of the request against it
// and the cluster. It sets the strategy that is in force.
func (s *Service) runnable(in *runTaskInput, cluster *clusterRecord) (*definitionRecord, error) {
	d := s.definition(in.TaskDefinition)
	switch {
	case d == nil:
		return nil, client("TaskDefinition not found.")
	case d.Status != statusActive:
		return nil, client("TaskDefinition is inactive")
	}
	if in.LaunchType == "" && len(in.CapacityProviderStrategy) == 0 {
		in.CapacityProviderStrategy = cluster.DefaultCapacityProviderStrategy
	}
	if err := checkStrategy(in.CapacityProviderStrategy, cluster.CapacityProviders); err != nil {
		return nil, err
	}
	if len(in.CapacityProviderStrategy) == 0 && in.LaunchType != fargate {
		return nil, invalid("No Container Instances were found in your cluster.")
	}
	if !slices.Contains(d.Compatibilities, fargate) {
		return nil, invalid("Task definition does not support launch_type FARGATE.")
	}
	if err := checkNetwork(in.NetworkConfiguration); err != nil {
		return nil, err
	}
	return d, checkOverrides(in.Overrides, d.TaskDefinition)
}

// checkNetwork checks the network of a task, which Fargate always needs.
func checkNetwork(n *networkConfiguration) error {
	if n == nil || n.AwsvpcConfiguration == nil {
		return invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	vpc := n.AwsvpcConfiguration
	switch {
	case len(vpc.Subnets) == 0 || slices.Contains(vpc.Subnets, ""):
		return invalid("subnets can not be empty.")
	case len(vpc.Subnets) > mostSubnets:
		return invalid("subnets can have at most %d items.", mostSubnets)
	case len(vpc.SecurityGroups) > mostSecurityGroups:
		return invalid("securityGroups can have at most %d items.", mostSecurityGroups)
	case vpc.AssignPublicIP != "" && vpc.AssignPublicIP != "ENABLED" && vpc.AssignPublicIP != "DISABLED":
		return invalid("assignPublicIp must be ENABLED or DISABLED, not '%s'.", vpc.AssignPublicIP)
	}
	return nil
}

// fingerprint tells two requests apart.
func fingerprint(in *runTaskInput) (string, error) {
	if in.ClientToken == "" {
		return "", nil
	}
	text, err := wire.Encode(in)
	if err != nil {
		return "", fmt.Errorf("encode the request: %w", err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text)), nil
}

// repeated is the answer to a request that was made before with the same
// client token; nil when there is none. AWS: RunTask idempotency.
func (s *Service) repeated(cluster *clusterRecord, token, request string) (*runTaskOutput, error) {
	if token == "" {
		return nil, nil
	}
	var found []*task
	for _, t := range s.tasks {
		if t.ClientToken != token || t.ClusterArn != cluster.ClusterArn {
			continue
		}
		if t.Request != request {
			return nil, &wire.Error{
				Code: conflictException, Message: "The client token was used before with other parameters.",
				Fields: map[string]any{"resourceIds": []string{t.TaskArn}},
			}
		}
		found = append(found, t)
	}
	if found == nil {
		return nil, nil
	}
	slices.SortFunc(found, func(a, b *task) int { return cmp.Compare(a.Sequence, b.Sequence) })
	out := &runTaskOutput{Failures: []Failure{}}
	for _, t := range found {
		out.Tasks = append(out.Tasks, t.snapshot())
	}
	return out, nil
}

// create makes the n-th task of a request. The caller holds s.mu.
func (s *Service) create(in *runTaskInput, n int, cluster *clusterRecord, d *definitionRecord) *task {
	s.sequence++
	arn := s.arn("task", cluster.ClusterName+"/"+ids.Hex(32))
	t := s.newTask(taskRecord{Sequence: s.sequence, Family: d.Family, Task: Task{
		Attachments: []Attachment{{
			ID: ids.UUID(), Type: "ElasticNetworkInterface", Status: "PRECREATED",
			Details: []Detail{{"subnetId", in.NetworkConfiguration.AwsvpcConfiguration.Subnets[0]}},
		}},
		Attributes:            []Detail{{"ecs.cpu-architecture", "x86_64"}},
		AvailabilityZone:      s.options.Region + string("abc"[s.sequence%3]),
		ClusterArn:            cluster.ClusterArn,
		CreatedAt:             wire.SecondsOf(s.clock.Now()),
		DesiredStatus:         statusRunning,
		EnableExecuteCommand:  in.EnableExecuteCommand,
		EphemeralStorage:      cmp.Or(in.Overrides.EphemeralStorage, d.EphemeralStorage, &EphemeralStorage{defaultStorage}),
		Group:                 cmp.Or(in.Group, "family:"+d.Family),
		InferenceAccelerators: []any{},
		LastStatus:            statusProvisioning,
		Overrides:             applied(in.Overrides, d.TaskDefinition),
		PlatformFamily:        "Linux",
		PlatformVersion:       platformVersion,
		StartedBy:             in.StartedBy,
		Tags:                  taskTags(in, cluster, d),
		TaskArn:               arn,
		TaskDefinitionArn:     d.TaskDefinitionArn,
	}})
	t.definition = d.TaskDefinition
	t.CPU, t.Memory = in.Overrides.size(d.TaskDefinition)
	t.LaunchType = fargate
	if len(in.CapacityProviderStrategy) > 0 {
		t.CapacityProviderName = choose(in.CapacityProviderStrategy, n)
	}
	for _, c := range d.ContainerDefinitions {
		t.Containers = append(t.Containers, s.container(t, cluster, c))
	}
	return t
}

// container is a container of a new task.
func (s *Service) container(t *task, cluster *clusterRecord, c ContainerDefinition) Container {
	over := t.Overrides.override(c.Name)
	out := Container{
		ContainerArn: s.arn("container", cluster.ClusterName+"/"+t.id()+"/"+ids.UUID()),
		TaskArn:      t.TaskArn, Name: c.Name, Image: c.Image, LastStatus: statusPending,
		NetworkBindings: []any{}, NetworkInterfaces: []NetworkInterface{},
		CPU: fmt.Sprint(*cmp.Or(over.CPU, &c.CPU)),
	}
	if memory := *cmp.Or(over.Memory, &c.Memory); memory > 0 {
		out.Memory = fmt.Sprint(memory)
	}
	if reserved := *cmp.Or(over.MemoryReservation, &c.MemoryReservation); reserved > 0 {
		out.MemoryReservation = fmt.Sprint(reserved)
	}
	return out
}

// taskTags are the request's tags, over those that it takes from elsewhere.
func taskTags(in *runTaskInput, cluster *clusterRecord, d *definitionRecord) []Tag {
	tags := slices.Clone(in.Tags)
	if in.PropagateTags == "TASK_DEFINITION" {
		tags = mergeTags(d.Tags, tags)
	}
	if in.EnableECSManagedTags {
		tags = mergeTags(tags, []Tag{{"aws:ecs:clusterName", cluster.ClusterName}})
	}
	return orEmpty(tags)
}
